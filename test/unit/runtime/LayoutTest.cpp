//===- LayoutTest.cpp - What memory holds before the start ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Layout.h"
#include "Populate.h"
#include "cpu/CpuBackend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace rk;
using namespace rk::runtime;
namespace layout = rk::abi;

namespace {

constexpr std::uint64_t Plenty = std::uint64_t(64) << 30;

modfile::Module module(std::uint32_t messageSize = 200) {
  modfile::Module made;
  made.name = "m";
  made.messages = {{"Small", 1, 8, 8, 0}, {"Large", 2, messageSize, 8, 1}};
  made.actors = {{"A", 3, 24, 8, 0, "", 0, {}},
                 {"B", 4, 128, 128, 1, "", 0, {}}};
  return made;
}

Result<Layout> make(const SystemOptions &options, const modfile::Module &made,
                    std::uint32_t workers, std::uint32_t ringsPerGroup = 1,
                    std::uint64_t available = Plenty) {
  return makeLayout(options, modfile::viewOf(made),
                    {workers, ringsPerGroup, 64 << 20}, available);
}

TEST(Layout, SizesFollowTheOptions) {
  SystemOptions options;
  options.maxActors = 1000;
  options.stateBytes = 1 << 20;
  options.messageBytes = 32 << 20;
  options.payloadBlocks = 77;
  options.lanes = 3;
  const Layout made = make(options, module(), 24, 8).value();
  EXPECT_EQ(made.sizes.workers, 24u);
  EXPECT_EQ(made.sizes.agents, 24u + 3 * 8 + 1);
  EXPECT_EQ(made.sizes.inboxes, 25u);
  EXPECT_EQ(made.sizes.shards, 1024u);
  EXPECT_EQ(made.sizes.maxActors, 1000u);
  EXPECT_EQ(made.sizes.stateBytes, 1u << 20);
  EXPECT_EQ(made.sizes.homeSegments, 25 * layout::HomeSegments);
  EXPECT_EQ(made.sizes.segments, made.sizes.homeSegments + (32u << 20) / 8192);
  EXPECT_EQ(made.sizes.payloadBlocks, 77u);
  EXPECT_EQ(made.sizes.payloadBlockBytes, 208u);
  EXPECT_EQ(made.sizes.laneGroups, 3u);
  EXPECT_EQ(made.sizes.lanes, 24u);
  // One arena for all types: strides keep the largest alignment.
  EXPECT_EQ(made.sizes.stateStride, (std::vector<std::uint32_t>{128, 128}));
  EXPECT_GE(made.sizes.laneStride, 208u);
  EXPECT_TRUE(std::has_single_bit(made.sizes.laneCapacity));
  EXPECT_TRUE(std::has_single_bit(made.sizes.outboundCapacity));
}

TEST(Layout, NoWorkerGetsManyMoreShardsThanOthers) {
  // 16384 shards would give some of 2015 workers 9 and the others 8.
  for (const std::uint32_t workers :
       {1u, 7u, 24u, 1023u, 1983u, 2015u, 2063u}) {
    const std::uint32_t shards =
        make({}, module(), workers).value().sizes.shards;
    EXPECT_TRUE(std::has_single_bit(shards));
    EXPECT_GE(shards, 8 * workers);
    EXPECT_LE(shards, std::max(1024u, 32 * workers));
    const double most = (shards + workers - 1) / workers;
    EXPECT_LE(most, 1.0625 * shards / workers) << workers;
  }
}

TEST(Layout, NoPayloadPoolForSmallMessages) {
  const Layout made = make({}, module(32), 2).value();
  EXPECT_EQ(made.sizes.payloadBlocks, 0u);
  EXPECT_EQ(made.sizes.payloadBlockBytes, 0u);
}

TEST(Layout, EachInboxHasItsHomeSegments) {
  SystemOptions options;
  options.messageBytes = 1;
  const Layout made = make(options, module(), 100).value();
  EXPECT_EQ(made.sizes.segments, 101 * layout::HomeSegments);
  EXPECT_EQ(made.sizes.homeSegments, made.sizes.segments);
}

TEST(Layout, StagingOfHugeStatesStaysBounded) {
  modfile::Module made = module();
  made.actors[0].size = layout::MaxStateBytes;
  const Layout laid = make({}, made, 2).value();
  EXPECT_EQ(laid.sizes.laneStride, layout::MaxStateBytes);
  EXPECT_LE(std::uint64_t(laid.sizes.laneCapacity) * laid.sizes.laneStride,
            4u << 20);
}

TEST(Layout, DerivedStateIsWhatTheActorsNeed) {
  SystemOptions options;
  options.maxActors = 1000;
  EXPECT_EQ(make(options, module(), 2).value().sizes.stateBytes, 128000u);
  options.maxActors = 1 << 27;
  EXPECT_EQ(make(options, module(), 2, 1, Plenty).value().sizes.stateBytes,
            Plenty / 4);
}

TEST(Layout, MoreStateThanCanBeCountedIsRefused) {
  SystemOptions options;
  options.stateBytes = std::uint64_t(300) << 30;
  const auto refused = make(options, module(), 2, 1, std::uint64_t(1) << 40);
  ASSERT_EQ(refused.code(), StatusCode::InvalidArgument);
  EXPECT_NE(refused.status().detail().find("stateBytes is 322122547200; "),
            std::string::npos)
      << refused.status().detail();
}

/// What waits takes memory by the number of actors, between two bounds.
TEST(Layout, DerivedPoolsFollowTheActors) {
  const auto messages = [](std::uint32_t actors) {
    SystemOptions options;
    options.maxActors = actors;
    const modfile::Module made = module();
    const Layout laid =
        makeLayout(options, modfile::viewOf(made), {2, 1, 1 << 30}, Plenty)
            .value();
    // Half as much for large ones, and no more blocks than 2^19.
    const std::uint64_t half =
        std::uint64_t(laid.sizes.segments - laid.sizes.homeSegments) * 4096;
    EXPECT_EQ(
        laid.sizes.payloadBlocks,
        std::min<std::uint64_t>(half / laid.sizes.payloadBlockBytes, 1 << 19));
    return std::uint64_t(laid.sizes.segments - laid.sizes.homeSegments) * 8192;
  };
  EXPECT_EQ(messages(1 << 10), 128u << 20);
  EXPECT_EQ(messages(1 << 19), 512u << 20);
  EXPECT_EQ(messages(1 << 20), 1u << 30);
  EXPECT_EQ(messages(1 << 24), 1u << 30);
}

TEST(Layout, TooLittleMemoryNamesBothFigures) {
  const auto refused = make({}, module(), 100, 1, 1 << 20);
  ASSERT_EQ(refused.code(), StatusCode::OutOfMemory);
  EXPECT_NE(refused.status().detail().find(" bytes are needed and 1048576 are "
                                           "available: state "),
            std::string::npos)
      << refused.status().detail();
}

TEST(Layout, OtherLayoutsAreRefused) {
  modfile::Module made = module();
  made.runtimeVersion = layout::RuntimeVersion + 1;
  const auto refused = make({}, made, 2);
  EXPECT_EQ(refused.code(), StatusCode::UnsupportedVersion);
}

/// Regions neither overlap nor leave their block, and are aligned.
TEST(Layout, RegionsAreApart) {
  SystemOptions options;
  options.balance = Balance::Load;
  const Layout made = make(options, module(), 24, 8).value();
  const DeviceOffsets &at = made.device;
  std::vector<std::uint64_t> starts = {at.launch,
                                       at.arena,
                                       at.outboundState,
                                       at.phase,
                                       at.agentsBegun,
                                       at.agentsEnded,
                                       at.shardWorkers,
                                       at.inboxes,
                                       at.actorTypes,
                                       at.messageBytes,
                                       at.lanes,
                                       at.progress,
                                       at.answered,
                                       at.reports,
                                       at.moves,
                                       at.acknowledged,
                                       at.arrivalOf,
                                       at.isMoving,
                                       at.loads,
                                       at.arrivals,
                                       at.freeSegments,
                                       at.freePayload,
                                       at.freeSlots,
                                       at.segmentUses,
                                       at.freeSegmentCells,
                                       at.freePayloadCells,
                                       at.freeSlotCells,
                                       at.directories,
                                       at.slots,
                                       at.segments,
                                       at.cleared,
                                       at.bulkMemory};
  EXPECT_TRUE(std::ranges::is_sorted(starts));
  for (const std::uint64_t start : starts)
    EXPECT_EQ(start % 256, 0u);
  EXPECT_EQ(std::set(starts.begin(), starts.end()).size(), starts.size());
  EXPECT_EQ(at.inboxes - at.shardWorkers, 4096u);
  EXPECT_GE(at.slots - at.directories,
            25u * layout::DirectoryEntries * sizeof(layout::DirectoryEntry));
  EXPECT_GE(made.host.total, made.laneCounts(made.sizes.lanes));
  EXPECT_EQ(made.lanes.total, made.lane(made.sizes.lanes));
}

/// A populated system on the CPU back end, seen through its `Launch`.
class Populated : public testing::Test {
protected:
  void SetUp() override {
    options.maxActors = 500;
    options.messageBytes = 4 << 20;
    options.stateBytes = 1 << 20;
    options.payloadBlocks = 40;
    made = make(options, content, Workers, 8).value();
    host = backend.allocateHost(made.host.total).value();
    lanes = backend.allocateLanes(made.lanes.total).value();
    device = backend.allocateDevice(made.device.total).value();
    states =
        backend.reserveStates(made.sizes.stateBytes, made.sizes.firstStateBytes)
            .value();
    ASSERT_TRUE(populate(backend, made, modfile::viewOf(content), device, host,
                         lanes, states.device)
                    .isOk());
    launch = reinterpret_cast<layout::Launch *>(device + made.device.launch);
  }

