//===- atomic.h - Scoped atomics -------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Atomic access to memory that several agents share, with the order and the
/// scope as template arguments, so that both are seen where the access stands.
///
/// An actor's state needs none of this: one message is handled at a time.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/detail/Markers.h"

#include <cstdint>
#include <type_traits>

namespace rk {

/// Memory order, with the meaning that C++ gives it.
enum class Order : std::uint32_t {
  Relaxed = 0,
  Acquire = 1,
  Release = 2,
  AcqRel = 3,
  SeqCst = 4,
};

/// Who takes part. On the CPU back end every scope is the whole system.
enum class Scope : std::uint32_t {
  Block = 0,
  Cluster = 1, ///< from sm_90
  Device = 2,
  System = 3, ///< all GPUs and the host
};

namespace detail {

/// C++'s number for an order, as the host's builtins want it.
constexpr int hostOrder(Order order) {
  switch (order) {
  case Order::Relaxed:
    return __ATOMIC_RELAXED;
  case Order::Acquire:
    return __ATOMIC_ACQUIRE;
  case Order::Release:
    return __ATOMIC_RELEASE;
  case Order::AcqRel:
    return __ATOMIC_ACQ_REL;
  case Order::SeqCst:
    break;
  }
  return __ATOMIC_SEQ_CST;
}

/// The order of the load that a failed compare-and-swap is.
constexpr Order failureOrder(Order order) {
  if (order == Order::Release)
    return Order::Relaxed;
  return order == Order::AcqRel ? Order::Acquire : order;
}

} // namespace detail

/// A type that atomics work on: an integer or enumeration of 4 or 8 bytes.
template <class T>
concept AtomicValue = (std::is_integral_v<T> || std::is_enum_v<T>) &&
                      (sizeof(T) == 4 || sizeof(T) == 8);

/// Atomic access to one object, which is shared within `S`.
///
/// Threads   any agent within `S`, at once; no plain access meanwhile.
/// Ordering  as the order of each call says, among the agents of `S`.
/// Cost      one instruction; `SeqCst` also a fence.
template <AtomicValue T, Scope S = Scope::Device> class AtomicRef {
public:
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

  explicit AtomicRef(T &object) : object_(&object) {}

  template <Order O> T load() const {
    static_assert(O != Order::Release && O != Order::AcqRel,
                  "a load is Relaxed, Acquire or SeqCst");
#if defined(__RKC__)
    if constexpr (sizeof(T) == 4)
      return value(__rk_atomic_load_32(object_, order<O>, scope));
    else
      return value(__rk_atomic_load_64(object_, order<O>, scope));
#else
    return value(__atomic_load_n(bits(), detail::hostOrder(O)));
#endif
  }

  template <Order O> void store(T desired) const {
    static_assert(O != Order::Acquire && O != Order::AcqRel,
                  "a store is Relaxed, Release or SeqCst");
#if defined(__RKC__)
    if constexpr (sizeof(T) == 4)
      __rk_atomic_store_32(object_, Bits(desired), order<O>, scope);
    else
      __rk_atomic_store_64(object_, Bits(desired), order<O>, scope);
#else
    __atomic_store_n(bits(), Bits(desired), detail::hostOrder(O));
#endif
  }

  /// Each returns the value found.
  template <Order O> T exchange(T desired) const {
    return update<O, Exchange>(desired);
  }
  template <Order O> T fetchAdd(T operand) const {
    return update<O, Add>(operand);
  }
  template <Order O> T fetchAnd(T operand) const {
    return update<O, And>(operand);
  }
  template <Order O> T fetchOr(T operand) const {
    return update<O, Or>(operand);
  }
  template <Order O> T fetchXor(T operand) const {
    return update<O, Xor>(operand);
  }
  template <Order O> T fetchMin(T operand) const {
    return update<O, std::is_signed_v<T> ? SignedMin : Min>(operand);
  }
  template <Order O> T fetchMax(T operand) const {
    return update<O, std::is_signed_v<T> ? SignedMax : Max>(operand);
  }

  /// Stores `desired` if the object equals `expected`, and returns whether it
  /// did; else `expected` becomes the value found.
  template <Order O> bool compareExchange(T &expected, T desired) const {
#if defined(__RKC__)
    Bits found;
    if constexpr (sizeof(T) == 4)
      found = __rk_atomic_cas_32(object_, Bits(expected), Bits(desired),
                                 order<O>, scope);
    else
      found = __rk_atomic_cas_64(object_, Bits(expected), Bits(desired),
                                 order<O>, scope);
    const bool equal = found == Bits(expected);
#else
    Bits found = Bits(expected);
    const bool equal = __atomic_compare_exchange_n(
        bits(), &found, Bits(desired), false, detail::hostOrder(O),
        detail::hostOrder(detail::failureOrder(O)));
#endif
    expected = value(found);
    return equal;
  }

private:
  // The numbers of `__rk_atomic_rmw_*`.
  enum Operation : std::uint32_t {
    Exchange = 0,
    Add = 1,
    And = 2,
    Or = 3,
    Xor = 4,
    Min = 5,
    Max = 6,
    SignedMin = 7,
    SignedMax = 8,
  };

  template <Order O>
  static constexpr std::uint32_t order = static_cast<std::uint32_t>(O);
  static constexpr std::uint32_t scope = static_cast<std::uint32_t>(S);

  static T value(Bits bits) { return static_cast<T>(bits); }
  Bits *bits() const { return reinterpret_cast<Bits *>(object_); }

  template <Order O, Operation Which> T update(T operand) const {
#if defined(__RKC__)
    if constexpr (sizeof(T) == 4)
      return value(
          __rk_atomic_rmw_32(object_, Bits(operand), Which, order<O>, scope));
    else
      return value(
          __rk_atomic_rmw_64(object_, Bits(operand), Which, order<O>, scope));
#else
    constexpr int how = detail::hostOrder(O);
    if constexpr (Which == Exchange)
      return value(__atomic_exchange_n(bits(), Bits(operand), how));
    else if constexpr (Which == Add)
      return value(__atomic_fetch_add(bits(), Bits(operand), how));
    else if constexpr (Which == And)
      return value(__atomic_fetch_and(bits(), Bits(operand), how));
    else if constexpr (Which == Or)
      return value(__atomic_fetch_or(bits(), Bits(operand), how));
    else if constexpr (Which == Xor)
      return value(__atomic_fetch_xor(bits(), Bits(operand), how));
    else
      return select < O, Which == Max || Which == SignedMax > (operand);
#endif
  }

#if !defined(__RKC__)
  template <Order O, bool Larger> T select(T operand) const {
    T found = load<Order::Relaxed>();
    while (!compareExchange<O>(
        found, (Larger ? operand > found : operand < found) ? operand : found))
      ;
    return found;
  }
#endif

  T *object_;
};

/// Orders the accesses before it and those after it, as C++'s fence does.
template <Order O, Scope S = Scope::Device> inline void fence() {
  static_assert(O != Order::Relaxed, "a relaxed fence orders nothing");
#if defined(__RKC__)
  __rk_fence(static_cast<std::uint32_t>(O), static_cast<std::uint32_t>(S));
#else
  __atomic_thread_fence(detail::hostOrder(O));
#endif
}

} // namespace rk
