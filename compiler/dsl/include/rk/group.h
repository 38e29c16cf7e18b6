//===- group.h - The lanes that run one handler ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the lanes of one handler call do together. A handler marked
/// `[[rk::handler(rk::Lanes::Warp)]]` runs on a whole warp, and so on for a
/// block, a cluster and the grid; every other, and every handler on the CPU
/// back end, runs on a group of one.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/detail/HostStubs.h"
#include "rk/detail/Markers.h"

#include <bit>
#include <cstdint>
#include <type_traits>

namespace rk {

/// The lanes that run this handler call. Make one wherever it is needed: it has
/// no state.
///
/// Threads   all lanes of the group call each function together, except `size`
///           and `rank`; a lane that has returned is not part of the group.
/// Cost      `sync` and the collectives take some ten cycles on a warp, nothing
///           on a group of one. `sync` is `bar.sync` on a block, the hardware's
///           barrier on a cluster, and goes through the L2 cache on a grid;
///           beyond a warp a collective of 4 bytes is one or two of them.
class Group {
public:
  /// Returns the number of lanes: 1, 32, 256, 2048, or that of the grid.
  std::uint32_t size() const { return RK_DEVICE_ONLY(__rk_group_size()); }
  /// Returns this lane's number, from 0.
  std::uint32_t rank() const { return RK_DEVICE_ONLY(__rk_group_rank()); }

  /// Waits for all lanes.
  ///
  /// Ordering  what a lane wrote before is visible to the group afterwards.
  void sync() const { synchronize(); }

  /// Returns one bit a lane: whether its `predicate` holds. Not beyond a warp:
  /// `rkc` refuses it there, as it does `shuffle`.
  std::uint32_t ballot([[maybe_unused]] bool predicate) const {
    return RK_DEVICE_ONLY(__rk_group_ballot(predicate));
  }
  bool any(bool predicate) const { return bitOr(predicate) != 0; }
  bool all(bool predicate) const { return bitOr(!predicate) == 0; }

  /// Returns the `value` of the lane `source`, below the size, in all lanes. A
  /// value is 4 or 8 bytes.
  template <class T> T broadcast(T value, std::uint32_t source = 0) const {
    static_assert(std::is_trivially_copyable_v<T> &&
                      (sizeof(T) == 4 || sizeof(T) == 8),
                  "broadcast moves a trivially copyable value of 4 or 8 bytes");
    const bool mine = rank() == source;
    if constexpr (sizeof(T) == 4) {
      const auto bits = std::bit_cast<std::uint32_t>(value);
      return std::bit_cast<T>(bitOr(mine ? bits : 0));
    } else {
      const auto bits = mine ? std::bit_cast<std::uint64_t>(value) : 0;
      const std::uint64_t low = bitOr(std::uint32_t(bits));
      const std::uint64_t high = bitOr(std::uint32_t(bits >> 32));
      return std::bit_cast<T>(high << 32 | low);
    }
  }

  /// Returns the `value` of the lane `source`, taken modulo the size. A value
  /// is 4 or 8 bytes.
  template <class T>
  T shuffle([[maybe_unused]] T value,
            [[maybe_unused]] std::uint32_t source) const {
    static_assert(std::is_trivially_copyable_v<T> &&
                      (sizeof(T) == 4 || sizeof(T) == 8),
                  "shuffle moves a trivially copyable value of 4 or 8 bytes");
    if constexpr (sizeof(T) == 4) {
      return std::bit_cast<T>(
          word(std::bit_cast<std::uint32_t>(value), source));
    } else {
      const auto bits = std::bit_cast<std::uint64_t>(value);
      const std::uint64_t low = word(std::uint32_t(bits), source);
      const std::uint64_t high = word(std::uint32_t(bits >> 32), source);
      return std::bit_cast<T>(high << 32 | low);
    }
  }

  /// Each returns the result over all lanes, in all lanes.
  std::uint32_t sum([[maybe_unused]] std::uint32_t value) const {
    return RK_DEVICE_ONLY(__rk_group_reduce(value, 0));
  }
  std::uint32_t min([[maybe_unused]] std::uint32_t value) const {
    return RK_DEVICE_ONLY(__rk_group_reduce(value, 1));
  }
  std::uint32_t max([[maybe_unused]] std::uint32_t value) const {
    return RK_DEVICE_ONLY(__rk_group_reduce(value, 2));
  }
  std::uint32_t bitAnd([[maybe_unused]] std::uint32_t value) const {
    return RK_DEVICE_ONLY(__rk_group_reduce(value, 3));
  }
  std::uint32_t bitOr([[maybe_unused]] std::uint32_t value) const {
    return RK_DEVICE_ONLY(__rk_group_reduce(value, 4));
  }
  std::uint32_t bitXor([[maybe_unused]] std::uint32_t value) const {
    return RK_DEVICE_ONLY(__rk_group_reduce(value, 5));
  }

private:
#if defined(__RKC__)
  static void synchronize() { __rk_group_sync(); }
#else
  static void synchronize() { static_cast<bool>(detail::NotOnHost{}); }
#endif
  static std::uint32_t word([[maybe_unused]] std::uint32_t bits,
                            [[maybe_unused]] std::uint32_t source) {
    return RK_DEVICE_ONLY(__rk_group_shuffle(bits, source));
  }
};

} // namespace rk
