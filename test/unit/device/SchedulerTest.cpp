//===- SchedulerTest.cpp - The device library under threads ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Seed.h"
#include "TestSystem.h"

#include <gtest/gtest.h>

#include <mutex>

using namespace rk::abi;
using namespace rk::test;

namespace {

struct Counter {
  uint64_t sum = 0, count = 0, lastFrom[6] = {};
};
static_assert(sizeof(Counter) == 64);

std::vector<uint64_t> spawnCounters(TestSystem &system, int count) {
  std::vector<uint64_t> actors;
  const Counter state;
  for (int i = 0; i < count; ++i)
    actors.push_back(system.spawn(&state));
  return actors;
}

TEST(Scheduler, RandomMessagesArriveExactlyOnce) {
  TestSystem system({});
  std::vector<uint64_t> actors;
  struct Hop {
    uint64_t seed, left;
  };
  dispatch = [&](uint32_t, void *state, const void *bytes, void *,
                 void *context) -> uint32_t {
    Hop hop;
    std::memcpy(&hop, bytes, sizeof(hop));
    auto &counter = *static_cast<Counter *>(state);
    counter.sum += hop.seed;
    ++counter.count;
    if (hop.left != 0) {
      hop = {mix(hop.seed), hop.left - 1};
      // Either way of sending, at random.
      const uint64_t to = actors[hop.seed % actors.size()];
      if (hop.seed & 1 << 20)
        rk_send(context, to, 0, &hop, sizeof(hop), 0);
      else
        rk_enqueue(context, to, 0, &hop, sizeof(hop), 0);
    }
    return 1;
  };
  system.start();
  actors = spawnCounters(system, 100);
  uint64_t wantSum = 0, wantCount = 0;
  for (uint64_t walk = 0; walk < 200; ++walk) {
    const Hop hop{mix(walk), 999};
    for (uint64_t step = 0, seed = hop.seed; step < 1000; ++step) {
      wantSum += seed;
      ++wantCount;
      seed = mix(seed);
    }
    system.send(actors[hop.seed % actors.size()], 0, &hop, sizeof(hop));
  }
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  uint64_t sum = 0, count = 0;
  for (const uint64_t actor : actors) {
    const auto *counter =
        reinterpret_cast<const Counter *>(system.stateOf(actor));
    sum += counter->sum;
    count += counter->count;
  }
  EXPECT_EQ(count, wantCount);
  EXPECT_EQ(sum, wantSum);
  EXPECT_EQ(system.control.fault.status, 0u);
}

// A few segments for all inboxes: senders flood one actor until its inbox is
// closed, again and again. What a sender was told must be what happened.
TEST(Scheduler, FullInboxRefusesCountsAndReopens) {
  TestSizes sizes;
  sizes.poolSegments = 8;
  TestSystem system(sizes);
  struct Burst {
    uint64_t sender, sequence;
  };
  std::atomic<uint64_t> accepted{0}, refused{0}, received{0}, disorder{0};
  uint64_t sink = 0;
  std::vector<uint64_t> producers;
  dispatch = [&](uint32_t message, void *state, const void *bytes, void *,
                 void *context) -> uint32_t {
    auto &counter = *static_cast<Counter *>(state);
    Burst burst;
    std::memcpy(&burst, bytes, sizeof(burst));
    if (message == 1) { // sink: sequence numbers of a sender only grow
      received.fetch_add(1, std::memory_order_relaxed);
      if (burst.sequence <= counter.lastFrom[burst.sender])
        disorder.fetch_add(1, std::memory_order_relaxed);
      counter.lastFrom[burst.sender] = burst.sequence;
      return 1;
    }
    for (int i = 0; i < 500; ++i) {
      const Burst out{burst.sender, ++counter.count};
      const uint32_t status = rk_send(context, sink, 1, &out, sizeof(out), 0);
      if (status == 0)
        accepted.fetch_add(1, std::memory_order_relaxed);
      else if (status == uint32_t(StatusCode::MailboxFull))
        refused.fetch_add(1, std::memory_order_relaxed);
    }
    return 1;
  };
  system.start();
  const Counter state;
  sink = system.spawn(&state);
  producers = spawnCounters(system, 6);
  uint64_t asked = 0;
  for (int round = 0; round < 100; ++round)
    for (uint64_t i = 0; i < producers.size(); ++i, ++asked) {
      const Burst burst{i, 0};
      system.send(producers[i], 0, &burst, sizeof(burst));
    }
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  EXPECT_EQ(received.load(), accepted.load());
  EXPECT_EQ(accepted + refused, asked * 500);
  EXPECT_EQ(disorder.load(), 0u);
  EXPECT_GT(refused.load(), 0u) << "the test must fill an inbox";
  EXPECT_EQ(system.deadLetters(DeadLetterReason::MailboxFull), refused.load());
  EXPECT_EQ(system.control.fault.status, 0u);
}

TEST(Scheduler, SpawnAndStopReuseSlotsWithNewGenerations) {
  TestSizes sizes;
  sizes.maxActors = 16;
  TestSystem system(sizes);
  std::atomic<uint64_t> born{0}, failed{0};
  dispatch = [&](uint32_t message, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    if (message == 1) { // a child stops itself
      rk_stop(context, rk_self(context));
      return 1;
    }
    uint64_t left;
    std::memcpy(&left, bytes, sizeof(left));
    const Counter state;
    uint32_t status = 0;
    const uint64_t child = rk_spawn(context, 0, &state, sizeof(state), &status);
    if (child != 0) {
      born.fetch_add(1, std::memory_order_relaxed);
      rk_send(context, child, 1, &left, sizeof(left), 0);
    } else {
      EXPECT_EQ(status, uint32_t(StatusCode::ActorTableFull));
      failed.fetch_add(1, std::memory_order_relaxed);
    }
    if (--left != 0)
      rk_send(context, rk_self(context), 0, &left, sizeof(left), 0);
    return 1;
  };
  system.start();
  const Counter state;
  const uint64_t left = 5000;
  for (int i = 0; i < 4; ++i)
    system.send(system.spawn(&state), 0, &left, sizeof(left));
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  EXPECT_EQ(born + failed, 20000u);
  EXPECT_GT(born.load(), 16u) << "slots must be used again";
  EXPECT_EQ(system.deadLetters(DeadLetterReason::NeverIssued), 0u);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::ActorStopped), 0u);
}

