//===- InboundLink.h - From a host lane to the inboxes ----------*- C++ -*-===//
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
#include "common/LaneReader.h"
#include "common/LinkRings.h"

namespace rk::device {

/// Serves one ring of packets from the host.
///
/// What has been read lies in a row of the desk's outbox, a record for each
/// lane; what cannot be placed stays there with everything behind it.
/// `ByRing`: it is of the resident kernel, and reaches places by rings.
template <bool ByRing> class InboundLink : LaneReader {
public:
  InboundLink(const abi::Launch &launch, uint32_t laneIndex, uint32_t agentRow,
              Desk &desk)
      : LaneReader(launch, laneIndex, agentRow, desk) {}

  /// Forwards what the host has written; returns false if there was nothing.
  bool turn() {
    probes.start();
    // The host's messages are slowed as those of workers are: they then wait in
    // the ring, and the host for room there.
    if (desk.behind != 0 && desk.moving == 0 && holdsBack(desk, NoInbox))
        [[unlikely]]
      return false;
    const bool some = count != 0 || startRow();
    if (desk.moving != 0) [[unlikely]]
      watchForSwitch(agent);
    if (!some)
      return false;
    probes.end(Step::Poll);
    forwardRow();
    progress.sent += sumLanes(sent);
    sent = 0;
    if (agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(
          &agent.launch->progress[agent.index].sent, progress.sent);
    probes.count(count);
    if (pending == 0)
      finishRow();
    probes.end(Step::Report);
    return true;
  }

  /// Ends the run: says how many packets it has passed on, though others before
  /// them may not have been.
  void finish() {
    awaitCopies();
    if (agent.lane != 0)
      return;
    const uint32_t passed =
        count == 0 ? 0 : count - uint32_t(__builtin_popcount(pending));
    store<GiveForReuse, Scope::System>(hostLane.consumed, position + passed);
    probes.print(agent.index);
  }

private:
  bool startRow() {
    const bool some = readRow();
    pending = firstLanes(count);
    prepared = 0;
    return some;
  }

  Record *row() { return desk.outbound[0]; }
  Record &record() { return row()[agent.lane]; }

  const unsigned char *staged(uint32_t lane) const {
    const uint64_t at = position + lane;
    return hostLane.staging +
           (at & (hostLane.capacity - 1)) * hostLane.stagingStride;
  }

  /// Places what is left of the row.
  void forwardRow() {
    const abi::PacketHeader header = record().header();
    const bool mine = pending >> agent.lane & 1;
    const uint32_t special =
        ballot(mine &&
               (header.kind >= abi::PacketKind::Spawn || header.byReference)) &
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
      } else if (rk_uses_bulk() && header.kind == abi::PacketKind::Bulk) {
        serveBulk(lane, header);
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
      made = allocateForHost(lane, type, count);
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
    if (made.status != StatusCode::Ok)
      countRefused(agent.report());
    const uint64_t address =
        made.status == StatusCode::Ok ? addressOf(agent, made).bits : 0;
    answerHost(
        agent, header.sender,
        {.status = made.status, .bytes = &address, .size = sizeof(address)});
  }

  /// Makes or releases the bulk payload that the host asks about in `lane`. All
  /// lanes call it.
  void serveBulk(uint32_t lane, const abi::PacketHeader &header) {
    if (agent.lane != 0)
      return;
    const uint32_t *const words = row()[lane].payload();
    const uint64_t handle = words[0] | uint64_t(words[1]) << 32;
    if (abi::BulkCall(words[4]) == abi::BulkCall::Release) {
      changeHolders(agent, handle, false);
      return;
    }
    const uint64_t made = makeBulk(agent, words[2] | uint64_t(words[3]) << 32);
    answerHost(agent, header.sender, {.bytes = &made, .size = sizeof(made)});
  }

  /// Words 3 to 5 of a spawn say where the actor is wanted.
  Allocation allocateForHost(uint32_t lane, uint32_t type, uint32_t count) {
    const uint32_t *const words = row()[lane].payload();
    const auto kind = abi::PlacementKind(words[3]);
    if (!rk_has_residents() || kind == abi::PlacementKind::Automatic)
      return allocateActors(agent, agent.launch->actorTypes[type], count);
    return allocateAt(agent, type, kind, words[4] | uint64_t(words[5]) << 32);
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
    writeRows(agent.launch->slots, typeIndex, type.stateStride, made, count,
              agent.lane, LaneCount);
    if (agent.lane == 0)
      countSpawned(agent, count);
    releaseFence();
    syncLanes();
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
    const uint32_t senders = ballot(byInbox);
    if (senders != 0)
      refused |= putRow(agent, probes, row(), senders,
                        byInbox ? workerOf(agent, header.slot) : 0);
    sent += sends && known && !(refused >> agent.lane & 1);
    pending &= ~allowed | refused;
    if (refused != 0) [[unlikely]] {
      const Settled settled = settleWaiting(desk, 0, refused);
      pending &= ~settled.lanes;
      sent += settled.packets;
    }
  }

  void finishRow() {
    position += count;
    count = 0;
    if (ByRing)
      reportRings(agent);
    if (agent.lane == 0)
      // The host writes there next. (A release at system scope takes
      // microseconds on a GPU.)
      store<GiveForReuse, Scope::System>(hostLane.consumed, position);
  }

  abi::Progress progress{};
  uint32_t pending = 0;  ///< lanes that have not been forwarded
  uint32_t prepared = 0; ///< of those, the ones whose payload is in its block
  uint32_t sent = 0;
  [[no_unique_address]] Probes probes;
};

} // namespace rk::device
