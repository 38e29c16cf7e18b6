// A counter that has its sums doubled by another actor. Each has its handlers
// in a file of its own, so their module is made from two sources.
#pragma once

#include <rk/actor.h>

#include <cstdint>

class Counter;

struct Add {};
struct Total {};
struct Sum {
  std::int64_t value;
};
struct Double {
  std::int64_t value;
};

class [[rk::actor]] Doubler {
public:
  [[rk::handler]] Sum on(Double message);
};

class [[rk::actor]] Counter {
public:
  explicit Counter(rk::ActorRef<Doubler> doubler) : doubler_(doubler) {}

  [[rk::handler]] void on(Add, rk::Context &context);
  [[rk::handler]] void on(Sum doubled) { sum_ = doubled.value; }
  [[rk::handler]] Sum on(Total) { return {sum_}; }

private:
  rk::ActorRef<Doubler> doubler_;
  std::int64_t added_ = 0;
  std::int64_t sum_ = 0;
};
