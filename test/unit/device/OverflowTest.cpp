//===- OverflowTest.cpp - What becomes of messages to a full mailbox ------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "TestSystem.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>

using namespace rk::abi;
using namespace rk::test;

namespace {

struct State {
  uint64_t word[8] = {};
};

enum Message : uint32_t { Go = 0, Data = 1, Block = 2, LargeData = FirstLarge };
enum class Way { Send, Enqueue };

/// A message of 16 bytes or, if it is large, of 100.
struct Numbered {
  uint64_t to;
  uint32_t sender;
  uint32_t number; ///< of the pair; for `Go`, how many are to be sent
  unsigned char rest[84];
};
constexpr uint32_t SmallBytes = 16;
static_assert(sizeof(Numbered) == 104);

/// Sinks on worker 1, which can be held up, and senders on the others.
class Jam {
public:
  static constexpr uint32_t Slots = 420;

  explicit Jam(WhenFull whenFull, Way way = Way::Send, uint32_t message = Data)
      : system(sizesFor(whenFull)), way(way), message(message) {
    dispatch = [this](uint32_t kind, void *, const void *bytes, void *reply,
                      void *context) -> uint32_t {
      Numbered numbered{};
      std::memcpy(&numbered, bytes,
                  kind == this->message ? size() : SmallBytes);
      if (kind == Go)
        sendAll(numbered, context);
      else if (kind == Block)
        waitBlocked();
      else
        receive(numbered, Address{rk_self(context)}.slot());
      std::memset(reply, 0, 8);
      return 2 + Data;
    };
    system.start();
    const State state;
    for (uint32_t slot = 0; slot < Slots; ++slot) {
      const uint64_t actor = system.spawn(&state);
      if (slot % 16 % 3 == 1)
        sinks.push_back(actor);
      else
        senders.push_back(actor);
    }
  }
  ~Jam() {
    blocked = false;
    system.stop();
  }

  uint32_t size() const {
    return message == Data ? SmallBytes : uint32_t(sizeof(Numbered));
  }
  void block() {
    const Numbered none{};
    system.send(sinks[0], Block, &none, SmallBytes);
    while (!blocked)
      std::this_thread::yield();
  }
  /// Has `sender` send `count` messages to each of the first `sinkCount`
  /// sinks; waits for it.
  void flood(uint32_t sender, uint32_t sinkCount, uint32_t count) {
    for (uint32_t i = 0; i < sinkCount; ++i) {
      const Numbered order{sinks[i], sender, count, {}};
      const uint64_t before = floods;
      system.send(senders[sender], Go, &order, SmallBytes);
      while (floods == before)
        std::this_thread::yield();
    }
  }
  /// Lets the sinks go on; everything is worked off then.
  void settle() {
    blocked = false;
    ASSERT_TRUE(system.waitIdle());
    EXPECT_EQ(disorder, 0u);
    EXPECT_EQ(system.control.fault.status, 0u);
    EXPECT_EQ(system.freePayload(), 64);
    uint64_t put = 0, taken = 0;
    for (uint32_t i = 0; i < system.launch.workerCount + 2; ++i) {
      const Progress &progress = system.launch.progress[i];
      const WorkerReport &report = system.launch.reports[i];
      for (const uint64_t *word : {&progress.sent, &report.queuedAnswers})
        put += __atomic_load_n(word, __ATOMIC_RELAXED);
      taken += __atomic_load_n(&progress.handled, __ATOMIC_RELAXED);
    }
    EXPECT_EQ(put, taken);
  }
  uint64_t full() const {
    return system.deadLetters(DeadLetterReason::MailboxFull);
  }
  uint64_t dropped() const {
    return system.deadLetters(DeadLetterReason::DroppedOldest);
  }
  /// The last number that `sink` has had from `sender`.
  uint32_t lastAt(uint32_t sink, uint32_t sender) const {
    const std::lock_guard lock(lastMutex);
    const auto found = last.find({Address{sinks[sink]}.slot(), sender});
    return found == last.end() ? 0 : found->second;
  }

