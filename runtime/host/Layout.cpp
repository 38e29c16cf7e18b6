//===- Layout.cpp - Sizes and offsets -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Layout.h"

#include "RoundUp.h"

#include <algorithm>
#include <bit>

namespace rk::runtime {

namespace {

constexpr std::uint64_t SegmentBytes =
    std::uint64_t(abi::SegmentPackets) * sizeof(abi::Packet);
/// Segment numbers of a directory entry; the largest means "closed".
constexpr std::uint64_t MaxSegments = abi::SegmentPlace::ClosedSegment - 1;
/// Enough shards that a worker has some to give away. Where workers are few,
/// more cost nothing.
constexpr std::uint32_t ShardsPerWorker = 8;
constexpr std::uint32_t MinShards = 1024;
/// Where messages wait everywhere, the worker with the most shards is the pace
/// of all. So there are twice as many if somebody would have more than
/// 1 / `MostUneven` above the mean; four times as many gain no more, as their
/// table leaves less of the L1 cache.
constexpr std::uint32_t MostUneven = 32;
/// States of the first actors, so that common programs never wait for more.
constexpr std::uint64_t FirstStateBytes = 128ull << 20;
constexpr std::uint64_t DefaultPayloadBytes = 512ull << 20;
/// What waits grows with the number of actors: so much for each, but no less
/// than what few busy ones have under way.
constexpr std::uint64_t MessageBytesPerActor = 1024;
constexpr std::uint64_t LeastMessageBytes = 128ull << 20;
constexpr std::uint64_t LeastPayloadBytes = 64ull << 20;
constexpr std::uint32_t DefaultPayloadBlocks = 1u << 19;
constexpr std::uint64_t MaxBulkUnits = 1u << 26; // 256 GiB
/// A lane's staging, and that of the outbound ring, stay below this.
constexpr std::uint64_t StagingBytes = 8ull << 20;
constexpr std::uint64_t LaneStagingBytes = 1ull << 20;
constexpr std::uint32_t MaxLaneCapacity = 2048;
constexpr std::uint32_t MaxOutboundCapacity = 16384;
constexpr std::uint32_t MinRingCapacity = 64;
/// Requests that are answered without a place in the outbound ring.
constexpr std::uint32_t ReplySlots = 65536;

/// Whether round robin gives some worker clearly more than others.
bool isUneven(std::uint32_t shards, std::uint32_t workers) {
  const std::uint64_t most = (shards + workers - 1) / workers;
  return (most * workers - shards) * MostUneven > shards;
}

/// Returns a power of two.
std::uint32_t shardsFor(std::uint32_t workers) {
  const std::uint32_t shards =
      std::max(std::bit_ceil(workers * ShardsPerWorker), MinShards);
  return isUneven(shards, workers) ? 2 * shards : shards;
}

/// Lays regions out one after the other.
class Row {
public:
  /// Returns the offset of a new region.
  std::uint64_t add(std::uint64_t bytes, std::uint64_t align = 256) {
    end_ = roundUp(end_, align);
    const std::uint64_t begin = end_;
    end_ += bytes;
    return begin;
  }
  [[nodiscard]] std::uint64_t end() const { return roundUp(end_, 256); }

private:
  std::uint64_t end_ = 0;
};

/// Returns what a pool takes if the options do not say: in proportion to the
/// actors, from `least` to `most`, and a part of what is free.
std::uint64_t defaultBytes(const Sizes &sizes, std::uint64_t perActor,
                           std::uint64_t least, std::uint64_t most,
                           std::uint64_t free) {
  const std::uint64_t wanted = std::max(sizes.maxActors * perActor, least);
  return std::min({wanted, most, free});
}

std::uint32_t largestMessage(const modfile::ModuleView &module) {
  std::uint32_t most = 0;
  for (const auto &message : module.messages)
    most = std::max(most, message.size);
  return most;
}

/// Returns a capacity that keeps staging small; `stride` may be 0.
std::uint32_t ringCapacity(std::uint32_t stride, std::uint64_t stagingBytes,
                           std::uint32_t most) {
  const std::uint64_t fits =
      stride ? std::bit_floor(stagingBytes / stride) : most;
  return std::uint32_t(std::clamp<std::uint64_t>(fits, MinRingCapacity, most));
}

void sizeAgents(Sizes &sizes, const SystemOptions &options,
                const AgentPlan &plan) {
  sizes.workers = plan.workers;
  sizes.laneGroups = options.lanes;
  sizes.lanes = options.lanes * plan.ringsPerGroup;
  sizes.residents = plan.residents;
  sizes.agents = plan.workers + sizes.lanes + 1 + plan.residents.inboxes;
  sizes.inboxes = plan.workers + 1 + plan.residents.inboxes;
  sizes.slowdownNs = std::uint64_t(options.slowdown.count());
  sizes.shards = shardsFor(plan.workers);
  sizes.balance = options.balance;
  if (sizes.balance != Balance::Off)
    sizes.arrivals = std::min(plan.workers, abi::MaxArrivals);
  sizes.blocks = plan.blocks ? plan.blocks : plan.workers;
}

void sizeActors(Sizes &sizes, const SystemOptions &options,
                const modfile::ModuleView &module, std::uint64_t available) {
  sizes.maxActors = options.maxActors;
  sizes.slots =
      options.maxActors + sizes.residents.places + sizes.residents.teams.count;
  sizes.actorTypes = std::uint32_t(module.actors.size());
  // States of all types come from one arena that only grows, so every stride
  // keeps the largest alignment.
  std::uint32_t align = 16;
  for (const auto &actor : module.actors)
    align = std::max(align, actor.align);
  std::uint32_t largest = align;
  for (const auto &actor : module.actors) {
    const auto stride = std::uint32_t(roundUp(actor.size, align));
    sizes.stateStride.push_back(stride);
    largest = std::max(largest, stride);
    sizes.keepsNewest |= actor.whenFull == abi::WhenFull::DropOldest;
  }
  sizes.stateBytes = options.stateBytes;
  if (sizes.stateBytes == 0)
    sizes.stateBytes = std::min({std::uint64_t(options.maxActors) * largest,
                                 std::max<std::uint64_t>(available / 4, 1),
                                 abi::ActorArena::MaxStateBytes});
  sizes.stateBytes = std::max<std::uint64_t>(sizes.stateBytes, largest);
  sizes.firstStateBytes = options.firstStateBytes;
  if (sizes.firstStateBytes == 0)
    sizes.firstStateBytes = std::min(sizes.stateBytes, FirstStateBytes);
  // Nobody is there to make more of it usable between two steps of agents.
  if (options.scheduler)
    sizes.firstStateBytes = sizes.stateBytes;
}

void sizeMessages(Sizes &sizes, const SystemOptions &options,
                  const modfile::ModuleView &module, const AgentPlan &plan,
                  std::uint64_t available) {
  sizes.messageTypes = std::uint32_t(module.messages.size());
  const std::uint64_t bytes =
      options.messageBytes
          ? options.messageBytes
          : defaultBytes(sizes, MessageBytesPerActor, LeastMessageBytes,
                         plan.defaultMessageBytes, available / 4);
  sizes.homeSegments = sizes.inboxes * abi::HomeSegments;
  sizes.segments = std::uint32_t(std::min<std::uint64_t>(
      sizes.homeSegments + bytes / SegmentBytes, MaxSegments));
  const std::uint32_t largest = largestMessage(module);
  if (largest <= abi::InlineBytes)
    return;
  sizes.payloadBlockBytes = std::uint32_t(roundUp(largest, 16));
  sizes.payloadBlocks =
      options.payloadBlocks
          ? options.payloadBlocks
          : std::uint32_t(std::min<std::uint64_t>(
                DefaultPayloadBlocks,
                defaultBytes(sizes, MessageBytesPerActor / 2, LeastPayloadBytes,
                             DefaultPayloadBytes, available / 8) /
                    sizes.payloadBlockBytes));
  sizes.payloadBlocks = std::max(sizes.payloadBlocks, 1u);
}

void sizeBulk(Sizes &sizes, const SystemOptions &options,
              const modfile::ModuleView &module, const AgentPlan &plan,
              std::uint64_t available) {
  if (std::ranges::none_of(module.messages,
                           [](const auto &message) { return message.isBulk; }))
    return;
  const std::uint64_t bytes =
      options.bulkBytes ? options.bulkBytes
                        : std::min(plan.defaultMessageBytes / 4, available / 8);
  sizes.bulkUnits = std::uint32_t(
      std::clamp<std::uint64_t>(bytes / abi::BulkUnitBytes, 1, MaxBulkUnits));
}

void sizeLink(Sizes &sizes, const modfile::ModuleView &module) {
  std::uint32_t staged = 16;
  for (const auto &actor : module.actors)
    staged = std::max(staged, actor.size);
  staged = std::max(staged, largestMessage(module));
  sizes.laneStride = std::uint32_t(roundUp(staged, 16));
  sizes.laneCapacity =
      ringCapacity(sizes.laneStride, LaneStagingBytes, MaxLaneCapacity);
  sizes.replySlots = ReplySlots;
  sizes.outboundStride = std::max(sizes.payloadBlockBytes, 16u);
  sizes.outboundCapacity =
      ringCapacity(sizes.outboundStride, StagingBytes, MaxOutboundCapacity);
}

std::uint64_t bulkBytes(std::uint32_t units) {
  return std::uint64_t(units) * abi::BulkUnitBytes;
}

/// All but the memory itself.
void placeBulk(DeviceOffsets &at, Row &row, std::uint32_t units) {
  const abi::BulkPool pool = emptyBulkPool(units);
  at.bulk = row.add(units ? sizeof(abi::BulkPool) : 0);
  at.bulkHeads = row.add(units * sizeof(std::uint64_t));
  at.bulkFree = row.add(pool.firstWord[pool.levels] * sizeof(std::uint64_t));
}

DeviceOffsets placeOnDevice(const Sizes &sizes) {
  DeviceOffsets at{};
  Row row;
  at.launch = row.add(sizeof(abi::Launch));
  at.arena = row.add(sizeof(abi::ActorArena));
  at.outboundState = row.add(sizeof(abi::OutboundState));
  at.phase = row.add(128);
  at.agentsBegun = row.add(128);
  at.agentsEnded = row.add(128);
  at.shardWorkers = row.add(2 * sizes.shards * sizeof(std::uint16_t));
  at.inboxes = row.add(sizes.inboxes * sizeof(abi::Inbox));
  at.actorTypes = row.add(sizes.actorTypes * sizeof(abi::ActorType));
  at.messageBytes = row.add(sizes.messageTypes * sizeof(std::uint32_t));
  at.lanes = row.add(sizes.lanes * sizeof(abi::HostLane));
  at.progress = row.add(sizes.agents * sizeof(abi::Progress));
  at.answered = row.add(sizes.replySlots * sizeof(std::uint32_t));
  at.kept = row.add(sizes.keepsNewest * sizes.inboxes *
                    std::uint64_t(sizeof(abi::KeptMessages)));
  at.reports = row.add(sizes.agents * sizeof(abi::WorkerReport));
  at.moves = row.add(sizeof(abi::Moves));
  at.acknowledged = row.add(sizes.agents * sizeof(std::uint32_t));
  at.arrivalOf = row.add(sizes.workers * sizeof(std::uint32_t));
  at.isMoving = row.add(sizes.shards);
  at.loads = row.add(sizes.workers * sizeof(abi::WorkerLoad));
  at.arrivals = row.add(sizes.arrivals * sizeof(abi::Arrival));
  at.freeSegments = row.add(sizeof(abi::Pool));
  at.freePayload = row.add(sizeof(abi::Pool));
  at.freeSlots = row.add(sizes.actorTypes * sizeof(abi::Pool));
  const abi::Residents &residents = sizes.residents;
  const std::uint64_t ways = std::uint64_t(residents.inboxes) *
                             residents.blocks; // from each block to each place
  at.freePlaces =
      row.add((residents.columns + abi::TeamKinds) * sizeof(std::uint64_t));
  at.nextColumn = row.add(residents.places ? 128 : 0);
  at.ringCounts =
      row.add((residents.links + residents.inboxes) * sizeof(abi::RingCount));
  at.teams = row.add(residents.teams.count * sizeof(abi::TeamWords));
  at.farReturns = row.add(ways * sizeof(std::uint64_t));
  at.farRings = row.add(ways * abi::RingDepth * sizeof(abi::Packet));
  placeBulk(at, row, sizes.bulkUnits);
  at.segmentUses = row.add(sizes.segments * sizeof(std::uint32_t));
  at.freeSegmentCells = row.add(Layout::poolCells(sizes.segments) * 8);
  at.freePayloadCells = row.add(Layout::poolCells(sizes.payloadBlocks) * 8);
  at.freeSlotCells =
      row.add(sizes.actorTypes * Layout::poolCells(sizes.maxActors) * 8);
  at.directories = row.add(std::uint64_t(sizes.inboxes) *
                           abi::DirectoryEntries * sizeof(abi::DirectoryEntry));
  at.slots = row.add(std::uint64_t(sizes.slots) * sizeof(abi::Slot));
  at.segments = row.add(sizes.segments * SegmentBytes);
  at.cleared = row.end();
  at.residentStates =
      row.add(std::uint64_t(residents.places + residents.teams.count) *
              residents.stateStride);
  at.payload =
      row.add(std::uint64_t(sizes.payloadBlocks) * sizes.payloadBlockBytes);
  at.bulkMemory = row.add(bulkBytes(sizes.bulkUnits));
  at.total = row.end();
  return at;
}

HostOffsets placeOnHost(const Sizes &sizes) {
  HostOffsets at{};
  Row row;
  at.control = row.add(sizeof(abi::Control));
  at.outboundConsumed = row.add(128);
  at.replySlots = row.add(sizes.replySlots * sizeof(abi::Packet), 4096);
  at.outboundRing = row.add(sizes.outboundCapacity * sizeof(abi::Packet), 4096);
  at.outboundStaging = row.add(
      std::uint64_t(sizes.outboundCapacity) * sizes.outboundStride, 4096);
  at.laneCounts = row.add(sizes.lanes * sizeof(LaneCounts), 4096);
  at.total = row.end();
  return at;
}

LaneOffsets placeLanes(const Sizes &sizes) {
  LaneOffsets at{};
  Row lane;
  lane.add(sizes.laneCapacity * sizeof(abi::Packet));
  at.staging = lane.add(std::uint64_t(sizes.laneCapacity) * sizes.laneStride);
  at.bytes = roundUp(lane.end(), 4096);
  at.total = at.bytes * sizes.lanes;
  return at;
}

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB";
}

Status outOfMemory(const Sizes &sizes, std::uint64_t needed,
                   std::uint64_t available) {
  return Status(StatusCode::OutOfMemory,
                std::to_string(needed) + " bytes are needed and " +
                    std::to_string(available) + " are available: state " +
                    mebibytes(sizes.stateBytes) + " (stateBytes), messages " +
                    mebibytes(sizes.segments * SegmentBytes) +
                    " (messageBytes), large messages " +
                    mebibytes(std::uint64_t(sizes.payloadBlocks) *
                              sizes.payloadBlockBytes) +
                    " (payloadBlocks), bulk payloads " +
                    mebibytes(bulkBytes(sizes.bulkUnits)) +
                    " (bulkBytes), the rest for " +
                    std::to_string(sizes.maxActors) +
                    " actors (maxActors) and " + std::to_string(sizes.workers) +
                    " workers");
}

Status checkStates(const Sizes &sizes) {
  if (sizes.stateBytes > abi::ActorArena::MaxStateBytes)
    return Status(StatusCode::InvalidArgument,
                  "stateBytes is " + std::to_string(sizes.stateBytes) +
                      "; actors of one system can have " +
                      std::to_string(abi::ActorArena::MaxStateBytes) +
                      " bytes of state, as the cursor of their arena counts "
                      "no further; lower it");
  if (sizes.firstStateBytes > sizes.stateBytes)
    return Status(StatusCode::InvalidArgument,
                  "SystemOptions::firstStateBytes is " +
                      std::to_string(sizes.firstStateBytes) +
                      ", and states may take " +
                      std::to_string(sizes.stateBytes) +
                      " bytes in all (stateBytes); lower the one or raise the "
                      "other");
  return {};
}

} // namespace

