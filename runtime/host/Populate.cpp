//===- Populate.cpp - Initial content of device memory --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Populate.h"

#include "Teams.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace rk::runtime {

namespace {

/// Where each back end can hold many things, the copies are few and large.
class Writer {
public:
  Writer(Backend &backend, const Layout &layout, DeviceAddress device,
         const HostBlock &host, const LaneBlock &lanes, DeviceAddress states)
      : backend_(backend), sizes_(layout.sizes), at_(layout.device),
        layout_(layout), device_(device), host_(host), lanes_(lanes),
        states_(states) {}

  Status write(const modfile::ModuleView &module) {
    Status status = backend_.fillZero(device_, at_.cleared);
    for (const auto step :
         {&Writer::writeShards, &Writer::writeMoves, &Writer::writeInboxes,
          &Writer::writeSegments, &Writer::writeProgress, &Writer::writePayload,
          &Writer::writeBulk, &Writer::writeLink, &Writer::writePlaces,
          &Writer::writeLaunch})
      if (status.isOk())
        status = (this->*step)();
    if (status.isOk())
      status = writeTypes(module);
    return status;
  }

private:
  template <class T> T *pointer(std::uint64_t offset) const {
    return reinterpret_cast<T *>(device_ + offset);
  }
  template <class T> T *hostPointer(std::uint64_t offset) const {
    return reinterpret_cast<T *>(host_.device + offset);
  }
  template <class T>
  Status put(std::uint64_t offset, const T *items, std::size_t count) {
    if (count == 0)
      return {};
    return backend_.copyIn(device_ + offset, items, count * sizeof(T));
  }

  /// A pool that holds the handles `first` to `handles - 1`.
  Status writePool(std::uint64_t pool, std::uint64_t cells,
                   std::uint32_t handles, std::uint32_t first) {
    std::vector<std::uint64_t> content;
    content.reserve(handles - first);
    for (std::uint64_t handle = first; handle < handles; ++handle)
      content.push_back(abi::poolCell(handle, 0, true));
    abi::Pool head{};
    head.available = std::int64_t(content.size());
    head.pushed = content.size();
    head.cells = pointer<std::uint64_t>(cells);
    head.mask = Layout::poolCells(handles) - 1;
    head.shift = std::uint32_t(std::countr_zero(head.mask + 1));
    if (Status status = put(pool, &head, 1); !status.isOk())
      return status;
    return put(cells, content.data(), content.size());
  }

  Status writeShards() {
    std::vector<std::uint16_t> workers(2 * sizes_.shards);
    for (std::uint32_t shard = 0; shard < sizes_.shards; ++shard)
      workers[shard] = workers[shard + sizes_.shards] =
          std::uint16_t(shard % sizes_.workers);
    return put(at_.shardWorkers, workers.data(), workers.size());
  }

  Status writeMoves() {
    abi::Moves moves{};
    moves.mode = abi::BalanceMode(sizes_.balance);
    moves.blocks = sizes_.blocks;
    moves.acknowledged = pointer<std::uint32_t>(at_.acknowledged);
    moves.arrivalOf = pointer<std::uint32_t>(at_.arrivalOf);
    moves.isMoving = pointer<std::uint8_t>(at_.isMoving);
    moves.loads = pointer<abi::WorkerLoad>(at_.loads);
    moves.arrivals = pointer<abi::Arrival>(at_.arrivals);
    moves.arrivalLimit = sizes_.arrivals;
    moves.heldLimit = abi::MaxHeld;
    moves.random = 1;
    return put(at_.moves, &moves, 1);
  }

  /// Every inbox starts with its number 1 open, in a home segment.
  Status writeInboxes() {
    constexpr std::uint64_t DirectoryBytes =
        abi::DirectoryEntries * sizeof(abi::DirectoryEntry);
    std::vector<abi::Inbox> inboxes(sizes_.inboxes);
    std::vector<abi::DirectoryEntry> first(sizes_.inboxes);
    for (std::uint32_t i = 0; i < sizes_.inboxes; ++i) {
      inboxes[i].tail = abi::FirstTicket;
      inboxes[i].headNumber = 1;
      inboxes[i].directory =
          pointer<abi::DirectoryEntry>(at_.directories + i * DirectoryBytes);
      first[i] = abi::DirectoryEntry::make(
          1, abi::SegmentPlace::make(abi::homeSegment(i, 1), 0));
      inboxes[i].recent[1] = first[i];
    }
    if (Status status = put(at_.inboxes, inboxes.data(), inboxes.size());
        !status.isOk())
      return status;
    return backend_.copyInStrided(
        device_ + at_.directories + sizeof(abi::DirectoryEntry), DirectoryBytes,
        first.data(), sizeof(abi::DirectoryEntry), first.size());
  }

  Status writeSegments() {
    return writePool(at_.freeSegments, at_.freeSegmentCells, sizes_.segments,
                     sizes_.homeSegments);
  }

