//===- ShutdownTest.cpp - Every run ends ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <thread>

using namespace conformance;
using rk::DeadLetterReason;
using rk::StatusCode;

namespace {

/// Lets pairs of players play, ends the system, and returns how long that took.
std::chrono::nanoseconds endWhileTheyPlay() {
  rk::System system(smallOptions());
  constexpr std::size_t Pairs = 500;
  const auto players =
      system.spawnMany<Player>(2 * Pairs, [](std::size_t) { return Player(); })
          .value();
  for (std::size_t i = 0; i < 2 * Pairs; ++i)
    EXPECT_TRUE(system.send(players[i], Player::Meet{players[i ^ 1]}).isOk());
  EXPECT_TRUE(system.waitIdle().isOk());
  for (std::size_t i = 0; i < 2 * Pairs; i += 2)
    EXPECT_TRUE(system.send(players[i], Ball{}).isOk());
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(system.waitIdle(10ms).code(), StatusCode::DeadlineExceeded);
  EXPECT_GT(system.ask(players[0], Get{}).get().value, 0);
  const auto begin = std::chrono::steady_clock::now();
  const rk::Status status = system.shutdown(10s);
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_TRUE(status.isOk()) << status.message();
  // Every ball is in the air, and counted.
  const rk::Counters counts = system.counters();
  EXPECT_EQ(counts.deadLetters[DeadLetterReason::Shutdown], Pairs);
  EXPECT_EQ(counts.sent, counts.handled + Pairs);
  return took;
}

TEST(Shutdown, InTimeThoughActorsSendForEver) {
  // Where other programs want the processors too, the best of a few counts.
  std::chrono::nanoseconds least = endWhileTheyPlay();
  for (int attempt = 1; attempt < 5 && least > 100ms; ++attempt)
    least = std::min(least, endWhileTheyPlay());
  EXPECT_LT(least, 100ms);
}

TEST(Shutdown, EndsWhatWaits) {
  rk::System system(smallOptions());
  const auto keeper = system.spawn<Keeper>();
  auto answer = system.ask<Total>(keeper, Hold{}, 1h);
  ASSERT_TRUE(system.waitIdle().isOk());
  EXPECT_TRUE(system.shutdown().isOk());
  EXPECT_EQ(answer.result().code(), StatusCode::ShuttingDown);
  EXPECT_EQ(system.send(keeper, Release{1}).code(), StatusCode::ShuttingDown);
  EXPECT_EQ(system.trySpawn<Keeper>().code(), StatusCode::ShuttingDown);
  EXPECT_EQ(system.waitIdle().code(), StatusCode::ShuttingDown);
  EXPECT_TRUE(system.shutdown().isOk());
  EXPECT_TRUE(system.status().isOk());
}

TEST(Shutdown, WhileThreadsSend) {
  for (int round = 0; round < 5; ++round) {
    rk::System system(smallOptions());
    const auto counter = system.spawn<Counter>();
    std::vector<std::thread> threads;
    std::atomic<std::uint64_t> sent{0};
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        while (system.send(counter, Add{1}).isOk())
          ++sent;
      });
    std::this_thread::sleep_for(5ms);
    EXPECT_TRUE(system.shutdown().isOk());
    for (std::thread &thread : threads)
      thread.join();
    // Nothing that was accepted is missing from the books.
    const rk::Counters counts = system.counters();
    EXPECT_EQ(counts.hostSent, sent + 1);
    EXPECT_EQ(counts.handled + counts.deadLetters[DeadLetterReason::Shutdown],
              sent);
  }
}

} // namespace
