//===- Bulk.h - Payloads that travel by reference --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The pool of bulk payloads: one piece of device memory, cut into blocks of a
/// power of two units as they are asked for (a buddy system). A message carries
/// the handle of a block; the block has a count of those who hold it, and goes
/// back to the pool with the last.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace rk::abi {

/// The smallest block, in bytes, and how many sizes there are: up to 4 GiB.
inline constexpr uint32_t BulkUnitBytes = 4096;
inline constexpr uint32_t MaxBulkLevels = 21;

/// A handle: the address of a block, and in the upper bits which use of it.
/// Addresses have 48 bits on GPUs and on the processors that are supported. 0
/// names nothing.
inline constexpr uint32_t BulkAddressBits = 48;
inline constexpr uint64_t BulkAddressMask =
    (uint64_t(1) << BulkAddressBits) - 1;
constexpr uint64_t bulkHandle(uint64_t address, uint32_t use) {
  return (address & BulkAddressMask) | uint64_t(use) << BulkAddressBits;
}
constexpr uint64_t bulkAddress(uint64_t handle) {
  return handle & BulkAddressMask;
}
constexpr uint32_t bulkUse(uint64_t handle) {
  return uint32_t(handle >> BulkAddressBits);
}

/// What a message with a bulk payload begins with: `rk::Bulk<T>` is this.
struct BulkReference {
  uint64_t handle;
  uint32_t count; ///< of elements
  /// Not 0 once the handler has taken the payload over.
  uint32_t taken;
};
static_assert(sizeof(BulkReference) == 16);
/// A message with a bulk payload travels inside its packet.
inline constexpr uint32_t MaxBulkMessageBytes = 32;

/// What a handler can ask of the pool: the first argument of `rk_bulk`. The
/// second is a handle, the third is for `Make` alone.
enum class BulkCall : uint32_t {
  Make = 0,    ///< a block of so many bytes; returns its handle, or 0
  Share = 1,   ///< one more holder; returns 1, or 0 if the handle is too old
  Release = 2, ///< one holder less; returns as `Share`
  IsAlone = 3, ///< returns 1 if there is one holder, else 0
};
inline constexpr uint32_t BulkCallCount = 4;

/// One word for each unit; that of a block's first unit counts.
///
///   holders : 32 | use : 16 | level : 16
struct BulkHead {
  uint32_t holders = 0;
  uint32_t use = 0;
  uint32_t level = 0;

  constexpr uint64_t pack() const {
    return holders | uint64_t(use & 0xffff) << 32 | uint64_t(level) << 48;
  }
  static constexpr BulkHead unpack(uint64_t word) {
    return {uint32_t(word), uint32_t(word >> 32) & 0xffff,
            uint32_t(word >> 48)};
  }
};

/// What agents whose numbers are alike modulo `BulkShares` write often: apart,
/// since a line that all write is what they would wait for.
struct alignas(128) BulkShare {
  uint64_t usedUnits; ///< less than 0 if others took what these gave back
  /// The word of each level where one was found or given back last.
  uint32_t hint[MaxBulkLevels];
};
inline constexpr uint32_t BulkShares = 32;

/// A block of level n is `1 << n` units; number i of them begins at unit
/// `i << n`, and its buddy is number `i ^ 1`.
struct alignas(128) BulkPool {
  unsigned char *memory;
  uint64_t *heads; ///< one for each unit, 0 at the start
  /// A bit for each block of each level, set while it is free.
  uint64_t *freeBits;
  uint32_t units;
  uint32_t levels;
  /// Where each level's words begin in `freeBits`, and where the last end.
  uint32_t firstWord[MaxBulkLevels + 1];
  /// begun : 32 | ended : 32. Who takes a large block apart or puts small ones
  /// together has blocks in hand that no bit shows.
  alignas(128) uint64_t transit;
  /// Free blocks of each level, for a moment too few or too many.
  alignas(128) uint32_t freeCount[MaxBulkLevels];
  BulkShare share[BulkShares];
};

/// The level whose blocks hold `bytes`, at least 1.
constexpr uint32_t bulkLevel(uint64_t bytes) {
  const uint64_t units = (bytes + BulkUnitBytes - 1) / BulkUnitBytes;
  return units <= 1 ? 0 : 64 - uint32_t(__builtin_clzll(units - 1));
}

} // namespace rk::abi
