//===- Shards.h - Which worker has an actor ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds the worker of an actor, and what agents do while shards go to other
/// workers: `docs/rationale/moving-shards.md` has the protocol, `Balancer.h`
/// the side that leads it.
///
/// Agents use the table of the round. Of the two tables, the balancer writes
/// only the one that no agent uses, so a look-up is a plain load. An agent
/// hears of a round by the phase word, which it looks at now and then anyway;
/// from then on it watches for the switch in every turn, behind the messages
/// that it has read and before it sends anything. So the switch goes through
/// the agents as a message would: whoever has heard from one that has the new
/// table has it too, and nothing overtakes.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Packets.h"
#include "common/Congestion.h"
#include "common/Generated.h"
#include "common/Places.h"

namespace rk::device {

/// What an agent has to do in its turns. Bits of `Desk::moving`.
enum Moving : uint32_t {
  /// Every turn: take the new table once the balancer has switched.
  Watching = 1,
  /// Every turn: hold back what is for shards that still belong to others.
  Holding = 2,
  /// Until the shards that go are let go: others wait for this agent, so it
  /// does
  /// not hold back for slow receivers.
  Draining = 4,
};

inline uint32_t ownerIn(const abi::Launch &launch, uint32_t shardBase,
                        uint32_t slot) {
  return launch.shardWorkers[shardBase + (slot & launch.shardMask)];
}
inline uint32_t workerOf(Agent agent, uint32_t slot) {
  const abi::Launch &launch = *agent.launch;
  if (rk_has_residents() && slot - launch.maxActors < launch.residents.inboxes)
    return placeInbox(launch, placeOf(launch, slot));
  return ownerIn(*agent.launch, agent.desk->shardBase, slot);
}

/// Where the table of `round` begins.
inline uint32_t tableBase(const abi::Launch &launch, uint32_t round) {
  return round % 2 * (launch.shardMask + 1);
}

/// Tells the balancer that this agent has come to `step`. All lanes call it.
///
/// Ordering  release, for all that the lanes have done: the tickets that they
///           drew, the states and rows that they wrote. At system scope, since
///           the way from here to another agent may lead over the host.
inline void acknowledge(Agent agent, uint32_t step) {
  syncLanes();
  if (agent.lane != 0)
    return;
  fence<Scope::System>();
  store<Order::Release, Scope::Device>(
      &agent.launch->moves->acknowledged[agent.index], step);
}

inline bool receivesShards(Agent agent) {
  return agent.index < agent.launch->workerCount &&
         agent.launch->moves->arrivalOf[agent.index] != 0;
}

inline bool givesShards(Agent agent) {
  const abi::Moves &moves = *agent.launch->moves;
  bool gives = false;
  for (uint32_t i = 0; i < moves.sourceCount; ++i)
    gives |= moves.sources[i].worker == agent.index;
  return gives;
}

/// Whether the phase word says what this agent has not followed yet; always, if
/// the run is stepped.
///
/// Ordering  relaxed: whoever follows loads it again.
inline bool hasNewPhase(const abi::Launch &launch, const Desk &desk) {
  return load<Order::Relaxed, Scope::Device>(launch.phase) != desk.phaseSeen;
}

/// Goes along with what the phase word asks for; returns false if that is to
/// stop. All lanes call it, between turns.
///
/// Ordering  acquire: what the balancer wrote before is seen, and the L1 cache
///           forgets its lines. (The balancer may write `arrivalOf` again only
///           after the acknowledgement.)
RK_OUT_OF_LINE inline bool followPhase(Desk &desk) {
  const Agent agent = agentOf(desk);
  uint32_t word = 0;
  if (agent.lane == 0)
    word = load<Order::Acquire, Scope::Device>(agent.launch->phase);
  word = shuffle(word, 0);
  if (agree(isStopping(word)))
    return false;
  const uint32_t step = abi::stepOf(word);
  if (agree(step == abi::stepOf(desk.phaseSeen)))
    return true;
  uint32_t moving = desk.moving & ~uint32_t(Draining);
  if (abi::isAnnouncement(step))
    moving |= Watching | (receivesShards(agent) ? uint32_t(Holding) : 0) |
              (givesShards(agent) ? uint32_t(Draining) : 0);
  syncLanes();
  if (agent.lane == 0) {
    desk.phaseSeen = step << abi::PhaseBits;
    desk.moving = moving;
  }
  acknowledge(agent, step);
  syncLanes();
  return true;
}

/// Takes the new table if the balancer has switched. An agent that watches
/// calls it in every turn, behind its last look at what others wrote to it and
/// before it sends. All lanes call it.
///
/// Ordering  the fence, then the load: whatever an agent with the new table
///           wrote before what this one has read, the switch comes before it.
///           Acquire: the table. Two agents cannot differ longer than it takes
///           a message to get from one to the other.
RK_OUT_OF_LINE inline void watchForSwitch(Desk &desk) {
  const Agent agent = agentOf(desk);
  if (agree(!(desk.moving & Watching)))
    return;
  uint32_t round = 0;
  if (agent.lane == 0) {
    fence<Scope::System>();
    round = load<Order::Acquire, Scope::Device>(&agent.launch->moves->round);
  }
  round = shuffle(round, 0);
  if (agree(round == desk.round))
    return;
  const uint32_t moving = desk.moving & ~uint32_t(Watching);
  syncLanes();
  if (agent.lane == 0) {
    desk.round = round;
    desk.shardBase = tableBase(*agent.launch, round);
    desk.moving = moving;
  }
  acknowledge(agent, abi::switchStep(round));
  syncLanes();
}

/// What a turn works on: how many packets it takes out of the inbox, and the
/// lanes whose records it handles.
struct SortedBatch {
  uint64_t bits;
  static SortedBatch make(uint32_t taken, uint32_t lanes) {
    return {uint64_t(taken) << 32 | lanes};
  }
  uint32_t taken() const { return uint32_t(bits >> 32); }
  uint32_t lanes() const { return uint32_t(bits); }
};

/// Puts the next records that were held back on the desk; returns how many.
inline uint32_t replayHeld(Agent agent, abi::Arrival &arrival) {
  const uint32_t first = arrival.handled;
  const uint32_t left = arrival.held - first;
  const uint32_t count = left < LaneCount ? left : LaneCount;
  if (agent.lane < count)
    __builtin_memcpy(&agent.desk->inbound[agent.lane],
                     &arrival.records[first + agent.lane], sizeof(Record));
  syncLanes();
  if (agent.lane == 0)
    arrival.handled = first + count;
  syncLanes();
  return count;
}

/// Keeps the records for shards on their way, in order; returns the lanes of
/// the others.
inline uint32_t holdBack(Agent agent, abi::Arrival &arrival, uint32_t lanes) {
  const abi::Launch &launch = *agent.launch;
  const Record &record = agent.desk->inbound[agent.lane];
  const bool held =
      (lanes >> agent.lane & 1) &&
      launch.moves->isMoving[record.header().slot & launch.shardMask];
  const uint32_t all = ballot(held);
  const uint32_t before = arrival.held;
  if (held)
    __builtin_memcpy(
        &arrival.records[before + uint32_t(__builtin_popcount(
                                      all & lanesBefore(agent.lane)))],
        &record, sizeof(Record));
  syncLanes();
  if (agent.lane == 0)
    arrival.held = before + uint32_t(__builtin_popcount(all));
  syncLanes();
  return lanes & ~all;
}

/// Nothing is held any more: what comes is handled as it comes.
inline void finishArrival(Agent agent, abi::Arrival &arrival) {
  syncLanes();
  if (agent.lane == 0) {
    agent.desk->moving &= ~uint32_t(Holding);
    store<Order::Release, Scope::Device>(&arrival.isFinished, uint32_t(1));
  }
  syncLanes();
}

/// Decides what this turn of a worker works on that waits for shards or for a
/// receiver that is behind, when `count` packets have come: those that it may
/// handle; or some that it held back, once the shards are here; or nothing,
/// while it cannot hold more or must not send more. Then packets stay in the
/// inbox; their senders do not wait. All lanes call it.
///
/// Ordering  acquire with `isHere`: what the old owners wrote. They released
///           it with their acknowledgements, which the balancer acquired.
RK_OUT_OF_LINE inline SortedBatch sortOut(Desk &desk, uint32_t count) {
  const Agent agent = agentOf(desk);
  const uint32_t lanes = firstLanes(count);
  if (agree(desk.behind != 0 && desk.moving == 0) &&
      agree(holdsBack(desk, desk.index)))
    return SortedBatch::make(0, 0);
  watchForSwitch(desk);
  if (agree(!(desk.moving & Holding)))
    return SortedBatch::make(count, lanes);
  const abi::Moves &moves = *agent.launch->moves;
  abi::Arrival &arrival = moves.arrivals[moves.arrivalOf[agent.index] - 1];
  uint32_t isHere = 0;
  if (agent.lane == 0)
    isHere = load<Order::Acquire, Scope::Device>(&arrival.isHere);
  isHere = shuffle(isHere, 0);
  syncLanes();
  if (agree(isHere && arrival.handled != arrival.held))
    return SortedBatch::make(0, firstLanes(replayHeld(agent, arrival)));
  if (agree(isHere)) {
    finishArrival(agent, arrival);
    return SortedBatch::make(count, lanes);
  }
  if (agree(arrival.held + LaneCount > moves.heldLimit))
    return SortedBatch::make(0, 0);
  return SortedBatch::make(count, holdBack(agent, arrival, lanes));
}

} // namespace rk::device
