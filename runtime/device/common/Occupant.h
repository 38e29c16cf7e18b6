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

namespace rk::device {

class Occupant : protected Admission {
protected:
  Occupant(const abi::Launch &launch, uint32_t place, uint32_t agentRow,
           Desk &desk, unsigned char *shared)
      : Admission(launch, place, agentRow, desk, shared),
        counts(launch.residents.ringCounts[place + launch.residents.links]),
        report(launch.progress[agentRow]) {}

  /// Runs the handler, then sends what it has left.
  template <bool WholeWarp>
  void run(Record &message, uint64_t self, uint32_t key, bool answers) {
    const Agent agent = context.agent;
    context.shared = shared;
    context.sendsAtOnce = !WholeWarp;
    context.probes.end(Step::Row);
    const abi::SenderKind asker = runHandler(
        ResidentDispatch<WholeWarp>(), state, self, message, key, answers);
    context.probes.end(Step::Handler);
    for (uint32_t i = 0; i < context.waiting; ++i)
      sendRecord(context.outbox(i));
    context.waiting = 0;
    if (asker == abi::SenderKind::Actor)
      sendRecord(context.replyRecord());
    else if (asker == abi::SenderKind::Host)
      putReplySlot(agent, context.replyRecord(),
                   context.replyRecord().header().sender);
    if (answers && isByReference(message)) [[unlikely]]
      give(agent, *agent.launch->freePayload, exposedBlock(message));
    context.probes.end(Step::Write);
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
  // The same in all lanes:
  uint64_t turns = 0, handledTicket = 0, handled = 0, sent = 0;
  uint32_t fromInbox = 0; ///< messages since the last report
  // At the last report, of all lanes together:
  uint32_t ringSent = 0, ringHandled = 0;
};

} // namespace rk::device
