//===- MoveChoice.h - Which shards go where ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Chooses the moves of a round, by load or at random. All lanes of the
/// balancer call `choose...`; lane 0 writes.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/LoadLook.h"

namespace rk::device {

inline uint32_t nextRandom(abi::Moves &moves) {
  uint32_t x = moves.random;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return moves.random = x;
}

/// Adds a move at random if it does not get in the way of others: no worker
/// both gives and receives, or two that hold back could wait for each other.
inline void addRandomMove(const abi::Launch &launch, abi::Moves &moves) {
  const uint32_t shard = nextRandom(moves) & launch.shardMask;
  const uint32_t from = ownerIn(launch, tableBase(launch, moves.round), shard);
  const uint32_t to = nextRandom(moves) % launch.workerCount;
  WorkerLoad &giver = moves.loads[from], &taker = moves.loads[to];
  const bool newGiver = giver.role == WorkerLoad::None;
  const bool newTaker = taker.role == WorkerLoad::None;
  if (from == to || moves.isMoving[shard] ||
      giver.role == WorkerLoad::Receives || taker.role == WorkerLoad::Gives ||
      (newGiver && moves.sourceCount == abi::MaxSources) ||
      (newTaker && moves.arrivalCount == moves.arrivalLimit))
    return;
  if (newGiver)
    moves.sources[moves.sourceCount++].worker = from;
  if (newTaker)
    moves.arrivals[moves.arrivalCount++].worker = to;
  giver.role = WorkerLoad::Gives;
  taker.role = WorkerLoad::Receives;
  moves.isMoving[shard] = 1;
  moves.moves[moves.moveCount++] = {shard, uint16_t(from), uint16_t(to)};
}

inline void chooseAtRandom(Agent agent) {
  constexpr uint32_t Tries = 32;
  abi::Moves &moves = *agent.launch->moves;
  if (agent.lane == 0) {
    moves.sourceCount = 0;
    for (uint32_t i = 0; i < Tries; ++i)
      addRandomMove(*agent.launch, moves);
  }
  syncLanes();
}

/// Chooses moves from the sources to workers that have time.
inline void chooseByLoad(Agent agent) {
  const abi::Launch &launch = *agent.launch;
  abi::Moves &moves = *launch.moves;
  const uint32_t base = tableBase(launch, moves.round);
  const uint32_t sources = moves.sourceCount;
  uint32_t giving = 0; // of them, moved to the front
  for (uint32_t i = 0; i < sources; ++i) {
    const uint32_t first = moves.arrivalCount;
    const uint32_t limit = (moves.arrivalLimit - first) / (sources - i);
    const uint32_t found = findReceivers(agent, moves.sources[i].worker, limit);
    if (agent.lane == 0 && found != 0) {
      tally(launch, base, moves.sources[i]);
      Dealer dealer(launch, base, moves.sources[i], first, found);
      const uint32_t used = dealer.deal();
      for (uint32_t at = used; at < moves.arrivalCount; ++at)
        moves.loads[moves.arrivals[at].worker].role = WorkerLoad::None;
      moves.arrivalCount = used;
      moves.sources[giving].worker = moves.sources[i].worker;
    }
    syncLanes();
    giving += moves.arrivalCount != first;
  }
  syncLanes();
  if (agent.lane == 0)
    moves.sourceCount = giving;
  syncLanes();
}

} // namespace rk::device
