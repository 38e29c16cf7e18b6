#pragma once

#include <rk/actor.h>

// Sum, Double and ActorRef<Doubler> have one shape: linking merges them,
// whatever their names.
struct Add {};
struct Sum {
  std::int64_t value;
};
struct Double {
  std::int64_t value;
};

class [[rk::actor]] Doubler {
public:
  [[rk::handler]] [[gnu::noinline]] Sum on(Double message);
};

class [[rk::actor]] Counter {
public:
  [[rk::handler]] void on(Add, rk::Context &context);
  [[rk::handler]] void on(Sum) {}

private:
  rk::ActorRef<Doubler> doubler_;
  std::int64_t added_ = 0;
};
