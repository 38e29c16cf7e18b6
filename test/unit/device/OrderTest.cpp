//===- OrderTest.cpp - Messages that wait, and those that do not ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Between two actors messages arrive in the order in which they were sent, in
/// whatever way. The oracle numbers them for each pair.
///
//===----------------------------------------------------------------------===//

#include "Seed.h"
#include "TestSystem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

using namespace rk::abi;
using namespace rk::test;

namespace {

struct State {
  uint64_t word[8] = {};
};
static_assert(sizeof(State) == 64);

enum Message : uint32_t { Go = 0, Data = 1, Ask = 2, LargeData = FirstLarge };

/// What every message begins with; larger ones go on with bytes that follow
/// from the number.
struct Head {
  uint32_t from;
  uint32_t size;
  uint64_t number; ///< of the pair; for `Go`, rounds that are left
};
static_assert(sizeof(Head) == 16);
constexpr uint32_t LargestBytes = 1000;

unsigned char fillByte(const Head &head, uint32_t at) {
  return static_cast<unsigned char>(head.from * 41 + head.number * 7 + at);
}

/// Actors that send to each other at random, and count.
class Traffic {
public:
  static constexpr uint32_t Actors = 12;

  explicit Traffic(TestSystem &system) : system(system) {
    dispatch = [this](uint32_t message, void *, const void *bytes, void *reply,
                      void *context) {
      return handle(message, bytes, reply, context);
    };
    system.start();
    const State state;
    for (uint32_t i = 0; i < Actors; ++i) {
      actors[i] = system.spawn(&state);
      EXPECT_EQ(Address{actors[i]}.slot(), i);
      random.emplace_back(i);
    }
  }

  void run(uint64_t rounds) {
    for (uint32_t i = 0; i < Actors; ++i) {
      const Head go{i, sizeof(Head), rounds};
      system.send(actors[i], Go, &go, sizeof(go));
    }
  }

  std::atomic<uint64_t> sent{0}, received{0}, wrong{0}, refused{0};

private:
  using Bytes = unsigned char[LargestBytes];

  uint32_t handle(uint32_t message, const void *bytes, void *reply,
                  void *context) {
    const auto self = Address{rk_self(context)}.slot();
    Head head;
    std::memcpy(&head, bytes, sizeof(head));
    if (message == Go) {
      go(self, head.number, context);
      return 1;
    }
    check(self, head, static_cast<const unsigned char *>(bytes));
    return message == Ask ? answer(self, head.from, reply, context) : 1;
  }

  void go(uint32_t self, uint64_t left, void *context) {
    // Often more than an outbox holds.
    sendSome(self, uint32_t(random[self].below(8)), context);
    if (left == 0)
      return;
    const Head again{self, sizeof(Head), left - 1};
    if (random[self].oneIn(2))
      rk_send(context, actors[self], Go, &again, sizeof(again), 0);
    else
      rk_enqueue(context, actors[self], Go, &again, sizeof(again), 0);
  }

  void sendSome(uint32_t self, uint32_t count, void *context) {
    for (uint32_t i = 0; i < count; ++i)
      sendOne(self, uint32_t(random[self].below(Actors)), context);
  }

  /// Writes the next message of a pair.
  Head compose(uint32_t from, uint32_t to, uint32_t size, unsigned char *out) {
    const Head head{from, size, next[from][to]++};
    std::memcpy(out, &head, sizeof(head));
    for (uint32_t i = sizeof(head); i < size; ++i)
      out[i] = fillByte(head, i);
    sent.fetch_add(1, std::memory_order_relaxed);
    return head;
  }

  void sendOne(uint32_t self, uint32_t to, void *context) {
    Random &draw = random[self];
    const bool large = draw.oneIn(5), asks = !large && draw.oneIn(5);
    const auto size = uint32_t(large ? 33 + draw.below(LargestBytes - 32)
                                     : 16 + draw.below(17));
    Bytes bytes;
    compose(self, to, size, bytes);
    const uint32_t message = large ? LargeData : asks ? Ask : Data;
    if (draw.oneIn(2))
      refused += rk_send(context, actors[to], message, bytes, size, asks) != 0;
    else
      rk_enqueue(context, actors[to], message, bytes, size, asks);
  }

