//===- Worker.h - A worker's turn ------------------------------------------*-
// C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes a batch of messages and runs their handlers: one message at a time
/// for each actor, in order; messages of different actors side by side in the
/// lanes. What the handlers sent goes out when they have returned, side by side
/// too.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Handlers.h"

namespace rk::device {

class Worker : private Handlers {
public:
  Worker(const abi::Launch &launch, uint32_t index, Desk &desk)
      : receiver(launch.inboxes[index], index) {
    context.agent = makeAgent(launch, index, desk);
    progress.handledTicket = receiver.handledTicket();
  }

  /// Handles one batch; returns false if there was nothing to do.
  bool turn() {
    context.probes.start();
    const uint32_t moving = context.agent.desk->moving;
    if (context.agent.desk->behind != 0 && moving == 0 &&
        holdsBack(context.agent, context.agent.index)) [[unlikely]]
      return false;
    uint32_t count = receiver.receive(context.agent);
    uint32_t lanes = firstLanes(count);
    if (moving != 0) [[unlikely]] {
      const SortedBatch batch = sortOut(context.agent, count);
      lanes = batch.lanes();
      receiver.note(batch.taken(), uint32_t(__builtin_popcount(lanes)));
      count = batch.taken();
    }
    if (count == 0 && lanes == 0) {
      if (receiver.handledTicket() != progress.handledTicket)
        publishTicket(); // the inbox was opened again
      return false;
    }
    context.probes.end(Step::Poll);
    beginTurn();
    handleBatch(lanes);
    receiver.advance(context.agent, count);
    endTurn(uint32_t(__builtin_popcount(lanes)));
    context.probes.end(Step::Report);
    context.probes.count(count);
    return true;
  }

  /// Ends the run.
  void finish() const {
    if (context.agent.lane == 0)
      context.probes.print(context.agent.index);
  }

private:
  /// Says that handlers may be running: odd turns.
  void beginTurn() {
    ++progress.turns;
    if (context.agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&row().turns, progress.turns);
  }

  /// Reports what has been done.
  void endTurn(uint32_t count) {
    progress.handled += count;
    progress.sent += sumLanes(context.sent);
    context.sent = 0;
    ++progress.turns;
    publishTicket();
    if (context.agent.lane != 0)
      return;
    store<Order::Relaxed, Scope::Device>(&row().handled, progress.handled);
    store<Order::Relaxed, Scope::Device>(&row().sent, progress.sent);
    store<Order::Relaxed, Scope::Device>(&row().turns, progress.turns);
  }

  /// Ordering  relaxed: the tickets that the batch's handlers drew have
  ///           returned, so they are in the tails before this.
  void publishTicket() {
    progress.handledTicket = receiver.handledTicket();
    if (context.agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&row().handledTicket,
                                           progress.handledTicket);
  }

  abi::Progress &row() const {
    return context.agent.launch->progress[context.agent.index];
  }

  /// Runs rounds until the message of each of `lanes` is handled: an actor's
  /// earliest message runs in the first, its next in the second.
  void handleBatch(uint32_t lanes) {
    const uint32_t lane = context.agent.lane;
    Record &record = context.agent.desk->inbound[lane];
    const bool mine = lanes >> lane & 1;
    const uint32_t slot = mine ? record.header().slot : 0;
    const uint32_t same = equalLanes(*context.agent.desk, lane, mine, slot);
    const auto turnOfLane =
        uint32_t(__builtin_popcount(same & lanesBefore(lane)));
    context.probes.end(Step::Sort);
    const uint32_t before = same & lanesBefore(lane);
    // Mostly, all messages of a batch are for different actors.
    const bool severalRounds = ballot(before != 0) != 0;
    uint32_t pending = lanes;
    for (uint32_t round = 0; pending != 0; ++round) {
      const bool runs = mine && turnOfLane == round;
      if (severalRounds)
        context.earlier = ballot(context.waiting != 0) & before;
      runRound(record, runs);
      pending = severalRounds ? pending & ~ballot(runs) : 0;
      if (severalRounds)
        dropTaken();
      finishRound(pending == 0);
    }
  }

  /// Forgets records that lanes of the same actor have sent for others.
  void dropTaken() {
    if (ballot(context.taken != 0) == 0)
      return;
    const uint32_t taken = orLanes(context.taken);
    context.taken = 0;
    if (taken >> context.agent.lane & 1)
      context.waiting = 0;
  }

  /// Sends what the lanes have left, unless it can wait for the lanes of later
  /// rounds.
  void finishRound(bool isLast) {
    if (context.agent.launch->payloadBlockBytes != 0) {
      keepBlocks(context.agent, freed.has, freed.block);
      freed.has = false;
    }
    if (isLast ||
        ballot(context.waiting > 1 || replyTo == abi::SenderKind::Actor) != 0) {
      flushOutbox(context, replyTo);
      replyTo = abi::SenderKind::None;
    }
    // Orders what this round's handlers wrote before the next round, whose
    // messages may run the same actor on another lane.
    syncLanes();
  }

  /// Runs the messages of the lanes where `runs`.
  void runRound(Record &record, bool runs) {
    abi::PacketHeader header;
    abi::Slot row{};
    if (runs) {
      header = record.header();
      row = loadRow(context.agent.launch->slots[header.slot]);
    }
    bool ready = runs && header.kind == abi::PacketKind::User &&
                 isRunning(row, header.generation);
    if (runs && !ready) [[unlikely]] {
      row = deliverRare(context.agent, record);
      ready = isRunning(row, header.generation);
    }
    const uint32_t key = dispatchKey(row, header);
    context.probes.end(Step::Row);
    noteActivity(ready ? header.slot : 0, ready ? key + 1 : 0);
    bool wantsWarp = false;
    if (ready)
      wantsWarp = deliver(row, record, key);
    context.probes.end(Step::Handler);
    if (rk_uses_warps())
      runWide(ballot(wantsWarp));
  }

  /// Runs a handler, unless it wants all lanes: then returns true.
  bool deliver(const abi::Slot &row, Record &record, uint32_t key) {
    if (rk_uses_warps() && LaneCount > 1 && rk_handler_lanes(key) == LaneCount)
      return true;
    if (record.header().byReference)
      exposeBlock(record);
    replyTo = runHandler(PooledDispatch(), row.state,
                         selfOf(row, record.header()), record, key, true);
    return false;
  }

  /// Runs handlers that want all lanes, one after the other.
  void runWide(uint32_t wide) {
    for (; wide != 0; wide &= wide - 1) {
      // What lanes have left goes first: this handler's lanes leave more, and
      // each has its own reply record to write to.
      flushOutbox(context, replyTo);
      const uint32_t leader = uint32_t(__builtin_ctz(wide));
      const bool leads = context.agent.lane == leader;
      Record &shared = context.agent.desk->inbound[leader];
      const abi::PacketHeader header = shared.header();
      if (leads && header.byReference)
        exposeBlock(shared);
      syncLanes();
      const abi::Slot row = loadRow(context.agent.launch->slots[header.slot]);
      replyTo = runHandler(PooledDispatch(), row.state, selfOf(row, header),
                           shared, dispatchKey(row, header), leads);
      finishRound(true);
    }
  }

  Receiver receiver;
  abi::Progress progress{};
};

} // namespace rk::device