std::uint64_t Layout::poolCells(std::uint32_t handles) {
  return std::bit_ceil(std::max<std::uint64_t>(handles, 1));
}

abi::BulkPool emptyBulkPool(std::uint32_t units) {
  abi::BulkPool pool{};
  pool.units = units;
  if (units == 0)
    return pool;
  pool.levels =
      std::min(std::uint32_t(std::bit_width(units)), abi::MaxBulkLevels);
  for (std::uint32_t level = 0; level < pool.levels; ++level)
    pool.firstWord[level + 1] =
        pool.firstWord[level] + ((units >> level) + 63) / 64;
  return pool;
}

Result<Layout> makeLayout(const SystemOptions &options,
                          const modfile::ModuleView &module,
                          const AgentPlan &plan, std::uint64_t available) {
  if (module.runtimeVersion != abi::RuntimeVersion)
    return Status(StatusCode::UnsupportedVersion,
                  "module '" + std::string(module.name) +
                      "' was made for runtime layouts " +
                      std::to_string(module.runtimeVersion) +
                      ", this runtime has " +
                      std::to_string(abi::RuntimeVersion));
  Layout layout;
  Sizes &sizes = layout.sizes;
  sizeAgents(sizes, options, plan);
  sizeActors(sizes, options, module, available);
  sizeMessages(sizes, options, module, plan, available);
  sizeBulk(sizes, options, module, plan, available);
  sizeLink(sizes, module);
  layout.device = placeOnDevice(sizes);
  layout.host = placeOnHost(sizes);
  layout.lanes = placeLanes(sizes);
  // What states may take is not taken at once, but has to be there.
  const std::uint64_t needed = layout.device.total + sizes.stateBytes;
  if (needed > available)
    return outOfMemory(sizes, needed, available);
  if (Status status = checkStates(sizes); !status.isOk())
    return status;
  return layout;
}

} // namespace rk::runtime
