//===- TeamTest.cpp - Actors with a block, a cluster or the grid ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Actors.h"

#include "rk/system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;
using namespace teams;
using rk::StatusCode;

namespace {

bool onGpu(const rk::System &system) {
  return system.description().backend == "cuda";
}
rk::SystemOptions smallOptions(std::uint32_t blockActors = 0) {
  rk::SystemOptions options;
  options.maxActors = 1 << 12;
  options.blockActors = blockActors;
  return options;
}

template <class Actor> class TeamOf : public testing::Test {
protected:
  rk::System system{smallOptions()};

  /// The lanes that a group has here; of a grid only that they are many.
  void expectLanes(std::uint64_t lanes) const {
    if (!onGpu(system))
      EXPECT_EQ(lanes, 1u);
    else if (std::is_same_v<Actor, BlockTeam>)
      EXPECT_EQ(lanes, 256u);
    else if (std::is_same_v<Actor, ClusterTeam>)
      EXPECT_EQ(lanes, 2048u);
    else
      EXPECT_GE(lanes, 256u);
  }
};
using Kinds = testing::Types<BlockTeam, ClusterTeam, GridTeam>;
TYPED_TEST_SUITE(TeamOf, Kinds);

TYPED_TEST(TeamOf, AddsUpWhatOneThreadAddsUp) {
  const auto team = this->system.template spawn<TypeParam>();
  for (std::uint32_t round = 0; round < 50; ++round) {
    const std::uint32_t count = round * 1009 + 1;
    std::uint32_t sum = 0, least = ~0u, most = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      sum += numberAt(round, i);
      least = std::min(least, numberAt(round, i));
      most = std::max(most, numberAt(round, i));
    }
    const Total total = this->system.ask(team, AddUp{round, count}).get();
    ASSERT_EQ(total.sum, sum) << round;
    ASSERT_EQ(total.least, least);
    ASSERT_EQ(total.most, most);
    this->expectLanes(total.lanes);
  }
}

TYPED_TEST(TeamOf, SeesBehindABarrierWhatOthersWroteBefore) {
  const auto team = this->system.template spawn<TypeParam>();
  for (std::uint32_t i = 0; i < 5; ++i) {
    const Missed missed = this->system.ask(team, PassOn{20000}).get();
    ASSERT_EQ(missed.count, 0u);
    this->expectLanes(missed.lanes);
  }
}

TYPED_TEST(TeamOf, KeepsItsStateAndAnswersWithThatOfTheFirstLane) {
  const auto team = this->system.template spawn<TypeParam>();
  std::uint32_t value = 0;
  for (std::uint32_t i = 1; i <= 300; ++i) {
    value += i;
    ASSERT_EQ(this->system.ask(team, Count{i}).get().value, value);
    ASSERT_EQ(this->system.ask(team, Look{}).get().value, value);
  }
}

TYPED_TEST(TeamOf, SendsFromEveryLane) {
  const auto team = this->system.template spawn<TypeParam>();
  const auto counter = this->system.template spawn<Counter>();
  std::uint32_t expected = 0;
  for (std::uint32_t i = 0; i < 20; ++i) {
    expected += this->system.ask(team, Scatter{counter}).get().value;
    // The lanes of a grid fill a mailbox in a few rounds.
    ASSERT_TRUE(this->system.waitIdle(10s).isOk());
  }
  EXPECT_EQ(this->system.ask(counter, Look{}).get().value, expected);
  EXPECT_EQ(this->system.counters().deadLetters.total(), 0u);
}

template <class Actor> class TeamWhereActorsMove : public testing::Test {};
TYPED_TEST_SUITE(TeamWhereActorsMove, Kinds);