  void checkPool(const layout::Pool &pool, std::uint64_t first,
                 std::uint64_t handles, std::uint64_t most) {
    EXPECT_EQ(pool.available, std::int64_t(handles - first));
    EXPECT_EQ(pool.pushed, handles - first);
    EXPECT_EQ(pool.popped, 0u);
    EXPECT_TRUE(std::has_single_bit(pool.mask + 1));
    EXPECT_GE(pool.mask + 1, most);
    EXPECT_EQ(std::uint64_t(1) << pool.shift, pool.mask + 1);
    for (std::uint64_t i = 0; i <= pool.mask; ++i)
      ASSERT_EQ(pool.cells[i],
                i < handles - first ? layout::poolCell(first + i, 0, true) : 0)
          << i;
  }

  static constexpr std::uint32_t Workers = 5;
  modfile::Module content = module();
  SystemOptions options;
  CpuBackend backend;
  Layout made;
  HostBlock host;
  LaneBlock lanes;
  DeviceAddress device = 0;
  StateBlock states;
  layout::Launch *launch = nullptr;
};

TEST_F(Populated, Counts) {
  EXPECT_EQ(launch->version, layout::RuntimeVersion);
  EXPECT_EQ(launch->workerCount, Workers);
  EXPECT_EQ(launch->laneCount, 48u);
  EXPECT_EQ(launch->homeSegmentCount, (Workers + 1) * layout::HomeSegments);
  EXPECT_EQ(launch->actorTypeCount, 2u);
  EXPECT_EQ(launch->messageTypeCount, 2u);
  EXPECT_EQ(launch->maxActors, 500u);
  EXPECT_EQ(launch->stateArenaBytes, 1u << 20);
  EXPECT_EQ(launch->payloadBlockBytes, 208u);
  EXPECT_EQ(reinterpret_cast<std::uint64_t>(launch->stateArena) % 256, 0u);
}

TEST_F(Populated, ShardsGoRound) {
  std::map<std::uint32_t, std::uint32_t> shares;
  for (std::uint32_t i = 0; i <= launch->shardMask; ++i) {
    ++shares[launch->shardWorkers[i]];
    EXPECT_EQ(launch->shardWorkers[i],
              launch->shardWorkers[i + launch->shardMask + 1]);
  }
  ASSERT_EQ(shares.size(), Workers);
  for (const auto &[worker, share] : shares) {
    EXPECT_LT(worker, Workers);
    EXPECT_NEAR(share, double(launch->shardMask + 1) / Workers, 1.0);
  }
}

TEST_F(Populated, InboxesAreOpenAndEmpty) {
  std::set<std::uint32_t> segments;
  for (std::uint32_t i = 0; i <= Workers; ++i) {
    const layout::Inbox &inbox = launch->inboxes[i];
    EXPECT_EQ(inbox.tail, layout::FirstTicket);
    EXPECT_EQ(launch->progress[i].handledTicket, layout::FirstTicket);
    EXPECT_EQ(inbox.headNumber, 1u);
    for (std::uint32_t j = 0; j < layout::DirectoryEntries; ++j)
      if (j != 1) {
        ASSERT_EQ(inbox.directory[j].bits, 0u);
      }
    const layout::DirectoryEntry first = inbox.directory[1];
    EXPECT_EQ(first.number(), 1u);
    EXPECT_EQ(first.place().segment(), layout::homeSegment(i, 1));
    EXPECT_EQ(inbox.recent[1].bits, first.bits);
    EXPECT_EQ(inbox.recent[0].bits, 0u);
    segments.insert(first.place().segment());
  }
  EXPECT_EQ(segments.size(), Workers + 1);
  EXPECT_LT(*segments.rbegin(), launch->homeSegmentCount);
}

TEST_F(Populated, PoolsHoldWhatIsFree) {
  checkPool(*launch->freeSegments, made.sizes.homeSegments, made.sizes.segments,
            made.sizes.segments);
  checkPool(*launch->freePayload, 0, 40, 40);
  for (std::uint32_t type = 0; type < 2; ++type)
    checkPool(*launch->actorTypes[type].freeSlots, 0, 0, 500);
  EXPECT_NE(launch->actorTypes[0].freeSlots->cells,
            launch->actorTypes[1].freeSlots->cells);
}

TEST_F(Populated, TypesAreTheModules) {
  EXPECT_EQ(launch->actorTypes[0].stateBytes, 24u);
  EXPECT_EQ(launch->actorTypes[1].stateBytes, 128u);
  EXPECT_EQ(launch->messageBytes[0], 8u);
  EXPECT_EQ(launch->messageBytes[1], 200u);
}

TEST_F(Populated, LinkIsEmptyAndInHostMemory) {
  const auto isIn = [](const HostBlock &block, std::uint64_t bytes,
                       const void *pointer) {
    const auto address = reinterpret_cast<std::uint64_t>(pointer);
    return address >= block.device && address < block.device + bytes;
  };
  const auto inHost = [&](const void *pointer) {
    return isIn(host, made.host.total, pointer);
  };
  const auto inLanes = [&](const void *pointer) {
    return isIn(lanes.block, made.lanes.total, pointer);
  };
  for (std::uint32_t i = 0; i < 48; ++i) {
    const layout::HostLane &lane = launch->lanes[i];
    ASSERT_TRUE(inLanes(lane.ring) && inLanes(lane.staging) &&
                inHost(lane.consumed) && inHost(lane.tail));
    ASSERT_TRUE(inLanes(lane.staging +
                        std::uint64_t(lane.capacity) * lane.stagingStride - 1));
    EXPECT_EQ(lane.stagingStride % 16, 0u);
    EXPECT_EQ(*lane.consumed, 0u);
    EXPECT_EQ(lane.ring[0].piece[0].mark, 0u);
  }
  ASSERT_EQ(launch->replySlotCount, made.sizes.replySlots);
  EXPECT_TRUE(inHost(launch->replySlots) &&
              inHost(launch->replySlots + launch->replySlotCount - 1));
  EXPECT_EQ(launch->answered[launch->replySlotCount - 1], 0u);
  EXPECT_TRUE(inHost(launch->outbound.ring) && inHost(launch->control));
  EXPECT_EQ(launch->outboundState->credits, launch->outbound.capacity);
  EXPECT_EQ(launch->outboundState->tail, 0u);
  EXPECT_EQ(launch->control->request, 0u);
}

} // namespace