  /// Links have no inbox; their ticket says nothing.
  Status writeProgress() {
    std::vector<abi::Progress> rows(sizes_.agents);
    for (abi::Progress &row : rows)
      row.handledTicket = abi::FirstTicket;
    return put(at_.progress, rows.data(), rows.size());
  }

  Status writePayload() {
    return writePool(at_.freePayload, at_.freePayloadCells,
                     sizes_.payloadBlocks, 0);
  }

  /// The pool begins with the largest blocks there are: those of the top level,
  /// and behind them one of each level that the rest has a bit for.
  Status writeBulk() {
    if (sizes_.bulkUnits == 0)
      return {};
    abi::BulkPool pool = emptyBulkPool(sizes_.bulkUnits);
    pool.memory = pointer<unsigned char>(at_.bulkMemory);
    pool.heads = pointer<std::uint64_t>(at_.bulkHeads);
    pool.freeBits = pointer<std::uint64_t>(at_.bulkFree);
    if (reinterpret_cast<std::uint64_t>(pool.memory) +
            std::uint64_t(pool.units) * abi::BulkUnitBytes >
        abi::BulkAddressMask)
      return Status(StatusCode::Internal,
                    "the pool of bulk payloads lies above 2^48");
    std::vector<std::uint64_t> free(pool.firstWord[pool.levels]);
    const auto add = [&](std::uint32_t level, std::uint32_t block) {
      free[pool.firstWord[level] + block / 64] |= std::uint64_t(1)
                                                  << block % 64;
      ++pool.freeCount[level];
    };
    const std::uint32_t top = pool.levels - 1;
    for (std::uint32_t block = 0; block < pool.units >> top; ++block)
      add(top, block);
    for (std::uint32_t level = 0; level < top; ++level)
      if (pool.units >> level & 1)
        add(level, (pool.units >> level) - 1);
    if (Status status = put(at_.bulkFree, free.data(), free.size());
        !status.isOk())
      return status;
    return put(at_.bulk, &pool, 1);
  }

  Status writeTypes(const modfile::ModuleView &module) {
    std::vector<abi::ActorType> actors;
    std::vector<abi::Pool> pools;
    const std::uint64_t cells = Layout::poolCells(sizes_.maxActors);
    for (std::uint32_t i = 0; i < sizes_.actorTypes; ++i) {
      actors.push_back(
          {module.actors[i].size, sizes_.stateStride[i],
           pointer<abi::Pool>(at_.freeSlots + i * sizeof(abi::Pool)),
           module.actors[i].whenFull, std::uint32_t(residentLanes(module, i))});
      abi::Pool pool{};
      pool.cells = pointer<std::uint64_t>(at_.freeSlotCells + i * cells * 8);
      pool.mask = cells - 1;
      pool.shift = std::uint32_t(std::countr_zero(cells));
      pools.push_back(pool);
    }
    std::vector<std::uint32_t> messages;
    for (const auto &message : module.messages)
      messages.push_back(message.size);
    if (Status status = put(at_.actorTypes, actors.data(), actors.size());
        !status.isOk())
      return status;
    if (Status status = put(at_.freeSlots, pools.data(), pools.size());
        !status.isOk())
      return status;
    return put(at_.messageBytes, messages.data(), messages.size());
  }

  Status writeLink() {
    std::vector<abi::HostLane> lanes(sizes_.lanes);
    for (std::uint32_t i = 0; i < sizes_.lanes; ++i) {
      const DeviceAddress lane = lanes_.block.device + layout_.lane(i);
      auto *const counts = hostPointer<LaneCounts>(layout_.laneCounts(i));
      lanes[i].ring = reinterpret_cast<const abi::Packet *>(lane);
      lanes[i].staging =
          reinterpret_cast<const unsigned char *>(lane + layout_.lanes.staging);
      lanes[i].consumed = &counts->consumed;
      lanes[i].tail = lanes_.onDevice ? nullptr : &counts->tail;
      lanes[i].capacity = sizes_.laneCapacity;
      lanes[i].stagingStride = sizes_.laneStride;
    }
    abi::OutboundState state{};
    state.credits = sizes_.outboundCapacity;
    if (Status status = put(at_.outboundState, &state, 1); !status.isOk())
      return status;
    return put(at_.lanes, lanes.data(), lanes.size());
  }

  /// All places are free, and their first actors have the first generation.
  Status writePlaces() {
    const abi::Residents &residents = sizes_.residents;
    std::vector<std::uint64_t> free(residents.columns);
    for (std::uint32_t place = 0; place < residents.places; ++place)
      free[place % residents.columns] |= std::uint64_t(1)
                                         << place / residents.columns;
    for (const abi::TeamRow &row : residents.teams.rows)
      free.push_back(row.count == 0 ? 0
                                    : ~std::uint64_t(0) >> (64 - row.count));
    std::vector<abi::Slot> rows(residents.places + residents.teams.count);
    for (abi::Slot &row : rows)
      row.generation = abi::FirstGeneration;
    if (Status status = put(at_.freePlaces, free.data(), free.size());
        !status.isOk())
      return status;
    return put(at_.slots + sizes_.maxActors * sizeof(abi::Slot), rows.data(),
               rows.size());
  }

