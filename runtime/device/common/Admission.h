//===- Admission.h - Which messages a place's actor gets --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes over the actor that is put into a place, and says what is to be done
/// with a message that is not like the one before: out of line, so that the way
/// of one that is stays short.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Handlers.h"

namespace rk::device {

class Admission : protected Handlers {
protected:
  Admission(const abi::Launch &launch, uint32_t place, uint32_t agentRow,
            Desk &desk, unsigned char *shared)
      : shared(shared), together(*reinterpret_cast<Record *>(
                            shared + launch.residents.shared.records +
                            rowOf(launch.residents, place) * sizeof(Record))),
        rowPlace(ownPlace(shared + launch.residents.shared.rows +
                          rowOf(launch.residents, place) *
                              sizeof(abi::OccupantRow))),
        state(shared + launch.residents.shared.states +
              rowOf(launch.residents, place) * launch.residents.stateStride),
        place(place), slot(launch.maxActors + place) {
    context.agent = {&launch, agentRow, laneId(), &desk};
    context.spare = &together;
  }

  /// What is to be done with a message.
  enum Verdict : uint32_t {
    Nothing, ///< it has been dealt with, or is not there yet
    Run,
    NeedsAll, ///< its handler is for all lanes; `together` holds it
  };

  /// The part of the row that each message needs.
  struct Accepted {
    uint32_t word, key;
    uint64_t self;
  };
  Accepted accepted() const {
    const abi::Piece piece = loadOwnPiece(rowPlace);
    return {piece.word[0], piece.word[1],
            piece.word[2] | uint64_t(piece.mark) << 32};
  }
  /// In what a message is not like the one before, which was for the same
  /// actor, of the same type, and in one piece; 0 if it is like it.
  uint32_t differences(const Record &message, const Accepted &last) const {
    return (message.word[0] ^ slot) | (message.word[1] ^ last.word) |
           (message.word[2] & ByReferenceBit);
  }
  /// Deals with one that is not like it. If it is to run, `accepted` tells how;
  /// one by reference has been exposed.
  Verdict admit(Record &message) {
    together = message; // so that it need have no address itself
    const Verdict verdict =
        admitApart(*context.agent.desk, together, rowPlace, state, place);
    // What exposing changes:
    for (uint32_t i = 0; i < 3; ++i)
      message.payload()[i] = together.payload()[i];
    return verdict;
  }

  static bool isByReference(const Record &message) {
    return (message.word[2] & ByReferenceBit) != 0;
  }
  /// The block of a message that has been exposed.
  static uint32_t exposedBlock(const Record &message) {
    return message.payload()[2];
  }
  /// Puts the address of a by-reference payload where handlers look for it, and
  /// its block's number behind it.
  ///
  /// Ordering  acquire, for the sender's fence before its packet.
  static void expose(const abi::Launch &launch, Record &message) {
    acquireFence();
    const uint32_t block = payloadBlock(message);
    const auto address = reinterpret_cast<uint64_t>(blockAt(launch, block));
    message.payload()[0] = uint32_t(address);
    message.payload()[1] = uint32_t(address >> 32);
    message.payload()[2] = block;
  }

  unsigned char *const shared; ///< of this block
  Record
      &together; ///< for a message that all lanes handle, or another function
  const OwnPlace rowPlace;
  unsigned char *const state;
  const uint32_t place, slot;

private:
  static constexpr uint32_t ByReferenceBit = 1u << 30;

  /// Its number among the warps of its block that have a place.
  static uint32_t rowOf(const abi::Residents &residents, uint32_t place) {
    return locatePlace(residents, place).warp - firstWarp(residents);
  }
  static abi::OccupantRow loadRowAt(OwnPlace at) {
    const abi::Piece first = loadOwnPiece(at);
    const abi::Piece second = loadOwnPiece(at + sizeof(abi::Piece));
    return {first.word[0],
            first.word[1],
            first.word[2] | uint64_t(first.mark) << 32,
            second.word[0],
            uint16_t(second.word[1]),
            uint16_t(second.word[1] >> 16),
            second.word[2],
            0};
  }
  static void storeRowAt(OwnPlace at, const abi::OccupantRow &row) {
    storeOwnPiece(at, {{row.accepted, row.key, uint32_t(row.self)},
                       uint32_t(row.self >> 32)});
    storeOwnPiece(
        at + sizeof(abi::Piece),
        {{row.generation, row.type | uint32_t(row.status) << 16, row.noted},
         0});
  }
  static bool runs(const abi::OccupantRow &row, uint32_t generation) {
    return row.generation == generation &&
           row.status == uint16_t(abi::SlotStatus::Active);
  }

  RK_OUT_OF_LINE static Verdict admitApart(Desk &desk, Record &message,
                                           OwnPlace rowPlace,
                                           unsigned char *state,
                                           uint32_t place) {
    abi::OccupantRow row = loadRowAt(rowPlace);
    row.accepted = 0;
    Verdict verdict = Nothing;
    if (prepare(desk, message, row, state, place))
      verdict = choose(desk, message, row);
    storeRowAt(rowPlace, row);
    return verdict;
  }

  /// Sees to it that the message's actor is here; false if there is no handler
  /// to run.
  static bool prepare(Desk &desk, const Record &message, abi::OccupantRow &row,
                      unsigned char *state, uint32_t place) {
    const abi::PacketHeader header = message.header();
    abi::Slot &slot = desk.launch->slots[desk.launch->maxActors + place];
    if (!runs(row, header.generation))
      adopt(*desk.launch, slot, row, header.generation, state, place);
    if (header.kind == abi::PacketKind::User && runs(row, header.generation))
      return true;
    const abi::Slot found = deliverRare(desk, message);
    forgetStopped(slot, row);
    if (!isRunning(found, header.generation))
      return false;
    adopt(*desk.launch, slot, row, header.generation, state, place);
    return true; // it was made this moment
  }

  /// Finds out how many lanes the handler wants, and tells the watchdog.
  static Verdict choose(Desk &desk, Record &message, abi::OccupantRow &row) {
    const abi::PacketHeader header = message.header();
    const uint32_t key =
        uint32_t(row.type) << abi::MessageBits | header.message;
    const uint32_t lanes = rk_handler_lanes(key);
    if (lanes == 0) {
      refuseUnhandled(desk, message);
      if (header.byReference)
        freePayload(agentOf(desk), message);
      return Nothing;
    }
    row.key = key;
    row.self =
        abi::Address::make(header.slot, row.generation, desk.launch->device)
            .bits;
    if (row.noted != key + 1) {
      row.noted = key + 1;
      store<Order::Relaxed, Scope::Device>(
          reinterpret_cast<uint64_t *>(&agentOf(desk).report().activity[0]),
          uint64_t(header.slot) | uint64_t(key + 1) << 32);
    }
    if (header.byReference)
      expose(*desk.launch, message);
    if (LaneCount != 1 && lanes == LaneCount)
      return NeedsAll;
    row.accepted = message.word[1];
    return Run;
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
    const abi::Slot now = loadRow(slot);
    if (now.generation != row.generation ||
        now.status != abi::SlotStatus::Active)
      row.status = uint16_t(abi::SlotStatus::Free);
  }
};

} // namespace rk::device
