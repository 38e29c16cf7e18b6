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
/// all of a packet, and what it finds is handled from registers, by a loop that
/// the compiler makes for each handler. A message from
/// the inbox is handled by the first lane, and a handler for a whole warp by
/// all.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Serving.h"

namespace rk::device {

class Resident : private Serving {
public:
  Resident(const abi::Launch &launch, uint32_t place, uint32_t agentRow,
           Desk &desk, unsigned char *shared)
      : Serving(launch, place, agentRow, desk, shared) {}

  /// Handles what is in the inbox, up to half of `Budget` messages, then what
  /// is in the rings, until nothing comes or the budget is used up; returns
  /// false if there was nothing. So neither keeps the other from its turn.
  ///
  /// The report stays open while messages come, so that none waits for one.
  [[gnu::always_inline]] bool turn() {
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
    uint32_t looks = looksPerTurn();
    Turn at{this, reply};
    bool hears = true; // what comes may be like what came before
    while (at.budget != 0) {
      hears = hears && !agree(!mayHear());
      at.isMine = false;
      if (!hears) {
        at.bits = next(looks);
        if (at.bits == 0)
          break;
        if (at.budget <= Budget / 2 + 1)
          prefersInbox = 0;
        at.isMine = admits(at);
      }
      context.probes.end(Step::Poll);
      at.replies = false;
      hears = !agree(hears || at.isMine) || serves(at);
      // A spilled message may have become due.
      looks = hears && inboxNext == inboxCount ? BusyLooks : 1;
      if (!hears)
        continue;
      finishOne(at);
      --at.budget;
    }
    return endLooks(at.budget);
  }

  /// Ends the run.
  void finish() {
    if (openTurns != 0)
      endTurn(ends.taken());
    context.probes.print(context.agent.index); // each lane has its messages
  }

private:
  /// Turns that have not used up their budget, one after the other, after which
  /// the watchdog hears of progress.
  static constexpr uint32_t OpenTurns = 4;
  /// Looks in a turn that finds nothing, and in one of a place that has been
  /// idle for long: it leaves issue slots and shared memory to its neighbours.
  static constexpr uint32_t Looks = 16, RareLooks = 4;
  static constexpr uint32_t LongIdle = 256;

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
    if (openTurns != 0 && (!worked || budget == 0 || openTurns > OpenTurns)) {
      endTurn(ends.taken());
      openTurns = 0;
    }
    refillInbox();
    return worked;
  }

  /// Whether messages are coming, by the rings alone, and the last had a
  /// handler for one lane.
  bool mayHear() const {
    return LaneCount != 1 && openTurns != 0 && inboxNext == inboxCount &&
           !isFarDue() && context.sentThere < Outlet::ManySent &&
           usual.word != 0;
  }

  /// Brings what the first of the lanes of `bits` has found into its `message`;
  /// true there if the handler is to run. All lanes call it; `bits` becomes
  /// that of the lane.
  ///
  /// Whatever is not as usual is dealt with when the lanes are together: a
  /// branch costs as much as five other instructions here, and a function that
  /// is called on the short way moves of the registers that say which lanes
  /// have to meet.
  bool admits(Heard &at) {
    open();
    wantOutlet();
    const uint32_t bits = at.bits = ends.choose(at.bits);
    Record &message = at.message;
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

  uint32_t idle = 0; ///< turns without a message
  /// Turns since the watchdog was told that handlers may run; 0 if it was told
  /// that they do not.
  uint32_t openTurns = 0;
};

} // namespace rk::device
