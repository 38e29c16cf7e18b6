//===- VectorBoard.h - Packets of whole vectors -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How the threads of Direct.h use the boards: on a board the first packets of
/// all vectors of a row lie side by side, then the second ones, so that a warp
/// fills whole sectors.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Update.h"

namespace rk::device::stencil {

/// The place of one thread's vectors.
template <class Machine> class VectorBoard {
public:
  __attribute__((always_inline))
  VectorBoard(const abi::ResidentGrid &grid, const ResidentShape &shape,
              const Sender<Machine> &sender, uint32_t firstX, uint64_t *boards)
      : shape(shape), sender(sender), boards(boards), slot(8 * grid.boardCells),
        lane(16 * firstX / shape.vector),
        next(16 * grid.boardPitch / shape.vector) {
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a)
      boards[a] = grid.arrays[a].board;
  }

  /// Packets of 16 bytes that a vector of an array has.
  [[nodiscard]] __attribute__((always_inline)) uint32_t
  pieces(uint32_t array) const {
    return shape.array[array].elementBytes == 8 ? shape.vector
                                                : shape.vector / 2;
  }
  /// Where the first piece of this thread's vector lies, of the row that
  /// begins at `cell`; and how far away the second one is.
  [[nodiscard]] __attribute__((always_inline)) uint64_t
  placeOf(uint32_t array, uint32_t cell, uint32_t mark) const {
    const uint64_t wide = shape.array[array].elementBytes == 8 ? 2 : 1;
    return boards[array] + wide * ((mark & 1) != 0 ? slot : 0) +
           wide * 8 * cell + lane;
  }
  [[nodiscard]] __attribute__((always_inline)) uint32_t nextPiece() const {
    return next;
  }

  __attribute__((always_inline)) void sendFar(uint32_t cell,
                                              uint32_t mark) const {
    sender.forEachMade(
        [&](uint32_t a, uint32_t, const unsigned char *values)
            __attribute__((always_inline)) {
              const uint32_t bytes = shape.array[a].elementBytes;
              const uint64_t place = placeOf(a, cell, mark);
#pragma clang loop unroll(full)
              for (uint32_t p = 0; p < MostPieces; ++p) {
                if (p >= pieces(a))
                  continue;
                uint32_t low = 0, high = 0;
                if (bytes == 8) {
                  low = reinterpret_cast<const uint32_t *>(values)[2 * p];
                  high = reinterpret_cast<const uint32_t *>(values)[2 * p + 1];
                } else {
                  copyElement(&low, values + bytes * (2 * p), bytes);
                  copyElement(&high, values + bytes * (2 * p + 1), bytes);
                }
                Machine::storePiece(place + p * nextPiece(),
                                    {{low, mark, high, mark}});
              }
            });
  }

  __attribute__((always_inline)) void ask(uint32_t array, uint64_t place,
                                          BoardPiece *to) const {
#pragma clang loop unroll(full)
    for (uint32_t p = 0; p < MostPieces; ++p)
      if (p < pieces(array))
        to[p] = Machine::loadPiece(place + p * nextPiece());
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
  __attribute__((always_inline)) static bool
  take(unsigned char *to, uint32_t bytes, uint32_t pieces, uint32_t mark,
       const BoardPiece *from) {
    bool hasCome = true;
#pragma clang loop unroll(full)
    for (uint32_t p = 0; p < MostPieces; ++p)
      hasCome &=
          p >= pieces || (from[p].word[1] == mark && from[p].word[3] == mark);
    if (!hasCome)
      return false;
    if (bytes >= 4 && pieces == 2) {
      Machine::put(to, {{from[0].word[0], from[0].word[2], from[1].word[0],
                         from[1].word[2]}});
      return true;
    }
#pragma clang loop unroll(full)
    for (uint32_t p = 0; p < MostPieces; ++p)
      if (p < pieces) {
        copyElement(to + 2 * p * bytes, &from[p].word[0], bytes);
        copyElement(to + (2 * p + 1) * bytes, &from[p].word[2], bytes);
      }
    return true;
  }

private:
  const ResidentShape &shape;
  const Sender<Machine> sender; // a reference would keep it in memory
  /// In registers: memory that others write might have changed the grid's.
  const uint64_t *boards;
  const uint64_t slot;
  /// Units     bytes: of this thread's piece in a row, and to its second one.
  const uint32_t lane, next;
};

} // namespace rk::device::stencil
