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
#include "common/TurnCounts.h"

namespace rk::device {

class Worker : private Handlers {
public:
  Worker(const abi::Launch &launch, uint32_t index, Desk &desk)
      : receiver(launch.inboxes[index], index) {
    context.agent = makeAgent(launch, index, desk);
    counts.start(context.agent, receiver.handledTicket());
  }

  /// Handles one batch; returns false if there was nothing to do.
  bool turn() {
    context.probes.start();
    const uint64_t reported = receiver.handledTicket();
    // Looked at while the packets are on their way.
    const bool isBusyElsewhere = context.agent.desk->isBusyElsewhere();
    uint32_t count = receiver.receive(context.agent, LooksPerTurn);
    uint32_t lanes = ballot(context.agent.lane < count);
    // One vote for all that is not as usual.
    if (agree(isBusyElsewhere || count == 0 || receiver.endsSegment(count))) {
      if (agree(isBusyElsewhere)) [[unlikely]] {
        const SortedBatch batch = sortOut(context.agent, count);
        lanes = ballot((batch.lanes() >> context.agent.lane & 1) != 0);
        count = shuffle(batch.taken(), 0);
        receiver.note(count, uint32_t(__builtin_popcount(lanes)));
      }
      if (agree((count | lanes) == 0)) {
        if (agree(receiver.handledTicket() != reported)) [[unlikely]]
          counts.correct(context.agent, receiver.handledTicket());
        return false;
      }
      // The packets lie on the desk, so their segment may go.
      receiver.advance(context.agent, count);
    } else {
      receiver.stepOver(count);
    }
    context.probes.end(Step::Poll);
    counts.begin(context.agent);
    receiver.park(*context.agent.desk);
    handleBatch(lanes);
    receiver.resume(*context.agent.desk);
    counts.end(context.agent, receiver.handledTicket(),
               uint32_t(__builtin_popcount(lanes)), sumLanes(context.sent));
    context.sent = 0;
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
  /// Looks at the inbox in a turn that finds nothing.
  static constexpr uint32_t LooksPerTurn = LaneCount == 1 ? 1 : 4;

  /// Runs rounds until the message of each of `lanes` is handled: an actor's
  /// earliest message runs in the first, its next in the second. There is one.
  void handleBatch(uint32_t lanes) {
    const uint32_t lane = context.agent.lane;
    Record &record = context.agent.desk->inbound[lane];
    const bool mine = lanes >> lane & 1;
    const uint32_t slot = mine ? record.header().slot : 0;
    // On its way while the lanes look for equals; of all lanes, as what is
    // loaded in some of them only is waited for at once.
    abi::Slot row = loadRow(context.agent.launch->slots[slot]);
    const uint32_t same = equalLanes(*context.agent.desk, lane, lanes, slot);
    context.probes.end(Step::Sort);
    const uint32_t before = same & lanesBefore(lane);
    const auto turnOfLane = uint32_t(__builtin_popcount(before));
    // Mostly 0: all messages of a batch are for different actors. Needed behind
    // the handlers only, and known to be the same in all lanes.
    const uint32_t lastRound = mostOfLanes(turnOfLane);
    bool runs = mine && before == 0;
    for (uint32_t round = 0;; ++round) {
      runRound(record, row, runs);
      const bool isLast = round == lastRound;
      if (isLast || agree(needsFinish())) {
        if (lastRound != 0)
          dropTaken();
        finishRound(isLast);
      }
      // Orders what this round's handlers wrote before the next round, whose
      // messages may run the same actor on another lane.
      syncLanes();
      if (isLast) [[likely]]
        break;
      runs = mine && turnOfLane == round + 1;
      context.earlier = ballot(context.waiting != 0) & before;
      // A message of an earlier round may have ended the actor.
      if (runs)
        row = loadRow(context.agent.launch->slots[slot]);
    }
  }

  /// Whether what this lane has left cannot wait for the lanes of later rounds.
  bool needsFinish() const {
    return context.taken != 0 || context.waiting > 1 ||
           replyTo == abi::SenderKind::Actor || freed.has;
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
    if (isLast ||
        ballot(context.waiting > 1 || replyTo == abi::SenderKind::Actor) != 0) {
      flushOutbox(context, replyTo);
      replyTo = abi::SenderKind::None;
    }
    if (context.agent.launch->payloadBlockBytes != 0) {
      keepBlocks(context.agent, freed.has, freed.block);
      freed.has = false;
    }
  }

  /// Runs the messages of the lanes where `runs`; `row` is that of the actor.
  void runRound(Record &record, abi::Slot row, bool runs) {
    abi::PacketHeader header;
    if (runs)
      header = record.header();
    bool ready = runs && header.kind == abi::PacketKind::User &&
                 isRunning(row, header.generation);
    const bool isRare = runs && !ready;
    if (agree(isRare)) [[unlikely]] {
      const abi::Slot found = deliverRareRow(context.agent, isRare);
      syncLanes();
      if (isRare) {
        row = found;
        ready = isRunning(row, header.generation);
      }
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
    context.fencesLate = true;
    replyTo = runHandler(PooledDispatch(), inDeviceMemory(row.state),
                         selfOf(row, record.header()), record, key, true);
    context.fencesLate = false;
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
      replyTo = runHandler(PooledDispatch(), inDeviceMemory(row.state),
                           selfOf(row, header), shared,
                           dispatchKey(row, header), leads);
      finishRound(true);
      syncLanes();
    }
  }

  Receiver receiver;
  TurnCounts counts;
};

} // namespace rk::device
