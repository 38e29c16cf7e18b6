//===- Occupant.h - The actor of a place ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the handlers of the actor of a place, and reports what it did.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Admission.h"
#include "common/ShortWay.h"

namespace rk::device {

class Occupant : protected Admission {
protected:
  Occupant(const abi::Launch &launch, uint32_t place, uint32_t agentRow,
           Desk &desk, unsigned char *shared)
      : Admission(launch, place, agentRow, desk, shared),
        counts(launch.residents.ringCounts[place + launch.residents.links]),
        report(launch.progress[agentRow]),
        consumedAt(&wayTo(launch.residents, shared, 0)->consumed) {}

  /// Runs a handler of all lanes, then sends what it has left.
  void runTogether(Record &message, const Accepted &how) {
    const bool answers = context.agent.lane == 0;
    context.shared = shared;
    context.sendsAtOnce = false;
    context.probes.end(Step::Row);
    const abi::SenderKind asker = runHandler(
        ResidentDispatch<true>(), state, how.self, message, how.key, answers);
    context.probes.end(Step::Handler);
    sendWaiting(asker);
    if (answers)
      freeBlock(message);
    context.probes.end(Step::Write);
  }

  /// Runs the handler of a usual message in this lane. What it has left,
  /// `hasLeft` tells, and `finishHandler` goes on with it where the lanes are
  /// together again, as that is rare.
  void runAlone(rk_handler *handler, Record &message, const Accepted &how,
                void *reply) {
    context.shared = shared;
    context.sendsAtOnce = true;
    context.waiting = 0; // as ever; so the compiler knows it too
    context.self = how.self;
    context.senderWords[0] = message.word[2];
    context.senderWords[1] = message.word[3];
    handler(state, message.payload(), reply, &context);
  }
  /// The same of one that replies, where all replies fit into a packet: a reply
  /// to an actor goes at once, if it can. Returns whether it is left, in
  /// `reply`. It goes behind what the handler has sent.
  bool runAndReply(rk_handler *handler, uint32_t type, Record &message,
                   const Accepted &how, void *reply) {
    Record answer;
    runAlone(handler, message, how, answer.payload());
    const abi::PacketHeader header = message.header();
    if (header.senderKind == abi::SenderKind::None)
      return false;
    if (header.senderKind == abi::SenderKind::Actor && context.waiting == 0) {
      abi::PacketHeader out = headerTo(abi::Address{header.sender});
      out.message = type;
      answer.setHeader(out);
      if (putAtOnce(context, out.slot, answer, false)) [[likely]]
        return false;
    }
    __builtin_memcpy(reply, answer.payload(), abi::InlineBytes);
    return true;
  }
  /// Whether a handler has left messages or a block.
  bool hasLeft(const Record &message) const {
    return context.waiting != 0 || isByReference(message);
  }
  /// `replies`: it has left a reply.
  void finishHandler(Record &message, bool replies, uint32_t outcome,
                     void *reply) {
    sendWaiting(replies ? answer(message.header(), outcome - 2, reply)
                        : abi::SenderKind::None);
    freeBlock(message);
  }

  void freeBlock(const Record &message) {
    if (isByReference(message)) [[unlikely]]
      give(context.agent, *context.agent.launch->freePayload,
           exposedBlock(message));
  }
  /// Sends what a handler has left in the lane's outbox, and a reply to
  /// `asker`.
  void sendWaiting(abi::SenderKind asker) {
    for (uint32_t i = 0; i < context.waiting; ++i)
      sendRecord(context.outbox(i));
    context.waiting = 0;
    if (asker == abi::SenderKind::Actor)
      sendRecord(context.replyRecord());
    else if (asker == abi::SenderKind::Host)
      putReplySlot(context.agent, context.replyRecord(),
                   context.replyRecord().header().sender);
  }
  void sendRecord(Record &record) {
    const abi::Launch &launch = *context.agent.launch;
    const uint32_t slot = record.header().slot;
    if (putInRingAtOnce(launch, shared, slot, record)) [[likely]]
      ++context.ringSent;
    else if (isResident(launch, slot)
                 ? putInRing(context.agent, record)
                 : put(context.agent, workerOf(context.agent, slot), &record))
      ++context.sent;
    else
      context.sent += settle(context.agent, record).packets;
  }

