//===- TestSystem.cpp - A device made of threads --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "TestSystem.h"

#include "host/Pieces.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace rk::abi;

namespace rk::test {

Dispatch dispatch, residentDispatch;
uint32_t messageBytes[16];

namespace {

/// The row of a request that has no slot.
constexpr uint32_t SpawnRow = (1u << ReplyRowBits) - 1;

template <class Predicate> bool waitFor(Predicate done, int timeoutMs) {
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMs);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::yield();
  }
  return true;
}

} // namespace

template <class T> T *TestSystem::array(size_t count) {
  const size_t bytes = count * sizeof(T) + 128;
  memory.emplace_back(new unsigned char[bytes]());
  auto address = reinterpret_cast<uintptr_t>(memory.back().get());
  return reinterpret_cast<T *>((address + 127) & ~uintptr_t(127));
}

void TestSystem::fillPool(Pool &pool, uint64_t first, uint64_t count,
                          uint64_t capacity) {
  uint64_t cells = 1;
  for (; cells < capacity; cells *= 2)
    ++pool.shift;
  pool.cells = array<uint64_t>(cells);
  pool.mask = cells - 1;
  for (uint64_t i = 0; i < count; ++i)
    pool.cells[i] = poolCell(first + i, 0, true);
  pool.available = int64_t(count);
  pool.pushed = count;
}

void TestSystem::layOutInboxes(const TestSizes &sizes) {
  const uint32_t inboxes = sizes.workers + 1 + sizes.places;
  launch.inboxes = array<Inbox>(inboxes);
  const uint32_t segments = inboxes * HomeSegments + sizes.poolSegments;
  launch.segments = array<Packet>(size_t(segments) * SegmentPackets);
  launch.segmentUses = array<uint32_t>(segments);
  launch.freeSegments = array<Pool>(1);
  const uint32_t homes = inboxes * HomeSegments;
  launch.homeSegmentCount = homes;
  fillPool(*launch.freeSegments, homes, sizes.poolSegments,
           homes + sizes.poolSegments);
  launch.slowdownNs = sizes.slowdownNs;
  if (sizes.whenFull == WhenFull::DropOldest)
    launch.kept = array<KeptMessages>(inboxes);
  for (uint32_t i = 0; i < inboxes; ++i) {
    Inbox &inbox = launch.inboxes[i];
    inbox.directory = array<DirectoryEntry>(DirectoryEntries);
    inbox.directory[1] =
        DirectoryEntry::make(1, SegmentPlace::make(homeSegment(i, 1), 0));
    inbox.recent[1] = inbox.directory[1];
    inbox.tail = FirstTicket;
    inbox.headNumber = 1;
  }
}

void TestSystem::layOutMoves(const TestSizes &sizes) {
  launch.shardWorkers = array<uint16_t>(2 * sizes.shards);
  launch.shardMask = sizes.shards - 1;
  for (uint32_t i = 0; i < sizes.shards; ++i)
    launch.shardWorkers[i] = launch.shardWorkers[i + sizes.shards] =
        uint16_t(i % sizes.workers);
  Moves &moves = *array<Moves>(1);
  moves.mode = sizes.balance;
  moves.blocks = sizes.workers;
  moves.acknowledged = array<uint32_t>(sizes.workers + 2);
  moves.arrivalOf = array<uint32_t>(sizes.workers);
  moves.isMoving = array<uint8_t>(sizes.shards);
  moves.loads = array<WorkerLoad>(sizes.workers);
  moves.arrivalLimit = sizes.workers;
  moves.arrivals = array<Arrival>(moves.arrivalLimit);
  moves.heldLimit = sizes.heldLimit;
  moves.random = 1;
  launch.moves = &moves;
}

