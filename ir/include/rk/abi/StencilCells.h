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

template <class Word>
inline void moveWord(const StencilCells &cells, int64_t element,
                     int64_t value) {
  if (cells.transfer == StencilTransfer::Set)
    storeAs<Word>(cells.array, element, loadAs<Word>(cells.values, value));
  else
    storeAs<Word>(cells.values, value, loadAs<Word>(cells.array, element));
}

/// Does what `transfer` says for cell `index`: 0 to `count` - 1.
inline void moveCell(const StencilCells &cells, int64_t index) {
  const auto element = loadAs<int64_t>(cells.elements, index);
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

} // namespace rk::abi
