//===- Balancer.h - Leads shards to other workers ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Leads each round of moves through its stages:
/// `docs/rationale/moving-shards.md`. It waits for others in none of them: it
/// looks whether they are done, in a later turn again.
///
/// One agent that has time is the balancer: the outbound link's. All lanes call
/// all functions; lane 0 writes what they share.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Kept.h"
#include "common/MoveChoice.h"

namespace rk::device {

using abi::MoveStage;

/// How often the balancer looks at the workers while nothing moves.
inline constexpr uint64_t LookEveryNs = 500'000;

inline uint64_t clockForAll(Agent agent) {
  return shuffle64(agent.lane == 0 ? clockNs() : 0, 0);
}

inline void enterStage(Agent agent, MoveStage stage) {
  syncLanes();
  if (agent.lane == 0)
    agent.launch->moves->stage = stage;
  syncLanes();
}

/// Whether every agent that sends to actors has come to `step`: all but the
/// outbound link, which leads.
///
/// Ordering  acquire: on a GPU the fence makes it one of the relaxed loads.
inline bool allAcknowledge(Agent agent, uint32_t step) {
  const abi::Launch &launch = *agent.launch;
  const uint32_t outbound = launch.workerCount + launch.laneCount;
  const uint32_t agents = outbound + 1 + launch.residents.inboxes;
  uint32_t late = 0;
  for (uint32_t i = agent.lane; i < agents; i += LaneCount)
    if (i != outbound)
      late |=
          load<TakeForReuse, Scope::Device>(&launch.moves->acknowledged[i]) ^
          step;
  const bool all = ballot(late != 0) == 0;
  if (all)
    fence<Scope::Device>();
  syncLanes();
  return all;
}

/// Asks all agents for `step`.
///
/// Ordering  release: whatever was written for this step.
inline void ask(Agent agent, uint32_t step) {
  const abi::Launch &launch = *agent.launch;
  syncLanes();
  if (agent.lane == 0) {
    fence<Scope::Device>();
    store<Order::Release, Scope::Device>(
        launch.phase, step << abi::PhaseBits |
                          (load<Order::Relaxed, Scope::Device>(launch.phase) &
                           abi::PhaseMask));
  }
  syncLanes();
}

/// Makes the round known, if there is anything to move: what moves, who
/// receives, and the next table, which no agent uses.
inline void announce(Agent agent) {
  const abi::Launch &launch = *agent.launch;
  abi::Moves &moves = *launch.moves;
  if (moves.moveCount == 0)
    return enterStage(agent, MoveStage::Calm);
  const uint32_t round = moves.round + 1;
  const uint32_t base = tableBase(launch, round);
  for (uint32_t i = agent.lane; i < moves.moveCount; i += LaneCount) {
    const abi::Move &move = moves.moves[i];
    launch.shardWorkers[base + move.shard] = move.to;
    moves.isMoving[move.shard] = 1;
  }
  for (uint32_t i = agent.lane; i < moves.arrivalCount; i += LaneCount) {
    abi::Arrival &arrival = moves.arrivals[i];
    arrival.isHere = arrival.isFinished = 0;
    arrival.held = arrival.handled = 0;
    moves.arrivalOf[arrival.worker] = i + 1;
  }
  ask(agent, abi::announcementStep(round));
  enterStage(agent, MoveStage::Announced);
}

/// From here on agents take the next table, one after the other. All watch for
/// it, and who receives holds back.
inline void switchTable(Agent agent) {
  abi::Moves &moves = *agent.launch->moves;
  const uint32_t next = moves.round + 1;
  syncLanes();
  if (agent.lane == 0)
    store<Order::Release, Scope::Device>(&moves.round, next);
  enterStage(agent, MoveStage::Switching);
}

/// Notes a source's tail, and whether its inbox keeps messages for the time
/// when it is open again (`Kept.h`). These have no tickets yet.
///
/// Ordering  under their lock: if nothing is kept, what was kept before is in
///           the inbox, and the tail behind it.
inline void noteLastTicket(Agent agent, abi::MoveSource &source) {
  const abi::Launch &launch = *agent.launch;
  abi::KeptMessages *kept = launch.kept ? &launch.kept[source.worker] : nullptr;
  const KeptLock lock(agent, kept);
  source.keepsSome = kept && kept->count != 0;
  source.lastTicket =
      load<Order::Relaxed, Scope::Device>(&launch.inboxes[source.worker].tail) &
      ~abi::InboxClosed;
}

/// Nobody has the old table any more. Every ticket that was drawn with it is in
/// the tails now, and every message for it that is kept is in its place: the
/// acknowledgements were releases.
inline void noteLastTickets(Agent agent) {
  abi::Moves &moves = *agent.launch->moves;
  for (uint32_t i = agent.lane; i < moves.sourceCount; i += LaneCount)
    noteLastTicket(agent, moves.sources[i]);
  enterStage(agent, MoveStage::Draining);
}

/// Whether a source has handled all that was sent with the old table. While its
/// inbox keeps messages it has drawn void tickets, so the last ticket is
/// handled once the inbox is open again. What was kept then lies before the
/// tail, and what is kept since is for others.
inline bool isDrained(Agent agent, abi::MoveSource &source) {
  if (load<Order::Relaxed, Scope::Device>(
          &agent.launch->progress[source.worker].handledTicket) <
      source.lastTicket)
    return false;
  if (!source.keepsSome)
    return true;
  noteLastTicket(agent, source);
  source.keepsSome = false;
  return false;
}

/// Whether the sources have handled all that was sent with the old table. (An
/// inbox that is opened again goes on behind the tickets that were void.)
inline bool areDrained(Agent agent) {
  abi::Moves &moves = *agent.launch->moves;
  bool waits = false;
  for (uint32_t i = agent.lane; i < moves.sourceCount; i += LaneCount)
    waits |= !isDrained(agent, moves.sources[i]);
  return ballot(waits) == 0;
}

/// Tells the receivers that the shards are theirs once the sources, which do
/// not touch them any more, have said that all they wrote is to be seen.
inline bool handOver(Agent agent) {
  abi::Moves &moves = *agent.launch->moves;
  const uint32_t step = abi::releaseStep(moves.round);
  bool waits = false;
  for (uint32_t i = agent.lane; i < moves.sourceCount; i += LaneCount)
    waits |= load<TakeForReuse, Scope::Device>(
                 &moves.acknowledged[moves.sources[i].worker]) != step;
  if (ballot(waits) != 0)
    return false;
  // Acquire, with the loads above; and release, with the stores below.
  fence<Scope::Device>();
  syncLanes();
  for (uint32_t i = agent.lane; i < moves.arrivalCount; i += LaneCount)
    store<Order::Release, Scope::Device>(&moves.arrivals[i].isHere,
                                         uint32_t(1));
  enterStage(agent, MoveStage::Delivering);
  return true;
}

inline bool allFinished(Agent agent) {
  const abi::Moves &moves = *agent.launch->moves;
  bool waits = false;
  for (uint32_t i = agent.lane; i < moves.arrivalCount; i += LaneCount)
    waits |=
        load<Order::Acquire, Scope::Device>(&moves.arrivals[i].isFinished) == 0;
  return ballot(waits) == 0;
}

/// Makes both tables equal again, and forgets the round.
inline void endRound(Agent agent) {
  const abi::Launch &launch = *agent.launch;
  abi::Moves &moves = *launch.moves;
  const uint32_t unused = tableBase(launch, moves.round + 1);
  for (uint32_t i = agent.lane; i < moves.moveCount; i += LaneCount) {
    const abi::Move &move = moves.moves[i];
    launch.shardWorkers[unused + move.shard] = move.to;
    moves.isMoving[move.shard] = 0;
    moves.loads[move.from].role = WorkerLoad::None;
    moves.loads[move.from].busyLooks = 0;
    moves.loads[move.to].role = WorkerLoad::None;
    moves.loads[move.to].calmLooks = 0;
  }
  for (uint32_t i = agent.lane; i < moves.arrivalCount; i += LaneCount)
    moves.arrivalOf[moves.arrivals[i].worker] = 0;
  syncLanes();
  if (agent.lane == 0)
    store<Order::Relaxed, Scope::Device>(
        &agent.report().moves, agent.report().moves + moves.moveCount);
  enterStage(agent, MoveStage::Calm);
}

/// Begins to choose, if it is time.
inline void lookAround(Agent agent) {
  abi::Moves &moves = *agent.launch->moves;
  const bool atRandom = moves.mode == abi::BalanceMode::Random;
  const uint64_t now = clockForAll(agent);
  if (!atRandom && now < moves.nextLook)
    return;
  syncLanes();
  if (agent.lane == 0) {
    moves.nextLook = now + LookEveryNs;
    moves.arrivalCount = moves.moveCount = 0;
    nextRandom(moves);
  }
  syncLanes();
  if (atRandom) {
    chooseAtRandom(agent);
    return announce(agent);
  }
  findSources(agent);
  if (moves.sourceCount != 0)
    enterStage(agent, MoveStage::Sampling);
}

inline void takeSamples(Agent agent) {
  const abi::Moves &moves = *agent.launch->moves;
  sample(agent);
  if (moves.samples < abi::SamplesPerSource)
    return;
  chooseByLoad(agent);
  announce(agent);
}

/// Takes the next step if its time has come. A turn of the balancer; all lanes
/// call it.
RK_OUT_OF_LINE inline void balance(Desk &desk) {
  const Agent agent = agentOf(desk);
  const abi::Moves &moves = *agent.launch->moves;
  switch (moves.stage) {
  case MoveStage::Calm:
    return lookAround(agent);
  case MoveStage::Sampling:
    return takeSamples(agent);
  case MoveStage::Announced:
    if (allAcknowledge(agent, abi::announcementStep(moves.round + 1)))
      switchTable(agent);
    return;
  case MoveStage::Switching:
    if (allAcknowledge(agent, abi::switchStep(moves.round)))
      noteLastTickets(agent);
    return;
  case MoveStage::Draining:
    if (areDrained(agent)) {
      ask(agent, abi::releaseStep(moves.round));
      enterStage(agent, MoveStage::Releasing);
    }
    return;
  case MoveStage::Releasing:
    handOver(agent);
    return;
  case MoveStage::Delivering:
    if (allFinished(agent) &&
        allAcknowledge(agent, abi::releaseStep(moves.round)))
      endRound(agent);
    return;
  }
}

inline bool balances(const abi::Launch &launch) {
  return launch.workerCount > 1 && launch.moves->mode != abi::BalanceMode::Off;
}

} // namespace rk::device