void TestSystem::layOutActors(const TestSizes &sizes) {
  launch.slots = array<Slot>(sizes.maxActors + sizes.places);
  launch.stateArenaBytes = uint64_t(sizes.maxActors) * sizes.stateBytes;
  launch.stateArena = array<unsigned char>(launch.stateArenaBytes);
  launch.arena = array<ActorArena>(1);
  launch.arena->reach = ActorArena::packReach(
      launch.stateArenaBytes + ActorArena::ReachUnit,
      launch.stateArenaBytes + ActorArena::ReachUnit, true);
  auto *pool = array<Pool>(1);
  fillPool(*pool, 0, 0, sizes.maxActors);
  auto *type = array<ActorType>(1);
  *type = {sizes.stateBytes, sizes.stateBytes, pool, sizes.whenFull, 0};
  launch.actorTypes = type;
  for (uint32_t i = 0; i < 16; ++i)
    messageBytes[i] = i >= FirstLarge && sizes.largeBytes != 0
                          ? sizes.largeBytes
                          : sizes.messageBytes;
  launch.messageBytes = messageBytes;
  launch.payload = array<unsigned char>(size_t(sizes.payloadBlocks) *
                                        sizes.payloadBlockBytes);
  launch.freePayload = array<Pool>(1);
  fillPool(*launch.freePayload, 0, sizes.payloadBlocks, sizes.payloadBlocks);
  launch.payloadBlockBytes = sizes.payloadBlockBytes;
  launch.blocksPerDesk = sizes.blocksPerDesk;
}

void TestSystem::layOutLink(const TestSizes &sizes) {
  lane.ring = array<Packet>(sizes.laneCapacity);
  lane.capacity = sizes.laneCapacity;
  lane.stagingStride = 1024;
  lane.staging = array<unsigned char>(size_t(sizes.laneCapacity) * 1024);
  lane.consumed = array<uint64_t>(1);
  lane.tail = array<uint64_t>(1);
  launch.lanes = &lane;
  launch.laneCount = 1;
  launch.outbound.ring = array<Packet>(sizes.outboundCapacity);
  launch.outbound.capacity = sizes.outboundCapacity;
  launch.outbound.stagingStride = 1024;
  launch.outbound.staging =
      array<unsigned char>(size_t(sizes.outboundCapacity) * 1024);
  launch.outbound.consumed = array<uint64_t>(1);
  launch.outboundState = array<OutboundState>(1);
  launch.outboundState->credits = sizes.outboundCapacity;
  launch.replySlots = array<Packet>(sizes.replySlots);
  launch.answered = array<uint32_t>(sizes.replySlots);
  launch.replySlotCount = sizes.replySlots;
}

TestSystem::TestSystem(const TestSizes &sizes) : sizes(sizes) {
  launch.version = RuntimeVersion;
  launch.workerCount = sizes.workers;
  launch.actorTypeCount = 1;
  launch.messageTypeCount = 16;
  launch.maxActors = sizes.maxActors;
  launch.slotCount = sizes.maxActors + sizes.places;
  layOutInboxes(sizes);
  layOutActors(sizes);
  layOutLink(sizes);
  layOutMoves(sizes);
  const uint32_t agents = sizes.workers + 2; // a lane, and late answers
  launch.reports = array<WorkerReport>(agents);
  launch.progress = array<Progress>(agents);
  for (uint32_t i = 0; i < agents; ++i)
    launch.progress[i].handledTicket = FirstTicket;
  launch.control = &control;
  launch.phase = array<uint32_t>(1);
  launch.agentsBegun = array<uint32_t>(1);
  launch.agentsEnded = array<uint32_t>(1);
}

void TestSystem::start() {
  for (uint32_t i = 0; i < sizes.workers; ++i)
    agents.emplace_back([this, i] { rk_agent_run(&launch, i, nullptr); });
  waitFor(
      [&] {
        return __atomic_load_n(&control.phase, __ATOMIC_ACQUIRE) ==
               uint32_t(Phase::Running);
      },
      20000);
}

void TestSystem::stop() {
  __atomic_store_n(&control.request, uint32_t(Phase::Stopping),
                   __ATOMIC_RELEASE);
  for (std::thread &agent : agents)
    agent.join();
  agents.clear();
}

