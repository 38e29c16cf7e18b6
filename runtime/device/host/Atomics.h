//===- Atomics.h - Scoped atomics on the CPU back end -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The primitives of `nvptx/Atomics.h` with C++'s atomics. Every scope is the
/// whole process.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Order.h"

#include <stdint.h>

namespace rk::device {

/// The orders by which memory that has been read goes to who writes it next.
inline constexpr Order GiveForReuse = Order::Release;
inline constexpr Order TakeForReuse = Order::Acquire;

constexpr int builtinOrder(Order order) {
  switch (order) {
  case Order::Relaxed:
    return __ATOMIC_RELAXED;
  case Order::Acquire:
    return __ATOMIC_ACQUIRE;
  case Order::Release:
    return __ATOMIC_RELEASE;
  case Order::AcquireRelease:
    return __ATOMIC_ACQ_REL;
  }
  return __ATOMIC_SEQ_CST;
}

#define RK_DEFINE_HOST_ATOMICS(type)                                           \
  template <Order order, Scope scope> type load(const type *from) {            \
    return __atomic_load_n(from, builtinOrder(order));                         \
  }                                                                            \
  template <Order order, Scope scope> void store(type *to, type value) {       \
    __atomic_store_n(to, value, builtinOrder(order));                          \
  }                                                                            \
  template <Order order, Scope scope> type fetchAdd(type *at, type operand) {  \
    return __atomic_fetch_add(at, operand, builtinOrder(order));               \
  }                                                                            \
  template <Order order, Scope scope> void add(type *at, type operand) {       \
    __atomic_fetch_add(at, operand, builtinOrder(order));                      \
  }                                                                            \
  template <Order order, Scope scope> type fetchOr(type *at, type operand) {   \
    return __atomic_fetch_or(at, operand, builtinOrder(order));                \
  }                                                                            \
  template <Order order, Scope scope> type fetchAnd(type *at, type operand) {  \
    return __atomic_fetch_and(at, operand, builtinOrder(order));               \
  }                                                                            \
  template <Scope scope> void storePair(type *to, type first, type second) {   \
    __atomic_store_n(to, first, __ATOMIC_RELAXED);                             \
    __atomic_store_n(to + 1, second, __ATOMIC_RELAXED);                        \
  }                                                                            \
  template <Scope scope>                                                       \
  void loadPair(const type *from, type &first, type &second) {                 \
    first = __atomic_load_n(from, builtinOrder(TakeForReuse));                 \
    second = __atomic_load_n(from + 1, builtinOrder(TakeForReuse));            \
  }                                                                            \
  inline void loadCachedPair(const type *from, type &first, type &second) {    \
    first = __atomic_load_n(from, __ATOMIC_RELAXED);                           \
    second = __atomic_load_n(from + 1, __ATOMIC_RELAXED);                      \
  }                                                                            \
  template <Order order, Scope scope>                                          \
  type compareExchange(type *at, type expected, type desired) {                \
    constexpr int failure =                                                    \
        order == Order::Relaxed ? __ATOMIC_RELAXED : __ATOMIC_ACQUIRE;         \
    __atomic_compare_exchange_n(at, &expected, desired, false,                 \
                                builtinOrder(order), failure);                 \
    return expected;                                                           \
  }
RK_DEFINE_HOST_ATOMICS(uint32_t)
RK_DEFINE_HOST_ATOMICS(uint64_t)
#undef RK_DEFINE_HOST_ATOMICS

/// Relaxed `fetchAdd` by all lanes that are here: there is one.
inline uint64_t fetchAddTogether(uint64_t *at, uint64_t operand) {
  return fetchAdd<Order::Relaxed, Scope::Device>(at, operand);
}

/// Lowers a count on the desk; returns what is left, below zero if there was
/// nothing.
inline int32_t takeFromDesk(int32_t *count) { return --*count; }

inline void acquireFence() { __atomic_thread_fence(__ATOMIC_ACQUIRE); }
inline void releaseFence() { __atomic_thread_fence(__ATOMIC_RELEASE); }
template <> inline void fence<Scope::Device>() {
  __atomic_thread_fence(__ATOMIC_ACQ_REL);
}
template <> inline void fence<Scope::System>() {
  __atomic_thread_fence(__ATOMIC_ACQ_REL);
}

/// There is one memory.
inline void *inDeviceMemory(void *address) {
  return __builtin_assume_aligned(address, 16);
}

} // namespace rk::device