TYPED_TEST(TeamWhereActorsMove, SendsFromEveryLane) {
  rk::SystemOptions options = smallOptions();
  options.workers = 6;
  options.balance = rk::Balance::Random;
  rk::System moving(options);
  const auto team = moving.spawn<TypeParam>();
  std::vector<rk::ActorRef<Counter>> counters;
  for (int i = 0; i < 20; ++i)
    counters.push_back(moving.spawn<Counter>());
  std::vector<std::uint32_t> expected(counters.size());
  for (std::uint32_t round = 0; round < 200; ++round) {
    const std::size_t to = round % counters.size();
    expected[to] += moving.ask(team, Scatter{counters[to]}).get().value;
    // The answer comes behind what the lanes have sent, wherever they go.
    ASSERT_EQ(moving.ask(counters[to], Look{}).get().value, expected[to]);
  }
  EXPECT_GT(moving.counters().moves, 0u);
  EXPECT_EQ(moving.counters().deadLetters.total(), 0u);
}

TYPED_TEST(TeamOf, IsFreeAgainWhenItsActorHasStopped) {
  for (std::uint32_t round = 1; round <= 100; ++round) {
    const auto team = this->system.template spawn<TypeParam>();
    ASSERT_EQ(this->system.ask(team, Count{round}).get().value, round);
    ASSERT_TRUE(this->system.stop(team).isOk());
    ASSERT_TRUE(this->system.waitIdle(10s).isOk());
  }
}

TYPED_TEST(TeamOf, TellsHowLongABarrierTakes) {
  const auto team = this->system.template spawn<TypeParam>();
  double best = 1e9;
  Took took{};
  for (int i = 0; i < 7; ++i) {
    took = this->system.ask(team, Time{20000}).get();
    best = std::min(best, double(took.ns) / 20000);
  }
  this->expectLanes(took.lanes);
  std::printf("barrier of %llu lanes: %.1f ns\n",
              static_cast<unsigned long long>(took.lanes), best);
}

TEST(Team, RunSideBySide) {
  rk::System system(smallOptions(3));
  std::vector<rk::ActorRef<BlockTeam>> blocks;
  for (int i = 0; i < 3; ++i)
    blocks.push_back(system.spawn<BlockTeam>());
  const auto cluster = system.spawn<ClusterTeam>();
  const auto grid = system.spawn<GridTeam>();
  std::vector<rk::Future<Missed>> answers;
  for (int round = 0; round < 4; ++round) {
    for (const auto &block : blocks)
      answers.push_back(system.ask(block, PassOn{5000}));
    answers.push_back(system.ask(cluster, PassOn{5000}));
    answers.push_back(system.ask(grid, PassOn{5000}));
  }
  for (auto &answer : answers)
    EXPECT_EQ(answer.get().count, 0u);
}

TEST(Team, ThereAreAsManyAsAskedFor) {
  rk::System system(smallOptions(2));
  const auto first = system.spawn<BlockTeam>();
  const auto second = system.spawn<BlockTeam>();
  EXPECT_EQ(system.ask(first, Count{1}).get().value, 1u);
  EXPECT_EQ(system.ask(second, Count{2}).get().value, 2u);
  EXPECT_EQ(system.trySpawn<BlockTeam>().status().code(),
            StatusCode::ActorTableFull);
  const auto grid = system.spawn<GridTeam>();
  EXPECT_EQ(system.ask(grid, Count{3}).get().value, 3u);
  EXPECT_EQ(system.trySpawn<GridTeam>().status().code(),
            StatusCode::ActorTableFull);
  ASSERT_TRUE(system.stop(first).isOk());
  ASSERT_TRUE(system.waitIdle(10s).isOk());
  const auto third = system.spawn<BlockTeam>();
  EXPECT_EQ(system.ask(third, Count{4}).get().value, 4u);
}

TEST(Team, AsksForNoMoreThanThereCanBe) {
  rk::SystemOptions options = smallOptions();
  options.clusterActors = 65;
  const auto made = rk::System::create(options);
  ASSERT_FALSE(made.isOk());
  EXPECT_NE(made.status().message().find(
                "SystemOptions::clusterActors is 65; it must be 0 to 64"),
            std::string::npos);
}

} // namespace
