//===- Columns.h - What a thread of a brick computes ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The columns of a brick, rows above each other, and what a thread keeps of
/// its part of them.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Moves.h"

namespace rk::device::stencil {

template <class Machine> class Columns {
public:
  __attribute__((always_inline)) Columns(const Brick<Machine> &brick,
                                         const Functions &functions,
                                         ThreadValues &values)
      : brick(brick), grid(brick.grid), shape(brick.shape),
        functions(functions), slots(values.slots), made(values.made),
        carry(values.carry),
        sender(brick.grid, brick.shape, values.slots, values.made) {
    const auto sizeY = uint32_t(brick.frame.size[1]),
               sizeZ = uint32_t(brick.frame.size[2]);
    columns = sizeY * ((sizeZ + grid.column - 1) / grid.column);
    const uint32_t its = Machine::thread() >> grid.computeLanes;
    firstX =
        (Machine::thread() & ((1u << grid.computeLanes) - 1)) * shape.vector;
    firstY = its % sizeY, firstZ = its / sizeY * grid.column;
    uint32_t entry = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a)
#pragma clang loop unroll(full)
      for (uint32_t e = 0; e < shape.array[a].entries; ++e)
        slots[entry++] = grid.arrays[a].shared + e * grid.arrays[a].entryBytes;
  }

  /// What was written becomes level 0.
  __attribute__((always_inline)) void turn() {
    uint32_t entry = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
      const uint32_t entries = shape.array[a].entries;
      if (shape.array[a].isWritten) {
        const uint32_t written = slots[entry + entries - 1];
#pragma clang loop unroll(full)
        for (uint32_t e = entries - 1; e != 0; --e)
          slots[entry + e] = slots[entry + e - 1];
        slots[entry] = written;
      }
      entry += entries;
    }
  }

  /// What near blocks write here in each step.
  [[nodiscard]] __attribute__((always_inline)) uint32_t bytesOfNear() const {
    uint32_t bytes = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a)
      if (sender.isExchanged(a))
        bytes += shape.array[a].elementBytes;
    return bytes * uint32_t(brick.frame.size[0]) * brick.header.near;
  }

  __attribute__((always_inline)) void awaitNear(uint32_t mark,
                                                uint32_t parity) const {
    if (Machine::awaitNear(&brick.header.arrivals[mark & 1], parity,
                           &brick.header.hasGivenUp) ||
        Machine::peek(&brick.header.hasGivenUp))
      return;
    Machine::poke(&brick.header.hasGivenUp, 1);
    Machine::reportFault(grid.fault, mark);
  }

  /// Where the column that begins at z ends.
  [[nodiscard]] __attribute__((always_inline)) uint32_t
  endOf(uint32_t z) const {
    const auto size = uint32_t(brick.frame.size[2]);
    return z + grid.column < size ? z + grid.column : size;
  }

  /// Whether the cells of rows above each other may lie in a layer.
  [[nodiscard]] __attribute__((always_inline)) bool
  areDamped(uint32_t x, uint32_t y, uint32_t z, uint32_t end) const {
    const abi::StencilLaunch &launch = brick.launch;
    const int64_t begins[] = {x, y, z},
                  ends[] = {x + shape.vector, y + int64_t(1), end};
    bool found = false;
#pragma clang loop unroll(full)
    for (uint32_t axis = 0; axis < 3; ++axis) {
      const int64_t first = brick.frame.first[axis];
      found |= first + begins[axis] < launch.clearBegin[axis] ||
               first + ends[axis] > launch.clearEnd[axis];
    }
    return shape.between && launch.factors[0] != 0 && found;
  }

  Brick<Machine> brick;
  const abi::ResidentGrid &grid;
  const ResidentShape &shape;
  const Functions functions;
  uint32_t *slots;
  unsigned char *made;
  unsigned char *carry;
  const Sender<Machine> sender;
  /// The columns of the brick, and where this thread's first one begins.
  uint32_t columns, firstX, firstY, firstZ;
};

} // namespace rk::device::stencil