  //===--------------------------------------------------------------------===//
  // The way that this warp has to itself. All lanes call these.
  //===--------------------------------------------------------------------===//

  /// Takes over what the last handler has changed, and asks how far the
  /// receiver has read: whoever sends next waits for that. Without a branch:
  /// there may be no such way.
  void followOutlet() {
    syncLanes();
    const Outlet &outlet = context.agent.desk->outlet;
    context.outlet.slot = outlet.slot;
    context.outlet.tail = outlet.tail;
    context.outlet.consumed = loadAnyWord(consumedAt);
  }
  abi::Way *ownWay() const {
    return wayTo(context.agent.launch->residents, shared, context.outlet.place);
  }
  /// Takes the way there if a lane has sent much to one place alone. At a
  /// message's arrival: what was sent there before it has often been handled.
  void wantOutlet() {
    const uint32_t lanes = ballot(context.sentThere >= Outlet::ManySent);
    if (lanes == 0)
      return;
    if (context.agent.lane == uint32_t(__builtin_ctz(lanes)))
      takeOutlet(context.agent, context.lastSlot);
    context.sentThere = 0;
    syncLanes();
    context.outlet = context.agent.desk->outlet;
    consumedAt =
        context.outlet.returns
            ? reinterpret_cast<const uint32_t *>(context.outlet.returns)
            : &ownWay()->consumed;
  }
  /// Between turns: gives the way back if others want it, and keeps the tail
  /// that they see near the real one.
  void keepOutlet() {
    if (agree(context.outlet.slot == Outlet::None))
      return;
    followOutlet();
    if (agree(loadOwnWord(ownPlace(&ownWay()->isWanted)) != 0)) [[unlikely]]
      giveOutletUp();
    else if (context.outlet.slot != Outlet::None && context.agent.lane == 0)
      showTail(ownWay(), context.outlet);
  }
  void giveOutletUp() {
    syncLanes();
    if (context.agent.lane == 0)
      giveOutletBack(context.agent);
    syncLanes();
    context.outlet.slot = Outlet::None;
  }

  //===--------------------------------------------------------------------===//
  // Reports. All lanes call these.
  //===--------------------------------------------------------------------===//

  /// Says that handlers may be running: odd turns.
  void beginTurn(bool begins) {
    turns += begins;
    if (begins && context.agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&report.turns, turns);
  }
  /// `takenHere`: messages that have come by this lane's rings.
  void endTurn(uint32_t takenHere) {
    ++turns;
    const uint32_t inRings = sumLanes(context.ringSent);
    const uint32_t taken = sumLanes(takenHere);
    sent += sumLanes(context.sent) + (inRings - ringSent);
    handled += fromInbox + (taken - ringHandled);
    context.sent = fromInbox = 0;
    ringSent = inRings;
    ringHandled = taken;
    syncLanes();
    if (context.agent.lane != 0)
      return;
    store<Order::Relaxed, Scope::Device>(&report.handled, handled);
    store<Order::Relaxed, Scope::Device>(&report.sent, sent);
    store<Order::Relaxed, Scope::Device>(&counts.handled, taken);
    publishRingSent(*context.agent.desk, counts, inRings);
    store<Order::Relaxed, Scope::Device>(&report.turns, turns);
  }
  void publishTicket(uint64_t ticket) {
    handledTicket = ticket;
    if (context.agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&report.handledTicket, ticket);
  }

  abi::RingCount &counts;
  abi::Progress &report;
  /// Where the receiver of this warp's own way says how far it has read; of
  /// some way if there is none.
  const uint32_t *consumedAt;
  // The same in all lanes:
  uint64_t turns = 0, handledTicket = 0, handled = 0, sent = 0;
  uint32_t fromInbox = 0; ///< messages since the last report
  // At the last report, of all lanes together:
  uint32_t ringSent = 0, ringHandled = 0;
};

} // namespace rk::device
