//===- OrderTest.cpp - What comes before what, and whose answer it is -----===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <array>
#include <atomic>
#include <thread>

using namespace conformance;
using rk::StatusCode;

namespace {

template <class Actor>
std::vector<rk::ActorRef<Actor>> spawnSome(rk::System &system,
                                           std::size_t count) {
  return system.spawnMany<Actor>(count, [](std::size_t) { return Actor(); })
      .value();
}

//===----------------------------------------------------------------------===//
// A reply never overtakes what its handler sent before
//===----------------------------------------------------------------------===//

/// `tell(teller, counter, count)` has the teller send `count` ones; once it has
/// answered, the counter must have them all.
template <class TellOne>
void expectToldInTime(std::uint32_t rounds, TellOne tell) {
  rk::System system(smallOptions());
  const auto tellers = spawnSome<Teller>(system, 5);
  const auto counters = spawnSome<Counter>(system, 7);
  std::array<std::int64_t, 7> want{};
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const std::size_t to = round % counters.size();
    const std::uint32_t count = 1 + round % 5;
    tell(system, tellers[round % tellers.size()], counters[to], count);
    want[to] += count;
    ASSERT_EQ(system.ask(counters[to], Get{}).get().value, want[to])
        << "round " << round;
  }
  EXPECT_EQ(system.counters().deadLetters.total(), 0u);
}

TEST(Order, AReturnedReplyComesLast) {
  expectToldInTime(2000, [](auto &system, auto teller, auto to, auto count) {
    EXPECT_EQ(system.ask(teller, Tell{to, count}).get().value, 0);
  });
}

TEST(Order, AReplyThatIsSentComesLast) {
  expectToldInTime(1000, [](auto &system, auto teller, auto to, auto count) {
    EXPECT_EQ(
        system.template ask<Total>(teller, TellLater{to, count}).get().value,
        0);
  });
}

TEST(Order, ALargeReplyComesLast) {
  expectToldInTime(1000, [](auto &system, auto teller, auto to, auto count) {
    const std::uint64_t bits = to.bits();
    const Medium medium{
        {std::uint32_t(bits), std::uint32_t(bits >> 32), count}};
    EXPECT_EQ(system.ask(teller, medium).get().words[2], count);
  });
}

/// Many at a time, so that a warp answers many at once.
TEST(Order, RepliesOfManyAtOnceComeLast) {
  rk::System system(smallOptions());
  constexpr std::size_t Pairs = 200;
  const auto tellers = spawnSome<Teller>(system, Pairs);
  const auto counters = spawnSome<Counter>(system, Pairs);
  std::int64_t want = 0;
  for (std::uint32_t round = 0; round < 20; ++round) {
    const std::uint32_t count = 1 + round % 4;
    std::vector<rk::Future<Total>> told;
    for (std::size_t i = 0; i < Pairs; ++i)
      told.push_back(system.ask(tellers[i], Tell{counters[i], count}));
    want += count;
    std::vector<rk::Future<Total>> totals;
    for (std::size_t i = 0; i < Pairs; ++i) {
      ASSERT_EQ(told[i].get().value, 0);
      totals.push_back(system.ask(counters[i], Get{}));
    }
    for (auto &total : totals)
      ASSERT_EQ(total.get().value, want);
  }
}

//===----------------------------------------------------------------------===//
// Bursts
//===----------------------------------------------------------------------===//

/// More than an inbox has room for of its own, while its actor sleeps.
TEST(Order, ABurstForASlowActorFromActors) {
  rk::System system(smallOptions());
  const auto sequencer = system.spawn<Sequencer>();
  constexpr std::uint32_t Sources = 8, Each = 2000;
  const auto sources = spawnSome<Source>(system, Sources);
  for (std::uint32_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(system.send(sequencer, Loop{50}).isOk());
    std::vector<rk::Future<Outcomes>> floods;
    for (std::uint32_t s = 0; s < Sources; ++s)
      floods.push_back(system.ask(
          sources[s], Flood{sequencer, s + (round - 1) * Sources, Each}, 60s));
    for (auto &flood : floods)
      ASSERT_EQ(flood.get().placed, Each);
    const Faults faults = system.ask(sequencer, Get{}, 60s).get();
    ASSERT_EQ(faults.received, round * Sources * Each);
    ASSERT_EQ(faults.outOfOrder, 0u);
  }
}

TEST(Order, ABurstForASlowActorFromTheHost) {
  rk::System system(smallOptions());
  const auto sequencer = system.spawn<Sequencer>();
  constexpr std::uint32_t Burst = 5000;
  for (std::uint32_t round = 0; round < 5; ++round) {
    ASSERT_TRUE(system.send(sequencer, Loop{20}).isOk());
    for (std::uint32_t i = 0; i < Burst; ++i)
      ASSERT_TRUE(
          system.send(sequencer, Numbered{0, round * Burst + i}).isOk());
    const Faults faults = system.ask(sequencer, Get{}, 60s).get();
    ASSERT_EQ(faults.received, (round + 1) * Burst);
    ASSERT_EQ(faults.outOfOrder, 0u);
  }
}

//===----------------------------------------------------------------------===//
// Host threads and lanes
//===----------------------------------------------------------------------===//

