//===- InboundLink.h - From a host lane to the inboxes -------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The agent of one host lane. Only link agents read host memory, since reading
/// it from every worker would slow all of them.
///
/// It never waits: what cannot be placed now stays on its desk for the next
/// turn, so that one thread can serve several agents (as on the CPU).
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Actors.h"
#include "common/Copies.h"
#include "common/LinkRings.h"

namespace rk::device {

/// Serves one ring of packets from the host.
///
/// What has been read lies in rows of the desk's outbox, a record for each
/// lane; what cannot be placed stays there with everything behind it.
/// `ByRing`: it is of the resident kernel, and reaches places by rings.
template <bool ByRing> class InboundLink {
public:
  InboundLink(const abi::Launch &launch, uint32_t laneIndex, uint32_t agentRow,
              Desk &desk)
      : agent(makeAgent(launch, agentRow, desk)), desk(desk),
        hostLane(launch.lanes[laneIndex]) {}

  /// Forwards what the host has written; returns false if there was nothing.
  bool turn() {
    probes.start();
    // The host's messages are slowed as those of workers are: they then wait in
    // the ring, and the host for room there.
    if (desk.behind != 0 && desk.moving == 0 && holdsBack(desk, NoInbox))
        [[unlikely]]
      return false;
    const bool some = count != 0 || readBatch();
    if (desk.moving != 0) [[unlikely]]
      watchForSwitch(agent);
    if (!some)
      return false;
    probes.end(Step::Poll);
    do
      forwardRow();
    while (pending == 0 && nextRow());
    progress.sent += sumLanes(sent);
    sent = 0;
    if (agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(
          &agent.launch->progress[agent.index].sent, progress.sent);
    probes.count(count);
    if (pending == 0)
      finishBatch();
    probes.end(Step::Report);
    return true;
  }

  /// Ends the run: says how many packets it has passed on, though others before
  /// them may not have been.
  void finish() {
    if (agent.lane != 0)
      return;
    uint32_t passed = 0;
    if (count != 0) {
      const uint32_t before = rowNumber * LaneCount;
      const uint32_t left = count - before;
      passed = before + (left < LaneCount ? left : LaneCount) -
               uint32_t(__builtin_popcount(pending));
    }
    store<GiveForReuse, Scope::System>(hostLane.consumed, position + passed);
    probes.print(agent.index);
  }

private:
  static constexpr uint32_t Rows = OutboxDepth;
  static constexpr uint32_t Capacity = Rows * LaneCount;

  /// Reads what was there at the last look at the tail, and looks again: both
  /// cross the bus together. Idle, it looks at the next packet alone.
  bool readBatch() {
    const auto at = [this](uint32_t index) {
      const uint64_t place = position + index;
      return HostPlace{hostLane.ring +
                           (uint32_t(place) & (hostLane.capacity - 1)),
                       abi::ringMark(place, hostLane.capacity)};
    };
    Record *to = &desk.outbound[0][0];
    uint64_t tail = 0;
    if (agent.lane == 0)
      tail = load<Order::Relaxed, Scope::System>(hostLane.tail);
    const uint32_t limit = worthReading();
    if (limit <= LaneCount / 4)
      count = readPackets<Scope::System, 1>(agent.lane, limit, to, at);
    else if (limit <= LaneCount)
      count =
          readPackets<Scope::System, RoundsPerRow>(agent.lane, limit, to, at);
    else
      count = readPackets<Scope::System, Rows * RoundsPerRow>(agent.lane, limit,
                                                              to, at);
    more = count == limit ? count : 0;
    const uint64_t seen = shuffle64(tail, 0);
    seenTail = seen > seenTail ? seen : seenTail;
    rowNumber = 0;
    startRow();
    return count != 0;
  }
  /// As much as is known to be there; else a little more than came last.
  uint32_t worthReading() const {
    constexpr uint32_t Ahead = LaneCount < 16 ? LaneCount : 16;
    if (seenTail > position)
      return seenTail - position < Capacity ? uint32_t(seenTail - position)
                                            : Capacity;
    const uint32_t guess = 2 * more;
    return guess == 0 ? 1 : guess < Ahead ? guess : Ahead;
  }
  struct HostPlace {
    const abi::Packet *packet;
    uint32_t mark;
  };

  void startRow() {
    const uint32_t left = count - rowNumber * LaneCount;
    pending = firstLanes(left < LaneCount ? left : LaneCount);
    prepared = 0;
  }
  bool nextRow() {
    if ((rowNumber + 1) * LaneCount >= count)
      return false;
    ++rowNumber;
    startRow();
    return true;
  }

  Record *row() { return desk.outbound[rowNumber]; }
  Record &record() { return row()[agent.lane]; }

  const unsigned char *staged(uint32_t lane) const {
    const uint64_t at = position + rowNumber * LaneCount + lane;
    return hostLane.staging +
           (at & (hostLane.capacity - 1)) * hostLane.stagingStride;
  }

  /// Places what is left of the row.
  void forwardRow() {
    const abi::PacketHeader header = record().header();
    const bool mine = pending >> agent.lane & 1;
    const uint32_t special =
        ballot(mine &&
               (header.kind == abi::PacketKind::Spawn || header.byReference)) &
        ~prepared;
    if (special != 0)
      prepare(special);
    probes.end(Step::Handler);
    forwardPrepared(header);
  }

  /// Makes actors, and fetches what is by reference, in the order of lanes; it
  /// stops at the first that finds no block.
  void prepare(uint32_t special) {
    while (special != 0) {
      const auto lane = uint32_t(__builtin_ctz(special));
      special &= special - 1;
      const abi::PacketHeader header = row()[lane].header();
      if (header.kind == abi::PacketKind::Spawn) {
        spawnForHost(lane, header);
        pending &= ~(1u << lane);
      } else if (fetchPayload(lane)) {
        prepared |= 1u << lane;
      } else {
        return;
      }
    }
  }

  /// Makes the actors that the host asked for in `lane`, and answers with the
  /// first one's address and status. All lanes call it.
  void spawnForHost(uint32_t lane, const abi::PacketHeader &header) {
    const uint32_t type = header.message;
    const uint32_t count = row()[lane].payload()[2];
    Allocation made;
    if (agent.lane == 0)
      made = allocateActors(agent, type, count);
    made.status = StatusCode(shuffle(uint32_t(made.status), 0));
    if (made.status == StatusCode::Ok) {
      made.slot = shuffle(made.slot, 0);
      made.generation = shuffle(made.generation, 0);
      made.state = reinterpret_cast<unsigned char *>(
          shuffle64(reinterpret_cast<uint64_t>(made.state), 0));
      fillActors(type, made, count, staged(lane));
    }
    if (agent.lane != 0)
      return;
    const uint64_t address =
        made.status == StatusCode::Ok ? addressOf(agent, made).bits : 0;
    answerHost(
        agent, header.sender,
        {.status = made.status, .bytes = &address, .size = sizeof(address)});
  }

  /// Writes states and rows of actors. All lanes call it.
  ///
  /// Ordering  each lane fences behind what it wrote; the answer, which tells
  ///           of the actors, comes behind all lanes.
  void fillActors(uint32_t typeIndex, const Allocation &made, uint32_t count,
                  const unsigned char *state) {
    const abi::ActorType &type = agent.launch->actorTypes[typeIndex];
    copyFromHost(agent.lane, made.state, state, (type.stateBytes + 3) & ~3u);
    repeat(agent.lane, made.state, type.stateStride, count);
    writeRows(*agent.launch, typeIndex, made, count, agent.lane, LaneCount);
    fence<Scope::Device>();
    syncLanes();
    if (agent.lane == 0)
      countSpawned(agent, count);
  }

  /// Brings the large message of `lane` from the staging area into a block of
  /// the pool; false if there is none. All lanes call it.
  bool fetchPayload(uint32_t lane) {
    const abi::Launch &launch = *agent.launch;
    uint64_t block = NoHandle;
    if (agent.lane == 0)
      block = take(agent, *launch.freePayload);
    block = shuffle64(block, 0);
    if (block == NoHandle)
      return false;
    Record &large = row()[lane];
    copyFromHost(agent.lane, blockAt(launch, uint32_t(block)), staged(lane),
                 (payloadBytes(large) + 3) & ~3u);
    if (agent.lane == 0)
      setBlock(large, uint32_t(block), payloadBytes(large));
    syncLanes();
    return true;
  }

  /// Sends what is ready. A lane without its block stays pending with all lanes
  /// behind it, so order holds.
  void forwardPrepared(const abi::PacketHeader &header) {
    const abi::Launch &launch = *agent.launch;
    const uint32_t blocked =
        ballot((pending >> agent.lane & 1) && header.byReference) & ~prepared;
    const uint32_t allowed =
        pending & (blocked == 0 ? ~0u : (blocked & -blocked) - 1);
    const bool sends = allowed >> agent.lane & 1;
    // The host checks addresses; this guards the table against a bad one.
    const bool known = header.slot < launch.slotCount;
    if (sends && !known)
      deadLetter(agent, record(), abi::DeadLetterReason::NeverIssued,
                 StatusCode::InvalidAddress);
    const bool byRing = ByRing && sends && isResident(launch, header.slot);
    const bool byInbox = sends && known && !byRing;
    uint32_t refused = 0;
    if (ByRing)
      refused = putRings(agent, row(), ballot(byRing));
    if (!ByRing || ballot(byInbox) != 0)
      refused |= putRow(agent, probes, row(), byInbox,
                        byInbox ? workerOf(agent, header.slot) : 0);
    sent += sends && known && !(refused >> agent.lane & 1);
    pending &= ~allowed | refused;
    if (refused != 0) [[unlikely]] {
      const Settled settled = settleWaiting(desk, rowNumber, refused);
      pending &= ~settled.lanes;
      sent += settled.packets;
    }
  }

  void finishBatch() {
    position += count;
    count = 0;
    if (ByRing)
      reportRings(agent);
    if (agent.lane == 0)
      // The host writes there next. (A release at system scope takes
      // microseconds on a GPU.)
      store<GiveForReuse, Scope::System>(hostLane.consumed, position);
  }

  const Agent agent;
  Desk &desk;
  const abi::HostLane hostLane;
  abi::Progress progress{};
  uint64_t position = 0;
  uint64_t seenTail = 0;  ///< positions that are known to be taken
  uint32_t more = 0;      ///< what the last read found, if all it asked for
  uint32_t count = 0;     ///< packets on the desk
  uint32_t rowNumber = 0; ///< rows before it have been forwarded
  uint32_t pending = 0;   ///< lanes of that row that have not
  uint32_t prepared = 0;  ///< of those, the ones whose payload is in its block
  uint32_t sent = 0;
  [[no_unique_address]] Probes probes;
};

} // namespace rk::device