TEST(Scheduler, AnswersTheHostEvenWhenTheHostReadsLate) {
  TestSizes sizes;
  sizes.outboundCapacity = 4;
  sizes.messageBytes = 200;
  TestSystem system(sizes);
  dispatch = [&](uint32_t, void *, const void *bytes, void *reply,
                 void *) -> uint32_t {
    std::memcpy(reply, bytes, 200);
    return 2 + 5;
  };
  system.start();
  const Counter state;
  const uint64_t actor = system.spawn(&state);
  constexpr uint64_t Asks = 48;
  for (uint64_t i = 1; i <= Asks; ++i) {
    unsigned char bytes[200];
    std::memset(bytes, int(i), sizeof(bytes));
    system.send(actor, 0, bytes, sizeof(bytes), i);
  }
  std::vector<bool> seen(Asks + 1);
  for (uint64_t i = 1; i <= Asks; ++i) {
    const uint64_t position = i; // position 0 was the spawn's answer
    PacketHeader header;
    uint32_t payload[8];
    ASSERT_TRUE(system.fromDevice(header, payload)) << "answer " << i;
    ASSERT_LE(header.sender, Asks);
    EXPECT_FALSE(seen[header.sender]);
    seen[header.sender] = true;
    EXPECT_EQ(header.message, 5u);
    EXPECT_TRUE(header.byReference);
    (void)position;
  }
}

TEST(Scheduler, DeadLettersSayWhy) {
  TestSystem system({});
  dispatch = [](uint32_t, void *, const void *, void *, void *) -> uint32_t {
    return 1;
  };
  system.start();
  const Counter state;
  const uint64_t actor = system.spawn(&state);
  const uint32_t word = 0;
  PacketHeader header;
  uint32_t payload[8];
  auto ask = [&](uint64_t address, uint32_t message) {
    system.send(address, message, &word, sizeof(word), 9);
    EXPECT_TRUE(system.fromDevice(header, payload));
    return StatusCode(header.status);
  };
  EXPECT_EQ(ask(actor, 15), StatusCode::NoHandler);
  EXPECT_EQ(ask(Address::make(999, 1).bits, 0), StatusCode::InvalidAddress);
  PacketHeader stop;
  stop.kind = PacketKind::Stop;
  stop.slot = Address{actor}.slot();
  stop.generation = Address{actor}.generation();
  system.toDevice(stop, &word, sizeof(word));
  EXPECT_EQ(ask(actor, 0), StatusCode::ActorStopped);
  ASSERT_TRUE(system.waitIdle());
  EXPECT_EQ(system.deadLetters(DeadLetterReason::NoHandler), 1u);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::NeverIssued), 1u);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::ActorStopped), 1u);
}

} // namespace
