//===- RequestTest.cpp - Questions and their answers ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <thread>

using namespace conformance;
using rk::StatusCode;

namespace {

TEST(Request, ManyAtOnce) {
  rk::System system(smallOptions());
  const auto counter = system.spawn<Counter>();
  std::vector<rk::Future<Total>> answers;
  for (std::int64_t i = 0; i < 20000; ++i) {
    ASSERT_TRUE(system.send(counter, Add{1}).isOk());
    answers.push_back(system.ask(counter, Get{}, 60s));
  }
  for (std::int64_t i = 0; i < 20000; ++i)
    ASSERT_EQ(answers[std::size_t(i)].get().value, i + 1);
  EXPECT_EQ(system.counters().replies, 20000u + 1);
}

TEST(Request, FromManyThreads) {
  rk::System system(smallOptions());
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      const auto counter = system.spawn<Counter>(t * 1000);
      for (int i = 0; i < 500; ++i) {
        wrong += !system.send(counter, Add{1}).isOk();
        wrong += system.ask(counter, Get{}).get().value != t * 1000 + i + 1;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Request, AnsweredLater) {
  rk::System system(smallOptions());
  const auto keeper = system.spawn<Keeper>();
  auto answer = system.ask<Total>(keeper, Hold{});
  EXPECT_FALSE(answer.waitFor(10ms));
  ASSERT_TRUE(system.send(keeper, Release{77}).isOk());
  EXPECT_EQ(answer.get().value, 77);
}

TEST(Request, ASecondAnswerIsADeadLetter) {
  rk::System system(smallOptions());
  const auto keeper = system.spawn<Keeper>();
  auto answer = system.ask<Total>(keeper, Hold{});
  ASSERT_TRUE(system.send(keeper, Release{1}).isOk());
  ASSERT_TRUE(system.send(keeper, Release{2}).isOk());
  EXPECT_EQ(answer.get().value, 1);
  ASSERT_TRUE(system.waitIdle().isOk());
  const rk::Counters counters = system.counters();
  EXPECT_EQ(counters.deadLetters[rk::DeadLetterReason::AnsweredBefore], 1u);
  EXPECT_EQ(counters.lateReplies, 0u);
}

TEST(Request, ThroughAnotherActor) {
  rk::System system(smallOptions());
  const auto counter = system.spawn<Counter>(21);
  const auto broker = system.spawn<Broker>(counter);
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(system.ask<Total>(broker, Fetch{}).get().value, 42);
}

TEST(Request, TheDeadlineIsKept) {
  rk::System system(smallOptions());
  const auto keeper = system.spawn<Keeper>();
  const auto begin = std::chrono::steady_clock::now();
  auto answer = system.ask<Total>(keeper, Hold{}, 50ms);
  const auto result = answer.result();
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(result.code(), StatusCode::DeadlineExceeded);
  EXPECT_EQ(result.status().detail(),
            "asking actor 0 (generation 1) with conformance::Hold");
  EXPECT_GE(took, 50ms);
  EXPECT_LT(took, 10s);
  // Nobody need wait for it to end.
  auto unattended = system.ask<Total>(keeper, Hold{}, 20ms);
  for (int i = 0; i < 500 && !unattended.ready(); ++i)
    std::this_thread::sleep_for(10ms);
  EXPECT_TRUE(unattended.ready());
}

TEST(Request, WhoseActorStopsFirst) {
  rk::System system(smallOptions());
  const auto keeper = system.spawn<Keeper>();
  // Held by the actor, which then stops: there is no answer.
  auto held = system.ask<Total>(keeper, Hold{}, 500ms);
  ASSERT_TRUE(system.stop(keeper).isOk());
  auto after = system.ask<Total>(keeper, Hold{}, 60s);
  EXPECT_EQ(after.result().code(), StatusCode::ActorStopped);
  EXPECT_EQ(held.result().code(), StatusCode::DeadlineExceeded);
}

TEST(Request, OfAnAddressThatWasNeverIssued) {
  rk::System system(smallOptions());
  const auto nobody =
      rk::ActorRef<Counter>::fromBits(rk::abi::Address::make(1234, 5).bits);
  EXPECT_EQ(system.ask(nobody, Get{}).result().code(),
            StatusCode::InvalidAddress);
  EXPECT_EQ(system.ask(rk::ActorRef<Counter>(), Get{}).result().code(),
            StatusCode::InvalidAddress);
}

TEST(Request, WithoutAHandler) {
  rk::System system(smallOptions());
  // A reference of the wrong type, which only a cast can make.
  const auto keeper =
      rk::ActorRef<Counter>::fromBits(system.spawn<Keeper>().bits());
  EXPECT_EQ(system.ask(keeper, Get{}).result().code(), StatusCode::NoHandler);
}

} // namespace
