//===- LaneGroupTest.cpp - Groups of lanes under threads ------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LaneGroup.h"
#include "Seed.h"
#include "TestLane.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <set>
#include <thread>

using namespace rk::runtime;
using namespace rk::test;
using Outcome = LaneWriter::Outcome;

namespace {

enum class Kind { Shared, Owned };

struct GroupMemory {
  GroupMemory(std::uint32_t rings, std::uint32_t capacity, Kind kind,
              std::uint32_t stride = 16) {
    std::vector<std::unique_ptr<LaneWriter>> writers;
    for (std::uint32_t i = 0; i < rings; ++i) {
      lanes.push_back(std::make_unique<TestLane>(capacity, stride));
      writers.push_back(lanes.back()->anotherWriter());
    }
    group =
        std::make_unique<LaneGroup>(std::move(writers), kind == Kind::Owned);
  }

  /// Reads all that is there; `visit` gets the ring, the packet, and what is
  /// staged beside it.
  template <class Visit> std::uint64_t readAll(Visit visit) {
    std::uint64_t count = 0;
    PacketContent content;
    for (std::size_t ring = 0; ring < lanes.size(); ++ring)
      for (; lanes[ring]->read(content, &staged); ++count)
        visit(ring, content);
    return count;
  }

  std::vector<std::unique_ptr<TestLane>> lanes;
  std::unique_ptr<LaneGroup> group;
  std::vector<unsigned char> staged;
};

class LaneGroups : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(, LaneGroups,
                         testing::Values(Kind::Shared, Kind::Owned),
                         [](const auto &info) {
                           return info.param == Kind::Owned ? "Owned"
                                                            : "Shared";
                         });

TEST_P(LaneGroups, AKeyHasOneRingAndKeysAreSpread) {
  GroupMemory memory(4, 64, GetParam());
  for (std::uint32_t round = 0; round < 3; ++round)
    for (std::uint32_t key = 0; key < 64; ++key)
      ASSERT_EQ(memory.group->push(key, numbered(key, round)),
                Outcome::Written);
  std::map<std::uint32_t, std::set<std::size_t>> ringsOfKey;
  std::array<std::uint32_t, 4> keysOfRing{};
  memory.readAll([&](std::size_t ring, const PacketContent &content) {
    if (ringsOfKey[content.header.slot].insert(ring).second)
      ++keysOfRing[ring];
  });
  EXPECT_EQ(ringsOfKey.size(), 64u);
  for (const auto &[key, rings] : ringsOfKey)
    EXPECT_EQ(rings.size(), 1u) << "key " << key;
  for (const std::uint32_t keys : keysOfRing)
    EXPECT_EQ(keys, 16u);
}

TEST_P(LaneGroups, OneRingTakesEveryKey) {
  GroupMemory memory(1, 64, GetParam());
  for (std::uint32_t key = 0; key < 64; ++key)
    ASSERT_EQ(memory.group->push(key * 77777, numbered(0, key)),
              Outcome::Written);
  EXPECT_EQ(memory.group->push(5, numbered(0, 64)), Outcome::Full);
  EXPECT_EQ(memory.group->left(), 64u);
}

TEST_P(LaneGroups, OneFullRingLeavesTheOthersOpen) {
  GroupMemory memory(2, 64, GetParam());
  for (std::uint32_t i = 0; i < 64; ++i)
    ASSERT_EQ(memory.group->push(0, numbered(0, i)), Outcome::Written);
  EXPECT_EQ(memory.group->push(0, numbered(0, 64)), Outcome::Full);
  EXPECT_EQ(memory.group->push(1, numbered(1, 0)), Outcome::Written);
  EXPECT_EQ(memory.group->pushed(), 65u);
  EXPECT_EQ(memory.group->left(), 65u);
}

TEST_P(LaneGroups, ClosedForGood) {
  GroupMemory memory(2, 64, GetParam());
  ASSERT_EQ(memory.group->push(0, numbered(0, 0)), Outcome::Written);
  ASSERT_EQ(memory.group->push(1, numbered(1, 0)), Outcome::Written);
  memory.group->close();
  memory.group->close();
  EXPECT_EQ(memory.group->push(0, numbered(0, 1)), Outcome::Closed);
  EXPECT_EQ(memory.group->push(1, numbered(0, 1)), Outcome::Closed);
  EXPECT_EQ(memory.group->pushed(), 2u);
  EXPECT_EQ(memory.group->left(), 2u);
  EXPECT_EQ(memory.readAll([](auto &&...) {}), 2u);
  EXPECT_EQ(memory.group->left(), 0u);
}

/// Many laps of small rings; every packet comes whole, and each key's in order.
TEST_P(LaneGroups, OrderOfOneThread) {
  RK_NAME_SEED();
  constexpr std::uint32_t Count = 20000, Keys = 7;
  GroupMemory memory(4, 32, GetParam(), 48);
  std::thread owner([&] {
    Random random(1);
    std::uint32_t next[Keys] = {};
    for (std::uint32_t i = 0; i < Count; ++i) {
      const auto key = std::uint32_t(random.below(Keys));
      unsigned char staged[48];
      std::memset(staged, int((key * 31 + next[key]) & 0xff), sizeof(staged));
      while (memory.group->push(key, numbered(key, next[key]),
                                {staged, sizeof(staged)}) != Outcome::Written)
        std::this_thread::yield();
      ++next[key];
    }
  });
  std::uint32_t next[Keys] = {};
  std::uint64_t wrong = 0;
  for (std::uint64_t count = 0; count < Count;) {
    count += memory.readAll([&](std::size_t, const PacketContent &content) {
      const std::uint32_t key = content.header.slot % Keys;
      for (std::uint32_t i = 0; i < 8; ++i)
        wrong += content.payload[i] != next[key] * 8 + i;
      for (const unsigned char byte : memory.staged)
        wrong += byte != ((key * 31 + next[key]) & 0xff);
      ++next[key];
    });
    std::this_thread::yield();
  }
  owner.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(memory.group->pushed(), Count);
  EXPECT_EQ(memory.group->left(), 0u);
}

TEST(LaneGroup, ThreadsOfASharedGroupKeepTheirOrder) {
  RK_NAME_SEED();
  constexpr std::uint32_t Threads = 4, Each = 4000, Keys = 5;
  GroupMemory memory(2, 64, Kind::Shared);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < Threads; ++t)
    threads.emplace_back([&, t] {
      Random random(t);
      std::uint32_t next[Keys] = {};
      for (std::uint32_t i = 0; i < Each; ++i) {
        const auto key = std::uint32_t(random.below(Keys));
        while (memory.group->push(key, numbered(t * Keys + key, next[key])) !=
               Outcome::Written)
          std::this_thread::yield();
        ++next[key];
      }
    });
  std::uint32_t next[Threads * Keys] = {};
  std::uint64_t wrong = 0;
  for (std::uint64_t count = 0; count < Threads * Each;) {
    count += memory.readAll([&](std::size_t, const PacketContent &content) {
      const std::uint32_t pair = content.header.slot % (Threads * Keys);
      wrong += content.payload[0] != next[pair] * 8;
      ++next[pair];
    });
    std::this_thread::yield();
  }
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0u);
}