  [[nodiscard]] abi::Residents residents() const {
    abi::Residents residents = sizes_.residents;
    residents.freePlaces = pointer<std::uint64_t>(at_.freePlaces);
    residents.nextColumn = pointer<std::uint32_t>(at_.nextColumn);
    residents.states = pointer<unsigned char>(at_.residentStates);
    residents.farRings = pointer<abi::Packet>(at_.farRings);
    residents.farReturns = pointer<std::uint64_t>(at_.farReturns);
    residents.ringCounts = pointer<abi::RingCount>(at_.ringCounts);
    residents.teams.words = pointer<abi::TeamWords>(at_.teams);
    residents.teams.free = residents.freePlaces + residents.columns;
    return residents;
  }

  Status writeLaunch() {
    abi::Launch launch{};
    launch.version = abi::RuntimeVersion;
    launch.workerCount = sizes_.workers;
    launch.laneCount = sizes_.lanes;
    launch.actorTypeCount = sizes_.actorTypes;
    launch.messageTypeCount = sizes_.messageTypes;
    launch.maxActors = sizes_.maxActors;
    launch.slotCount = sizes_.slots;
    launch.residents = residents();
    launch.shardMask = sizes_.shards - 1;
    launch.shardWorkers = pointer<std::uint16_t>(at_.shardWorkers);
    launch.moves = pointer<abi::Moves>(at_.moves);
    if (sizes_.bulkUnits != 0)
      launch.bulk = pointer<abi::BulkPool>(at_.bulk);
    launch.inboxes = pointer<abi::Inbox>(at_.inboxes);
    launch.segments = pointer<abi::Packet>(at_.segments);
    launch.segmentUses = pointer<std::uint32_t>(at_.segmentUses);
    launch.freeSegments = pointer<abi::Pool>(at_.freeSegments);
    if (sizes_.keepsNewest)
      launch.kept = pointer<abi::KeptMessages>(at_.kept);
    launch.slowdownNs = sizes_.slowdownNs;
    launch.payload = pointer<unsigned char>(at_.payload);
    launch.freePayload = pointer<abi::Pool>(at_.freePayload);
    launch.payloadBlockBytes = sizes_.payloadBlockBytes;
    // No more than half of all blocks lie on desks.
    launch.blocksPerDesk = std::min(sizes_.payloadBlocks / (2 * sizes_.workers),
                                    abi::MaxBlocksPerDesk);
    launch.slots = pointer<abi::Slot>(at_.slots);
    launch.stateArena = reinterpret_cast<unsigned char *>(states_);
    launch.stateArenaBytes = sizes_.stateBytes;
    launch.arena = pointer<abi::ActorArena>(at_.arena);
    launch.actorTypes = pointer<abi::ActorType>(at_.actorTypes);
    launch.messageBytes = pointer<std::uint32_t>(at_.messageBytes);
    launch.lanes = pointer<abi::HostLane>(at_.lanes);
    launch.outbound.ring = hostPointer<abi::Packet>(layout_.host.outboundRing);
    launch.outbound.staging =
        hostPointer<unsigned char>(layout_.host.outboundStaging);
    launch.outbound.consumed =
        hostPointer<std::uint64_t>(layout_.host.outboundConsumed);
    launch.outbound.capacity = sizes_.outboundCapacity;
    launch.outbound.stagingStride = sizes_.outboundStride;
    launch.outboundState = pointer<abi::OutboundState>(at_.outboundState);
    launch.reports = pointer<abi::WorkerReport>(at_.reports);
    launch.progress = pointer<abi::Progress>(at_.progress);
    launch.replySlots = hostPointer<abi::Packet>(layout_.host.replySlots);
    launch.answered = pointer<std::uint32_t>(at_.answered);
    launch.replySlotCount = sizes_.replySlots;
    launch.homeSegmentCount = sizes_.homeSegments;
    launch.control = hostPointer<abi::Control>(layout_.host.control);
    launch.phase = pointer<std::uint32_t>(at_.phase);
    launch.agentsBegun = pointer<std::uint32_t>(at_.agentsBegun);
    launch.agentsEnded = pointer<std::uint32_t>(at_.agentsEnded);
    return put(at_.launch, &launch, 1);
  }

  Backend &backend_;
  const Sizes &sizes_;
  const DeviceOffsets &at_;
  const Layout &layout_;
  DeviceAddress device_;
  HostBlock host_;
  LaneBlock lanes_;
  DeviceAddress states_;
};

} // namespace

Status populate(Backend &backend, const Layout &layout,
                const modfile::ModuleView &module, DeviceAddress device,
                const HostBlock &host, const LaneBlock &lanes,
                DeviceAddress states) {
  return Writer(backend, layout, device, host, lanes, states).write(module);
}

} // namespace rk::runtime
