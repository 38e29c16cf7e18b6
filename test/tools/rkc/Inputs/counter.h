#pragma once

#include <rk/actor.h>

struct Add {
  std::int64_t amount;
};
struct Read {};
struct Total {
  std::int64_t value;
};

class [[rk::actor]] Counter {
public:
  [[rk::handler]] void on(Add add) { total_ += add.amount; }
  [[rk::handler]] Total on(Read) { return {total_}; }

private:
  std::int64_t total_ = 0;
};
