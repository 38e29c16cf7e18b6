//===- InboxTest.cpp - Inboxes that overflow, close and open again --------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Seed.h"
#include "TestSystem.h"

#include <gtest/gtest.h>

#include <atomic>

using namespace rk::abi;
using namespace rk::test;

namespace {

struct State {
  uint64_t word[8] = {};
};

enum Message : uint32_t { Go = 0, Data = 1, Block = 2, Walk = 3 };
enum class Way { Send, Enqueue, Either };
std::string wayName(Way way) {
  return way == Way::Send ? "Send" : way == Way::Enqueue ? "Enqueue" : "Either";
}

struct Numbered {
  uint32_t sender;
  uint32_t left; ///< for `Go`: messages that are still to be sent
  uint64_t number;
};

/// A sink, and senders that number what they send to it. The sink stands in
/// slot 1, alone on its worker: it can be blocked without the link or a sender.
class Flow {
public:
  static constexpr uint32_t Senders = 4;

  Flow(const TestSizes &sizes, Way way)
      : system(sizes), way(way), pool(sizes.poolSegments) {
    dispatch = [this](uint32_t message, void *, const void *bytes, void *,
                      void *context) -> uint32_t {
      Numbered numbered;
      std::memcpy(&numbered, bytes, sizeof(numbered));
      switch (message) {
      case Go:
        sendBatch(numbered, context);
        break;
      case Data:
        receive(numbered);
        break;
      case Block:
        blocked = true;
        while (blocked)
          std::this_thread::yield();
        break;
      }
      return 1;
    };
    system.start();
    const State state;
    for (uint32_t slot = 0; slot < 12; ++slot) {
      const uint64_t actor = system.spawn(&state);
      if (slot % 3 != 1 && senders.size() < Senders)
        senders.push_back(actor);
    }
    for (uint64_t i = 0; i < Senders; ++i)
      random.emplace_back(i);
  }
  ~Flow() {
    release();
    system.stop();
  }

  void block() {
    const Numbered numbered{};
    system.send(sink, Block, &numbered, sizeof(numbered));
    while (!blocked)
      std::this_thread::yield();
  }
  void release() { blocked = false; }

  /// Has every sender send `count` messages; does not wait.
  void flood(uint32_t count) {
    for (uint32_t i = 0; i < Senders; ++i) {
      const Numbered numbered{i, count, 0};
      system.send(senders[i], Go, &numbered, sizeof(numbered));
    }
    total += uint64_t(count) * Senders;
  }
  bool awaitSent() {
    for (int ms = 0; sent < total && ms < 20000; ++ms)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return sent == total;
  }
  /// Brings the inboxes back to their home segments.
  void goHome() {
    for (int round = 0; round < 6; ++round) {
      for (uint32_t i = 0; i < 3 * SegmentPackets / 4; ++i)
        for (uint32_t slot = 0; slot < 3; ++slot) {
          const Numbered numbered{};
          system.send(Address::make(slot, 1).bits, Walk, &numbered,
                      sizeof(numbered));
        }
      ASSERT_TRUE(system.waitIdle());
    }
  }
  void expectAllReturned() {
    EXPECT_EQ(system.freeSegments(), int64_t(pool));
    EXPECT_EQ(system.control.fault.status, 0u);
    EXPECT_EQ(disorder, 0u);
  }

  TestSystem system;
  const uint64_t sink = Address::make(1, 1).bits;
  std::atomic<uint64_t> sent{0}, received{0}, refused{0}, disorder{0};
  std::atomic<uint64_t> gaps{0};
  std::atomic<bool> blocked{false};
  uint64_t total = 0;
  /// Called for every message that the sink receives.
  std::function<void()> onReceive;

private:
  void sendBatch(Numbered order, void *context) {
    Random &draw = random[order.sender];
    for (int i = 0; i < 100 && order.left > 0; ++i, --order.left) {
      const Numbered out{order.sender, 0, ++numbers[order.sender]};
      const bool sends =
          way == Way::Send || (way == Way::Either && draw.oneIn(2));
      if (sends)
        refused += rk_send(context, sink, Data, &out, sizeof(out), 0) != 0;
      else
        rk_enqueue(context, sink, Data, &out, sizeof(out), 0);
      ++sent;
    }
    if (order.left != 0)
      rk_enqueue(context, rk_self(context), Go, &order, sizeof(order), 0);
  }
  void receive(const Numbered &numbered) {
    uint64_t &last = lastFrom[numbered.sender];
    disorder += numbered.number <= last;
    gaps += numbered.number - last - 1;
    last = numbered.number;
    if (onReceive)
      onReceive();
    ++received;
  }

