//===- VectorBoard.h - Packets of whole vectors -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How the threads of Direct.h use the boards. A vector of 16 bytes is two
/// packets: three words and the mark, and one word and the mark; a shorter one
/// is one packet of the first kind. On a board the first packets of all vectors
/// of a row lie side by side, then the second ones, so that a warp fills whole
/// sectors.
///
/// Ordering  Each packet is one access of 16 or 8 bytes: who sees its mark has
///           its words.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Update.h"

namespace rk::device::stencil {

/// A vector as it comes.
struct VectorPacket {
  abi::Piece piece;
  MarkedWord rest;
};

/// The place of one thread's vectors.
template <class Machine> class VectorBoard {
public:
  __attribute__((always_inline))
  VectorBoard(const abi::ResidentGrid &grid, const ResidentShape &shape,
              const Sender<Machine> &sender, uint32_t firstX, uint64_t *boards)
      : shape(shape), sender(sender), boards(boards),
        slot(uint32_t(8 * grid.boardCells)), lane(16 * firstX / shape.vector),
        restAt(16 * grid.boardPitch / shape.vector -
               8 * firstX / shape.vector) {
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a)
      boards[a] = grid.arrays[a].board;
  }

  /// Words that a vector of an array has.
  [[nodiscard]] __attribute__((always_inline)) uint32_t
  words(uint32_t array) const {
    return (shape.array[array].elementBytes * shape.vector + 3) / 4;
  }
  /// Where the slot of a step begins, of narrow elements.
  [[nodiscard]] __attribute__((always_inline)) uint32_t
  slotOf(uint32_t mark) const {
    return (mark & 1) != 0 ? slot : 0;
  }
  [[nodiscard]] __attribute__((always_inline)) uint32_t
  otherSlot(uint32_t than) const {
    return than ^ slot;
  }
  /// Where the first packet of this thread's vector lies, of the row that
  /// begins at `cell`.
  [[nodiscard]] __attribute__((always_inline)) uint64_t
  placeOf(uint32_t array, uint32_t cell, uint32_t inSlot) const {
    const uint32_t wide = shape.array[array].elementBytes == 8 ? 2 : 1;
    return boards[array] + (wide * (inSlot + 8 * cell) + lane);
  }

  __attribute__((always_inline)) void sendFar(uint32_t cell, uint32_t inSlot,
                                              uint32_t mark) const {
    sender.forEachMade(
        [&](uint32_t a, uint32_t, const unsigned char *values)
            __attribute__((always_inline)) {
              const uint64_t place = placeOf(a, cell, inSlot);
              const auto *word = reinterpret_cast<const uint32_t *>(values);
              const uint32_t count = words(a);
              Machine::storeMarked(place, {{word[0], count > 1 ? word[1] : 0,
                                            count > 2 ? word[2] : 0},
                                           mark});
              if (count == MostWords)
                Machine::storeHalf(place + restAt, word[3], mark);
            });
  }

  /// Asks for a vector; has zeros if nothing `isAsked`.
  [[nodiscard]] __attribute__((always_inline)) VectorPacket
  ask(bool isAsked, uint32_t array, uint64_t place) const {
    VectorPacket packet = {Machine::loadMarked(isAsked, place), {}};
    if (words(array) == MostWords)
      packet.rest = Machine::loadHalf(isAsked, place + restAt);
    return packet;
  }

  /// Whether to wait no longer.
  __attribute__((always_inline)) static bool
  isVain(const abi::ResidentGrid *grid, ResidentHeader *header, uint32_t polls,
         uint32_t mark) {
    if (polls % 64 != 63 ||
        (polls < MostPolls && !Machine::peek(&header->hasGivenUp)))
      return false;
    Machine::poke(&header->hasGivenUp, 1);
    Machine::reportFault(grid->fault, mark);
    return true;
  }

  /// Puts a vector where the update reads it, if it has come.
  __attribute__((always_inline)) bool take(uint32_t array, unsigned char *to,
                                           uint32_t mark,
                                           const VectorPacket &from) const {
    const bool isWhole = words(array) == MostWords;
    if (from.piece.mark != mark || (isWhole && from.rest.mark != mark))
      return false;
    const auto &word = from.piece.word;
    if (isWhole) {
      Machine::put(to, {{word[0], word[1], word[2], from.rest.word}});
      return true;
    }
    const uint32_t bytes = shape.array[array].elementBytes;
    const auto *const values = reinterpret_cast<const unsigned char *>(word);
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < MostWords; ++i)
      if (i < shape.vector)
        copyElement(to + bytes * i, values + bytes * i, bytes);
    return true;
  }

private:
  static constexpr uint32_t MostWords = 4;

  const ResidentShape &shape;
  const Sender<Machine> sender; // a reference would keep it in memory
  /// In registers: memory that others write might have changed the grid's.
  const uint64_t *boards;
  const uint32_t slot; ///< bytes from one to the next
  /// Units     bytes: of this thread's first packet in a row; without those, of
  ///           its second one.
  const uint32_t lane, restAt;
};

} // namespace rk::device::stencil
