//===- StencilCells.h - Single cells of a stencil ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Moves values between listed cells of an array and a row of values: the
/// sources and probes of one step. On the GPU a thread for each cell.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilScalar.h"

namespace rk::abi {

enum class StencilTransfer : uint32_t {
  Set = 0,    ///< the cells get the values
  Add = 1,    ///< the values are added to the cells
  Record = 2, ///< the values become what the cells have
};

/// No cell is listed twice.
struct StencilCells {
  uint64_t array;
  /// The elements of the cells in the array: an int64_t for each.
  uint64_t elements;
  uint64_t values;
  int64_t count;
  /// 0: one value is for all cells; 1: each has its own.
  int64_t valueStride;
  uint32_t elementBytes;
  StencilTransfer transfer;
  StencilScalar scalar;
  uint32_t reserved;
};
static_assert(sizeof(StencilCells) == 56);

/// The cells of one array in a launch of several steps. What a source gives for
/// a step is put into its cells when the step before has made their values, so
/// that nobody sees these without it; what it gives for the launch's first step
/// was put there before. Probes record before that.
struct StencilMove {
  /// `values` are those of the first time. `array` is not used.
  StencilCells cells;
  /// The place of each cell: x, y, z, an int64_t each.
  uint64_t places;
  /// Units     bytes, from the values of one time to those of the next.
  int64_t stepBytes;
  /// How many times there are.
  int64_t times;
  /// After how many steps of the launch the first time is, and how many steps
  /// are from one to the next.
  uint32_t first;
  uint32_t every;
  /// The number of the array.
  uint32_t array;
  uint32_t reserved;
};
static_assert(sizeof(StencilMove) == 96);

/// Returns what is to be done after `made` steps of the launch: 0 cells if
/// nothing is.
inline StencilCells moveAfter(const StencilMove &move, uint32_t made) {
  StencilCells cells = move.cells;
  const uint32_t since = made - move.first, number = since / move.every;
  const bool isDue =
      made >= move.first && number * move.every == since && number < move.times;
  cells.values += uint64_t(number) * uint64_t(move.stepBytes);
  cells.count = isDue ? cells.count : 0;
  return cells;
}

template <class Word>
inline void moveWord(const StencilCells &cells, int64_t element,
                     int64_t value) {
  if (cells.transfer == StencilTransfer::Set)
    storeAs<Word>(cells.array, element, loadAs<Word>(cells.values, value));
  else
    storeAs<Word>(cells.values, value, loadAs<Word>(cells.array, element));
}

/// Does what `transfer` says for cell `index`: 0 to `count` - 1, which is
/// `element` of the array.
inline void moveElement(const StencilCells &cells, int64_t index,
                        int64_t element) {
  const int64_t value = index * cells.valueStride;
  if (cells.transfer == StencilTransfer::Add)
    return addNumber(cells.scalar, cells.array, element, cells.values, value);
  switch (cells.elementBytes) {
  case 1:
    return moveWord<uint8_t>(cells, element, value);
  case 2:
    return moveWord<uint16_t>(cells, element, value);
  case 4:
    return moveWord<uint32_t>(cells, element, value);
  default:
    return moveWord<uint64_t>(cells, element, value);
  }
}
inline void moveCell(const StencilCells &cells, int64_t index) {
  moveElement(cells, index, loadAs<int64_t>(cells.elements, index));
}

} // namespace rk::abi
