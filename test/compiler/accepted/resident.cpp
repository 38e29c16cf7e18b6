// RUN: %frontend --summary %s | FileCheck %s
// RUN: %gxx %s
// RUN: %clangxx %s

// Resident actors, up to the largest, beside one that is not.

#include <rk/actor.h>

struct Tick {};

// CHECK: resident actor Largest
class [[rk::actor, rk::resident]] Largest {
public:
  // CHECK: handler Tick  lanes one
  [[rk::handler]] void on(Tick) {}

private:
  [[maybe_unused]] int values_[1024] = {};
};

// CHECK: {{^}}actor Pooled
class [[rk::actor]] Pooled {
public:
  [[rk::handler]] void on(Tick) {}
};

// CHECK: resident actor Wide
class [[rk::actor]] [[rk::resident]] Wide {
public:
  // CHECK: handler Tick  lanes warp
  [[rk::handler(rk::Lanes::Warp)]] void on(Tick) {}
};
