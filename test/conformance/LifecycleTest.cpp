//===- LifecycleTest.cpp - Actors are made, end, and make others ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <set>

using namespace conformance;
using rk::StatusCode;

namespace {

TEST(Lifecycle, ConstructorArgumentsArrive) {
  rk::System system(smallOptions());
  for (const std::int64_t value :
       {std::int64_t(0), std::int64_t(-7), std::int64_t(1) << 40})
    EXPECT_EQ(system.ask(system.spawn<Counter>(value), Get{}).get().value,
              value);
}

TEST(Lifecycle, ManyActorsKeepTheirOwnState) {
  rk::System system(smallOptions());
  constexpr std::size_t Count = 10000;
  const auto counters =
      system
          .spawnMany<Counter>(
              Count, [](std::size_t i) { return Counter(std::int64_t(i) * 3); })
          .value();
  std::set<std::uint64_t> addresses;
  for (const auto counter : counters)
    addresses.insert(counter.bits());
  EXPECT_EQ(addresses.size(), Count);
  for (const auto counter : counters)
    ASSERT_TRUE(system.send(counter, Add{1}).isOk());
  std::vector<rk::Future<Total>> answers;
  for (const auto counter : counters)
    answers.push_back(system.ask(counter, Get{}));
  for (std::size_t i = 0; i < Count; ++i)
    ASSERT_EQ(answers[i].get().value, std::int64_t(i) * 3 + 1);
}

TEST(Lifecycle, ASlotIsUsedAgainWithTheNextGeneration) {
  rk::System system(smallOptions());
  auto previous = system.spawn<Counter>(0);
  for (std::int64_t i = 1; i <= 50; ++i) {
    ASSERT_TRUE(system.stop(previous).isOk());
    ASSERT_TRUE(system.waitIdle().isOk());
    const auto next = system.spawn<Counter>(i);
    const rk::abi::Address was{previous.bits()}, is{next.bits()};
    EXPECT_EQ(is.slot(), was.slot());
    EXPECT_EQ(is.generation(), was.generation() + 1);
    EXPECT_EQ(system.ask(previous, Get{}).result().code(),
              StatusCode::ActorStopped);
    EXPECT_EQ(system.ask(next, Get{}).get().value, i);
    previous = next;
  }
  const rk::Counters counts = system.counters();
  EXPECT_EQ(counts.spawned, 51u);
  EXPECT_EQ(counts.stopped, 50u);
  EXPECT_EQ(counts.deadLetters[rk::DeadLetterReason::ActorStopped], 50u);
}

TEST(Lifecycle, MessagesBeforeAStopAreHandled) {
  rk::System system(smallOptions());
  for (int round = 0; round < 20; ++round) {
    const auto counter = system.spawn<Counter>();
    std::vector<rk::Future<Total>> answers;
    for (int i = 0; i < 10; ++i)
      answers.push_back(system.ask(counter, Get{}));
    ASSERT_TRUE(system.stop(counter).isOk());
    auto after = system.ask(counter, Get{});
    for (auto &answer : answers)
      EXPECT_TRUE(answer.result().isOk());
    EXPECT_EQ(after.result().code(), StatusCode::ActorStopped);
  }
}

TEST(Lifecycle, AFullTableSaysSoToHostAndActors) {
  rk::SystemOptions options = smallOptions();
  options.maxActors = 100;
  rk::System system(options);
  const auto tester = system.spawn<Tester>();
  const Made made = system.ask(tester, Try{150}).get();
  EXPECT_EQ(made.count, 99u);
  EXPECT_EQ(StatusCode(made.status), StatusCode::ActorTableFull);
  EXPECT_EQ(system.trySpawn<Counter>().code(), StatusCode::ActorTableFull);
}

TEST(Lifecycle, StateThatDoesNotFitSaysSo) {
  rk::SystemOptions options = smallOptions();
  options.stateBytes = 100'000;
  rk::System system(options);
  const auto heavies = system.spawnMany<Heavy>(
      20, [](std::size_t i) { return Heavy(std::uint32_t(i)); });
  EXPECT_EQ(heavies.code(), StatusCode::StatePoolExhausted);
}

TEST(Lifecycle, PoolsLargerThanTheMemoryAreRefusedAtTheStart) {
  rk::SystemOptions options = smallOptions();
  options.stateBytes = std::uint64_t(1) << 50;
  const auto system = rk::System::create(options);
  ASSERT_EQ(system.code(), StatusCode::OutOfMemory);
  EXPECT_NE(system.status().message().find("stateBytes"), std::string::npos)
      << system.status().message();
}

TEST(Lifecycle, LargeStatesArriveWhole) {
  rk::System system(smallOptions());
  const auto heavies =
      system
          .spawnMany<Heavy>(
              300, [](std::size_t i) { return Heavy(std::uint32_t(i)); })
          .value();
  for (std::uint32_t i = 0; i < 300; ++i)
    ASSERT_EQ(system.ask(heavies[i], Touch{i}).get().wrong, 0u) << i;
}

TEST(Lifecycle, StatesKeepTheirAlignment) {
  rk::System system(smallOptions());
  for (int i = 0; i < 20; ++i) {
    (void)system.spawn<Counter>();
    EXPECT_EQ(system.ask(system.spawn<Aligned>(), Where{}).get().remainder, 0u);
  }
}

TEST(Lifecycle, ActorsMakeActors) {
  rk::System system(smallOptions());
  const auto root = system.spawn<Node>();
  constexpr std::int64_t Leaves = 4096;
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(system.ask<Sum>(root, Node::Count{6, 4}, 60s).get().value,
              Leaves * (Leaves - 1) / 2 * (round + 1));
    ASSERT_TRUE(system.waitIdle().isOk());
  }
  const rk::Counters counts = system.counters();
  EXPECT_EQ(counts.spawned, 1u + 3 * 5460u);
  EXPECT_EQ(counts.stopped, 3 * 5460u);
  EXPECT_EQ(counts.deadLetters.total(), 0u);
}

TEST(Lifecycle, ASystemAfterAnother) {
  for (int i = 0; i < 3; ++i) {
    rk::System system(smallOptions());
    const auto counter = system.spawn<Counter>(i);
    EXPECT_EQ(system.ask(counter, Get{}).get().value, i);
    if (i == 1) {
      EXPECT_TRUE(system.shutdown().isOk());
    }
  }
}

} // namespace
