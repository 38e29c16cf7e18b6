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
/// the same one, and the agent that gives it back keeps one for itself. Small
/// blocks are put together, and what agents keep is taken from them, only when a
/// block is wanted and there is none.
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
/// Ordering  `PassForReuse`: whoever takes it next comes behind its last use, as
///           the caller has fenced, or has just taken it.
inline void returnBlock(Desk &desk, abi::BulkPool &pool, uint32_t level,
                        uint32_t index) {
  fetchOr<PassForReuse, Scope::Device>(freeWord(pool, level, index / 64),
                                       uint64_t(1) << index % 64);
  fetchAdd<Order::Relaxed, Scope::Device>(&pool.freeCount[level], 1u);
  store<Order::Relaxed, Scope::Device>(&shareOf(desk, pool).hint[level],
                                       index / 64);
  desk.bulkLevel = level;
  desk.bulkWord = index / 64;
}

/// Takes what agent `index` keeps; 0 if that is nothing.
///
/// Ordering  `PassForReuse`, as for a bit.
inline uint64_t takeKept(abi::BulkPool &pool, uint32_t index) {
  return fetchAnd<PassForReuse, Scope::Device>(&pool.kept[index], uint64_t(0));
}
/// Puts what was taken so, if it is a block, with the free ones.
inline void returnKept(Desk &desk, abi::BulkPool &pool, uint64_t word) {
  const abi::KeptBlock block = abi::KeptBlock::unpack(word);
  if (word != 0)
    returnBlock(desk, pool, block.level, block.unit >> block.level);
}

/// Keeps a block that has no holder any more, or gives it back if the agent
/// has one of the level. One of another level goes, so that an agent whose
/// payloads change follows them.
///
/// Ordering  `PassForReuse`: the caller has fenced.
inline void keepBlock(Desk &desk, abi::BulkPool &pool,
                      const abi::KeptBlock &block) {
  const uint32_t level = block.level;
  desk.bulkRecent = level;
  if (level < pool.keptLevels && desk.bulkKept != level + 1 &&
      desk.index < abi::MaxBulkKeepers) {
    uint64_t *place = &pool.kept[desk.index];
    if (desk.bulkKept != 0)
      returnKept(desk, pool, takeKept(pool, desk.index));
    desk.bulkKept = level + 1;
    if (compareExchange<PassForReuse, Scope::Device>(place, uint64_t(0),
                                                     block.pack()) == 0)
      return;
  }
  returnBlock(desk, pool, level, block.unit >> level);
}

