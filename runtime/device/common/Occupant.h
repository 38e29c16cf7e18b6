//===- Occupant.h - The actor of a place --------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes over the actor that is put into a place, runs its handlers, and
/// reports what it did.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Handlers.h"

namespace rk::device {

class Occupant : protected Handlers {
protected:
  Occupant(const abi::Launch &launch, uint32_t place, uint32_t agentRow,
           Desk &desk)
      : place(place),
        counts(launch.residents.ringCounts[place + launch.residents.links]),
        report(launch.progress[agentRow]),
        activity(launch.reports[agentRow].activity[laneId()]),
        shared(reinterpret_cast<Record *>(
            desk.shared +
            launch.residents.shared.records)[rowOf(launch.residents, place)]),
        state(desk.shared + launch.residents.shared.states +
              rowOf(launch.residents, place) * launch.residents.stateStride) {
    context.agent = {&launch, agentRow, laneId(), &desk};
  }

  /// Runs the handler, then sends what it has left.
  template <bool WholeWarp>
  void run(Record &message, const abi::PacketHeader &header, uint32_t key,
           bool answers) {
    const Agent agent = context.agent;
    if (header.byReference)
      exposeBlock(message);
    freed.has = false;
    context.probes.end(Step::Row);
    replyTo =
        runHandler(ResidentDispatch<WholeWarp>(), row, message, key, answers);
    context.probes.end(Step::Handler);
    for (uint32_t i = 0; i < context.waiting; ++i)
      sendRecord(context.outbox(i));
    context.waiting = 0;
    if (replyTo == abi::SenderKind::Actor)
      sendRecord(context.replyRecord());
    else if (replyTo == abi::SenderKind::Host)
      putReplySlot(agent, context.replyRecord(),
                   context.replyRecord().header().sender);
    replyTo = abi::SenderKind::None;
    if (freed.has)
      give(agent, *agent.launch->freePayload, freed.block);
    context.probes.end(Step::Write);
  }
  void sendRecord(Record &record) {
    const abi::Launch &launch = *context.agent.launch;
    const uint32_t slot = record.header().slot;
    if (isResident(launch, slot)
            ? putInRingHere(launch, *context.agent.desk, record)
            : put(context.agent, workerOf(context.agent, slot), &record))
        [[likely]]
      ++context.sent;
    else
      context.sent += settle(context.agent, record).packets;
  }

  /// Tells the watchdog what this lane runs.
  void note(uint32_t slot, uint32_t handler) {
    store<Order::Relaxed, Scope::Device>(
        reinterpret_cast<uint64_t *>(&activity),
        uint64_t(slot) | uint64_t(handler) << 32);
  }

  /// Takes over the actor that has been put into this place, if its generation
  /// is the one that a message asks for.
  ///
  /// Ordering  acquire: the spawner's fences stand between state, row, and
  ///           what told the address.
  void adopt(uint32_t generation) {
    const abi::Launch &launch = *context.agent.launch;
    const abi::Slot from =
        lookAgain(launch.slots[launch.maxActors + place], generation);
    if (!isRunning(from, generation))
      return;
    const abi::Residents &residents = launch.residents;
    const auto *initial = reinterpret_cast<const uint64_t *>(
        residents.states + uint64_t(place) * residents.stateStride);
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < residents.stateStride / 8; ++i)
      reinterpret_cast<uint64_t *>(state)[i] = initial[i];
    row = from;
    row.state = state;
  }
  /// Looks whether this place's actor has just been stopped.
  void forgetStopped() {
    const abi::Launch &launch = *context.agent.launch;
    const abi::Slot now = loadRow(launch.slots[launch.maxActors + place]);
    if (now.generation != row.generation ||
        now.status != abi::SlotStatus::Active)
      row.status = abi::SlotStatus::Free;
  }

  /// Says that handlers may be running: odd turns.
  void beginTurn() {
    ++progress.turns;
    store<Order::Relaxed, Scope::Device>(&report.turns, progress.turns);
  }
  void endTurn() {
    progress.sent += context.sent;
    context.sent = 0;
    ++progress.turns;
    store<Order::Relaxed, Scope::Device>(&report.handled, progress.handled);
    store<Order::Relaxed, Scope::Device>(&report.sent, progress.sent);
    store<Order::Relaxed, Scope::Device>(&counts.handled, ringHandled);
    publishRingSent(*context.agent.desk, counts);
    store<Order::Relaxed, Scope::Device>(&report.turns, progress.turns);
  }
  void publishTicket(uint64_t handledTicket) {
    progress.handledTicket = handledTicket;
    if (context.agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&report.handledTicket,
                                           progress.handledTicket);
  }

  const uint32_t place;
  abi::RingCount &counts;
  abi::Progress &report;
  abi::LaneActivity &activity; ///< of this lane
  Record &shared;              ///< for a message that all lanes handle
  unsigned char *const state;
  // Of lane 0 alone, but for what all lanes need for a handler of theirs.
  abi::Slot row{};
  abi::Progress progress{};
  uint32_t ringHandled = 0;

private:
  /// Its number among the warps of its block that have a place.
  static uint32_t rowOf(const abi::Residents &residents, uint32_t place) {
    return locatePlace(residents, place).warp - firstWarp(residents);
  }
};

} // namespace rk::device
