//===- Send.h - New values on their way to others ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Sends the cells that a thread has just computed, from its registers.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Receive.h"

namespace rk::device::stencil {

/// Units     bytes: from the values of one written array to the next.
inline constexpr uint32_t MadeBytes = 16;

template <class Machine> class Sender {
public:
  __attribute__((always_inline))
  Sender(const abi::ResidentGrid &grid, const ResidentShape &shape,
         const uint32_t *slots, const unsigned char *made)
      : grid(grid), shape(shape), slots(slots), made(made) {}

  [[nodiscard]] __attribute__((always_inline)) bool
  isExchanged(uint32_t array) const {
    return shape.array[array].isWritten && shape.array[array].hasHalo;
  }

  [[nodiscard]] __attribute__((always_inline)) uint64_t
  boardOf(uint32_t array, uint32_t mark) const {
    return grid.arrays[array].board +
           (mark & 1) * grid.boardCells *
               (shape.array[array].elementBytes == 8 ? 16 : 8);
  }

  /// Calls `visit(array, first entry, its values)` for each that is exchanged.
  template <class Visit>
  __attribute__((always_inline)) void forEachMade(Visit visit) const {
    uint32_t entry = 0, written = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
      if (isExchanged(a))
        visit(a, entry, made + written * MadeBytes);
      written += shape.array[a].isWritten ? 1 : 0;
      entry += shape.array[a].entries;
    }
  }

  /// `isEnd` says that the row ends with these cells.
  template <bool IsWhole>
  __attribute__((always_inline)) void sendFar(uint64_t cell, uint32_t count,
                                              bool isEnd, uint32_t mark) const {
    forEachMade([&](uint32_t a, uint32_t, const unsigned char *values) {
      if (shape.array[a].elementBytes == 8)
        sendWide(boardOf(a, mark) + cell * 16, values, count, mark);
      else
        sendNarrow<IsWhole>(boardOf(a, mark) + cell * 8, values,
                            shape.array[a].elementBytes, count, isEnd, mark);
    });
  }

  __attribute__((always_inline)) void sendWide(uint64_t to,
                                               const unsigned char *values,
                                               uint32_t count,
                                               uint32_t mark) const {
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < shape.vector; ++i) {
      const uint64_t value = reinterpret_cast<const uint64_t *>(values)[i];
      if (i < count)
        Machine::storePiece(to + 16 * i, {{uint32_t(value), mark,
                                           uint32_t(value >> 32), mark}});
    }
  }

  template <bool IsWhole>
  __attribute__((always_inline)) void
  sendNarrow(uint64_t to, const unsigned char *values, uint32_t bytes,
             uint32_t count, bool isEnd, uint32_t mark) const {
    const auto value = [&](uint32_t i) {
      uint32_t bits = 0;
      copyElement(&bits, values + bytes * i, bytes);
      return bits;
    };
    if (shape.vector % 2 == 0 &&
        (IsWhole || (count == shape.vector && to % 16 == 0))) {
#pragma clang loop unroll(full)
      for (uint32_t i = 0; i < shape.vector; i += 2)
        Machine::storePiece(to + 8 * i, {{value(i), mark, value(i + 1), mark}});
      return;
    }
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < shape.vector; ++i)
      if (i < count)
        Machine::storeHalf(to + 8 * i, value(i), mark);
    // Rows are received in whole pieces.
    if (isEnd && (to + 8 * count) % 16 != 0)
      Machine::storeHalf(to + 8 * count, 0, mark);
  }

  /// Writes to the halo of a near block. Elements have four or eight bytes.
  template <bool IsWhole>
  __attribute__((always_inline)) void
  sendNear(uint32_t reader, uint32_t x, uint32_t count, uint32_t mark) const {
    const uint32_t rank = reader >> 24, element = (reader & 0xffffff) + x;
    forEachMade([&](uint32_t a, uint32_t entry, const unsigned char *values) {
      const uint32_t bytes = shape.array[a].elementBytes;
      const uint32_t to =
          slots[entry + shape.array[a].entries - 1] + element * bytes;
      const auto *const words = reinterpret_cast<const uint32_t *>(values);
      const uint32_t all = shape.vector * bytes / 4;
      if (all == 4 && (IsWhole || count == shape.vector)) {
        Machine::template storeNear<4>(rank, to, words, mark & 1);
        return;
      }
      if (bytes == 4) {
#pragma clang loop unroll(full)
        for (uint32_t i = 0; i < shape.vector; ++i)
          if (i < count)
            Machine::template storeNear<1>(rank, to + 4 * i, words + i,
                                           mark & 1);
      } else {
#pragma clang loop unroll(full)
        for (uint32_t i = 0; i < shape.vector; ++i)
          if (i < count)
            Machine::template storeNear<2>(rank, to + 8 * i, words + 2 * i,
                                           mark & 1);
      }
    });
  }

  const abi::ResidentGrid &grid;
  const ResidentShape &shape;
  const uint32_t *slots;
  const unsigned char *made;
};

} // namespace rk::device::stencil