  TestSystem system;
  std::vector<uint64_t> sinks, senders;
  std::atomic<uint64_t> refused{0}, received{0}, disorder{0}, floods{0};
  std::atomic<bool> blocked{false};

private:
  static TestSizes sizesFor(WhenFull whenFull) {
    TestSizes sizes;
    sizes.poolSegments = 2;
    sizes.whenFull = whenFull;
    sizes.messageBytes = SmallBytes;
    sizes.largeBytes = sizeof(Numbered);
    return sizes;
  }
  void waitBlocked() {
    blocked = true;
    while (blocked)
      std::this_thread::yield();
  }
  void sendAll(const Numbered &order, void *context) {
    for (uint32_t i = 0; i < order.number; ++i) {
      const Numbered out{
          order.to, order.sender, ++numbers[{order.to, order.sender}], {}};
      if (way == Way::Send)
        refused += rk_send(context, order.to, message, &out, size(), 0) != 0;
      else
        rk_enqueue(context, order.to, message, &out, size(), 0);
    }
    ++floods;
  }
  void receive(const Numbered &numbered, uint32_t slot) {
    const std::lock_guard lock(lastMutex);
    uint32_t &before = last[{slot, numbered.sender}];
    disorder += numbered.number <= before;
    before = numbered.number;
    ++received;
  }

