//===- TeamWarps.h - An actor with more than a warp -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The warps of a team. The first, its leader, has the inbox: it takes a
/// message, leaves word of it where all can read it, and all pass the team's
/// barrier, run the handler, and pass the barrier again. In between the others
/// wait at the barrier, to which the leader comes with the next message or to
/// end.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Team.h"
#include "common/Handlers.h"

namespace rk::device {

/// A warp of a team.
class TeamMember : protected Handlers {
public:
  TeamMember(const abi::Launch &launch, uint32_t row, Desk &desk,
             abi::Lanes lanes, unsigned char *state)
      : lanes(lanes), shared(teamShared()), state(state),
        order(shared.blocks == 1 ? shared.order : shared.words->order) {
    context.agent = {&launch, row, laneId(), &desk};
  }

  /// Runs what the leader says until it ends.
  void serve() {
    for (;;) {
      syncTeam(lanes);
      if (order.key == abi::TeamEnds)
        return;
      runOrder();
      syncTeam(lanes);
    }
  }

protected:
  struct TeamDispatch {
    static constexpr bool KnowsAll = true;
    uint32_t operator()(uint32_t key, void *state, const void *message,
                        void *reply, void *context) const {
      return rk_dispatch_team(key, state, message, reply, context);
    }
  };

  bool leads() const { return shared.rank == 0 && threadInBlock() < LaneCount; }

  /// Uses the leader's table of owners: the leader goes along with the moves of
  /// shards for all (`Shards.h`). It speaks for them between orders, when all
  /// that they have sent has its place.
  void takeTable() {
    if (context.agent.lane == 0)
      context.agent.desk->shardBase = order.shardBase;
    syncLanes();
  }

  /// Runs the handler in this lane, then sends what it has left. The lane of
  /// rank 0 answers.
  void runOrder() {
    takeTable();
    abi::Slot row{};
    row.generation = order.generation;
    row.state = order.state        ? order.state
                : shared.rank == 0 ? state
                                   : nearAddress(state, 0);
    auto &message =
        *reinterpret_cast<Record *>(const_cast<uint32_t *>(order.message));
    replyTo =
        runHandler(TeamDispatch(), row.state, selfOf(row, message.header()),
                   message, order.key, leads() && context.agent.lane == 0);
    syncLanes();
    flushOutbox(context, replyTo);
    replyTo = abi::SenderKind::None;
    const uint32_t sent = sumLanes(context.sent);
    context.sent = 0;
    if (sent != 0 && context.agent.lane == 0)
      fetchAdd<Order::Relaxed, Scope::Device>(&shared.words->sent, sent);
  }

  const abi::Lanes lanes;
  TeamShared &shared;
  unsigned char *const state; ///< of this block; the first one's is in use
  abi::TeamOrder &order;
};

/// The first warp of a team.
class TeamLeader : private TeamMember {
public:
  TeamLeader(const abi::Launch &launch, uint32_t place, uint32_t row,
             Desk &desk, abi::Lanes lanes, unsigned char *state)
      : TeamMember(launch, row, desk, lanes, state), place(place),
        report(launch.progress[row]),
        receiver(launch.inboxes[placeInbox(launch, place)],
                 placeInbox(launch, place)) {
    progress.handledTicket = receiver.handledTicket();
  }

  /// Handles what waits in the inbox, up to a batch; returns false if there was
  /// nothing.
  bool turn() {
    const uint32_t count = receiver.receive(context.agent);
    if (agree(context.agent.desk->moving != 0)) [[unlikely]]
      watchForSwitch(*context.agent.desk);
    if (count == 0) {
      if (receiver.handledTicket() != progress.handledTicket)
        publishTicket(); // the inbox was opened again
      return false;
    }
    beginTurn();
    for (uint32_t i = 0; i < count; ++i)
      handle(context.agent.desk->inbound[i]);
    receiver.advance(context.agent, count);
    progress.handled += count;
    endTurn();
    return true;
  }

  /// Ends the team.
  void finish() const {
    if (context.agent.lane == 0)
      order.key = abi::TeamEnds;
    syncLanes();
    syncTeam(lanes);
    if (context.agent.lane == 0)
      context.probes.print(context.agent.index);
  }

private:
  /// Handles one message. All lanes call it.
  void handle(Record &message) {
    const abi::PacketHeader header = message.header();
    if (header.kind != abi::PacketKind::User ||
        !isRunning(row, header.generation)) {
      meet(message);
      if (header.kind != abi::PacketKind::User ||
          !isRunning(row, header.generation))
        return;
    }
    const uint32_t key = dispatchKey(row, header);
    const uint32_t wanted = rk_handler_lanes(key);
    noteActivity(header.slot, key + 1);
    freed.has = false;
    if (wanted != 0 && header.byReference && context.agent.lane == 0)
      exposeBlock(message);
    syncLanes();
    if (wanted > LaneCount)
      runTogether(message, key);
    else
      runAlone(message, key, wanted);
    if (header.byReference)
      keepBlocks(context.agent, freed.has, freed.block);
    freed.has = false;
  }

