//===- Moves.h - Sources and probes of a resident stencil -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The thread that computes a cell records and feeds it, before it sends the
/// cell to others: see abi::StencilMove. A thread without such cells asks once.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Update.h"

#include "rk/abi/StencilCells.h"

namespace rk::device::stencil {

[[nodiscard]] __attribute__((always_inline)) inline const abi::StencilMove &
moveOf(const abi::StencilLaunch &launch, uint32_t number) {
  return reinterpret_cast<const abi::StencilMove *>(launch.moves)[number];
}

/// Finds a cell's place in the brick; false if it has none.
__attribute__((always_inline)) inline bool findMoved(const Frame &frame,
                                                     uint64_t places,
                                                     int64_t index,
                                                     uint32_t (&at)[3]) {
  bool isHere = true;
#pragma clang loop unroll(full)
  for (uint32_t axis = 0; axis < 3; ++axis) {
    const int64_t place =
        abi::loadAs<int64_t>(places, 3 * index + axis) - frame.first[axis];
    isHere &= place >= 0 && place < frame.size[axis];
    at[axis] = uint32_t(place);
  }
  return isHere;
}

inline uint32_t bitOfRow(uint32_t row) { return 1u << (row < 31 ? row : 31); }

/// The rows of this thread's columns in which it computes a cell that is fed or
/// recorded: bit i for the row i of a column, the last bit for all others.
template <class Machine>
[[nodiscard]] __attribute__((always_inline)) inline uint32_t
movedRows(const Brick<Machine> &brick) {
  const abi::ResidentGrid &grid = brick.grid;
  const auto sizeY = uint32_t(brick.frame.size[1]);
  const uint32_t lanes = 1u << grid.computeLanes,
                 groups = Machine::computers() >> grid.computeLanes;
  uint32_t found = 0;
  if (!brick.shape.between)
    return 0;
  for (uint32_t number = 0; number < brick.launch.moveCount; ++number) {
    const abi::StencilMove &move = moveOf(brick.launch, number);
    for (int64_t index = 0; index < move.cells.count; ++index) {
      uint32_t at[3];
      if (!findMoved(brick.frame, move.places, index, at))
        continue;
      const uint32_t column = at[1] + sizeY * (at[2] / grid.column);
      const uint32_t lane = at[0] / brick.shape.vector % lanes;
      if (Machine::thread() == column % groups * lanes + lane)
        found |= bitOfRow(at[2] % grid.column);
    }
  }
  return found;
}

/// A vector of cells that has just been made: the first one's place in the
/// brick, its element, how many there are, and after how many steps of the
/// launch.
struct MadeCells {
  uint32_t x, y, z, element, count, steps;
};

/// Records or feeds a cell of array `array`, the place of which among `cells`
/// is `inVector`.
template <class Machine>
__attribute__((always_inline)) inline void
moveMade(const Brick<Machine> &brick, const uint32_t *slots,
         unsigned char *made, uint32_t array, abi::StencilCells due,
         int64_t index, uint32_t element, uint32_t inVector) {
  constexpr uint32_t MostCells = 4;
  const ResidentShape &shape = brick.shape;
  uint32_t entry = 0, written = 0;
#pragma clang loop unroll(full)
  for (uint32_t a = 0; a < shape.arrays; ++a) {
    entry += shape.array[a].entries;
    unsigned char *const values = made + written * MadeBytes;
    written += shape.array[a].isWritten ? 1 : 0;
    if (!shape.array[a].isWritten || a != array)
      continue;
    const uint32_t bytes = shape.array[a].elementBytes;
    unsigned char *const cell =
        brick.shared + slots[entry - 1] + (element + inVector) * bytes;
    due.array = uint64_t(cell);
    abi::moveElement(due, index, 0);
    // Who sends the cells takes them from here.
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < MostCells; ++i)
      if (i < shape.vector && i == inVector)
        copyElement(values + i * bytes, cell, bytes);
  }
}

/// Does what is due with cells that have just been made.
template <class Machine>
__attribute__((always_inline)) inline void
applyMoves(const Brick<Machine> &brick, const uint32_t *slots,
           unsigned char *made, const MadeCells &cells) {
  for (uint32_t number = 0; number < brick.launch.moveCount; ++number) {
    const abi::StencilMove &move = moveOf(brick.launch, number);
    const abi::StencilCells due = abi::moveAfter(move, cells.steps);
    for (int64_t index = 0; index < due.count; ++index) {
      uint32_t at[3];
      if (findMoved(brick.frame, move.places, index, at) && at[1] == cells.y &&
          at[2] == cells.z && at[0] - cells.x < cells.count)
        moveMade(brick, slots, made, move.array, due, index, cells.element,
                 at[0] - cells.x);
    }
  }
}

} // namespace rk::device::stencil
