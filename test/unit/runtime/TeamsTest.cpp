//===- TeamsTest.cpp - How many teams, and of how many blocks -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Teams.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

using namespace rk;
using runtime::placeTeams;
using runtime::planTeams;
using runtime::TeamDevice;
using runtime::TeamNeeds;

namespace {

constexpr std::uint32_t Block = rk::abi::teamKind(rk::abi::Lanes::Block),
                        Cluster = rk::abi::teamKind(rk::abi::Lanes::Cluster),
                        Grid = rk::abi::teamKind(rk::abi::Lanes::Grid);
constexpr TeamNeeds All{true, true, true}, GridOnly{false, false, true};
/// An H100 without the cluster of blocks that serves the host.
constexpr TeamDevice Large{124, 227 << 10, 2048};
constexpr std::uint32_t WorkerBlocks = 16;

SystemOptions asking(std::uint32_t blocks, std::uint32_t clusters) {
  SystemOptions options;
  options.blockActors = blocks;
  options.clusterActors = clusters;
  return options;
}

/// Residents with `places` for actors of a warp, and teams behind them.
rk::abi::Residents planned(const TeamNeeds &needs, SystemOptions options = {},
                           std::uint32_t places = 20) {
  rk::abi::Residents residents{};
  residents.places = residents.inboxes = places;
  residents.stateStride = 64;
  residents.teams = planTeams(options, needs, residents);
  return residents;
}

modfile::ActorType resident(std::uint32_t index) {
  modfile::ActorType actor;
  actor.index = index;
  actor.isResident = true;
  return actor;
}

modfile::Handler handler(std::uint32_t actor, rk::abi::Lanes lanes) {
  modfile::Handler made;
  made.actor = actor;
  made.lanes = rk::abi::LanesOf[std::uint32_t(lanes)];
  return made;
}

TEST(Teams, AreNeededByTheWidestHandlersOfResidentActors) {
  modfile::Module module;
  module.actors = {resident(0), resident(1), resident(2), resident(3)};
  module.actors[3].isResident = false;
  module.handlers = {
      handler(0, rk::abi::Lanes::One),   handler(1, rk::abi::Lanes::Warp),
      handler(1, rk::abi::Lanes::Block), handler(1, rk::abi::Lanes::One),
      handler(2, rk::abi::Lanes::Grid),  handler(3, rk::abi::Lanes::Warp)};
  const auto view = modfile::viewOf(module);
  EXPECT_EQ(runtime::residentLanes(view, 0), rk::abi::Lanes::Warp);
  EXPECT_EQ(runtime::residentLanes(view, 1), rk::abi::Lanes::Block);
  EXPECT_EQ(runtime::residentLanes(view, 2), rk::abi::Lanes::Grid);
  EXPECT_EQ(runtime::residentLanes(view, 3), rk::abi::Lanes::One);
  EXPECT_EQ(runtime::teamNeeds(view), (TeamNeeds{true, false, true}));
  module.handlers.resize(2);
  EXPECT_EQ(runtime::teamNeeds(modfile::viewOf(module)), TeamNeeds{});
}

TEST(Teams, ComeBehindThePlacesKindByKind) {
  const rk::abi::Teams teams = planned(All).teams;
  EXPECT_EQ(teams.count, 6u);
  EXPECT_EQ(teams.rows[Block].first, 20u);
  EXPECT_EQ(teams.rows[Block].count, 4u);
  EXPECT_EQ(teams.rows[Cluster].first, 24u);
  EXPECT_EQ(teams.rows[Cluster].count, 1u);
  EXPECT_EQ(teams.rows[Grid].first, 25u);
  EXPECT_EQ(teams.rows[Grid].count, 1u);
}

TEST(Teams, AreAsManyAsAskedForOfTheKindsThatAreNeeded) {
  const rk::abi::Teams all = planned(All, asking(7, 3)).teams;
  EXPECT_EQ(all.rows[Block].count, 7u);
  EXPECT_EQ(all.rows[Cluster].count, 3u);
  EXPECT_EQ(all.rows[Grid].count, 1u);
  const rk::abi::Teams grid = planned(GridOnly, asking(7, 3)).teams;
  EXPECT_EQ(grid.count, 1u);
  EXPECT_EQ(grid.rows[Block].count, 0u);
  EXPECT_EQ(grid.rows[Cluster].count, 0u);
  EXPECT_EQ(grid.rows[Grid].first, 20u);
  EXPECT_EQ(planned(TeamNeeds{}, asking(7, 3)).teams.count, 0u);
}

TEST(Teams, LeaveTheGridWhatOthersDoNotNeed) {
  rk::abi::Residents residents = planned(All);
  ASSERT_TRUE(placeTeams(residents, All, WorkerBlocks, Large).isOk());
  const rk::abi::Teams &teams = residents.teams;
  EXPECT_EQ(teams.rows[Block].blocks, 1u);
  EXPECT_EQ(teams.rows[Cluster].blocks, 8u);
  EXPECT_EQ(teams.rows[Grid].blocks, 96u);
  EXPECT_EQ(runtime::teamBlocks(teams) + WorkerBlocks, Large.multiprocessors);
  EXPECT_EQ(residents.inboxes, 26u);

  residents = planned(GridOnly);
  ASSERT_TRUE(placeTeams(residents, GridOnly, 1, Large).isOk());
  EXPECT_EQ(residents.teams.rows[Grid].blocks, 123u);
}

TEST(Teams, AGridHasNoMoreBlocksThanItsBarrierKnows) {
  TeamDevice device = Large;
  device.multiprocessors = 1000;
  rk::abi::Residents residents = planned(GridOnly);
  ASSERT_TRUE(placeTeams(residents, GridOnly, 1, device).isOk());
  EXPECT_EQ(residents.teams.rows[Grid].blocks, rk::abi::MaxTeamBlocks);
}

/// Else a block of another team could run beside it, and one of its own that
/// has no multiprocessor would be waited for without end.
TEST(Teams, ABlockHasItsMultiprocessorToItself) {
  rk::abi::Residents residents = planned(All);
  ASSERT_TRUE(placeTeams(residents, All, WorkerBlocks, Large).isOk());
  for (const rk::abi::TeamRow &row : residents.teams.rows) {
    EXPECT_GT(2 * row.sharedBytes, Large.sharedBytes);
    EXPECT_LE(row.sharedBytes, Large.sharedBytes);
  }
  TeamDevice small = Large;
  small.sharedBytes = 48 << 10;
  residents = planned(All);
  ASSERT_TRUE(placeTeams(residents, All, WorkerBlocks, small).isOk());
  EXPECT_EQ(residents.teams.rows[Grid].sharedBytes, small.sharedBytes);
}

/// Behind all that the block has else, and as many as fit.
TEST(Teams, ABlockHasStagesForCopiesWhereTheDeviceCopies) {
  rk::abi::Residents residents = planned(All);
  ASSERT_TRUE(placeTeams(residents, All, WorkerBlocks, Large).isOk());
  EXPECT_EQ(residents.teams.rows[Block].stages, 0u);
  TeamDevice device = Large;
  device.hasBulkCopies = true;
  for (const auto &[stateBytes, stages] :
       {std::pair{64u, rk::abi::CopyStages},
        {device.sharedBytes - device.deskBytes - 3 * rk::abi::CopyStageBytes,
         3u},
        {device.sharedBytes - device.deskBytes - 256, 0u}}) {
    residents = planned(All);
    residents.stateStride = stateBytes;
    ASSERT_TRUE(placeTeams(residents, All, WorkerBlocks, device).isOk());
    for (const rk::abi::TeamRow &row : residents.teams.rows) {
      EXPECT_EQ(row.stages, stages);
      EXPECT_EQ(row.stagesAt % rk::abi::CopyStageAlignment, 0u);
      EXPECT_GE(row.stagesAt, device.deskBytes + stateBytes);
      EXPECT_LE(row.stagesAt + row.stages * rk::abi::CopyStageBytes,
                row.sharedBytes);
      EXPECT_LE(row.sharedBytes, device.sharedBytes);
    }
  }
}

TEST(Teams, MoreThanTheDeviceHasAreRefused) {
  TeamDevice device = Large;
  for (const auto &[multiprocessors, isEnough] :
       {std::pair{28u, false}, {29u, true}}) {
    device.multiprocessors = multiprocessors;
    rk::abi::Residents residents = planned(All);
    const Status status = placeTeams(residents, All, WorkerBlocks, device);
    EXPECT_EQ(status.isOk(), isEnough) << status.detail();
  }
  device.multiprocessors = 28;
  rk::abi::Residents residents = planned(All);
  const Status status = placeTeams(residents, All, WorkerBlocks, device);
  EXPECT_EQ(status.code(), StatusCode::InvalidArgument);
  EXPECT_EQ(status.detail(),
            "block, cluster and grid actors (SystemOptions::blockActors is 4, "
            "clusterActors 1) and the workers need 29 multiprocessors, and the "
            "device has 28 beside those of other resident actors: ask for "
            "fewer");
  EXPECT_EQ(residents.inboxes, 20u);
}

TEST(Teams, StateThatDoesNotFitIsRefused) {
  TeamDevice device = Large;
  device.sharedBytes = 2048 + 63;
  rk::abi::Residents residents = planned(All);
  const Status status = placeTeams(residents, All, WorkerBlocks, device);
  EXPECT_EQ(status.code(), StatusCode::InvalidArgument);
  EXPECT_EQ(status.detail(),
            "a block of a resident actor needs 2112 bytes of shared memory, "
            "and the device has room for 2111");
  device.sharedBytes = 2048 + 64;
  residents = planned(All);
  EXPECT_TRUE(placeTeams(residents, All, WorkerBlocks, device).isOk());
}

} // namespace
