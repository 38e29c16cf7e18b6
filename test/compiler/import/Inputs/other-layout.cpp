#include <rk/actor.h>

struct Work {
  long value[3];
};

class [[rk::actor]] Third {
public:
  [[rk::handler]] void on(Work) {}
};
