// RUN: %frontend %s | FileCheck %s
// RUN: %clangxx %s
// RUN: %build -Wall -Wextra -Werror %s -o %t.exe
// RUN: %t.exe

// Atomics, clocks, groups and rings: marker calls with constant operands on the
// device, plain C++ of the same behaviour on the host.

#include <rk/actor.h>
#include <rk/atomic.h>
#include <rk/clock.h>
#include <rk/group.h>
#include <rk/ring.h>

#include <cstdint>
#include <cstdio>
#include <deque>

struct Item {
  std::uint16_t key;
  double value;
};
struct Tick {
  rk::Ring<std::uint8_t, 5> bytes;
  int count;
};
struct Done {
  std::uint32_t lanes;
  std::int64_t time;
};

class [[rk::actor]] Worker {
public:
  [[rk::handler(rk::Lanes::Warp)]] Done on(const Tick &tick,
                                           rk::Context &context) {
    const rk::Group group;
    Item item{std::uint16_t(tick.count), 1.0};
    while (!items_.push(item))
      items_.pop(item);
    const rk::AtomicRef<std::uint32_t, rk::Scope::System> shared(*shared_);
    shared.fetchAdd<rk::Order::AcqRel>(1);
    std::uint32_t expected = 3;
    if (shared.compareExchange<rk::Order::Acquire>(expected, 4))
      shared.store<rk::Order::Release>(expected);
    rk::fence<rk::Order::SeqCst>();
    const rk::AtomicRef wide(wide_);
    wide.fetchMin<rk::Order::Relaxed>(wide.load<rk::Order::Acquire>());
    rk::clock::pause(100);
    group.sync();
    const double from = group.shuffle(item.value, 0);
    if (group.any(from > 2.0) || group.ballot(from < 1.0) > 2)
      context.stop(context.self(this));
    return {group.sum(1), std::int64_t(rk::clock::nowNs())};
  }

private:
  rk::Ring<Item, 3> items_;
  rk::device_ptr<std::uint32_t> shared_;
  std::int64_t wide_ = 0;
};

static int fault(const char *what) {
  std::printf("%s\n", what);
  return 1;
}

/// Drives a ring beside a std::deque.
static int checkRing() {
  rk::Ring<Item, 3> ring;
  std::deque<Item> model;
  std::uint32_t random = 1;
  for (int step = 0; step < 10000; ++step) {
    random = random * 1664525u + 1013904223u;
    Item item{std::uint16_t(step), double(step)};
    if (random >> 31) {
      const bool room = model.size() < 3;
      if (room)
        model.push_back(item);
      if (ring.push(item) != room)
        return fault("push differs");
    } else {
      const bool any = !model.empty();
      if (ring.pop(item) != any)
        return fault("pop differs");
      if (any && (item.key != model.front().key ||
                  item.value != model.front().value))
        return fault("item differs");
      if (any)
        model.pop_front();
    }
    if (ring.size() != model.size() || ring.empty() != model.empty())
      return fault("size differs");
  }
  return 0;
}

static int checkAtomics() {
  std::int32_t value = -5;
  const rk::AtomicRef<std::int32_t> atomic(value);
  if (atomic.fetchMax<rk::Order::AcqRel>(-7) != -5 || value != -5)
    return fault("max");
  if (atomic.fetchMin<rk::Order::AcqRel>(-7) != -5 || value != -7)
    return fault("min");
  if (atomic.exchange<rk::Order::SeqCst>(12) != -7 ||
      atomic.fetchXor<rk::Order::Relaxed>(5) != 12 || value != 9)
    return fault("exchange");
  std::int32_t expected = 3;
  if (atomic.compareExchange<rk::Order::Release>(expected, 4) || expected != 9)
    return fault("compare-and-swap that fails");
  if (!atomic.compareExchange<rk::Order::Release>(expected, 4) || value != 4)
    return fault("compare-and-swap");
  return 0;
}

int main() {
  const std::uint64_t start = rk::clock::nowNs();
  rk::clock::pause(1000);
  if (rk::clock::nowNs() < start + 1000)
    return fault("pause is too short");
  return checkRing() || checkAtomics();
}

// The ring's item is 16 bytes of alignment 8, its capacity 3.
// CHECK-DAG: %[[C0:[0-9a-z]+]] = llvm.mlir.constant(0 : i32) : i32
// CHECK-DAG: %[[C1:[0-9a-z]+]] = llvm.mlir.constant(1 : i32) : i32
// CHECK-DAG: %[[C2:[0-9a-z]+]] = llvm.mlir.constant(2 : i32) : i32
// CHECK-DAG: %[[C3:[0-9a-z]+]] = llvm.mlir.constant(3 : i32) : i32
// CHECK-DAG: %[[C4:[0-9a-z]+]] = llvm.mlir.constant(4 : i32) : i32
// CHECK-DAG: %[[C8:[0-9a-z]+]] = llvm.mlir.constant(8 : i32) : i32
// CHECK-DAG: %[[C16:[0-9a-z]+]] = llvm.mlir.constant(16 : i32) : i32
// CHECK: llvm.call @__rk_ring_push(%{{.*}}, %{{.*}}, %[[C3]], %[[C16]], %[[C8]])
// CHECK: llvm.call @__rk_atomic_rmw_32(%{{.*}}, %[[C1]], %[[C1]], %[[C3]], %[[C3]])
// CHECK: llvm.call @__rk_atomic_cas_32(%{{.*}}, %[[C3]], %[[C4]], %[[C1]], %[[C3]])
// CHECK: llvm.call @__rk_atomic_store_32(%{{.*}}, %{{.*}}, %[[C2]], %[[C3]])
// CHECK: llvm.call @__rk_fence(%[[C4]], %[[C2]])
// CHECK: llvm.call @__rk_atomic_load_64(%{{.*}}, %[[C1]], %[[C2]])
// CHECK: llvm.call @__rk_atomic_rmw_64(%{{.*}}, %{{.*}}, %{{.*}}, %[[C0]], %[[C2]])
// CHECK: llvm.call @__rk_pause
// CHECK: llvm.call @__rk_group_sync()
// CHECK: llvm.call @__rk_group_shuffle
// CHECK: llvm.call @__rk_group_reduce(%{{.*}}, %[[C4]])
// CHECK: llvm.call @__rk_group_ballot
// CHECK: llvm.call @__rk_group_reduce(%[[C1]], %[[C0]])
// CHECK: llvm.call @__rk_clock(%[[C0]])
