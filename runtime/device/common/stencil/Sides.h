//===- Sides.h - Cells beyond the faces of x --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where a brick has whole rows, what lies beyond their ends is in the rows.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Send.h"

namespace rk::device::stencil {

/// As sourceAlong, of a brick that has all cells along x.
template <class Machine>
[[nodiscard]] __attribute__((always_inline)) inline int32_t
sourceOfSide(const Brick<Machine> &brick, int32_t at) {
  const auto boundary =
      abi::StencilBoundary(brick.launch.boundary[at < 0 ? 0 : 1]);
  if (!abi::isCopied(boundary))
    return at;
  const auto size = uint32_t(brick.frame.size[0]);
  const uint32_t period =
      boundary == abi::StencilBoundary::Reflecting ? 2 * size : size;
  const uint32_t inside =
      (uint32_t(at) + abi::MaxStencilRadius * period) % period;
  return int32_t(inside < size ? inside : period - 1 - inside);
}

/// Cells beyond faces of x that show cells, in rows of the halo too.
template <class Machine>
__attribute__((always_inline)) inline void
turnSides(const Brick<Machine> &brick, const Sender<Machine> &sender,
          const uint32_t *slots) {
  const abi::ResidentGrid &grid = brick.grid;
  const ResidentShape &shape = brick.shape;
  const int32_t width = grid.width[0];
  const auto sides = uint32_t(2 * width);
  const uint32_t items = brick.rowCount(brick.frame) * sides;
  const auto size = brick.frame.size[0];
  for (uint32_t item = Machine::thread(); item < items;
       item += Machine::threads()) {
    const auto side = int32_t(item % sides);
    const int32_t at = side < width ? side - width : size + side - width;
    const int32_t from = sourceOfSide(brick, at);
    const uint32_t high = uint32_t(brick.frame.size[1] + 2 * grid.width[1]);
    const uint32_t row = item / sides;
    const uint32_t element =
        grid.left + row % high * grid.strideY + row / high * grid.strideZ;
    uint32_t entry = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
      if (sender.isExchanged(a)) {
        const uint32_t bytes = shape.array[a].elementBytes;
        unsigned char *const start =
            brick.shared + slots[entry] + element * bytes;
        copyElement(start + int32_t(bytes) * at, start + int32_t(bytes) * from,
                    bytes);
      }
      entry += shape.array[a].entries;
    }
  }
}

/// Writes what lies beyond the ends of the row that begins at `begin`, of which
/// a thread has just computed the vector at `firstX`. As far as a vector
/// reaches.
template <class Machine>
__attribute__((always_inline)) inline void
turnEnds(const Brick<Machine> &brick, const Sender<Machine> &sender,
         const uint32_t *slots, uint32_t firstX, uint32_t begin) {
  using abi::StencilBoundary;
  constexpr uint32_t MostCells = 4;
  const ResidentShape &shape = brick.shape;
  const auto size = uint32_t(brick.frame.size[0]);
  const bool isLow = firstX == 0, isHigh = firstX + shape.vector == size;
  const auto has = [&](uint32_t face, StencilBoundary boundary) {
    return brick.launch.boundary[face] == uint32_t(boundary);
  };
  sender.forEachMade(
      [&](uint32_t a, uint32_t entry,
          const unsigned char *values) __attribute__((always_inline)) {
        const uint32_t bytes = shape.array[a].elementBytes;
        unsigned char *row = brick.shared +
                             slots[entry + shape.array[a].entries - 1] +
                             begin * bytes;
#pragma clang loop unroll(full)
        for (uint32_t i = 0; i < MostCells; ++i) {
          if (i >= shape.vector || i >= uint32_t(brick.grid.width[0]))
            continue;
          unsigned char *low = row - (i + 1) * bytes,
                        *high = row + (size + i) * bytes;
          const unsigned char *first = values + i * bytes,
                              *last = values + (shape.vector - 1 - i) * bytes;
          if (isLow && has(0, StencilBoundary::Reflecting))
            copyElement(low, first, bytes);
          if (isHigh && has(1, StencilBoundary::Reflecting))
            copyElement(high, last, bytes);
          if (isLow && has(1, StencilBoundary::Periodic))
            copyElement(high, first, bytes);
          if (isHigh && has(0, StencilBoundary::Periodic))
            copyElement(low, last, bytes);
        }
      });
}

} // namespace rk::device::stencil