void TestSystem::toDevice(const PacketHeader &header, const void *bytes,
                          uint32_t size, uint32_t count) {
  const auto consumed = [&] {
    return __atomic_load_n(lane.consumed, __ATOMIC_ACQUIRE);
  };
  uint64_t before;
  do {
    before = consumed();
    if (waitFor([&] { return lanePosition - consumed() < lane.capacity; },
                60000))
      break;
    if (consumed() == before) {
      std::fprintf(stderr, "the device takes nothing from the host's lane\n");
      std::abort();
    }
  } while (true);
  const uint64_t index = lanePosition & (lane.capacity - 1);
  uint32_t words[PacketWords] = {};
  uint32_t packed[HeaderWords];
  header.pack(packed);
  std::memcpy(words, packed, sizeof(packed));
  if (header.byReference || header.kind == PacketKind::Spawn) {
    std::memcpy(const_cast<unsigned char *>(lane.staging) +
                    index * lane.stagingStride,
                bytes, size);
    words[HeaderWords + 1] = size;
    words[HeaderWords + 2] = count;
  } else {
    std::memcpy(words + HeaderWords, bytes, size);
  }
  auto *packet = const_cast<Packet *>(lane.ring) + index;
  const uint32_t mark = ringMark(lanePosition, lane.capacity);
  for (uint32_t i = 0; i < PiecesPerPacket; ++i)
    device::storePiece<device::Scope::System>(
        &packet->piece[i],
        Piece{{words[3 * i], words[3 * i + 1], words[3 * i + 2]}, mark});
  ++lanePosition;
  __atomic_store_n(const_cast<uint64_t *>(lane.tail), lanePosition,
                   __ATOMIC_RELEASE);
}

/// Waits for the packet with `mark`.
static bool awaitPacket(const Packet *packet, uint32_t mark,
                        PacketHeader &header, uint32_t (&payload)[8],
                        int timeoutMs) {
  uint32_t words[PacketWords];
  const bool arrived = waitFor(
      [&] {
        for (uint32_t i = 0; i < PiecesPerPacket; ++i) {
          const Piece piece =
              device::loadPiece<device::Scope::System>(&packet->piece[i]);
          if (piece.mark != mark)
            return false;
          std::memcpy(words + 3 * i, piece.word, 12);
        }
        return true;
      },
      timeoutMs);
  if (!arrived)
    return false;
  uint32_t packed[HeaderWords];
  std::memcpy(packed, words, sizeof(packed));
  header = PacketHeader::unpack(packed);
  std::memcpy(payload, words + HeaderWords, sizeof(payload));
  return true;
}

bool TestSystem::fromDevice(PacketHeader &header, uint32_t (&payload)[8],
                            int timeoutMs) {
  const OutboundRing &ring = launch.outbound;
  const Packet *packet = ring.ring + (outboundPosition & (ring.capacity - 1));
  if (!awaitPacket(packet, ringMark(outboundPosition, ring.capacity), header,
                   payload, timeoutMs))
    return false;
  ++outboundPosition;
  __atomic_store_n(const_cast<uint64_t *>(ring.consumed), outboundPosition,
                   __ATOMIC_RELEASE);
  return true;
}

bool TestSystem::fromSlot(uint64_t token, PacketHeader &header,
                          uint32_t (&payload)[8], int timeoutMs) const {
  return awaitPacket(launch.replySlots + replyRow(token), replyMark(token),
                     header, payload, timeoutMs);
}

std::vector<uint64_t> TestSystem::handledTickets() const {
  // The outbound inbox comes after the workers', its agent last.
  std::vector<uint64_t> handled;
  for (uint32_t i = 0; i <= launch.workerCount; ++i)
    handled.push_back(__atomic_load_n(
        &launch.progress[i + i / launch.workerCount].handledTicket,
        __ATOMIC_SEQ_CST));
  return handled;
}

bool TestSystem::isIdle() const {
  if (__atomic_load_n(lane.consumed, __ATOMIC_ACQUIRE) != lanePosition)
    return false;
  const std::vector<uint64_t> handled = handledTickets();
  for (uint32_t i = 0; i <= launch.workerCount; ++i)
    if (handled[i] !=
        __atomic_load_n(&launch.inboxes[i].tail, __ATOMIC_SEQ_CST))
      return false;
  return true;
}

