// RUN: %frontend %s | FileCheck %s
// RUN: %gxx %s
// RUN: %clangxx %s

// std::atomic keeps its order where others can see the object, and is plain
// where nobody can: a GPU has no atomics on its stack.

#include <rk/actor.h>

#include <atomic>

struct Tick {
  int count;
};

class [[rk::actor]] Worker {
public:
  [[rk::handler]] void on(Tick tick) {
    std::atomic_ref<int> shared(*shared_);
    shared.fetch_add(tick.count, std::memory_order_acq_rel);
    std::atomic<int> own{tick.count};
    spread(own);
    sum_ += own.load();
  }

private:
  static void spread(std::atomic<int> &own) {
    own.fetch_add(1);
    int expected = 7;
    own.compare_exchange_strong(expected, 8);
  }

  rk::device_ptr<int> shared_;
  int sum_ = 0;
};

// CHECK: llvm.atomicrmw add %{{.*}} acq_rel
// CHECK-NOT: llvm.atomicrmw
// CHECK-NOT: llvm.cmpxchg
