//===- ring.h - A bounded queue in an actor's state ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A first-in, first-out queue of fixed capacity, for an actor's state or a
/// message. It is one actor's own, so no access is atomic.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/detail/Markers.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace rk {

/// Up to `Capacity` values of T, the oldest first.
///
/// Shape     {u32 head, u32 count, T items[Capacity]}; the same bytes on host
///           and device.
/// Threads   one at a time.
template <class T, std::uint32_t Capacity> class Ring {
  static_assert(std::is_trivially_copyable_v<T>,
                "the items of a ring are trivially copyable");
  static_assert(Capacity > 0 && Capacity <= (1u << 20),
                "a ring holds 1 to 1048576 items");

public:
  constexpr std::uint32_t size() const { return count_; }
  constexpr bool empty() const { return count_ == 0; }
  constexpr bool full() const { return count_ == Capacity; }
  static constexpr std::uint32_t capacity() { return Capacity; }
  /// Forgets all items.
  constexpr void clear() { head_ = count_ = 0; }

  /// Appends `item`; returns false, and changes nothing, if the ring is full.
  bool push(const T &item) {
#if defined(__RKC__)
    return __rk_ring_push(this, &item, Capacity, sizeof(T), alignof(T)) != 0;
#else
    if (full())
      return false;
    const std::uint32_t end = head_ + count_;
    std::memcpy(at(end < Capacity ? end : end - Capacity), &item, sizeof(T));
    ++count_;
    return true;
#endif
  }

  /// Takes the oldest item out; returns false, and changes nothing, if the ring
  /// is empty.
  bool pop(T &item) {
#if defined(__RKC__)
    return __rk_ring_pop(this, &item, Capacity, sizeof(T), alignof(T)) != 0;
#else
    if (empty())
      return false;
    std::memcpy(&item, at(head_), sizeof(T));
    head_ = head_ + 1 < Capacity ? head_ + 1 : 0;
    --count_;
    return true;
#endif
  }

private:
  void *at(std::uint32_t index) {
    return items_ + std::size_t(index) * sizeof(T);
  }

  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
  alignas(T) unsigned char items_[std::size_t(Capacity) * sizeof(T)] = {};
};

} // namespace rk