bool TestSystem::waitIdle(int timeoutMs) {
  // On a machine that has other things to do a flood can take minutes.
  std::vector<uint64_t> before;
  do {
    before = handledTickets();
    if (waitFor([&] { return isIdle(); }, timeoutMs))
      return true;
  } while (handledTickets() != before);
  return false;
}

uint64_t TestSystem::spawn(const void *state, uint32_t *status,
                           uint32_t count) {
  PacketHeader header;
  header.kind = PacketKind::Spawn;
  header.senderKind = SenderKind::Host;
  header.sender = replyToken(SpawnRow, 1);
  toDevice(header, state, sizes.stateBytes, count);
  uint32_t payload[8];
  if (!fromDevice(header, payload))
    return 0;
  if (status)
    *status = header.status;
  return payload[0] | uint64_t(payload[1]) << 32;
}

void TestSystem::send(uint64_t bits, uint32_t message, const void *bytes,
                      uint32_t size, uint64_t token) {
  const Address address{bits};
  PacketHeader header;
  header.slot = address.slot();
  header.generation = address.generation();
  header.message = message;
  header.byReference = size > InlineBytes;
  if (token != 0) {
    header.senderKind = SenderKind::Host;
    header.sender = token;
  }
  toDevice(header, bytes, size);
}

uint64_t TestSystem::deadLetters(DeadLetterReason reason) const {
  uint64_t total = 0;
  for (uint32_t i = 0; i < launch.workerCount + 2; ++i)
    total += __atomic_load_n(&launch.reports[i].deadLetters[uint32_t(reason)],
                             __ATOMIC_ACQUIRE);
  return total;
}

uint64_t TestSystem::moves() const {
  uint64_t total = 0;
  for (uint32_t i = 0; i < launch.workerCount + 2; ++i)
    total += __atomic_load_n(&launch.reports[i].moves, __ATOMIC_ACQUIRE);
  return total;
}

static int64_t available(const Pool &pool) {
  return __atomic_load_n(&pool.available, __ATOMIC_ACQUIRE);
}
int64_t TestSystem::freeSegments() const {
  return available(*launch.freeSegments);
}
int64_t TestSystem::freePayload() const {
  return available(*launch.freePayload);
}

const unsigned char *TestSystem::stateOf(uint64_t address) const {
  return static_cast<const unsigned char *>(
      launch.slots[Address{address}.slot()].state);
}

} // namespace rk::test

extern "C" {
uint32_t rk_dispatch(uint32_t key, void *state, const void *message,
                     void *reply, void *context) {
  if ((key & NoMessage) == 15)
    return 0;
  const void *bytes = message;
  if (rk::test::messageBytes[key & NoMessage] > rk::abi::InlineBytes)
    bytes = *static_cast<const void *const *>(message);
  const uint32_t outcome =
      rk::test::dispatch(key & NoMessage, state, bytes, reply, context);
  rk_publish(context);
  return outcome;
}
uint32_t rk_handler_lanes(uint32_t key) {
  return (key & NoMessage) == 15 ? 0 : 1;
}
uint32_t rk_reply_bytes() {
  using rk::test::messageBytes;
  return std::max(messageBytes[0], messageBytes[rk::test::FirstLarge]);
}
uint32_t rk_uses_warps() { return 0; }
uint32_t rk_uses_bulk() { return 0; }
uint32_t rk_carries_bulk(uint32_t) { return 0; }
uint32_t rk_has_residents() { return 0; }
uint32_t rk_dispatch_resident(uint32_t key, void *state, const void *message,
                              void *reply, void *context) {
  return rk::test::residentDispatch(key & NoMessage, state, message, reply,
                                    context);
}
uint32_t rk_dispatch_resident_warp(uint32_t, void *, const void *, void *,
                                   void *) {
  return 0;
}
uint32_t rk_dispatch_team(uint32_t, void *, const void *, void *, void *) {
  return 0;
}
}
