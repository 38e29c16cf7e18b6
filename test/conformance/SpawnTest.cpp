//===- SpawnTest.cpp - Many actors made at once ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <set>

using namespace conformance;
using rk::StatusCode;

namespace {

/// Asks every actor of the range for its place, and checks it.
void expectPlaces(rk::System &system, rk::ActorRange<Sibling> range,
                  std::uint32_t mark) {
  std::vector<rk::Future<Place>> answers;
  for (const rk::ActorRef<Sibling> sibling : range)
    answers.push_back(system.ask(sibling, Get{}));
  for (std::uint32_t i = 0; i < answers.size(); ++i) {
    const Place place = answers[i].get();
    ASSERT_EQ(place.index, i + mark);
    ASSERT_EQ(place.calls, 1u);
  }
}

TEST(Spawn, ARangeNamesItsActors) {
  rk::System system(smallOptions());
  (void)system.spawn<Counter>();
  const auto range = system.spawn_n<Counter>(100, 7);
  ASSERT_EQ(range.size(), 100u);
  EXPECT_FALSE(range.empty());
  std::set<std::uint64_t> addresses;
  std::uint32_t index = 0;
  for (const rk::ActorRef<Counter> counter : range) {
    addresses.insert(counter.bits());
    EXPECT_EQ(counter, range[index]);
    EXPECT_EQ(range.indexOf(counter), index++);
    EXPECT_TRUE(range.contains(counter));
  }
  EXPECT_EQ(addresses.size(), 100u);
  const auto other = system.spawn<Counter>();
  EXPECT_FALSE(range.contains(other));
  EXPECT_EQ(range.indexOf(other), range.size());
  EXPECT_FALSE(range.contains({}));
  EXPECT_TRUE(rk::ActorRange<Counter>().empty());
  EXPECT_FALSE(rk::ActorRange<Counter>().contains({}));
}

TEST(Spawn, EachHasItsOwnState) {
  rk::System system(smallOptions());
  const auto range = system.spawn_n<Counter>(10000, 7);
  for (std::uint32_t i = 0; i < range.size(); ++i)
    ASSERT_TRUE(system.send(range[i], Add{i}).isOk());
  std::vector<rk::Future<Total>> answers;
  for (const auto counter : range)
    answers.push_back(system.ask(counter, Get{}));
  for (std::uint32_t i = 0; i < range.size(); ++i)
    ASSERT_EQ(answers[i].get().value, 7 + std::int64_t(i));
  EXPECT_EQ(system.counters().spawned, 10000u);
}

TEST(Spawn, LargeStatesAreCopiedWhole) {
  rk::System system(smallOptions());
  const auto range = system.spawn_n<Heavy>(300, 5u);
  for (const auto heavy : range)
    ASSERT_EQ(system.ask(heavy, Touch{5}).get().wrong, 0u);
}

TEST(Spawn, StatesKeepTheirAlignment) {
  rk::System system(smallOptions());
  (void)system.spawn<Counter>();
  for (const auto aligned : system.spawn_n<Aligned>(33))
    ASSERT_EQ(system.ask(aligned, Where{}).get().remainder, 0u);
}

TEST(Spawn, OnTheDevice) {
  rk::System system(smallOptions());
  const auto parent = system.spawn<Parent>();
  std::uint64_t spawned = 1;
  for (const std::uint32_t count : {1u, 2u, 31u, 32u, 33u, 1000u}) {
    const ManyMade made = system.ask(parent, MakeMany{count, count * 3}).get();
    EXPECT_EQ(StatusCode(made.status), StatusCode::Ok);
    ASSERT_EQ(made.range.size(), count);
    expectPlaces(system, made.range, count * 3);
    spawned += count;
  }
  const rk::Counters counts = system.counters();
  EXPECT_EQ(counts.spawned, spawned);
  EXPECT_EQ(counts.deadLetters.total(), 0u);
}

TEST(Spawn, ManyParentsAtOnce) {
  rk::System system(smallOptions());
  const auto parents = system.spawn_n<Parent>(64);
  std::vector<rk::Future<ManyMade>> answers;
  for (std::uint32_t i = 0; i < parents.size(); ++i)
    answers.push_back(system.ask(parents[i], MakeMany{i, 1000 * i}));
  std::set<std::uint64_t> addresses;
  for (std::uint32_t i = 0; i < parents.size(); ++i) {
    const ManyMade made = answers[i].get();
    ASSERT_EQ(made.range.size(), i);
    expectPlaces(system, made.range, 1000 * i);
    for (const auto sibling : made.range)
      addresses.insert(sibling.bits());
  }
  EXPECT_EQ(addresses.size(), 64u * 63 / 2);
}

TEST(Spawn, NoneIsAnEmptyRange) {
  rk::System system(smallOptions());
  const auto none = system.trySpawn_n<Counter>(0);
  ASSERT_TRUE(none.isOk());
  EXPECT_TRUE(none->empty());
  const auto parent = system.spawn<Parent>();
  const ManyMade made = system.ask(parent, MakeMany{0, 0}).get();
  EXPECT_TRUE(made.range.empty());
  EXPECT_EQ(StatusCode(made.status), StatusCode::Ok);
  EXPECT_EQ(system.counters().spawned, 1u);
}

TEST(Spawn, AllOrNone) {
  rk::SystemOptions options = smallOptions();
  options.maxActors = 100;
  rk::System system(options);
  const auto parent = system.spawn<Parent>();
  for (const std::uint64_t count :
       {std::uint64_t(100), std::uint64_t(1) << 28, ~std::uint64_t(0)})
    EXPECT_EQ(system.trySpawn_n<Counter>(count).code(),
              StatusCode::ActorTableFull);
  for (const std::uint32_t count : {100u, ~0u}) {
    const ManyMade made = system.ask(parent, MakeMany{count, 0}).get();
    EXPECT_TRUE(made.range.empty());
    EXPECT_EQ(StatusCode(made.status), StatusCode::ActorTableFull);
  }
  EXPECT_EQ(system.counters().spawned, 1u);
  // What was refused took nothing.
  EXPECT_EQ(system.spawn_n<Counter>(99).size(), 99u);
  EXPECT_EQ(system.trySpawn_n<Counter>(2).code(), StatusCode::ActorTableFull);
}

TEST(Spawn, StatesThatDoNotFit) {
  rk::SystemOptions options = smallOptions();
  options.stateBytes = 100'000;
  rk::System system(options);
  EXPECT_EQ(system.trySpawn_n<Heavy>(9, 1u).code(),
            StatusCode::StatePoolExhausted);
  EXPECT_EQ(system.spawn_n<Heavy>(8, 1u).size(), 8u);
  EXPECT_EQ(system.trySpawn_n<Heavy>(2, 1u).code(),
            StatusCode::StatePoolExhausted);
}

TEST(Spawn, StoppedOnesLeaveRoomForSingleActors) {
  rk::SystemOptions options = smallOptions();
  options.maxActors = 100;
  rk::System system(options);
  const auto range = system.spawn_n<Counter>(100, 1);
  for (const auto counter : range)
    ASSERT_TRUE(system.stop(counter).isOk());
  ASSERT_TRUE(system.waitIdle().isOk());
  EXPECT_EQ(system.trySpawn_n<Counter>(2).code(), StatusCode::ActorTableFull);
  const auto single = system.spawn_n<Counter>(1, 5);
  ASSERT_EQ(single.size(), 1u);
  EXPECT_FALSE(range.contains(single[0]));
  EXPECT_EQ(system.ask(single[0], Get{}).get().value, 5);
  for (std::int64_t i = 1; i < 100; ++i)
    EXPECT_EQ(system.ask(system.spawn<Counter>(i), Get{}).get().value, i);
  EXPECT_EQ(system.ask(range[0], Get{}).result().code(),
            StatusCode::ActorStopped);
}

/// The first packet that reaches an actor may be its stop.
TEST(Spawn, AnActorThatIsStoppedAtOnce) {
  rk::System system(smallOptions());
  const auto range = system.spawn_n<Counter>(1000);
  for (const auto counter : range)
    ASSERT_TRUE(system.stop(counter).isOk());
  for (const auto counter : range)
    ASSERT_TRUE(system.send(counter, Add{1}).isOk());
  ASSERT_TRUE(system.waitIdle().isOk());
  const rk::Counters counts = system.counters();
  EXPECT_EQ(counts.stopped, 1000u);
  EXPECT_EQ(counts.deadLetters[rk::DeadLetterReason::ActorStopped], 1000u);
  EXPECT_EQ(counts.deadLetters.total(), 1000u);
}

/// No message may come before the state and the row of who gets it, whichever
/// lane sends it: the child's fence stands before the next handler's send.
TEST(Spawn, TheNextHandlerSendsAtOnce) {
  rk::System system(smallOptions());
  constexpr std::uint32_t Rounds = 20, Founders = 200;
  const auto founders = system.spawn_n<Founder>(Founders);
  for (std::uint32_t round = 0; round < Rounds; ++round) {
    for (const auto founder : founders) {
      ASSERT_TRUE(system.send(founder, Found{}).isOk());
      ASSERT_TRUE(system.send(founder, Forward{2}).isOk());
      ASSERT_TRUE(system.send(founder, Forward{3}).isOk());
    }
    ASSERT_TRUE(system.waitIdle(20s).isOk());
    std::vector<rk::Future<Founded>> found;
    for (const auto founder : founders)
      found.push_back(system.ask(founder, Get{}));
    std::vector<rk::Future<Total>> totals;
    for (rk::Future<Founded> &answer : found) {
      const Founded founded = answer.get();
      ASSERT_EQ(founded.failed, 0u);
      totals.push_back(system.ask(founded.child, Get{}));
    }
    for (rk::Future<Total> &total : totals)
      ASSERT_EQ(total.get().value, 5);
  }
  EXPECT_EQ(system.counters().spawned, (Rounds + 1) * Founders);
}

} // namespace