  /// Answers at once, by the handler's return, or not; something goes to the
  /// asker before and behind it.
  uint32_t answer(uint32_t self, uint32_t asker, void *reply, void *context) {
    Random &draw = random[self];
    if (draw.oneIn(2))
      sendOne(self, asker, context);
    if (draw.oneIn(2)) {
      Bytes bytes;
      compose(self, asker, 32, bytes);
      refused += rk_reply(context, rk_sender(context), Data, bytes, 32) != 0;
      sendSome(self, uint32_t(draw.below(3)), context);
      return 1;
    }
    const bool large = draw.oneIn(2);
    compose(self, asker, large ? LargestBytes : 32,
            static_cast<unsigned char *>(reply));
    return 2 + (large ? LargeData : Data);
  }

  void check(uint32_t self, const Head &head, const unsigned char *bytes) {
    received.fetch_add(1, std::memory_order_relaxed);
    bool right = head.from < Actors && head.size <= LargestBytes;
    right = right && head.number == expected[head.from][self]++;
    for (uint32_t i = sizeof(head); right && i < head.size; ++i)
      right = bytes[i] == fillByte(head, i);
    wrong += !right;
  }

  TestSystem &system;
  uint64_t actors[Actors] = {};
  std::vector<Random> random; // each actor's own
  uint64_t next[Actors][Actors] = {};
  uint64_t expected[Actors][Actors] = {};
};

TestSizes orderSizes() {
  TestSizes sizes;
  sizes.largeBytes = LargestBytes;
  sizes.payloadBlocks = 8192;
  sizes.poolSegments = 2048;
  return sizes;
}

/// Blocks of payloads that an agent has freed stay on its desk, or do not;
/// actors stay with their workers, or do not.
class OrderAndBlocks
    : public testing::TestWithParam<std::tuple<uint32_t, BalanceMode>> {};
INSTANTIATE_TEST_SUITE_P(
    PerDesk, OrderAndBlocks,
    testing::Combine(testing::Values(0u, 8u),
                     testing::Values(BalanceMode::Off, BalanceMode::Random)));

TEST_P(OrderAndBlocks, OfEveryPairHoweverSent) {
  RK_NAME_SEED();
  TestSizes sizes = orderSizes();
  sizes.blocksPerDesk = std::get<0>(GetParam());
  sizes.balance = std::get<1>(GetParam());
  TestSystem system(sizes);
  Traffic traffic(system);
  for (int round = 0; round < 3; ++round) {
    traffic.run(120);
    ASSERT_TRUE(system.waitIdle());
    // Idle means that nothing more is on its way.
    EXPECT_EQ(traffic.received, traffic.sent) << "round " << round;
  }
  system.stop();
  EXPECT_GT(traffic.sent, 10'000u);
  EXPECT_EQ(traffic.received, traffic.sent);
  EXPECT_EQ(traffic.wrong, 0u);
  EXPECT_EQ(traffic.refused, 0u);
  EXPECT_LE(system.freePayload(), int64_t(sizes.payloadBlocks));
  EXPECT_GE(system.freePayload(),
            int64_t(sizes.payloadBlocks - sizes.workers * sizes.blocksPerDesk));
  EXPECT_EQ(system.moves() != 0, sizes.balance == BalanceMode::Random);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::MailboxFull), 0u);
  EXPECT_EQ(system.control.fault.status, 0u);
}

class OrderAndMoves : public testing::TestWithParam<BalanceMode> {};
INSTANTIATE_TEST_SUITE_P(Balance, OrderAndMoves,
                         testing::Values(BalanceMode::Off,
                                         BalanceMode::Random));

