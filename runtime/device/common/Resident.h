//===- Resident.h - A place's turn ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A warp that serves one actor, whose state lies in shared memory.
///
/// All lanes look at the rings, each at its own, and the lane whose ring has a
/// message handles it by itself: nothing is handed from lane to lane. They meet
/// again behind it. While messages come that are like each other, a look reads
/// all of a packet, and what it finds is handled from registers. A message from the inbox is handled by the first lane, and
/// a handler for a whole warp by all.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Arrivals.h"

namespace rk::device {

class Resident : private Arrivals {
public:
  Resident(const abi::Launch &launch, uint32_t place, uint32_t agentRow,
           Desk &desk, unsigned char *shared)
      : Arrivals(launch, place, agentRow, desk, shared) {}

  /// Handles what is in the inbox, up to half of `Budget` messages, then what
  /// is in the rings, until nothing comes or the budget is used up; returns
  /// false if there was nothing. So neither keeps the other from its turn.
  ///
  /// The report stays open while messages come, so that none waits for one.
  bool turn() {
    if (agree(context.agent.desk->moving != 0) && isWaitingForSwitch())
        [[unlikely]]
      return false;
    // First in the function, so that it has a fixed place on the stack.
    void *reply = rk_reply_bytes() > abi::InlineBytes
                      ? __builtin_alloca_with_align(rk_reply_bytes(), 128)
                      : context.replyRecord().payload();
    context.probes.start();
    keepOutlet();
    askInbox();
    prefersInbox = 1;
    uint32_t budget = Budget, looks = looksPerTurn();
    for (; budget != 0; --budget) {
      Record message;
      uint32_t bits = 0;
      bool runs = false;
      const bool hears = !agree(!mayHear());
      if (hears && hear(HeardLooks, usual, message, bits)) [[likely]] {
        runs = RingEnds::isOf(bits) && ends.isFirst(bits);
      } else {
        bits = next(hears ? 1 : looks);
        if (bits == 0)
          break;
        if (budget == Budget / 2 + 1)
          prefersInbox = 0;
        runs = admits(bits, message);
      }
      context.probes.end(Step::Poll);
      uint32_t outcome = 0;
      if (runs)
        outcome = runAlone(message, usual, reply);
      context.probes.end(Step::Handler);
      const bool isLeft = runs && hasLeft(message, outcome);
      const bool isOfRing = isInbox == 0;
      if (agree(isLeft || viaSpare != 0)) [[unlikely]] {
        if (isLeft)
          finishHandler(message, outcome, reply);
        leaveSpare();
      }
      // Apart from the rare things, so that it needs no branch.
      if (runs && isOfRing)
        ends.advance(bits);
      context.probes.end(Step::Write);
      if (runs)
        context.probes.count(1);
      ends.choose(bits);
      followOutlet();
      // A spilled message may have become due.
      looks = inboxNext < inboxCount ? 1 : BusyLooks;
      context.probes.end(Step::Report);
    }
    return endLooks(budget);
  }

  /// Ends the run.
  void finish() {
    if (openTurns != 0)
      endTurn(ends.taken());
    context.probes.print(context.agent.index); // each lane has its messages
  }

private:
  /// Looks that found something after which the inbox has its turn, and turns
  /// in a row after which the watchdog hears of progress.
  static constexpr uint32_t Budget = 16, OpenTurns = 4;
  /// Looks in a turn that finds nothing, in one behind a message, and in one
  /// of a place that has been idle for long: it leaves issue slots and shared
  /// memory to its neighbours.
  static constexpr uint32_t Looks = 16, BusyLooks = 48, RareLooks = 4;
  static constexpr uint32_t LongIdle = 256;
  /// Looks at whole packets behind a message, by `LooksPerAsk` of them.
  static constexpr uint32_t HeardLooks = BusyLooks / LooksPerAsk;

  /// While shards are about to move a place does nothing: so it sends nothing
  /// with the old table behind what others did with the new one, and no message
  /// has to be asked on its short way. That ends when every agent has heard of
  /// the move, and none of them waits for a place.
  bool isWaitingForSwitch() {
    watchForSwitch(*context.agent.desk);
    if (agree(!(context.agent.desk->moving & Watching)))
      return false;
    if (openTurns != 0)
      endTurn(ends.taken());
    openTurns = 0;
    return true;
  }

  uint32_t looksPerTurn() const { return idle < LongIdle ? Looks : RareLooks; }

  /// Says that handlers may be running, if it has not been said.
  void open() {
    const bool opens = openTurns == 0;
    beginTurn(opens);
    openTurns += opens;
  }

  /// Ends the looks of a turn.
  bool endLooks(uint32_t budget) {
    noteBusyTurn(budget == 0);
    const bool worked = budget != Budget;
    idle = worked ? 0 : idle + 1;
    if (inboxCount != 0 && inboxNext == inboxCount)
      leaveInbox();
    openTurns += openTurns != 0;
    if (openTurns != 0 && (!worked || openTurns > OpenTurns)) {
      endTurn(ends.taken());
      openTurns = 0;
    }
    refillInbox();
    return worked;
  }

  /// Whether messages are coming, and by the rings alone.
  bool mayHear() const {
    return LaneCount != 1 && openTurns != 0 && inboxNext == inboxCount &&
           !isFarDue() && context.sentThere < ManySent;
  }

  /// Brings what lanes of `bits` have found into `message` of the first of
  /// them; true there if the handler is to run. All lanes call it; `bits`
  /// becomes that of the lane.
  ///
  /// Whatever is not as usual is dealt with when the lanes are together: a
  /// branch costs as much as five other instructions here, and a function that
  /// is called on the short way moves of the registers that say which lanes
  /// have to meet.
  bool admits(uint32_t &bits, Record &message) {
    open();
    wantOutlet();
    bits = ends.choose(bits);
    if ((bits & ends.farBits()) != 0 && viaSpare == 0)
      keepFar(bits);
#pragma clang loop unroll(disable)
    for (uint32_t checked = ~0u;; checked = 0) {
      bool isUsual = false;
      if (RingEnds::isMine(bits))
        isUsual = (read(found(bits), message) |
                   (differences(message, usual) & checked)) == 0;
      if (ballot(isUsual) != 0)
        return isUsual;
      const bool isAdmitted = admitFrom(bits);
      usual = accepted();
      if (!isAdmitted)
        return false;
    }
  }

  //===--------------------------------------------------------------------===//
  // Handlers
  //===--------------------------------------------------------------------===//

  /// Deals with a message that is not like the one before; true if its handler
  /// is to run in the lane that has it, from `spare`. All lanes call it.
  bool admitFrom(uint32_t bit) {
    Verdict verdict = Nothing;
    if (RingEnds::isMine(bit)) {
      Record message;
      if (read(found(bit), message) == 0) {
        verdict = admit(message);
        copyApart(message, spare);
        if (verdict != Run)
          leave(bit);
      }
    }
    const bool runs = ballot(verdict == Run) != 0;
    if (ballot(verdict == NeedsAll) != 0)
      handleTogether();
    viaSpare = runs ? 1 : isInbox;
    return runs;
  }

  /// Handles the message that one lane has left, in all lanes.
  void handleTogether() {
    syncLanes();
    Record message = together;
    usual = accepted();
    giveOutletUp(); // its lanes send side by side
    runTogether(message, usual);
    syncLanes();
  }

  Accepted usual{};  ///< a copy of the row's
  uint32_t idle = 0; ///< turns without a message
  /// Turns since the watchdog was told that handlers may run; 0 if it was told
  /// that they do not.
  uint32_t openTurns = 0;
};

} // namespace rk::device