  /// Lets the team run a handler.
  void runTogether(const Record &message, uint32_t key) {
    if (context.agent.lane == 0) {
      __builtin_memcpy(order.message, message.word, sizeof(message.word));
      order.generation = row.generation;
      order.shardBase = context.agent.desk->shardBase;
      order.state =
          keepsStateHere() ? nullptr : static_cast<unsigned char *>(row.state);
      order.key = key;
    }
    syncLanes();
    syncTeam(lanes);
    runOrder();
    syncTeam(lanes);
  }

  /// Runs a handler of one lane or of a warp.
  void runAlone(Record &message, uint32_t key, uint32_t wanted) {
    const bool isFirst = context.agent.lane == 0;
    const uint64_t self = selfOf(row, message.header());
    if (wanted == LaneCount)
      replyTo = runHandler(ResidentDispatch<true>(), row.state, self, message,
                           key, isFirst);
    else if (isFirst && wanted == 1)
      replyTo = runHandler(ResidentDispatch<false>(), row.state, self, message,
                           key, true);
    else if (isFirst)
      refuseUnhandled(context.agent, message);
    syncLanes();
    flushOutbox(context, replyTo);
    replyTo = abi::SenderKind::None;
  }

  /// Takes over an actor with its first message, stops it, or refuses what is
  /// for none.
  void meet(const Record &message) {
    const abi::Launch &launch = *context.agent.launch;
    abi::Slot found{};
    if (context.agent.lane == 0) {
      found = deliverRare(context.agent, message);
      if (!isRunning(found, message.header().generation))
        found = loadRow(launch.slots[launch.maxActors + place]);
    }
    // Lane 0 knows; the others hear of it.
    const bool isNew =
        shuffle(isRunning(found, message.header().generation), 0) != 0;
    row.generation = shuffle(found.generation, 0);
    row.type = uint16_t(shuffle(found.type, 0));
    row.status = abi::SlotStatus(shuffle(uint32_t(found.status), 0));
    row.state = reinterpret_cast<decltype(row.state)>(
        shuffle64(reinterpret_cast<uint64_t>(found.state), 0));
    if (isNew && keepsStateHere())
      bringState();
  }
  /// Whether the state lies in the shared memory of the first block, not in
  /// device memory.
  bool keepsStateHere() const {
    return lanes == abi::Lanes::Block ||
           (lanes == abi::Lanes::Cluster && hasClusters());
  }
  /// Ordering  acquire, by `lookAgain` in lane 0: the spawner's fences stand
  ///           between the state and what told the address.
  void bringState() {
    syncLanes();
    const auto *from = reinterpret_cast<const uint64_t *>(row.state);
    auto *to = reinterpret_cast<uint64_t *>(state);
    const uint32_t words = context.agent.launch->residents.stateStride / 8;
    for (uint32_t i = context.agent.lane; i < words; i += LaneCount)
      to[i] = from[i];
    row.state = state;
    syncLanes();
  }

  void beginTurn() {
    ++progress.turns;
    if (context.agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&report.turns, progress.turns);
  }
  /// Ordering  relaxed: the team's barrier stands between the tickets that its
  ///           lanes drew and this.
  void endTurn() {
    progress.sent += sumLanes(context.sent);
    context.sent = 0;
    ++progress.turns;
    publishTicket();
    if (context.agent.lane != 0)
      return;
    const uint64_t ofTeam =
        load<Order::Relaxed, Scope::Device>(&shared.words->sent);
    store<Order::Relaxed, Scope::Device>(&report.handled, progress.handled);
    store<Order::Relaxed, Scope::Device>(&report.sent, progress.sent + ofTeam);
    store<Order::Relaxed, Scope::Device>(&report.turns, progress.turns);
    if (lanes == abi::Lanes::Cluster)
      forgetHostStores();
  }
  /// Once a multiprocessor has touched the host's memory, as this one does with
  /// each answer, each fence there takes 115 to 170 ns longer, until one at
  /// system scope, by any thread of it. A cluster's barrier has a fence: 379 ns
  /// instead of 211. A grid's and a block's do not care.
  ///
  /// Cost      515 ns a turn, behind the answers.
  /// Source    test/gpu-results/2026-11-27-h200-fences-after-host-stores.txt.
  static void forgetHostStores() { fence<Scope::System>(); }
  void publishTicket() {
    progress.handledTicket = receiver.handledTicket();
    if (context.agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&report.handledTicket,
                                           progress.handledTicket);
  }

  const uint32_t place;
  abi::Progress &report;
  abi::Progress progress{};
  Receiver receiver;
  abi::Slot row{};
};

} // namespace rk::device