  const Way way;
  const uint32_t message;
  /// Each by one worker at a time.
  std::map<std::pair<uint64_t, uint32_t>, uint32_t> numbers;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> last;
  mutable std::mutex lastMutex; ///< guards `last`
};

class Ways : public testing::TestWithParam<Way> {};
INSTANTIATE_TEST_SUITE_P(Overflow, Ways,
                         testing::Values(Way::Send, Way::Enqueue),
                         [](const testing::TestParamInfo<Way> &test) {
                           return test.param == Way::Send ? "Send" : "Enqueue";
                         });

TEST_P(Ways, FailTellsWhoLooks) {
  Jam jam(WhenFull::Fail, GetParam());
  jam.block();
  jam.flood(0, 1, 2000);
  jam.settle();
  EXPECT_GT(jam.full(), 0u);
  EXPECT_EQ(jam.refused, GetParam() == Way::Send ? jam.full() : 0);
  EXPECT_EQ(jam.received + jam.full(), 2000u);
}

TEST_P(Ways, DeadLetterTellsNobody) {
  Jam jam(WhenFull::DeadLetter, GetParam());
  jam.block();
  jam.flood(0, 1, 2000);
  jam.settle();
  EXPECT_GT(jam.full(), 0u);
  EXPECT_EQ(jam.refused, 0u);
  EXPECT_EQ(jam.received + jam.full(), 2000u);
}

TEST_P(Ways, DropOldestKeepsTheNewest) {
  Jam jam(WhenFull::DropOldest, GetParam());
  for (uint32_t round = 1; round <= 20; ++round) {
    const uint64_t droppedBefore = jam.dropped();
    jam.block();
    jam.flood(0, 1, 2000);
    EXPECT_GT(jam.dropped(), droppedBefore);
    jam.settle();
    EXPECT_EQ(jam.lastAt(0, 0), round * 2000);
    EXPECT_EQ(jam.received + jam.dropped(), round * 2000u);
  }
  EXPECT_EQ(jam.refused, 0u);
  EXPECT_EQ(jam.full(), 0u);
}

/// More than one segment holds are kept, and one for each receiver.
TEST_P(Ways, DropOldestKeepsTheNewestOfEachReceiver) {
  Jam jam(WhenFull::DropOldest, GetParam());
  const auto sinks = uint32_t(jam.sinks.size());
  jam.block();
  jam.flood(0, 1, 1000); // the inbox is full
  jam.flood(0, sinks, 10);
  jam.flood(1, sinks, 10);
  jam.settle();
  for (uint32_t i = 0; i < sinks; ++i)
    EXPECT_EQ(jam.lastAt(i, 1), 10u) << "sink " << i;
  EXPECT_EQ(jam.received + jam.dropped(), 1000u + sinks * 20);
  EXPECT_EQ(jam.full(), 0u);
}

TEST_P(Ways, DropOldestReturnsTheBlocksOfLargeMessages) {
  Jam jam(WhenFull::DropOldest, GetParam(), LargeData);
  jam.block();
  // Small ones fill the inbox first, or the blocks would run out before.
  for (uint32_t i = 0; i < 6 * SegmentPackets; ++i) {
    const Numbered small{0, 9, i + 1, {}};
    jam.system.send(jam.sinks[1], Data, &small, SmallBytes);
  }
  jam.flood(0, 1, 300);
  jam.settle();
  EXPECT_EQ(jam.lastAt(0, 0), 300u);
  EXPECT_EQ(jam.full(), 0u);
  EXPECT_GT(jam.dropped(), 0u);
}

/// The host's messages are settled too and do not hold up those behind them.
TEST(Overflow, WhatTheHostSends) {
  for (const WhenFull whenFull : {WhenFull::DeadLetter, WhenFull::DropOldest}) {
    Jam jam(whenFull);
    jam.block();
    for (uint32_t i = 1; i <= 3000; ++i) {
      const Numbered numbered{0, 9, i, {}};
      jam.system.send(jam.sinks[0], Data, &numbered, SmallBytes);
    }
    // Somebody else's, behind them.
    jam.flood(0, 0, 0);
    const Numbered none{};
    jam.system.send(jam.senders[0], Go, &none, SmallBytes);
    while (jam.floods == 0)
      std::this_thread::yield();
    EXPECT_TRUE(jam.blocked);
    jam.settle();
    if (whenFull == WhenFull::DropOldest) {
      EXPECT_EQ(jam.lastAt(0, 9), 3000u);
      EXPECT_EQ(jam.received + jam.dropped(), 3000u);
    } else {
      EXPECT_EQ(jam.received + jam.full(), 3000u);
    }
  }
}

/// A host that waits for an answer is told that there is none.
TEST(Overflow, QuestionsToAFullMailbox) {
  for (const WhenFull whenFull : {WhenFull::DeadLetter, WhenFull::DropOldest}) {
    Jam jam(whenFull);
    jam.block();
    jam.flood(0, 1, 1000);
    const Numbered numbered{0, 9, 1, {}}, newer{0, 9, 2, {}};
    jam.system.send(jam.sinks[0], Data, &numbered, SmallBytes, 77);
    jam.system.send(jam.sinks[0], Data, &newer, SmallBytes, 78);
    PacketHeader header;
    uint32_t payload[8];
    for (const uint64_t token : {77u, 78u}) {
      if (token == 78 && whenFull == WhenFull::DropOldest)
        jam.blocked = false;
      ASSERT_TRUE(jam.system.fromDevice(header, payload));
      EXPECT_EQ(header.sender, token);
      const bool isKept = token == 78 && whenFull == WhenFull::DropOldest;
      EXPECT_EQ(StatusCode(header.status),
                isKept ? StatusCode::Ok : StatusCode::MailboxFull);
    }
    jam.settle();
  }
}

/// An actor's type is known to its senders before it has begun.
TEST(Overflow, AnActorThatHasNotBegun) {
  Jam jam(WhenFull::DropOldest);
  jam.block();
  const State state;
  // The next slots on the worker that does not run.
  uint64_t fresh = 0;
  while (fresh == 0 || Address{fresh}.slot() % 16 % 3 != 1)
    fresh = jam.system.spawn(&state);
  jam.sinks.push_back(fresh);
  jam.flood(0, 1, 1000);
  const Numbered order{fresh, 0, 5, {}};
  jam.system.send(jam.senders[0], Go, &order, SmallBytes);
  while (jam.floods == 1)
    std::this_thread::yield();
  jam.settle();
  EXPECT_EQ(jam.lastAt(uint32_t(jam.sinks.size()) - 1, 0), 5u);
  EXPECT_EQ(jam.full(), 0u);
}

} // namespace
