//===- BulkTest.cpp - The pool of bulk payloads under threads -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "TestSystem.h"

#include "Seed.h"
#include "common/Bulk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

using namespace rk::device;
using namespace rk::abi;

namespace {

/// A pool of so many units, all free, and agents that use it.
class Pool {
public:
  explicit Pool(uint32_t units)
      : memory(uint64_t(units) * BulkUnitBytes / 8), heads(units) {
    pool.memory = reinterpret_cast<unsigned char *>(memory.data());
    pool.heads = heads.data();
    pool.units = units;
    while (pool.levels < MaxBulkLevels && units >> pool.levels != 0) {
      const uint32_t level = pool.levels++;
      pool.firstWord[level + 1] =
          pool.firstWord[level] + ((units >> level) + 63) / 64;
    }
    bits.resize(pool.firstWord[pool.levels]);
    pool.freeBits = bits.data();
    for (uint32_t unit = 0; unit < units; ++unit)
      returnBlock(*desk, pool, 0, unit);
    launch.bulk = &pool;
  }

  uint64_t usedUnits() const {
    uint64_t units = 0;
    for (const BulkShare &share : pool.share)
      units += share.usedUnits;
    return units;
  }

  std::unique_ptr<Desk> desk = std::make_unique<Desk>();
  BulkPool pool{};
  Launch launch{};
  std::vector<uint64_t> memory, heads, bits;
};

struct User {
  explicit User(Pool &pool, uint32_t number = 0)
      : agent(makeAgent(pool.launch, number, *desk)) {}
  uint64_t make(uint64_t bytes) { return makeBulk(agent, bytes); }
  bool release(uint64_t handle) { return changeHolders(agent, handle, false); }
  std::unique_ptr<Desk> desk = std::make_unique<Desk>();
  Agent agent;
};

uint64_t *words(uint64_t handle) {
  return reinterpret_cast<uint64_t *>(bulkAddress(handle));
}

TEST(BulkPool, GivesAllOfItAndNoMore) {
  for (uint32_t units : {1u, 2u, 3u, 7u, 64u, 100u}) {
    Pool pool(units);
    User user(pool);
    std::vector<uint64_t> handles;
    while (const uint64_t handle = user.make(1))
      handles.push_back(handle);
    EXPECT_EQ(handles.size(), units);
    EXPECT_EQ(pool.usedUnits(), units);
    std::sort(handles.begin(), handles.end());
    EXPECT_EQ(std::unique(handles.begin(), handles.end()), handles.end());
    for (const uint64_t handle : handles)
      EXPECT_TRUE(user.release(handle));
    EXPECT_EQ(pool.usedUnits(), 0u);
  }
}

TEST(BulkPool, SmallBlocksBecomeALargeOneAndBack) {
  Pool pool(64);
  User user(pool);
  for (int round = 0; round < 3; ++round) {
    const uint64_t all = user.make(64 * BulkUnitBytes);
    ASSERT_NE(all, 0u);
    EXPECT_EQ(user.make(1), 0u);
    EXPECT_TRUE(user.release(all));
    std::vector<uint64_t> handles;
    for (int i = 0; i < 64; ++i)
      handles.push_back(user.make(1));
    for (const uint64_t handle : handles)
      EXPECT_TRUE(user.release(handle));
  }
}

TEST(BulkPool, RefusesWhatItCannotHold) {
  Pool pool(6); // 4 + 2 units
  User user(pool);
  EXPECT_EQ(user.make(0), 0u);
  EXPECT_EQ(user.make(5 * BulkUnitBytes), 0u);
  EXPECT_EQ(user.make(~uint64_t(0)), 0u);
  const uint64_t four = user.make(3 * BulkUnitBytes);
  EXPECT_NE(four, 0u);
  EXPECT_EQ(user.make(3 * BulkUnitBytes), 0u);
  EXPECT_NE(user.make(2 * BulkUnitBytes), 0u);
  EXPECT_EQ(user.make(1), 0u);
}

TEST(BulkPool, AnOldHandleChangesNothing) {
  Pool pool(4);
  User user(pool);
  const uint64_t first = user.make(4 * BulkUnitBytes);
  EXPECT_TRUE(user.release(first));
  EXPECT_FALSE(user.release(first));
  const uint64_t second = user.make(4 * BulkUnitBytes);
  EXPECT_EQ(bulkAddress(first), bulkAddress(second));
  EXPECT_NE(first, second);
  EXPECT_FALSE(user.release(first));
  EXPECT_FALSE(changeHolders(user.agent, first, true));
  EXPECT_FALSE(isHeldAlone(user.agent, first));
  EXPECT_TRUE(isHeldAlone(user.agent, second));
  EXPECT_TRUE(changeHolders(user.agent, second, true));
  EXPECT_FALSE(isHeldAlone(user.agent, second));
  EXPECT_TRUE(user.release(second));
  EXPECT_TRUE(user.release(second));
  EXPECT_FALSE(user.release(second + BulkUnitBytes));
  EXPECT_FALSE(user.release(second + 1));
  EXPECT_FALSE(user.release(0));
  EXPECT_EQ(pool.usedUnits(), 0u);
}

/// Each writes its number to all of its blocks and finds it there later.
TEST(BulkPool, ThreadsNeverShareABlock) {
  RK_NAME_SEED();
  Pool pool(256);
  std::vector<std::thread> threads;
  std::atomic<uint64_t> made{0}, wrong{0};
  for (uint32_t number = 1; number <= 4; ++number)
    threads.emplace_back([&, number] {
      User user(pool, 17 * number);
      rk::test::Random random(number);
      std::vector<std::pair<uint64_t, uint64_t>> held; // handle, bytes
      for (int i = 0; i < 4000; ++i) {
        const uint64_t bytes = uint64_t(8) << random.below(17);
        if (const uint64_t handle = user.make(bytes)) {
          ++made;
          words(handle)[0] = words(handle)[bytes / 8 - 1] = handle ^ number;
          held.emplace_back(handle, bytes);
        }
        if (held.size() > 8 || (!held.empty() && random.oneIn(3))) {
          std::swap(held[random.below(held.size())], held.back());
          const auto [handle, size] = held.back();
          held.pop_back();
          wrong += words(handle)[0] != (handle ^ number);
          wrong += words(handle)[size / 8 - 1] != (handle ^ number);
          wrong += !user.release(handle);
        }
      }
      for (const auto &[handle, size] : held)
        wrong += !user.release(handle);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong.load(), 0u);
  EXPECT_GT(made.load(), 4000u);
  EXPECT_EQ(pool.usedUnits(), 0u);
  EXPECT_NE(User(pool).make(256 * BulkUnitBytes), 0u);
}

/// Whoever takes a block apart has most of the pool in hand for a moment; the
/// others must not take that for the end of it.
TEST(BulkPool, FindsRoomWhileOthersTakeBlocksApart) {
  for (int round = 0; round < 200; ++round) {
    Pool pool(64);
    {
      User user(pool);
      user.release(user.make(64 * BulkUnitBytes)); // one block
    }
    std::atomic<uint32_t> failed{0};
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
        User user(pool, i);
        for (int j = 0; j < 16; ++j)
          failed += user.make(1) == 0;
      });
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_EQ(failed.load(), 0u);
  }
}

} // namespace
