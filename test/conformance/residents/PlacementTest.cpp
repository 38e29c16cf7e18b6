//===- PlacementTest.cpp - Resident actors where they are wanted ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where an actor is, is read from its slot: places of one block of the
/// residents' kernel are `blocks` apart, and the first one is behind the warps
/// that serve the host.
///
//===----------------------------------------------------------------------===//

#include "Actors.h"

#include "rk/system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

using rk::ActorRef;
using rk::Placement;
using rk::StatusCode;

namespace {

constexpr std::uint32_t MaxActors = 1 << 12;
constexpr std::uint32_t ClusterBlocks = 8;
/// Two clusters have room for so many.
constexpr std::uint32_t TwoClusters = 70;

class Town {
public:
  explicit Town(std::uint32_t residents = 0)
      : blocks_(residents == TwoClusters ? 16 : 8),
        system(optionsFor(residents)) {}

  /// Whether the system has blocks and clusters.
  [[nodiscard]] bool hasBlocks() const {
    return system.description().backend == "cuda";
  }
  [[nodiscard]] std::uint32_t blockOf(ActorRef<Keeper> actor) const {
    constexpr std::uint32_t LinksPerLane = 8;
    const std::uint32_t links = rk::SystemOptions().lanes * LinksPerLane + 1;
    const std::uint32_t place =
        rk::abi::Address{actor.bits()}.slot() - MaxActors;
    return (place + links) % blocks_;
  }
  [[nodiscard]] std::uint32_t clusterOf(ActorRef<Keeper> actor) const {
    return blockOf(actor) / ClusterBlocks;
  }

private:
  static rk::SystemOptions optionsFor(std::uint32_t residents) {
    rk::SystemOptions options;
    options.maxActors = MaxActors;
    options.residents = residents;
    return options;
  }
  const std::uint32_t blocks_;

public:
  rk::System system;
};

using Spawn = std::function<Settled(Placement)>;

Settled fromHost(Town &town, Placement placement) {
  const auto made = town.system.trySpawnAt<Keeper>(placement, 5u);
  return {made.isOk() ? *made : ActorRef<Keeper>(), made.code()};
}

/// Spawns there until there is no room; returns what was made.
std::vector<ActorRef<Keeper>> fill(const Spawn &spawn, Placement placement) {
  std::vector<ActorRef<Keeper>> made;
  for (;;) {
    const Settled settled = spawn(placement);
    if (settled.status != StatusCode::Ok) {
      EXPECT_EQ(settled.status, StatusCode::ActorTableFull);
      EXPECT_FALSE(bool(settled.made));
      return made;
    }
    EXPECT_TRUE(bool(settled.made));
    made.push_back(settled.made);
  }
}

/// Each of them is an actor of its own.
void expectAlive(Town &town, const std::vector<ActorRef<Keeper>> &actors) {
  for (std::size_t i = 0; i < actors.size(); ++i)
    ASSERT_TRUE(town.system.send(actors[i], Add{i}).isOk());
  for (std::size_t i = 0; i < actors.size(); ++i)
    ASSERT_EQ(town.system.ask(actors[i], Read{}).get().value, 5 + i);
}

/// Once from the host, once from a handler.
template <class Check> void bothWays(std::uint32_t residents, Check check) {
  {
    SCOPED_TRACE("from the host");
    Town town(residents);
    check(town, [&](Placement placement) { return fromHost(town, placement); });
  }
  SCOPED_TRACE("from a handler");
  Town town(residents);
  const auto settler = town.system.spawn<Settler>();
  check(town, [&](Placement placement) {
    return town.system.ask(settler, Settle{placement}).get();
  });
}

TEST(Placement, InTheBlockOfAnother) {
  bothWays(TwoClusters, [](Town &town, const Spawn &spawn) {
    const ActorRef<Keeper> first = spawn({}).made;
    std::vector<ActorRef<Keeper>> made =
        fill(spawn, Placement::inBlockOf(first));
    ASSERT_FALSE(made.empty());
    if (town.hasBlocks()) {
      EXPECT_LT(made.size(), 8u);
      for (const auto actor : made)
        EXPECT_EQ(town.blockOf(actor), town.blockOf(first));
      // There is room elsewhere.
      made.push_back(spawn(Placement::nearTo(first)).made);
      EXPECT_NE(town.blockOf(made.back()), town.blockOf(first));
    }
    made.push_back(first);
    expectAlive(town, made);
  });
}

TEST(Placement, InTheClusterOfAnother) {
  bothWays(TwoClusters, [](Town &town, const Spawn &spawn) {
    const ActorRef<Keeper> first = spawn({}).made;
    std::vector<ActorRef<Keeper>> made =
        fill(spawn, Placement::inClusterOf(first));
    ASSERT_FALSE(made.empty());
    if (town.hasBlocks()) {
      std::set<std::uint32_t> blocks;
      for (const auto actor : made) {
        EXPECT_EQ(town.clusterOf(actor), town.clusterOf(first));
        blocks.insert(town.blockOf(actor));
      }
      EXPECT_EQ(blocks.size(), ClusterBlocks);
      made.push_back(spawn(Placement::nearTo(first)).made);
      EXPECT_NE(town.clusterOf(made.back()), town.clusterOf(first));
    }
    made.push_back(first);
    expectAlive(town, made);
  });
}

TEST(Placement, NearAnotherFirstInItsBlockThenInItsCluster) {
  bothWays(TwoClusters, [](Town &town, const Spawn &spawn) {
    const ActorRef<Keeper> first = spawn({}).made;
    std::vector<ActorRef<Keeper>> made = fill(spawn, Placement::nearTo(first));
    if (town.hasBlocks()) {
      int farthest = 0; // 0 in the block, 1 in the cluster, 2 beyond
      for (const auto actor : made) {
        const int distance = town.blockOf(actor) == town.blockOf(first) ? 0
                             : town.clusterOf(actor) == town.clusterOf(first)
                                 ? 1
                                 : 2;
        EXPECT_GE(distance, farthest);
        farthest = std::max(farthest, distance);
      }
      EXPECT_EQ(farthest, 2);
    }
    made.push_back(first);
    expectAlive(town, made);
  });
}

TEST(Placement, SpreadOverClusters) {
  bothWays(TwoClusters, [](Town &town, const Spawn &spawn) {
    std::vector<ActorRef<Keeper>> made;
    for (int i = 0; i < 8; ++i)
      made.push_back(spawn(Placement::spread()).made);
    if (town.hasBlocks())
      for (std::size_t i = 1; i < made.size(); ++i) {
        EXPECT_NE(town.clusterOf(made[i]), town.clusterOf(made[i - 1]));
        EXPECT_NE(town.blockOf(made[i]), town.blockOf(made[i - 1]));
      }
    expectAlive(town, made);
  });
}

TEST(Placement, AutomaticallyInTheClusterOfTheSpawner) {
  Town town(TwoClusters);
  const auto settler = town.system.spawn<Settler>();
  const auto place = ActorRef<Keeper>::fromBits(settler.bits());
  std::vector<ActorRef<Keeper>> made;
  for (int i = 0; i < 10; ++i)
    made.push_back(town.system.ask(settler, Settle{}).get().made);
  if (town.hasBlocks()) {
    for (const auto actor : made)
      EXPECT_EQ(town.clusterOf(actor), town.clusterOf(place));
  }
  expectAlive(town, made);
}

TEST(PlacementBadInput, WhatHasNoPlace) {
  Town town;
  const auto keeper = town.system.spawn<Keeper>();
  const auto pooled = town.system.spawn<Nursery>();
  const auto refused =
      town.system.trySpawnAt<Nursery>(Placement::nearTo(keeper));
  EXPECT_EQ(refused.code(), StatusCode::InvalidArgument);
  EXPECT_NE(refused.status().message().find(
                "Nursery is not resident and has no place: use spawn"),
            std::string::npos)
      << refused.status().message();
  const auto by = town.system.trySpawnAt<Keeper>(Placement::inBlockOf(pooled));
  EXPECT_EQ(by.code(), StatusCode::InvalidArgument);
  EXPECT_NE(by.status().message().find("placed by an actor that has no place"),
            std::string::npos)
      << by.status().message();
  const auto null =
      town.system.trySpawnAt<Keeper>(Placement::nearTo(ActorRef<Keeper>()));
  EXPECT_EQ(null.code(), StatusCode::InvalidArgument);
  EXPECT_NE(null.status().message().find("by a null reference"),
            std::string::npos);
  // What does not say a place is no placement.
  EXPECT_TRUE(town.system.trySpawnAt<Nursery>(Placement()).isOk());
}

TEST(PlacementBadInput, WhatIsNotThere) {
  bothWays(0, [](Town &town, const Spawn &spawn) {
    const auto pooled = town.system.spawn<Nursery>();
    EXPECT_EQ(spawn(Placement::nearTo(pooled)).status,
              StatusCode::InvalidArgument);
    EXPECT_EQ(spawn(Placement::nearTo(ActorRef<Keeper>())).status,
              StatusCode::InvalidArgument);
    const auto keeper = town.system.spawn<Keeper>();
    ASSERT_TRUE(town.system.stop(keeper).isOk());
    ASSERT_TRUE(town.system.waitIdle().isOk());
    EXPECT_EQ(spawn(Placement::inClusterOf(keeper)).status,
              StatusCode::InvalidAddress);
    EXPECT_EQ(town.system.counters().deadLetters.total(), 0u);
  });
}

} // namespace
