//===- LoadLook.h - Which workers have too much to do -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds overloaded workers, idle ones near them, and shards to give away. All
/// of it reads what the workers write anyway: their progress, the tails of
/// their inboxes, and what the watchdog is told of their lanes.
///
/// All lanes of the balancer call these functions; lane 0 writes.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Shards.h"

namespace rk::device {

using abi::WorkerLoad;

/// A worker has too much to do if in two looks in a row so many messages wait,
/// or some and it handles fewer between two looks; and if they do not get
/// fewer.
inline constexpr uint32_t BusyBacklog = 256;
inline constexpr uint32_t SlowBacklog = 32;
/// It has time if no more than these wait.
inline constexpr uint32_t CalmBacklog = LaneCount;
inline constexpr uint32_t LooksInARow = 2;

/// Compares a worker with the last look at it.
///
/// Ordering  relaxed: figures of different moments only make a worse choice.
///           The tail first: what comes between two looks is no backlog.
inline void lookAt(const abi::Launch &launch, uint32_t worker) {
  WorkerLoad &row = launch.moves->loads[worker];
  const abi::Progress &progress = launch.progress[worker];
  const uint64_t tail =
      load<Order::Relaxed, Scope::Device>(&launch.inboxes[worker].tail) &
      ~abi::InboxClosed;
  const uint64_t ticket =
      load<Order::Relaxed, Scope::Device>(&progress.handledTicket);
  const uint64_t handled =
      load<Order::Relaxed, Scope::Device>(&progress.handled);
  const uint32_t backlog = tail > ticket ? uint32_t(tail - ticket) : 0;
  const bool shrinks = uint64_t(backlog) * 8 < uint64_t(row.backlog) * 7;
  const auto inARow = [](uint16_t before, bool again) {
    return again ? uint16_t(before < LooksInARow ? before + 1 : before)
                 : uint16_t(0);
  };
  row.rate = uint32_t(handled - row.handled);
  const bool busy =
      backlog >= BusyBacklog || (backlog >= SlowBacklog && backlog >= row.rate);
  row.busyLooks = inARow(row.busyLooks, busy && !shrinks);
  row.calmLooks = inARow(row.calmLooks, backlog <= CalmBacklog);
  row.handled = handled;
  row.backlog = backlog;
}

/// Looks at all workers; makes sources of the first that have too much to do,
/// from a different one on each time.
inline void findSources(Agent agent) {
  const abi::Launch &launch = *agent.launch;
  abi::Moves &moves = *launch.moves;
  const uint32_t workers = launch.workerCount;
  const uint32_t first = moves.random % workers;
  uint32_t count = 0;
  for (uint32_t at = 0; at < workers; at += LaneCount) {
    const uint32_t worker = (first + at + agent.lane) % workers;
    const bool mine = at + agent.lane < workers;
    if (mine)
      lookAt(launch, worker);
    uint32_t busy =
        ballot(mine && moves.loads[worker].busyLooks >= LooksInARow);
    for (; busy != 0 && count < abi::MaxSources; busy &= busy - 1, ++count)
      if (agent.lane == uint32_t(__builtin_ctz(busy))) {
        moves.sources[count].worker = worker;
        moves.sources[count].tallied = 0;
      }
  }
  syncLanes();
  if (agent.lane == 0) {
    moves.sourceCount = count;
    moves.samples = 0;
  }
  syncLanes();
}

/// Notes what the sources' lanes run. On the CPU a worker has one lane, so it
/// takes many calls.
///
/// Ordering  relaxed: a slot that was run is all that is asked for.
inline void sample(Agent agent) {
  abi::Moves &moves = *agent.launch->moves;
  const uint32_t before = moves.samples;
  for (uint32_t i = 0; i < moves.sourceCount; ++i) {
    abi::MoveSource &source = moves.sources[i];
    const abi::LaneActivity &activity =
        agent.launch->reports[source.worker].activity[agent.lane];
    const uint64_t running = load<Order::Relaxed, Scope::Device>(
        reinterpret_cast<const uint64_t *>(&activity));
    const bool runs = running >> 32 != 0;
    source.samples[before + agent.lane] =
        runs ? uint32_t(running) : abi::MaxSlots;
  }
  syncLanes();
  if (agent.lane == 0)
    moves.samples = before + LaneCount;
  syncLanes();
}

/// Counts the shards among a source's samples. Lane 0 calls it.
inline void tally(const abi::Launch &launch, uint32_t shardBase,
                  abi::MoveSource &source) {
  source.tallied = 0;
  for (const uint32_t slot : source.samples) {
    const uint32_t shard = slot & launch.shardMask;
    if (slot == abi::MaxSlots ||
        ownerIn(launch, shardBase, shard) != source.worker)
      continue;
    uint32_t at = 0;
    while (at < source.tallied && source.tally[at].shard != shard)
      ++at;
    if (at == source.tallied)
      source.tally[source.tallied++] = {shard, 0};
    ++source.tally[at].count;
  }
}

/// Adds up to `limit` workers that have time to those that receive: for
/// i < count, worker `first + i * step`, all modulo the number of workers.
/// Returns how many.
inline uint32_t collectReceivers(Agent agent, uint32_t first, uint32_t step,
                                 uint32_t count, uint32_t mostRate,
                                 uint32_t limit) {
  const uint32_t workers = agent.launch->workerCount;
  abi::Moves &moves = *agent.launch->moves;
  uint32_t found = 0;
  for (uint32_t at = 0; at < count && found < limit; at += LaneCount) {
    const uint32_t worker =
        uint32_t((first + uint64_t(at + agent.lane) * step) % workers);
    WorkerLoad &row = moves.loads[worker];
    uint32_t fits =
        ballot(at + agent.lane < count && row.role == WorkerLoad::None &&
               row.calmLooks >= LooksInARow && row.rate <= mostRate);
    for (; fits != 0 && found < limit; fits &= fits - 1, ++found)
      if (agent.lane == uint32_t(__builtin_ctz(fits))) {
        row.role = WorkerLoad::Receives;
        moves.arrivals[moves.arrivalCount + found].worker = worker;
      }
    syncLanes();
  }
  if (agent.lane == 0)
    moves.arrivalCount += found;
  syncLanes();
  return found;
}

/// Finds receivers for a source: first in its block, then from there on.
/// Returns how many. A receiver has at most half as much to do.
inline uint32_t findReceivers(Agent agent, uint32_t worker, uint32_t limit) {
  const uint32_t workers = agent.launch->workerCount;
  const abi::Moves &moves = *agent.launch->moves;
  const uint32_t mostRate = moves.loads[worker].rate / 2;
  uint32_t found = 0;
  if (moves.blocks < workers)
    found = collectReceivers(
        agent, worker % moves.blocks, moves.blocks,
        (workers - worker % moves.blocks - 1) / moves.blocks + 1, mostRate,
        limit);
  if (found < limit)
    found += collectReceivers(agent, worker + 1, 1, workers - 1, mostRate,
                              limit - found);
  return found;
}

/// The shards of one source, dealt out to its receivers. Lane 0 has one.
class Dealer {
public:
  Dealer(const abi::Launch &launch, uint32_t shardBase,
         const abi::MoveSource &source, uint32_t firstReceiver,
         uint32_t receivers)
      : launch(launch), moves(*launch.moves), shardBase(shardBase),
        source(source), receiver(firstReceiver),
        end(firstReceiver + receivers) {}

