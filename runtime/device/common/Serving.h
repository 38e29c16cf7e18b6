//===- Serving.h - Messages that are like each other ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The short way of a place: the loop in which it handles messages that are
/// like the one before.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Arrivals.h"

namespace rk::device {

class Serving : protected Arrivals {
public:
  /// What a turn's messages are handled with.
  struct Turn : Heard {
    Turn(Serving *place, void *reply) : place(place), reply(reply) {}
    Serving *place;
    void *reply;
    uint32_t budget = Budget;
    // Of the last handler:
    uint32_t outcome = 0; ///< as `rk_dispatch` returns it
    bool replies = false; ///< its reply is left to be sent
  };

  /// What `rk_serve_messages` does: the loop of `serves` for one handler, whose
  /// outcome is always the same.
  [[gnu::always_inline]] static void serve(void *turn, rk_handler *handler,
                                           uint32_t outcome) {
    Turn &at = *static_cast<Turn *>(turn);
    at.place->serveBy(at, handler, outcome);
  }

protected:
  using Arrivals::Arrivals;

  /// Messages after which the inbox and messages that are not like the last one
  /// have their turn, and the watchdog hears of progress.
  static constexpr uint32_t Budget = 64;
  /// Looks behind a message, in a turn.
  static constexpr uint32_t BusyLooks = 48;

  /// Runs the handler of the message that is at hand, if one is, and those of
  /// messages that come and are like it. True if it ends behind a handler,
  /// which is to be finished; false if nothing like it came in time. All lanes
  /// call it.
  [[gnu::always_inline]] bool serves(Turn &at) {
    at.outcome = rk_serve_resident(orLanes(usual.key), &at);
    return agree(at.isMine);
  }
  /// Gives the place of the last message back, and deals with what its handler
  /// has left.
  void finishOne(Turn &at) {
    const bool isLeft = at.isMine && (at.replies || hasLeft(at.message));
    const bool isOfRing = isInbox == 0;
    if (agree(isLeft || viaSpare != 0)) [[unlikely]] {
      if (isLeft)
        finishHandler(at.message, at.replies, at.outcome, at.reply);
      leaveSpare();
    }
    goOn(at, at.isMine && isOfRing);
  }
  /// `takes`: the ring's place is this lane's to give back.
  void goOn(Turn &at, bool takes) {
    if (LaneCount != 1)
      ends.advanceWhere(takes);
    else if (takes)
      ends.advance(at.bits);
    context.probes.end(Step::Write);
    if (at.isMine)
      context.probes.count(1);
    isFarNext = takes && ends.isFar();
    ends.choose(at.bits);
    followOutlet();
    context.probes.end(Step::Report);
  }

  Accepted usual{}; ///< a copy of the row's

private:
  /// Looks at whole packets behind a message, by `LooksPerAsk` of them.
  static constexpr uint32_t HeardLooks = BusyLooks / LooksPerAsk;

  /// Serves messages that are like each other by `handler`. There is a copy of
  /// it for each handler: so nothing asks which to run, and what it cannot
  /// leave is not looked for. The branches are on votes but for the one that
  /// runs the handler, and jumps, since LLVM does not thread them where lanes
  /// may part.
  ///
  /// It ends behind a look that found nothing, `isMine` false in all lanes, or
  /// behind a handler. (No variable says which: it would be kept up to date in
  /// each round.)
  [[gnu::always_inline]] void serveBy(Turn &at, rk_handler *handler,
                                      uint32_t outcome) {
    const bool hasFar = ends.farBits() != 0;
    uint32_t looks, nearLooks, i, isRare;
    bool asks;
    if (agree(at.isMine))
      goto run;

  look:
    looks = HeardLooks;
    nearLooks = LooksPerAsk;
    asks = ends.isFar();
    if (hasFar && agree(isFarNext)) {
      looks = BusyLooks;
      nearLooks = 1;
    }
    do {
      if (hasFar)
        ends.askFarWhere(asks);
#pragma clang loop unroll(disable)
      for (i = nearLooks; i != 0; --i)
        if (hearNear(usual, at))
          goto run;
      i = at.missing;
      if (hasFar && hearFar(asks, usual, at))
        goto run;
      asks = asks && (isFarNext || nearLooks != 1);
    } while (--looks != 0 && !agree(i == 0 || at.missing == 0));
    return;

  run:
    context.probes.end(Step::Poll);
    at.replies = false;
    if (at.isMine) {
      if (outcome > 1 && rk_reply_bytes() <= abi::InlineBytes)
        at.replies =
            runAndReply(handler, outcome - 2, at.message, usual, at.reply);
      else
        runAlone(handler, at.message, usual, at.reply);
      if (outcome > 1 && rk_reply_bytes() > abi::InlineBytes)
        at.replies = at.message.header().senderKind != abi::SenderKind::None;
    }
    context.probes.end(Step::Handler);
    // What is rare, in one vote. A message by reference is in the spare packet.
    isRare = context.waiting | viaSpare | uint32_t(at.replies) |
             uint32_t(context.sentThere >= Outlet::ManySent) |
             uint32_t(LaneCount == 1);
    if (agree((isRare != 0) | (at.budget == 1))) [[unlikely]]
      return;
    goOn(at, at.isMine);
    --at.budget;
    goto look;
  }
};

} // namespace rk::device
