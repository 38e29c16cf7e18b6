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
           Desk &desk, unsigned char *shared)
      : place(place),
        counts(launch.residents.ringCounts[place + launch.residents.links]),
        report(launch.progress[agentRow]),
        activity(launch.reports[agentRow].activity[0]), shared(shared),
        together(*reinterpret_cast<Record *>(
            shared + launch.residents.shared.records +
            rowOf(launch.residents, place) * sizeof(Record))),
        rowPlace(ownPlace(shared + launch.residents.shared.rows +
                          rowOf(launch.residents, place) *
                              sizeof(abi::OccupantRow))),
        state(shared + launch.residents.shared.states +
              rowOf(launch.residents, place) * launch.residents.stateStride) {
    context.agent = {&launch, agentRow, laneId(), &desk};
    context.spare = &together;
    if (laneId() == 0)
      storeRow({});
    syncLanes();
  }

  /// Runs the handler, then sends what it has left. Returns whether there was
  /// one.
  template <bool WholeWarp>
  bool run(Record &message, const abi::PacketHeader &header,
           const abi::Slot &row, uint32_t key, bool answers) {
    const Agent agent = context.agent;
    if (header.byReference)
      exposeBlock(message);
    freed.has = isMissing = false;
    context.shared = WholeWarp ? nullptr : shared;
    context.probes.end(Step::Row);
    const abi::SenderKind asker =
        runHandler(ResidentDispatch<WholeWarp>(), row, message, key, answers);
    context.probes.end(Step::Handler);
    if (isMissing) [[unlikely]]
      return false;
    for (uint32_t i = 0; i < context.waiting; ++i)
      sendRecord(context.outbox(i));
    context.waiting = 0;
    if (asker == abi::SenderKind::Actor)
      sendRecord(context.replyRecord());
    else if (asker == abi::SenderKind::Host)
      putReplySlot(agent, context.replyRecord(),
                   context.replyRecord().header().sender);
    if (freed.has)
      give(agent, *agent.launch->freePayload, freed.block);
    context.probes.end(Step::Write);
    return true;
  }
  void sendRecord(Record &record) {
    const abi::Launch &launch = *context.agent.launch;
    const uint32_t slot = record.header().slot;
    const bool isShort = isResident(launch, slot);
    if (isShort && putInRingAtOnce(launch, shared, record)) [[likely]]
      ++context.ringSent;
    else if (isShort ? putInRing(context.agent, record)
                     : put(context.agent, workerOf(context.agent, slot),
                           &record)) [[likely]]
      ++context.sent;
    else
      context.sent += settle(context.agent, record).packets;
  }

  //===--------------------------------------------------------------------===//
  // The row: in shared memory, so that any lane has it
  //===--------------------------------------------------------------------===//

  abi::OccupantRow loadRow() const { return loadRowAt(rowPlace); }
  void storeRow(const abi::OccupantRow &row) const { storeRowAt(rowPlace, row); }
  static bool runs(const abi::OccupantRow &row, uint32_t generation) {
    return row.generation == generation &&
           row.status == uint16_t(abi::SlotStatus::Active);
  }
  abi::Slot slotOf(const abi::OccupantRow &row) const {
    return {row.generation, row.type, abi::SlotStatus(row.status), state};
  }

  /// Tells the watchdog what this place runs, unless it was the same before.
  void note(abi::OccupantRow &row, uint32_t slot, uint32_t handler) const {
    if (row.noted == handler)
      return;
    row.noted = handler;
    storeRow(row);
    store<Order::Relaxed, Scope::Device>(
        reinterpret_cast<uint64_t *>(&activity),
        uint64_t(slot) | uint64_t(handler) << 32);
  }

  /// Takes over a new actor, or deals with what is no message for the one that
  /// is here: `together` holds it. Returns whether a handler is to run.
  bool prepare() {
    return prepareApart(*context.agent.desk, together, rowPlace, state, place);
  }

  //===--------------------------------------------------------------------===//
  // Reports. All lanes call these.
  //===--------------------------------------------------------------------===//

  /// Says that handlers may be running: odd turns.
  void beginTurn() {
    ++turns;
    if (context.agent.lane == 0)
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

  const uint32_t place;
  abi::RingCount &counts;
  abi::Progress &report;
  abi::LaneActivity &activity;
  unsigned char *const shared; ///< of this block
  Record &together;            ///< for a message that all lanes handle
  const OwnPlace rowPlace;
  unsigned char *const state;
  // The same in all lanes:
  uint64_t turns = 0, handledTicket = 0, handled = 0, sent = 0;
  uint32_t fromInbox = 0; ///< messages since the last report
  // At the last report, of all lanes together:
  uint32_t ringSent = 0, ringHandled = 0;

private:
  static abi::OccupantRow loadRowAt(OwnPlace at) {
    const abi::Piece piece = loadOwnPiece(at);
    return {piece.word[0], uint16_t(piece.word[1]),
            uint16_t(piece.word[1] >> 16), piece.word[2], 0};
  }
  static void storeRowAt(OwnPlace at, const abi::OccupantRow &row) {
    storeOwnPiece(at, {{row.generation, row.type | uint32_t(row.status) << 16,
                        row.noted},
                       0});
  }

  RK_OUT_OF_LINE static bool prepareApart(Desk &desk, const Record &message,
                                          OwnPlace rowPlace,
                                          unsigned char *state,
                                          uint32_t place) {
    const abi::PacketHeader header = message.header();
    abi::Slot &slot = desk.launch->slots[desk.launch->maxActors + place];
    abi::OccupantRow row = loadRowAt(rowPlace);
    if (!runs(row, header.generation))
      adopt(*desk.launch, slot, row, header.generation, state, place);
    bool isReady = header.kind == abi::PacketKind::User &&
                   runs(row, header.generation);
    if (!isReady) {
      const abi::Slot found = deliverRare(desk, message);
      forgetStopped(slot, row);
      if (isRunning(found, header.generation)) { // it was made this moment
        adopt(*desk.launch, slot, row, header.generation, state, place);
        isReady = true;
      }
    }
    storeRowAt(rowPlace, row);
    return isReady;
  }
  /// Takes over the actor that has been put into this place, if its generation
  /// is the one that a message asks for.
  ///
  /// Ordering  acquire: the spawner's fences stand between state, row, and
  ///           what told the address.
  static void adopt(const abi::Launch &launch, abi::Slot &slot,
                    abi::OccupantRow &row, uint32_t generation,
                    unsigned char *state, uint32_t place) {
    const abi::Slot from = lookAgain(slot, generation);
    if (!isRunning(from, generation))
      return;
    const abi::Residents &residents = launch.residents;
    const auto *initial = reinterpret_cast<const uint64_t *>(
        residents.states + uint64_t(place) * residents.stateStride);
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < residents.stateStride / 8; ++i)
      reinterpret_cast<uint64_t *>(state)[i] = initial[i];
    row.generation = from.generation;
    row.type = from.type;
    row.status = uint16_t(from.status);
  }
  /// Looks whether this place's actor has just been stopped.
  static void forgetStopped(const abi::Slot &slot, abi::OccupantRow &row) {
    const abi::Slot now = device::loadRow(slot);
    if (now.generation != row.generation ||
        now.status != abi::SlotStatus::Active)
      row.status = uint16_t(abi::SlotStatus::Free);
  }
  /// Its number among the warps of its block that have a place.
  static uint32_t rowOf(const abi::Residents &residents, uint32_t place) {
    return locatePlace(residents, place).warp - firstWarp(residents);
  }
};

} // namespace rk::device