  /// Deals out what was seen running, but for the shard seen most: moving that
  /// would move the trouble. Each receiver gets as much as the source keeps.
  /// If nothing else was seen, what waits behind that shard moves blindly.
  /// Returns the first receiver that got nothing.
  uint32_t deal() {
    uint32_t hottest = 0, seen = 0;
    for (uint32_t i = 0; i < source.tallied; ++i) {
      seen += source.tally[i].count;
      if (source.tally[i].count > source.tally[hottest].count)
        hottest = i;
    }
    if (source.tallied == 0)
      return receiver;
    share = seen / (end - receiver + 1);
    if (source.tallied == 1)
      dealUnseen(source.tally[0].shard);
    for (uint32_t i = 0; i < source.tallied; ++i)
      if (i != hottest)
        give(source.tally[i].shard, source.tally[i].count);
    return got == 0 ? receiver : receiver + 1;
  }

private:
  /// Shards that the source had from the start.
  void dealUnseen(uint32_t hottest) {
    const uint32_t shards = launch.shardMask + 1;
    const uint32_t all = (shards - 1 - source.worker) / launch.workerCount + 1;
    const uint32_t first = moves.random % all;
    for (uint32_t i = 0; i < all && i < abi::SamplesPerSource; ++i) {
      const uint32_t shard =
          source.worker + (first + i) % all * launch.workerCount;
      if (shard != hottest &&
          ownerIn(launch, shardBase, shard) == source.worker)
        give(shard, 1);
    }
  }

  void give(uint32_t shard, uint32_t count) {
    if (got != 0 && got + count > share) {
      ++receiver;
      got = 0;
    }
    if (receiver >= end || moves.moveCount == abi::MaxMoves)
      return;
    moves.moves[moves.moveCount++] = {
        shard, uint16_t(source.worker),
        uint16_t(moves.arrivals[receiver].worker)};
    got += count;
  }

  const abi::Launch &launch;
  abi::Moves &moves;
  const uint32_t shardBase;
  const abi::MoveSource &source;
  uint32_t receiver;
  const uint32_t end;
  uint32_t share = 0; ///< samples that each receiver gets
  uint32_t got = 0;   ///< of the current receiver
};

} // namespace rk::device