/// Threads that send to several actors, and ask them now and then.
void sendFromThreads(std::uint32_t lanes, std::uint32_t threadCount) {
  rk::SystemOptions options = smallOptions();
  options.lanes = lanes;
  rk::System system(options);
  constexpr std::uint32_t Each = 3000, Receivers = 3;
  const auto sequencers = spawnSome<Sequencer>(system, Receivers);
  std::atomic<std::uint32_t> failures{0};
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < threadCount; ++t)
    threads.emplace_back([&, t] {
      std::array<std::uint32_t, Receivers> sent{};
      for (std::uint32_t i = 0; i < Each; ++i) {
        const std::uint32_t to = (i + t) % Receivers;
        failures +=
            !system.send(sequencers[to], Numbered{t, sent[to]++}).isOk();
        if (i % 500 == 0)
          failures +=
              system.ask(sequencers[to], Get{}, 60s).get().received < sent[to];
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0u);
  // This thread has another way to the device than they had.
  ASSERT_TRUE(system.waitIdle().isOk());
  std::uint32_t received = 0;
  for (const auto sequencer : sequencers) {
    const Faults faults = system.ask(sequencer, Get{}, 60s).get();
    received += faults.received;
    EXPECT_EQ(faults.outOfOrder, 0u);
  }
  EXPECT_EQ(received, threadCount * Each);
}

TEST(Order, MoreThreadsThanLanes) { sendFromThreads(4, 8); }
TEST(Order, EightThreadsOnTheDefaultLanes) {
  sendFromThreads(rk::SystemOptions().lanes, 8);
}
TEST(Order, OneLane) { sendFromThreads(1, 4); }
TEST(Order, OneLaneAndOneThread) { sendFromThreads(1, 1); }

/// A thread's lanes go to the next one that sends.
TEST(Order, ThreadsThatComeAndGo) {
  rk::SystemOptions options = smallOptions();
  options.lanes = 3;
  rk::System system(options);
  const auto sequencer = system.spawn<Sequencer>();
  constexpr std::uint32_t Rounds = 30, Threads = 5, Each = 50;
  std::atomic<std::uint32_t> failures{0};
  for (std::uint32_t round = 0; round < Rounds; ++round) {
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < Threads; ++t)
      threads.emplace_back([&, t] {
        for (std::uint32_t i = 0; i < Each; ++i)
          failures +=
              !system.send(sequencer, Numbered{t, round * Each + i}).isOk();
      });
    for (std::thread &thread : threads)
      thread.join();
    // What a thread sent is behind before the next thread of its number sends.
    ASSERT_TRUE(system.waitIdle().isOk());
  }
  EXPECT_EQ(failures, 0u);
  const Faults faults = system.ask(sequencer, Get{}).get();
  EXPECT_EQ(faults.received, Rounds * Threads * Each);
  EXPECT_EQ(faults.outOfOrder, 0u);
}

//===----------------------------------------------------------------------===//
// Answers that come too late
//===----------------------------------------------------------------------===//

/// Questions end before their answers come; the answers come while others ask.
TEST(Order, LateAnswersReachNobodyElse) {
  rk::System system(smallOptions());
  const auto slow = system.spawn<Looper>();
  const auto others = spawnSome<Looper>(system, 4);
  std::uint64_t asked = 5, stamp = 0; // five spawns
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(system.send(slow, Loop{60}).isOk());
    std::vector<rk::Future<Stamp>> expiring;
    for (int i = 0; i < 300; ++i, asked += 2) {
      expiring.push_back(system.ask(slow, Stamp{++stamp}, 1ms));
      // Given up at once.
      (void)system.ask(slow, Stamp{++stamp}, 60s);
    }
    for (auto &answer : expiring)
      if (const auto result = answer.result(); result.isOk())
        EXPECT_LE(result->value, stamp);
      else
        EXPECT_EQ(result.code(), StatusCode::DeadlineExceeded);
    // Their answers come in between these.
    for (int wave = 0; wave < 10; ++wave) {
      std::vector<std::pair<std::uint64_t, rk::Future<Stamp>>> answers;
      for (std::size_t i = 0; i < 150; ++i, ++asked) {
        const auto to = i % 5 == 4 ? slow : others[i % 5];
        ++stamp;
        answers.emplace_back(stamp, system.ask(to, Stamp{stamp}, 60s));
      }
      for (auto &[want, answer] : answers)
        ASSERT_EQ(answer.get().value, want) << "round " << round;
    }
  }
  ASSERT_TRUE(system.waitIdle().isOk());
  const rk::Counters counters = system.counters();
  EXPECT_EQ(counters.replies + counters.lateReplies, asked);
  EXPECT_GE(counters.lateReplies, 300u);
}

/// More questions than have places of their own, half of them given up.
TEST(Order, MoreQuestionsThanPlaces) {
  rk::System system(smallOptions());
  const auto loopers = spawnSome<Looper>(system, 8);
  for (int round = 0; round < 2; ++round) {
    std::vector<std::pair<std::uint64_t, rk::Future<Stamp>>> answers;
    for (std::uint64_t i = 0; i < 80'000; ++i) {
      const std::uint64_t stamp = std::uint64_t(round) << 32 | i;
      auto answer = system.ask(loopers[i % loopers.size()], Stamp{stamp}, 60s);
      if (i % 2 == 0)
        answers.emplace_back(stamp, std::move(answer));
    }
    for (auto &[want, answer] : answers)
      ASSERT_EQ(answer.get().value, want);
  }
}

} // namespace
