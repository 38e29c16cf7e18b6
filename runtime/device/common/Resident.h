//===- Resident.h - A place's turn --------------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A warp that serves one actor, whose state lies in shared memory.
///
/// Its first lane looks at the near rings without pause and handles one message
/// after the other by itself, so that nothing of a short way is spent on
/// agreement among lanes. The other lanes join it for what they do better
/// together: a look at device memory, an inbox, a handler for a whole warp.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/FarRings.h"
#include "common/NearRings.h"
#include "common/Occupant.h"

namespace rk::device {

class Resident : private Occupant {
public:
  Resident(const abi::Launch &launch, uint32_t place, uint32_t agentRow,
           Desk &desk)
      : Occupant(launch, place, agentRow, desk),
        near(launch.residents, desk, place), far(launch, desk, place),
        receiver(launch.inboxes[placeInbox(launch, place)],
                 placeInbox(launch, place)) {
    progress.handledTicket = receiver.handledTicket();
  }

  /// Looks everywhere once, and at the near rings often; returns false if there
  /// was nothing.
  ///
  /// Cost      a look at device memory takes as long as a dozen near ones, and
  ///           is under way meanwhile.
  bool turn() {
    const uint32_t lane = context.agent.lane;
    far.ask(lane);
    askInbox();
    bool worked = false;
    // First the near rings alone, then all. One place from where handlers are
    // run, so that they are inlined.
    uint32_t outcome = Nothing;
#pragma clang loop unroll(disable)
    for (bool all = false, last = false; !last;) {
      outcome = lane == 0 ? serve(all ? 1 : nearLooks()) : 0;
      outcome = shuffle(outcome, 0);
      worked |= outcome != Nothing;
      if (outcome == NeedsAll)
        handleTogether();
      last = all && shuffle(kept, 0) == 0;
      if (!all) {
        awaitCopies();
        syncLanes();
        kept = lane == 0 ? far.heard() : 0;
        refillInbox();
      }
      all = true;
    }
    idle = worked ? 0 : idle + 1;
    if (shuffle(inboxCount != 0 && inboxNext == inboxCount, 0) != 0)
      leaveInbox();
    return worked;
  }

  /// Ends the run.
  void finish() const {
    if (context.agent.lane == 0)
      context.probes.print(context.agent.index);
  }

private:
  /// Looks at the near rings while one at device memory is under way. A place
  /// that has been idle for long leaves issue slots and shared memory to its
  /// neighbours.
  uint32_t nearLooks() const {
    if (idle >= 256)
      return 1;
    return context.agent.launch->residents.blocks >
                   context.agent.launch->residents.clusterBlocks
               ? 2
               : 8;
  }
  /// Near messages after which the other ways have their turn; a multiple of
  /// what one look can find.
  static constexpr uint32_t Budget = 64;
  /// What `serve` has done.
  static constexpr uint32_t Nothing = 0, Handled = 1, NeedsAll = 2;
  /// Where a message came from.
  enum class Way : uint32_t { None, Near, Far, Inbox };

  /// Handles messages until there is none after `looks` looks, or one that
  /// needs all lanes. Lane 0 calls it.
  uint32_t serve(uint32_t looks) {
    uint32_t found = 0, ring = 0, budget = Budget;
    bool handled = false;
    context.probes.end(Step::Reserve); // what the lanes did together
    for (;;) {
      Record message;
      Way way = Way::None;
      if (kept != 0) {
        ring = uint32_t(__builtin_ctz(kept));
        kept &= kept - 1;
        if (!far.read(ring, message))
          continue;
        way = Way::Far;
      } else if (isInboxDue()) {
        message = context.agent.desk->inbound[inboxNext];
        way = Way::Inbox;
      } else {
        if (found == 0) {
          if (looks-- == 0 || budget < abi::MaxClusterBlocks)
            break;
          found = looks == 0 ? near.look() : near.listen();
          if (found == 0)
            continue;
        }
        ring = uint32_t(__builtin_ctz(found));
        found &= found - 1;
        context.probes.end(Step::Poll);
        if (!near.read(ring, message))
          continue;
        way = Way::Near;
        --budget;
      }
      context.probes.end(Step::Sort);
      if (!handled)
        beginTurn();
      handled = true;
      const bool together = !handle(message);
      if (together)
        shared = message;
      leave(way, ring, message);
      context.probes.end(Step::Locate);
      context.probes.count(1);
      if (together)
        return NeedsAll;
      ++progress.handled;
    }
    if (handled)
      endTurn();
    context.probes.end(Step::Report);
    return handled ? Handled : Nothing;
  }