/// Takes one of the free blocks that word `at` of `level` names, or returns
/// `NoBlock`. Agents begin at different bits, and clear their bit alone, so who
/// finds it set has it whatever others do to the word.
///
/// Ordering  `PassForReuse`: who gave the block back has fenced before.
inline uint32_t claimInWord(Desk &desk, abi::BulkPool &pool, uint32_t level,
                            uint32_t at) {
  uint64_t *word = freeWord(pool, level, at);
  uint64_t bits = load<Order::Relaxed, Scope::Device>(word);
  const uint32_t first = desk.index % 64;
  while (bits != 0) {
    const uint64_t turned = bits >> first | bits << (64 - first) % 64;
    const uint32_t bit = (uint32_t(__builtin_ctzll(turned)) + first) % 64;
    const uint64_t mask = uint64_t(1) << bit;
    const uint64_t found = fetchAnd<PassForReuse, Scope::Device>(word, ~mask);
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

/// Ordering  who sees a bit clear that is cleared behind this, and fences, sees
///           that it has begun.
inline void beginTransit(abi::BulkPool &pool) {
  fetchAdd<Order::AcquireRelease, Scope::Device>(&pool.transit, uint64_t(1)
                                                                    << 32);
  fence<Scope::Device>();
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
    const uint64_t found = compareExchange<PassForReuse, Scope::Device>(
        word, bits, bits & ~pair);
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

/// Puts what agents keep with the other free blocks.
inline void collectKept(Desk &desk, abi::BulkPool &pool) {
  const uint32_t agents =
      pool.agents < abi::MaxBulkKeepers ? pool.agents : abi::MaxBulkKeepers;
  for (uint32_t i = 0; i < agents; ++i) {
    if (load<Order::Relaxed, Scope::Device>(&pool.kept[i]) == 0)
      continue;
    beginTransit(pool);
    returnKept(desk, pool, takeKept(pool, i));
    endTransit(pool);
  }
}

inline uint32_t claimOrSplit(Desk &desk, abi::BulkPool &pool, uint32_t level) {
  const uint32_t block = claimBlock(desk, pool, level);
  return block != NoBlock ? block : splitBlock(desk, pool, level);
}

/// Takes a block of `level`, or returns `NoBlock`: then there was none, but for
/// what others had in hand all along.
RK_OUT_OF_LINE inline uint32_t takeBlock(Desk &desk, abi::BulkPool &pool, uint32_t level) {
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
      collectKept(desk, pool);
      joinBlocks(desk, pool, level);
      if (before == transit())
        return NoBlock;
    }
    pauseShort();
  }
  return NoBlock;
}

/// Makes the block at `unit` a payload with one holder; returns its handle.
///
/// Ordering  relaxed: nobody else writes the head, as handles of earlier uses
///           find no holder.
inline uint64_t beginUse(Desk &desk, abi::BulkPool &pool,
                         const abi::KeptBlock &block) {
  store<Order::Relaxed, Scope::Device>(
      &pool.heads[block.unit],
      abi::BulkHead{1, block.use, block.level}.pack());
  countUsed(desk, pool, uint64_t(1) << block.level);
  return abi::bulkHandle(reinterpret_cast<uint64_t>(pool.memory) +
                             uint64_t(block.unit) * abi::BulkUnitBytes,
                         block.use);
}

/// Makes a payload of `bytes` bytes with one holder; returns its handle, or 0
/// if there is no room.
///
/// Threads   any lane, in divergent code.
/// Cost      one access that is waited for if the agent keeps a block of the
///           size, as it does when it frees as many payloads as it makes.
RK_OUT_OF_LINE inline uint64_t makeBulkIn(Desk &desk, abi::BulkPool *pool,
                                          uint64_t bytes) {
  if (!pool || bytes == 0 || bytes > uint64_t(pool->units) * abi::BulkUnitBytes)
    return 0;
  const uint32_t level = abi::bulkLevel(bytes);
  if (level >= pool->levels)
    return 0;
  desk.bulkRecent = level;
  if (desk.bulkKept == level + 1) {
    desk.bulkKept = 0;
    const uint64_t word = takeKept(*pool, desk.index);
    const abi::KeptBlock kept = abi::KeptBlock::unpack(word);
    if (word != 0 && kept.level == level)
      return beginUse(desk, *pool, kept);
    returnKept(desk, *pool, word); // another lane changed what is kept
  }
  const uint32_t block = takeBlock(desk, *pool, level);
  if (block == NoBlock)
    return 0;
  const uint32_t unit = block << level;
  const uint32_t use = abi::BulkHead::unpack(load<Order::Relaxed, Scope::Device>(
                                                 &pool->heads[unit]))
                           .use;
  return beginUse(desk, *pool, {unit, use, level});
}
/// The pool is an argument of these, since an agent has it at hand where it
/// runs, and what is out of line would have to ask the launch for it.
inline uint64_t makeBulk(Agent agent, uint64_t bytes) {
  return makeBulkIn(agent, agent.launch->bulk, bytes);
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

/// The head that a payload of this agent most likely has: one holder, and the
/// level of the last. What it is in truth the exchange tells.
inline uint64_t guessHead(const Desk &desk, uint64_t handle) {
  return abi::BulkHead{1, abi::bulkUse(handle), desk.bulkRecent}.pack();
}

/// Adds a holder, or takes one away, and with the last gives the block back;
/// false if the handle is not of the block's present use.
///
/// Ordering  what holders did is over when the block goes: each fences before
///           it takes itself away.
RK_OUT_OF_LINE inline bool changeHoldersIn(Desk &desk, abi::BulkPool *pool,
                                           uint64_t handle, bool adds) {
  const uint32_t unit = unitOf(pool, handle);
  if (unit == NoBlock)
    return false;
  if (!adds)
    releaseFence();
  uint64_t *word = &pool->heads[unit];
  uint64_t seen = guessHead(desk, handle);
  for (;;) {
    abi::BulkHead head = abi::BulkHead::unpack(seen);
    if (head.holders == 0 || head.use != abi::bulkUse(handle))
      return false;
    head.holders += adds ? 1 : ~0u;
    const bool isLast = head.holders == 0;
    head.use += isLast;
    const uint64_t found =
        compareExchange<PassForReuse, Scope::Device>(word, seen, head.pack());
    if (found != seen) {
      seen = found;
      continue;
    }
    if (isLast) {
      countUsed(desk, *pool, ~(uint64_t(1) << head.level) + 1);
      keepBlock(desk, *pool, {unit, head.use, head.level});
    }
    return true;
  }
}
inline bool changeHolders(Agent agent, uint64_t handle, bool adds) {
  return changeHoldersIn(agent, agent.launch->bulk, handle, adds);
}

/// Whether the holder of `handle` is the only one.
///
/// Ordering  acquire: what earlier holders did is over.
RK_OUT_OF_LINE inline bool isHeldAloneIn(abi::BulkPool *pool, uint64_t handle) {
  const uint32_t unit = unitOf(pool, handle);
  if (unit == NoBlock)
    return false;
  const abi::BulkHead head = abi::BulkHead::unpack(
      load<Order::Acquire, Scope::Device>(&pool->heads[unit]));
  return head.holders == 1 && head.use == abi::bulkUse(handle);
}
inline bool isHeldAlone(Agent agent, uint64_t handle) {
  return isHeldAloneIn(agent.launch->bulk, handle);
}

/// Frees the payload of a message that nobody gets. The record is its own.
inline void discardBulk(Desk &desk, uint32_t message, const void *bytes) {
  if (!rk_uses_bulk() || !rk_carries_bulk(message))
    return;
  uint64_t handle;
  __builtin_memcpy(&handle, bytes, sizeof(handle));
  changeHolders(agentOf(desk), handle, false);
}
inline void discardBulk(Desk &desk, const Record &record) {
  const abi::PacketHeader header = record.header();
  if (header.kind == abi::PacketKind::User)
    discardBulk(desk, header.message, record.payload());
}

} // namespace rk::device
