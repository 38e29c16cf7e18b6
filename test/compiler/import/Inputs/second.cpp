#include "shared.h"

int helper(int value) { return value < 2 ? value : value * helper(value - 1); }

class [[rk::actor]] Second {
public:
  [[rk::handler]] void on(Result result) { sum_ += result.value; }

private:
  int sum_ = 0;
};
