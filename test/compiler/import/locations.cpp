// RUN: %frontend --locations %s | FileCheck %s

// Every declaration has a place, and every marker call the user's line.

#include <rk/actor.h>

struct Tick {
  int count;
};

class [[rk::actor]] Clock {
public:
  [[rk::handler]] void on(Tick tick, rk::Context &context) {
    if (tick.count == 0)
      context.stop(context.self(this));
  }
};

// CHECK-DAG: rk.message @Tick {{.*}} loc(#[[TICK:.+]])
// CHECK-DAG: llvm.call @__rk_stop({{.*}} loc(#[[STOP:.+]])
// CHECK-DAG: #[[TICK]] = loc("{{.*}}locations.cpp":7:8)
// CHECK-DAG: loc("{{.*}}locations.cpp":15:15