  const Way way;
  const uint32_t pool;
  std::vector<uint64_t> senders;
  std::vector<Random> random;
  uint64_t numbers[Senders] = {};
  uint64_t lastFrom[Senders] = {};
};

TEST(Inbox, AStoppedReceiverGetsAllInOrderLater) {
  RK_NAME_SEED();
  TestSizes sizes;
  sizes.poolSegments = 512;
  Flow flow(sizes, Way::Either);
  flow.block();
  flow.flood(12'500);
  ASSERT_TRUE(flow.awaitSent());
  EXPECT_EQ(flow.received, 0u);
  EXPECT_FALSE(flow.system.waitIdle(20)) << "50000 messages wait";
  EXPECT_LE(flow.system.freeSegments(), 512 - 50'000 / int(SegmentPackets) + 8)
      << "the test must go beyond the home segments";
  flow.release();
  ASSERT_TRUE(flow.system.waitIdle());
  EXPECT_EQ(flow.received, 50'000u);
  EXPECT_EQ(flow.gaps, 0u);
  EXPECT_EQ(flow.refused, 0u);
  flow.goHome();
  flow.expectAllReturned();
}

TEST(Inbox, ASlowReceiverOfAllWorkers) {
  RK_NAME_SEED();
  TestSizes sizes;
  sizes.poolSegments = 256;
  Flow flow(sizes, Way::Either);
  flow.onReceive = [count = 0]() mutable {
    if (++count % 64 == 0)
      std::this_thread::sleep_for(std::chrono::microseconds(100));
  };
  for (int round = 0; round < 3; ++round) {
    flow.flood(1500);
    ASSERT_TRUE(flow.system.waitIdle());
    EXPECT_EQ(flow.received, flow.total);
  }
  EXPECT_EQ(flow.gaps, 0u);
  flow.goHome();
  flow.expectAllReturned();
}

/// Home segments alone, used in turn through many laps.
TEST(Inbox, WithinTheHomeSegments) {
  TestSizes sizes;
  sizes.poolSegments = 1;
  Flow flow(sizes, Way::Either);
  for (int round = 0; round < 200; ++round) {
    flow.flood(30);
    ASSERT_TRUE(flow.awaitSent());
    ASSERT_TRUE(flow.system.waitIdle());
  }
  EXPECT_EQ(flow.received, flow.total);
  EXPECT_EQ(flow.gaps, 0u);
  flow.expectAllReturned();
}

class TinyPool : public testing::TestWithParam<std::tuple<uint32_t, Way>> {};
std::string
tinyPoolName(const testing::TestParamInfo<TinyPool::ParamType> &test) {
  return wayName(std::get<1>(test.param)) +
         std::to_string(std::get<0>(test.param));
}
INSTANTIATE_TEST_SUITE_P(
    Inbox, TinyPool,
    testing::Combine(testing::Values(1u, 2u, 3u),
                     testing::Values(Way::Send, Way::Enqueue, Way::Either)),
    tinyPoolName);

/// The sink's inbox closes and opens again in every round. What senders are
/// told is what happens: in order, and nothing lost but what was refused.
TEST_P(TinyPool, ClosesAndOpensAgain) {
  RK_NAME_SEED();
  const auto [segments, way] = GetParam();
  TestSizes sizes;
  sizes.poolSegments = segments;
  Flow flow(sizes, way);
  const auto refusals = [&] {
    return flow.system.deadLetters(DeadLetterReason::MailboxFull);
  };
  for (int round = 0; round < 15; ++round) {
    const uint64_t refusedBefore = refusals(), receivedBefore = flow.received;
    flow.block();
    flow.flood(400);
    ASSERT_TRUE(flow.awaitSent());
    EXPECT_GT(refusals(), refusedBefore) << "the test must fill the inbox";
    flow.release();
    ASSERT_TRUE(flow.system.waitIdle()) << "round " << round;
    ASSERT_EQ(flow.received + refusals(), flow.total) << "round " << round;
    // Three home segments at the least were open.
    ASSERT_GE(flow.received, receivedBefore + 2 * SegmentPackets);
  }
  if (way == Way::Send) {
    EXPECT_EQ(flow.refused, refusals());
  }
  flow.goHome();
  flow.expectAllReturned();
}

/// The link keeps what finds no room, and nobody is refused.
TEST(Inbox, TheHostWaitsForAFullInbox) {
  TestSizes sizes;
  sizes.poolSegments = 2;
  sizes.laneCapacity = 64;
  Flow flow(sizes, Way::Send);
  constexpr uint64_t Count = 3000;
  for (int round = 0; round < 3; ++round) {
    flow.block();
    std::thread host([&] {
      for (uint64_t i = 1; i <= Count; ++i) {
        const Numbered numbered{0, 0, uint64_t(round) * Count + i};
        flow.system.send(flow.sink, Data, &numbered, sizeof(numbered));
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(flow.received, uint64_t(round) * Count);
    flow.release();
    host.join();
    ASSERT_TRUE(flow.system.waitIdle());
    EXPECT_EQ(flow.received, uint64_t(round + 1) * Count);
  }
  EXPECT_EQ(flow.gaps, 0u);
  EXPECT_EQ(flow.system.deadLetters(DeadLetterReason::MailboxFull), 0u);
  flow.goHome();
  flow.expectAllReturned();
}

/// Every message sends two of the next depth to its own actor.
TEST(Inbox, AnActorThatSendsToItself) {
  TestSizes sizes;
  TestSystem system(sizes);
  constexpr uint32_t Depth = 14;
  std::atomic<uint64_t> handled{0}, disorder{0};
  uint64_t next = 0, expected = 0;
  dispatch = [&](uint32_t, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    Numbered numbered;
    std::memcpy(&numbered, bytes, sizeof(numbered));
    disorder += numbered.number != expected++;
    ++handled;
    for (int i = 0; i < 2 && numbered.left != 0; ++i) {
      const Numbered out{0, numbered.left - 1, ++next};
      if (i == 0)
        rk_enqueue(context, rk_self(context), Data, &out, sizeof(out), 0);
      else
        rk_send(context, rk_self(context), Data, &out, sizeof(out), 0);
    }
    return 1;
  };
  system.start();
  const State state;
  const Numbered first{0, Depth, 0};
  system.send(system.spawn(&state), Data, &first, sizeof(first));
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  EXPECT_EQ(handled, (2u << Depth) - 1);
  EXPECT_EQ(disorder, 0u);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::MailboxFull), 0u);
}

/// Tokens walk round a ring of actors; each link of it keeps their order.
TEST(Inbox, ARingOfActors) {
  TestSystem system({});
  constexpr uint32_t Ring = 7, Tokens = 1500, Hops = 14;
  std::atomic<uint64_t> handled{0}, disorder{0};
  uint64_t expected[Ring] = {}, next[Ring] = {};
  dispatch = [&](uint32_t message, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    const uint32_t self = Address{rk_self(context)}.slot();
    Numbered numbered;
    std::memcpy(&numbered, bytes, sizeof(numbered));
    if (message == Data)
      disorder += numbered.number != expected[self]++;
    ++handled;
    if (numbered.left == 0)
      return 1;
    const Numbered out{self, numbered.left - 1, next[self]++};
    rk_enqueue(context, Address::make((self + 1) % Ring, 1).bits, Data, &out,
               sizeof(out), 0);
    return 1;
  };
  system.start();
  const State state;
  for (uint32_t i = 0; i < Ring; ++i)
    system.spawn(&state);
  for (uint32_t i = 0; i < Tokens; ++i) {
    const Numbered token{0, Hops, 0};
    system.send(Address::make(i % Ring, 1).bits, Go, &token, sizeof(token));
  }
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  EXPECT_EQ(handled, uint64_t(Tokens) * (Hops + 1));
  EXPECT_EQ(disorder, 0u);
}

//===----------------------------------------------------------------------===//
// Fairness
//===----------------------------------------------------------------------===//

class Fairness : public testing::TestWithParam<Way> {};
INSTANTIATE_TEST_SUITE_P(, Fairness, testing::Values(Way::Send, Way::Enqueue),
                         [](const testing::TestParamInfo<Way> &test) {
                           return wayName(test.param);
                         });

/// One actor sends itself messages for ever. On the same worker two others
/// throw a ball, and none waits for more than the few that were there before.
TEST_P(Fairness, AnActorThatNeverRestsLeavesTurnsToOthers) {
  constexpr uint32_t Restless = 8, Throws = 3000;
  TestSizes sizes;
  sizes.workers = 1;
  TestSystem system(sizes);
  uint64_t steps = 0, lastSteps = 0, longest = 0; // the worker's own
  std::atomic<bool> rest{false};
  std::atomic<uint32_t> thrown{0};
  const auto send = [](void *context, uint64_t to, uint32_t message,
                       uint64_t word) {
    if (GetParam() == Way::Send)
      rk_send(context, to, message, &word, sizeof(word), 0);
    else
      rk_enqueue(context, to, message, &word, sizeof(word), 0);
  };
  dispatch = [&](uint32_t message, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof(word));
    const uint64_t self = rk_self(context);
    if (message == Walk) {
      ++steps;
      if (!rest)
        send(context, self, Walk, 0);
      return 1;
    }
    if (thrown != 0)
      longest = std::max(longest, steps - lastSteps);
    lastSteps = steps;
    if (++thrown < Throws)
      send(context, word, Data, self);
    return 1;
  };
  system.start();
  const State state;
  const uint64_t walker = system.spawn(&state);
  const uint64_t one = system.spawn(&state), other = system.spawn(&state);
  const uint64_t word = 0;
  for (uint32_t i = 0; i < Restless; ++i)
    system.send(walker, Walk, &word, sizeof(word));
  system.send(one, Data, &other, sizeof(other));
  for (int ms = 0; thrown < Throws && ms < 20000; ++ms)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(thrown, Throws);
  EXPECT_FALSE(system.isIdle()) << "somebody never rests";
  rest = true;
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  EXPECT_LE(longest, Restless + 1);
}

/// What comes from the host gets in between, too.
TEST_P(Fairness, TheHostIsHeard) {
  TestSizes sizes;
  sizes.workers = 1;
  TestSystem system(sizes);
  std::atomic<bool> rest{false};
  dispatch = [&](uint32_t message, void *, const void *bytes, void *reply,
                 void *context) -> uint32_t {
    if (message == Data) {
      std::memcpy(reply, bytes, 8);
      return 2 + Data;
    }
    const uint64_t word = 0;
    if (!rest && GetParam() == Way::Send)
      rk_send(context, rk_self(context), Walk, &word, sizeof(word), 0);
    else if (!rest)
      rk_enqueue(context, rk_self(context), Walk, &word, sizeof(word), 0);
    return 1;
  };
  system.start();
  const State state;
  const uint64_t walker = system.spawn(&state), other = system.spawn(&state);
  uint64_t word = 0;
  system.send(walker, Walk, &word, sizeof(word));
  for (word = 1; word <= 50; ++word) {
    PacketHeader header;
    uint32_t payload[8];
    // Both the restless actor itself and its neighbour answer.
    system.send(word % 2 != 0 ? walker : other, Data, &word, sizeof(word),
                word);
    ASSERT_TRUE(system.fromDevice(header, payload));
    EXPECT_EQ(header.sender, word);
  }
  rest = true;
  EXPECT_TRUE(system.waitIdle());
}

} // namespace