/// The owner pushes while another thread closes: what the closer counts then is
/// what the owner was told, and lies there whole.
TEST(LaneGroup, ClosingWhileTheOwnerPushes) {
  RK_NAME_SEED();
  Random random(1);
  for (int round = 0; round < 150; ++round) {
    GroupMemory memory(2, 4096, Kind::Owned);
    std::atomic<bool> begun{false};
    std::uint32_t written = 0;
    std::thread owner([&] {
      for (std::uint32_t i = 0;; ++i) {
        const Outcome outcome = memory.group->push(i, numbered(i, i));
        if (outcome == Outcome::Closed)
          break;
        written += outcome == Outcome::Written;
        begun.store(true, std::memory_order_relaxed);
      }
    });
    while (!begun.load(std::memory_order_relaxed))
      std::this_thread::yield();
    for (std::uint64_t spin = random.below(2000); spin > 0; --spin)
      std::atomic_signal_fence(std::memory_order_seq_cst);
    memory.group->close();
    const std::uint64_t pushed = memory.group->pushed();
    const std::uint64_t whole = memory.readAll([](auto &&...) {});
    owner.join();
    ASSERT_EQ(pushed, written) << "round " << round;
    ASSERT_EQ(whole, written) << "round " << round;
    ASSERT_EQ(memory.group->pushed(), written) << "round " << round;
  }
}

TEST(LaneGroup, ClosingWhileThreadsShare) {
  for (int round = 0; round < 50; ++round) {
    GroupMemory memory(2, 4096, Kind::Shared);
    std::atomic<std::uint32_t> written{0};
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < 3; ++t)
      threads.emplace_back([&, t] {
        for (std::uint32_t i = 0; i < 100'000; ++i) {
          const Outcome outcome = memory.group->push(i, numbered(t, i));
          if (outcome == Outcome::Closed)
            return;
          written += outcome == Outcome::Written;
        }
      });
    while (written.load() == 0)
      std::this_thread::yield();
    memory.group->close();
    for (std::thread &thread : threads)
      thread.join();
    ASSERT_EQ(memory.group->pushed(), written.load());
    ASSERT_EQ(memory.readAll([](auto &&...) {}), written.load());
  }
}

} // namespace
