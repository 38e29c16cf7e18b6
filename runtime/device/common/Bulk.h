//===- Bulk.h - The pool of bulk payloads -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes blocks from the pool of `rk::abi::BulkPool` and gives them back.
///
/// A block that is given back keeps its size, as the next request is mostly of
/// the same one: both are one atomic then. Small blocks are put together only
/// when a larger one is wanted and there is none.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Generated.h"
#include "common/Record.h"

namespace rk::device {

inline constexpr uint32_t NoBlock = ~0u;

inline abi::BulkShare &shareOf(const Desk &desk, abi::BulkPool &pool) {
  return pool.share[desk.index % abi::BulkShares];
}
inline void countUsed(const Desk &desk, abi::BulkPool &pool, uint64_t units) {
  fetchAdd<Order::Relaxed, Scope::Device>(&shareOf(desk, pool).usedUnits,
                                          units);
}
inline uint32_t freeCount(const abi::BulkPool &pool, uint32_t level) {
  const uint32_t count =
      load<Order::Relaxed, Scope::Device>(&pool.freeCount[level]);
  return int32_t(count) > 0 ? count : 0;
}
inline uint64_t *freeWord(const abi::BulkPool &pool, uint32_t level,
                          uint32_t word) {
  return pool.freeBits + pool.firstWord[level] + word;
}
inline uint32_t freeWords(const abi::BulkPool &pool, uint32_t level) {
  return pool.firstWord[level + 1] - pool.firstWord[level];
}

/// Gives block `index` of `level` back, and looks there first for the next.
///
/// Ordering  release: whoever takes it next comes behind its last use.
inline void returnBlock(Desk &desk, abi::BulkPool &pool, uint32_t level,
                        uint32_t index) {
  fetchOr<Order::AcquireRelease, Scope::Device>(
      freeWord(pool, level, index / 64), uint64_t(1) << index % 64);
  fetchAdd<Order::Relaxed, Scope::Device>(&pool.freeCount[level], 1u);
  store<Order::Relaxed, Scope::Device>(&shareOf(desk, pool).hint[level],
                                       index / 64);
  desk.bulkLevel = level;
  desk.bulkWord = index / 64;
}

/// Takes one of the free blocks that word `at` of `level` names, or returns
/// `NoBlock`. Agents begin at different bits, and clear their bit alone, so who
/// finds it set has it whatever others do to the word.
///
/// Ordering  acquire, as a release of the block stands before.
inline uint32_t claimInWord(Desk &desk, abi::BulkPool &pool, uint32_t level,
                            uint32_t at) {
  uint64_t *word = freeWord(pool, level, at);
  uint64_t bits = load<Order::Relaxed, Scope::Device>(word);
  const uint32_t first = desk.index % 64;
  while (bits != 0) {
    const uint64_t turned = bits >> first | bits << (64 - first) % 64;
    const uint32_t bit = (uint32_t(__builtin_ctzll(turned)) + first) % 64;
    const uint64_t mask = uint64_t(1) << bit;
    const uint64_t found =
        fetchAnd<Order::AcquireRelease, Scope::Device>(word, ~mask);
    if (found & mask) {
      fetchAdd<Order::Relaxed, Scope::Device>(&pool.freeCount[level], ~0u);
      return at * 64 + bit;
    }
    bits = found;
  }
  return NoBlock;
}

/// Takes a free block of exactly this level, or returns `NoBlock`. It looks
/// first where this agent has given one back: agents do not meet there.
///
/// Ordering  that of `claimInWord`.
inline uint32_t claimBlock(Desk &desk, abi::BulkPool &pool, uint32_t level) {
  const uint32_t words = freeWords(pool, level);
  if (desk.bulkLevel == level && desk.bulkWord < words) {
    const uint32_t block = claimInWord(desk, pool, level, desk.bulkWord);
    if (block != NoBlock)
      return block;
  }
  if (freeCount(pool, level) == 0)
    return NoBlock;
  uint32_t *const hint = &shareOf(desk, pool).hint[level];
  uint32_t at = load<Order::Relaxed, Scope::Device>(hint) % words;
  for (uint32_t i = 0; i < words; ++i, at = at + 1 == words ? 0 : at + 1) {
    const uint32_t block = claimInWord(desk, pool, level, at);
    if (block == NoBlock)
      continue;
    store<Order::Relaxed, Scope::Device>(hint, at);
    return block;
  }
  return NoBlock;
}

inline void beginTransit(abi::BulkPool &pool) {
  fetchAdd<Order::AcquireRelease, Scope::Device>(&pool.transit, uint64_t(1)
                                                                    << 32);
}
inline void endTransit(abi::BulkPool &pool) {
  fetchAdd<Order::AcquireRelease, Scope::Device>(&pool.transit, uint64_t(1));
}

/// Takes a larger block apart; returns its first part of `level`, or `NoBlock`.
inline uint32_t splitBlock(Desk &desk, abi::BulkPool &pool, uint32_t level) {
  for (uint32_t from = level + 1; from < pool.levels; ++from) {
    if (freeCount(pool, from) == 0)
      continue;
    beginTransit(pool);
    uint32_t block = claimBlock(desk, pool, from);
    for (uint32_t at = from; block != NoBlock && at > level; --at) {
      block *= 2;
      returnBlock(desk, pool, at - 1, block + 1);
    }
    endTransit(pool);
    if (block != NoBlock)
      return block;
  }
  return NoBlock;
}

/// Puts the pairs of buddies in one word of `level` together.
inline void joinWord(Desk &desk, abi::BulkPool &pool, uint32_t level,
                     uint32_t at) {
  constexpr uint64_t Even = 0x5555555555555555;
  uint64_t *word = freeWord(pool, level, at);
  uint64_t bits = load<Order::Relaxed, Scope::Device>(word);
  for (;;) {
    const uint64_t pairs = bits & bits >> 1 & Even;
    if (pairs == 0)
      return;
    const uint64_t pair = (pairs & -pairs) * 3;
    beginTransit(pool);
    const uint64_t found =
        compareExchange<Order::AcquireRelease, Scope::Device>(word, bits,
                                                              bits & ~pair);
    if (found == bits) {
      fetchAdd<Order::Relaxed, Scope::Device>(&pool.freeCount[level], ~1u);
      returnBlock(desk, pool, level + 1,
                  (at * 64 + uint32_t(__builtin_ctzll(pair))) / 2);
    }
    endTransit(pool);
    bits = found == bits ? bits & ~pair : found;
  }
}

/// Puts pairs of buddies below `level` together.
inline void joinBlocks(Desk &desk, abi::BulkPool &pool, uint32_t level) {
  for (uint32_t from = 0; from < level; ++from)
    if (freeCount(pool, from) >= 2)
      for (uint32_t at = 0; at < freeWords(pool, from); ++at)
        joinWord(desk, pool, from, at);
}

inline uint32_t claimOrSplit(Desk &desk, abi::BulkPool &pool, uint32_t level) {
  const uint32_t block = claimBlock(desk, pool, level);
  return block != NoBlock ? block : splitBlock(desk, pool, level);
}

/// Takes a block of `level`, or returns `NoBlock`: then there was none, but for
/// what others had in hand all along.
inline uint32_t takeBlock(Desk &desk, abi::BulkPool &pool, uint32_t level) {
  constexpr uint32_t Rounds = 256;
  const auto transit = [&pool] {
    return load<Order::Acquire, Scope::Device>(&pool.transit);
  };
  for (uint32_t round = 0; round < Rounds; ++round) {
    uint64_t before = transit();
    uint32_t block = claimOrSplit(desk, pool, level);
    if (block != NoBlock)
      return block;
    // If nobody has moved blocks meanwhile, all there are have been seen: a bit
    // that was found clear was cleared behind a begin that is seen from here.
    fence<Scope::Device>();
    if (before == transit() && uint32_t(before) == uint32_t(before >> 32)) {
      joinBlocks(desk, pool, level);
      if (before == transit())
        return NoBlock;
    }
    pauseShort();
  }
  return NoBlock;
}

/// Makes a payload of `bytes` bytes with one holder; returns its handle, or 0
/// if there is no room.
///
/// Threads   any lane, in divergent code.
/// Cost      one atomic on the block's word, and four on others, if a block of
///           the size is free.
RK_OUT_OF_LINE inline uint64_t makeBulk(Desk &desk, uint64_t bytes) {
  abi::BulkPool *pool = desk.launch->bulk;
  if (!pool || bytes == 0 || bytes > uint64_t(pool->units) * abi::BulkUnitBytes)
    return 0;
  const uint32_t level = abi::bulkLevel(bytes);
  if (level >= pool->levels)
    return 0;
  const uint32_t block = takeBlock(desk, *pool, level);
  if (block == NoBlock)
    return 0;
  const uint64_t unit = uint64_t(block) << level;
  // Nobody else writes it: handles of earlier uses find no holder.
  abi::BulkHead head = abi::BulkHead::unpack(
      load<Order::Relaxed, Scope::Device>(&pool->heads[unit]));
  head.holders = 1;
  head.level = level;
  store<Order::Relaxed, Scope::Device>(&pool->heads[unit], head.pack());
  countUsed(desk, *pool, uint64_t(1) << level);
  return abi::bulkHandle(reinterpret_cast<uint64_t>(pool->memory) +
                             unit * abi::BulkUnitBytes,
                         head.use);
}

/// The number of the unit that a handle names, or `NoBlock` if it is none.
inline uint32_t unitOf(const abi::BulkPool *pool, uint64_t handle) {
  if (!pool || handle == 0)
    return NoBlock;
  const uint64_t offset =
      abi::bulkAddress(handle) - reinterpret_cast<uint64_t>(pool->memory);
  const uint64_t unit = offset / abi::BulkUnitBytes;
  return offset % abi::BulkUnitBytes == 0 && unit < pool->units ? uint32_t(unit)
                                                                : NoBlock;
}

/// Adds a holder, or takes one away, and with the last gives the block back;
/// false if the handle is not of the block's present use.
///
/// Ordering  acquire and release: what holders did is over when the block goes.
RK_OUT_OF_LINE inline bool changeHolders(Desk &desk, uint64_t handle,
                                         bool adds) {
  abi::BulkPool *pool = desk.launch->bulk;
  const uint32_t unit = unitOf(pool, handle);
  if (unit == NoBlock)
    return false;
  uint64_t *word = &pool->heads[unit];
  uint64_t seen = load<Order::Relaxed, Scope::Device>(word);
  for (;;) {
    abi::BulkHead head = abi::BulkHead::unpack(seen);
    if (head.holders == 0 || head.use != abi::bulkUse(handle))
      return false;
    head.holders += adds ? 1 : ~0u;
    const bool isLast = head.holders == 0;
    head.use += isLast;
    const uint64_t found =
        compareExchange<Order::AcquireRelease, Scope::Device>(word, seen,
                                                              head.pack());
    if (found != seen) {
      seen = found;
      continue;
    }
    if (isLast) {
      countUsed(desk, *pool, ~(uint64_t(1) << head.level) + 1);
      returnBlock(desk, *pool, head.level, unit >> head.level);
    }
    return true;
  }
}

/// Whether the holder of `handle` is the only one.
///
/// Ordering  acquire: what earlier holders did is over.
RK_OUT_OF_LINE inline bool isHeldAlone(Desk &desk, uint64_t handle) {
  abi::BulkPool *pool = desk.launch->bulk;
  const uint32_t unit = unitOf(pool, handle);
  if (unit == NoBlock)
    return false;
  const abi::BulkHead head = abi::BulkHead::unpack(
      load<Order::Acquire, Scope::Device>(&pool->heads[unit]));
  return head.holders == 1 && head.use == abi::bulkUse(handle);
}

/// Frees the payload of a message that nobody gets. The record is its own.
inline void discardBulk(Desk &desk, uint32_t message, const void *bytes) {
  if (!rk_uses_bulk() || !rk_carries_bulk(message))
    return;
  uint64_t handle;
  __builtin_memcpy(&handle, bytes, sizeof(handle));
  changeHolders(desk, handle, false);
}
inline void discardBulk(Desk &desk, const Record &record) {
  const abi::PacketHeader header = record.header();
  if (header.kind == abi::PacketKind::User)
    discardBulk(desk, header.message, record.payload());
}

} // namespace rk::device
