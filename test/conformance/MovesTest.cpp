//===- MovesTest.cpp - While actors change their worker -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <atomic>
#include <thread>

using namespace conformance;

namespace {

rk::SystemOptions movingOptions() {
  rk::SystemOptions options = smallOptions();
  options.balance = rk::Balance::Random;
  // Also where the machine has fewer processors.
  options.workers = 4;
  return options;
}

template <class Actor>
std::vector<rk::ActorRef<Actor>> spawnSome(rk::System &system,
                                           std::size_t count) {
  return system.spawnMany<Actor>(count, [](std::size_t) { return Actor(); })
      .value();
}

TEST(Moves, AReplyComesLast) {
  rk::System system(movingOptions());
  constexpr std::size_t Pairs = 100;
  const auto tellers = spawnSome<Teller>(system, Pairs);
  const auto counters = spawnSome<Counter>(system, Pairs);
  std::int64_t want = 0;
  for (std::uint32_t round = 0; round < 100; ++round) {
    const std::uint32_t count = 1 + round % 4;
    std::vector<rk::Future<Total>> told, totals;
    for (std::size_t i = 0; i < Pairs; ++i)
      told.push_back(system.ask(tellers[i], Tell{counters[i], count}));
    want += count;
    for (std::size_t i = 0; i < Pairs; ++i) {
      ASSERT_EQ(told[i].get().value, 0);
      totals.push_back(system.ask(counters[i], Get{}));
    }
    for (auto &total : totals)
      ASSERT_EQ(total.get().value, want) << "round " << round;
  }
  EXPECT_GT(system.counters().moves, 0u);
  EXPECT_EQ(system.counters().deadLetters.total(), 0u);
}

TEST(Moves, EachThreadsMessagesStayInOrder) {
  rk::System system(movingOptions());
  constexpr std::uint32_t Each = 4000, Threads = 3, Receivers = 40;
  const auto sequencers = spawnSome<Sequencer>(system, Receivers);
  std::atomic<std::uint32_t> failures{0};
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < Threads; ++t)
    threads.emplace_back([&, t] {
      for (std::uint32_t i = 0; i < Each; ++i)
        failures +=
            !system.send(sequencers[i % Receivers], Numbered{t, i / Receivers})
                 .isOk();
    });
  for (std::thread &thread : threads)
    thread.join();
  ASSERT_TRUE(system.waitIdle().isOk());
  EXPECT_EQ(failures, 0u);
  std::uint32_t received = 0;
  for (const auto sequencer : sequencers) {
    const Faults faults = system.ask(sequencer, Get{}).get();
    received += faults.received;
    EXPECT_EQ(faults.outOfOrder, 0u);
  }
  EXPECT_EQ(received, Threads * Each);
}

/// Actors are made, send, and stop, while their slots move and are used again.
TEST(Moves, ActorsComeAndGo) {
  rk::System system(movingOptions());
  for (int round = 0; round < 8; ++round) {
    const auto root = system.spawn<Node>();
    const Sum sum =
        system.ask<Sum>(root, Node::Count{4, 6}, std::chrono::seconds(60))
            .get();
    ASSERT_EQ(sum.value, 1296 * 1295 / 2) << "round " << round;
  }
  ASSERT_TRUE(system.waitIdle().isOk());
  const rk::Counters counters = system.counters();
  EXPECT_EQ(counters.spawned - counters.stopped, 8u);
  EXPECT_EQ(counters.deadLetters.total(), 0u);
  EXPECT_EQ(counters.sent, counters.handled);
}

/// A large state is whole wherever its actor runs.
TEST(Moves, StatesGoAlong) {
  rk::System system(movingOptions());
  std::vector<rk::ActorRef<Heavy>> heavies;
  for (std::uint32_t seed = 0; seed < 50; ++seed)
    heavies.push_back(system.spawn<Heavy>(seed));
  for (int round = 0; round < 20; ++round)
    for (std::uint32_t seed = 0; seed < heavies.size(); ++seed)
      ASSERT_EQ(system.ask(heavies[seed], Touch{seed}).get().wrong, 0u);
}

TEST(Moves, NoneWhenSwitchedOff) {
  rk::SystemOptions options = movingOptions();
  options.balance = rk::Balance::Off;
  rk::System system(options);
  const auto counters = spawnSome<Counter>(system, 4);
  for (int i = 0; i < 5000; ++i)
    ASSERT_TRUE(system.send(counters[0], Add{1}).isOk());
  ASSERT_TRUE(system.waitIdle().isOk());
  EXPECT_EQ(system.counters().moves, 0u);
}

TEST(Moves, AnUnknownBalanceIsRefused) {
  rk::SystemOptions options;
  options.balance = rk::Balance(7);
  const auto refused = rk::System::create(options);
  ASSERT_EQ(refused.code(), rk::StatusCode::InvalidArgument);
  EXPECT_NE(refused.status().message().find("SystemOptions::balance is 7"),
            std::string::npos);
}

} // namespace