  /// Lets go of where a message was.
  void leave(Way way, uint32_t ring, const Record &message) {
    if (way == Way::Near) {
      near.leave(ring);
      ++ringHandled;
    } else if (way == Way::Far) {
      far.leave(ring);
      ++ringHandled;
    } else {
      endSpill(message.header().status);
      ++inboxNext;
    }
  }

  //===--------------------------------------------------------------------===//
  // The inbox
  //===--------------------------------------------------------------------===//

  void askInbox() {
    const PacketPlace next = receiver.next();
    if (next.packet && context.agent.lane == 0)
      startCopy(&far.inboxPiece(), &next.packet->piece[0]);
  }
  /// Behind `awaitCopies` and `syncLanes`.
  void refillInbox() {
    const PacketPlace next = receiver.next();
    if (inboxCount != 0 || (next.packet && far.inboxPiece().mark != next.mark))
      return;
    inboxCount = receiver.receive(context.agent);
    if (inboxCount == 0 && receiver.handledTicket() != progress.handledTicket)
      publishTicket(receiver.handledTicket()); // the inbox was opened again
  }
  /// All lanes call it when lane 0 has handled what was received.
  void leaveInbox() {
    receiver.advance(context.agent, inboxCount);
    inboxCount = inboxNext = 0;
    publishTicket(receiver.handledTicket());
  }
  /// A spilled message waits until its forerunners have left their ring.
  bool isInboxDue() const {
    if (inboxNext >= inboxCount)
      return false;
    const uint32_t note =
        context.agent.desk->inbound[inboxNext].header().status;
    if (note == 0)
      return true;
    const uint32_t source = abi::spillBlock(note);
    const uint32_t number = far.nearNumber(source);
    const bool isNear = number < context.agent.launch->residents.clusterBlocks;
    return abi::isBehind(note,
                         isNear ? near.headOf(number) : far.headOf(source));
  }
  void endSpill(uint32_t note) {
    if (note == 0)
      return;
    const uint32_t source = abi::spillBlock(note);
    const uint32_t number = far.nearNumber(source);
    const uint32_t spills = far.countSpill(source);
    if (number < context.agent.launch->residents.clusterBlocks)
      storeNearWord(&near.wayFrom(number)->spillsHandled, spills);
    else
      far.answer(source);
  }

  //===--------------------------------------------------------------------===//
  // Handlers
  //===--------------------------------------------------------------------===//

  /// Handles one message in this lane; false if all lanes have to.
  bool handle(Record &message) {
    const abi::PacketHeader header = message.header();
    if (header.generation != row.generation ||
        row.status != abi::SlotStatus::Active) [[unlikely]]
      adopt(header.generation);
    if (header.kind != abi::PacketKind::User ||
        !isRunning(row, header.generation)) [[unlikely]] {
      shared = message;
      const abi::Slot found = deliverRare(context.agent, shared);
      forgetStopped();
      if (!isRunning(found, header.generation))
        return true;
      adopt(header.generation); // it was made this moment
    }
    const uint32_t key = dispatchKey(row, header);
    const uint32_t lanes = rk_handler_lanes(key);
    if (lanes == LaneCount && LaneCount != 1)
      return false;
    if (lanes == 0) [[unlikely]] {
      shared = message;
      refuseUnhandled(context.agent, shared);
      return true;
    }
    note(header.slot, key + 1);
    run<false>(message, header, key, true);
    return true;
  }

  /// Handles the message that lane 0 has left, in all lanes.
  void handleTogether() {
    syncLanes();
    Record message = shared;
    const abi::PacketHeader header = message.header();
    abi::Slot actor = row;
    actor.type = uint16_t(shuffle(row.type, 0));
    actor.generation = header.generation;
    actor.state = state;
    row.type = actor.type;
    row.generation = actor.generation;
    row.state = state;
    const uint32_t key = dispatchKey(row, header);
    note(header.slot, key + 1);
    run<true>(message, header, key, context.agent.lane == 0);
    syncLanes();
    if (context.agent.lane == 0) {
      ++progress.handled;
      endTurn();
    }
  }

  NearRings near;
  FarRings far;
  Receiver receiver;
  // Of lane 0 alone:
  uint32_t kept = 0; ///< far rings that have a packet
  uint32_t idle = 0; ///< turns without a message
  uint32_t inboxCount = 0;
  uint32_t inboxNext = 0;
};

} // namespace rk::device