/// An actor makes a child, leaves messages for it, and stops it: what was sent
/// before the stop arrives, what comes behind it does not.
TEST_P(OrderAndMoves, AStopComesBehindWhatWaits) {
  RK_NAME_SEED();
  TestSizes sizes;
  sizes.balance = GetParam();
  TestSystem system(sizes);
  std::atomic<uint64_t> before{0}, behind{0}, handled{0}, failed{0};
  std::vector<Random> random;
  for (uint64_t i = 0; i < 6; ++i)
    random.emplace_back(i);
  enum : uint32_t { Make = 0, Count = 1 };
  const auto sendOne = [&](Random &draw, uint64_t child, void *context) {
    const uint64_t word = 0;
    if (draw.oneIn(3))
      failed += rk_send(context, child, Count, &word, sizeof(word), 0) != 0;
    else
      rk_enqueue(context, child, Count, &word, sizeof(word), 0);
  };
  dispatch = [&](uint32_t message, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    if (message == Count) {
      ++handled;
      return 1;
    }
    uint64_t left;
    std::memcpy(&left, bytes, sizeof(left));
    Random &draw = random[Address{rk_self(context)}.slot()];
    const State state;
    uint32_t status;
    const uint64_t child = rk_spawn(context, 0, &state, sizeof(state), &status);
    failed += status != 0;
    for (uint64_t count = draw.below(7); count > 0; --count, ++before)
      sendOne(draw, child, context);
    failed += rk_stop(context, child) != 0;
    for (uint64_t count = draw.below(3); count > 0; --count, ++behind)
      sendOne(draw, child, context);
    if (--left != 0)
      rk_enqueue(context, rk_self(context), Make, &left, sizeof(left), 0);
    return 1;
  };
  system.start();
  const State state;
  const uint64_t left = 600;
  std::vector<uint64_t> makers;
  for (size_t i = 0; i < random.size(); ++i)
    makers.push_back(system.spawn(&state));
  for (const uint64_t maker : makers)
    system.send(maker, Make, &left, sizeof(left));
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  EXPECT_EQ(handled, before);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::ActorStopped), behind);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::NeverIssued), 0u);
  EXPECT_EQ(failed, 0u);
  EXPECT_GT(behind, 0u);
}

/// A payload that finds no block is counted; what it waited with goes on.
TEST(Order, WithoutBlocksForPayloads) {
  RK_NAME_SEED();
  TestSizes sizes;
  sizes.largeBytes = LargestBytes;
  sizes.payloadBlocks = 4;
  TestSystem system(sizes);
  std::atomic<uint64_t> large{0}, small{0}, last{0}, disorder{0};
  dispatch = [&](uint32_t message, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    if (message == Go) {
      unsigned char block[LargestBytes] = {};
      for (uint64_t i = 1; i <= 20; ++i) {
        std::memcpy(block, &i, sizeof(i));
        rk_enqueue(context, Address::make(1, 1).bits, LargeData, block,
                   uint32_t(40 + i), 0);
        rk_enqueue(context, Address::make(1, 1).bits, Data, &i, sizeof(i), 0);
      }
      return 1;
    }
    uint64_t number;
    std::memcpy(&number, bytes, sizeof(number));
    ++(message == Data ? small : large);
    disorder += number < last && number != 1;
    last = number;
    return 1;
  };
  system.start();
  const State state;
  for (int i = 0; i < 2; ++i)
    system.spawn(&state);
  for (int i = 0; i < 100; ++i)
    system.send(Address::make(0, 1).bits, Go, &i, sizeof(i));
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  EXPECT_EQ(small, 2000u);
  EXPECT_GE(large, 4u);
  EXPECT_EQ(disorder, 0u);
  EXPECT_EQ(large + system.deadLetters(DeadLetterReason::MailboxFull), 2000u);
  EXPECT_EQ(system.freePayload(), 4);
}

/// Nobody but the message itself knows of its failure.
TEST(Order, MessagesToNobodyAreCounted) {
  TestSystem system({});
  dispatch = [](uint32_t, void *, const void *, void *,
                void *context) -> uint32_t {
    const uint64_t word = 0;
    rk_enqueue(context, 0, Data, &word, sizeof(word), 0);
    rk_enqueue(context, Address::make(MaxSlots - 1, 1).bits, Data, &word,
               sizeof(word), 0);
    rk_enqueue(context, Address::make(900, 1).bits, Data, &word, sizeof(word),
               0);
    rk_enqueue(context, rk_self(context), 15, &word, sizeof(word), 0);
    return 1;
  };
  system.start();
  const State state;
  const uint64_t word = 0;
  system.send(system.spawn(&state), Go, &word, sizeof(word));
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  EXPECT_EQ(system.deadLetters(DeadLetterReason::NeverIssued), 3u);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::NoHandler), 1u);
}

} // namespace
