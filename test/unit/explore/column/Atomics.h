//===- Atomics.h - Scoped atomics that a test looks at ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A third column of the device library, beside `runtime/device/host` and
/// `runtime/device/nvptx`: the same primitives, on the memory of `WeakMemory.h`
/// and with a change of threads at each. Real memory holds the newest values.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Explorer.h"
#include "common/Order.h"

#include <stdint.h>

namespace rk::device {

inline constexpr Order GiveForReuse = Order::Release;
inline constexpr Order TakeForReuse = Order::Acquire;

constexpr test::WeakMemory::Orders ordersOf(Order order) {
  return {order == Order::Acquire || order == Order::AcquireRelease,
          order == Order::Release || order == Order::AcquireRelease};
}

/// Without a change of threads before it.
template <class T> T exploredLoad(const T *from, Order order) {
  test::Explorer *explorer = test::Explorer::current();
  if (!explorer)
    return *from;
  return T(explorer->memory().load(explorer->thread(), from, *from,
                                   ordersOf(order)));
}
template <class T> void exploredStore(T *to, T value, Order order) {
  if (test::Explorer *explorer = test::Explorer::current())
    explorer->memory().store(explorer->thread(), to, *to, value,
                             ordersOf(order));
  *to = value;
}
/// Stores `change` of the value there if `applies` to it; returns that value.
template <class T, class Applies, class Change>
T exploredModify(T *at, Order order, Applies applies, Change change) {
  test::Explorer *explorer = test::Explorer::current();
  if (explorer)
    explorer->point();
  const T before = *at;
  const bool writes = applies(before);
  const T after = writes ? change(before) : before;
  if (explorer)
    explorer->memory().modify(explorer->thread(), at, before, after, writes,
                              ordersOf(order));
  *at = after;
  return before;
}
template <class T, class Change>
T exploredModify(T *at, Order order, Change change) {
  return exploredModify(at, order, [](T) { return true; }, change);
}
inline void exploredPoint() {
  if (test::Explorer *explorer = test::Explorer::current())
    explorer->point();
}

#define RK_DEFINE_EXPLORED_ATOMICS(type)                                       \
  template <Order order, Scope scope> type load(const type *from) {            \
    exploredPoint();                                                           \
    return exploredLoad(from, order);                                          \
  }                                                                            \
  template <Order order, Scope scope> void store(type *to, type value) {       \
    exploredPoint();                                                           \
    exploredStore(to, value, order);                                           \
  }                                                                            \
  template <Order order, Scope scope> type fetchAdd(type *at, type operand) {  \
    return exploredModify(at, order,                                           \
                          [=](type value) { return type(value + operand); });  \
  }                                                                            \
  template <Order order, Scope scope> type fetchOr(type *at, type operand) {   \
    return exploredModify(at, order,                                           \
                          [=](type value) { return type(value | operand); });  \
  }                                                                            \
  template <Scope scope>                                                       \
  void loadPair(const type *from, type &first, type &second) {                 \
    first = load<TakeForReuse, scope>(from);                                   \
    second = load<TakeForReuse, scope>(from + 1);                              \
  }                                                                            \
  template <Order order, Scope scope>                                          \
  type compareExchange(type *at, type expected, type desired) {                \
    return exploredModify(                                                     \
        at, order, [=](type value) { return value == expected; },              \
        [=](type) { return desired; });                                        \
  }
RK_DEFINE_EXPLORED_ATOMICS(uint32_t)
RK_DEFINE_EXPLORED_ATOMICS(uint64_t)
#undef RK_DEFINE_EXPLORED_ATOMICS

inline uint64_t fetchAddTogether(uint64_t *at, uint64_t operand) {
  return fetchAdd<Order::Relaxed, Scope::Device>(at, operand);
}
inline int32_t takeFromDesk(int32_t *count) { return --*count; }

template <> inline void fence<Scope::Device>() {
  if (test::Explorer *explorer = test::Explorer::current())
    explorer->memory().fence(explorer->thread());
}
inline void acquireFence() { fence<Scope::Device>(); }
inline void releaseFence() { fence<Scope::Device>(); }
template <> inline void fence<Scope::System>() { fence<Scope::Device>(); }

} // namespace rk::device
