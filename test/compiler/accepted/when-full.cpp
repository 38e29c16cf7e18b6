// RUN: %frontend --summary %s | FileCheck %s

// What becomes of messages to a full mailbox, also of an instantiation's.

#include <rk/actor.h>

struct Tick {};

template <class Number> class [[rk::actor(rk::WhenFull::DropOldest)]] Gauge {
public:
  [[rk::handler]] void on(Tick) { ++value_; }

private:
  Number value_ = 0;
};
template class Gauge<int>;

class [[rk::actor]] Usual {
public:
  [[rk::handler]] void on(Tick) {}
};
class [[rk::actor(rk::WhenFull::Fail)]] Explicit {
public:
  [[rk::handler]] void on(Tick) {}
};
class [[rk::actor(rk::WhenFull::DeadLetter)]] Log {
public:
  [[rk::handler]] void on(Tick) {}
};

// CHECK: actor Explicit
// CHECK-NEXT: handler Tick
// CHECK: actor Gauge<int>
// CHECK-NEXT: when full: drop oldest
// CHECK: actor Log
// CHECK-NEXT: when full: dead letter
// CHECK-NEXT: handler Tick
// CHECK: actor Usual
// CHECK-NEXT: handler Tick
