#include <configured.h>
#include <rk/actor.h>

#if LIMIT != 7 || defined(REMOVED) || CONFIGURED != 3
#error "a flag was lost"
#endif
#if __cplusplus <= 202002L
#error "-std was lost"
#endif

struct Tick {};

class [[rk::actor]] Clock {
public:
  [[rk::handler]] void on(Tick) { ++ticks_; }

private:
  std::uint32_t ticks_ = 0;
};
