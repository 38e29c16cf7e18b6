#include <rk/actor.h>
#include <rk/group.h>

#include <cstdint>

struct Vote {
  std::uint32_t value;
};
struct Rotate {
  std::uint32_t value;
};
struct Result {
  std::uint32_t value;
};

inline std::uint32_t votes(std::uint32_t value) {
  return rk::Group().ballot(value != 0);
}

template <rk::Lanes Size> class [[rk::actor, rk::resident]] Voters {
public:
  [[rk::handler(Size)]] Result on(Vote vote) { return {votes(vote.value)}; }
  [[rk::handler(Size)]] Result on(Rotate rotate) {
    const rk::Group group;
    return {group.shuffle(rotate.value, group.rank() + 1)};
  }
};
template class Voters<rk::Lanes::LANES>;
