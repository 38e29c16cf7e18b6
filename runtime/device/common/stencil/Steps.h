//===- Steps.h - The steps of a resident stencil ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A step of a brick:
///
/// 1. The computing threads update the rows near the brick's faces and send
///    them at once, then the others.
/// 2. Meanwhile, in the last of `depth` steps, the receiving threads wait until
///    the block's own packets are sent, then for those of the others, which are
///    about as far.
/// 3. A barrier of the block ends the step. Nothing waits for the grid.
///
/// With a depth of two and more, the first steps after an exchange also update
/// rings of rows around the brick, with the same bits as their owners.
///
/// Halos are written while cells are computed: of level 0 to the entry that
/// this step makes, in rows that it does not compute; of older levels with the
/// value that a ring's row has there already, or where this step reads nothing.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Receive.h"

namespace rk::device::stencil {

/// Computes `count` cells from (x, y, z) on, at `element` of each entry; entry
/// i lies `slots[i]` bytes into `shared`. Made by rkc for each stencil.
using Update = void(const void *parameters, unsigned char *shared,
                    const uint32_t *slots, uint32_t element, uint32_t strideY,
                    uint32_t strideZ, int64_t x, int64_t y, int64_t z,
                    uint32_t count);

/// The parts of each exchange that are the same for all stencils, out of line.
template <class Machine>
__attribute__((noinline)) void receiveLevel(const Exchange &exchange) {
  Receiver<Machine>(exchange).receive();
}

template <class Machine> class Stepper {
public:
  __attribute__((always_inline)) Stepper(const Brick<Machine> &brick,
                                         Update *update, uint32_t *slots)
      : brick(brick), grid(brick.grid), shape(brick.shape), update(update),
        slots(slots), nearRows(brick.header.classes[0]) {
    uint32_t entry = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a)
#pragma clang loop unroll(full)
      for (uint32_t e = 0; e < shape.array[a].entries; ++e)
        slots[entry++] = grid.arrays[a].shared + e * grid.arrays[a].entryBytes;
  }

  /// All threads call it.
  __attribute__((always_inline)) void run(uint32_t steps) {
    for (uint32_t done = 0; done < steps;) {
      const uint32_t left = steps - done;
      const uint32_t round = left < grid.depth ? left : grid.depth;
      for (uint32_t later = round; later-- != 0;) {
        ++done;
        makeStep(grid.mark + done, later, done + later < steps);
      }
    }
  }

private:
  static constexpr uint32_t MaxLevels = abi::MaxStencilLevels;

  /// One step, after which `later` more follow before an exchange, if there is
  /// one at all.
  __attribute__((always_inline)) void makeStep(uint32_t mark, uint32_t later,
                                               bool exchanges) {
    const bool isLast = exchanges && later == 0;
    if (Machine::computes()) {
      uint32_t count = nearRows + brick.header.classes[1];
      for (uint32_t ring = 0; ring < later; ++ring)
        count += brick.header.classes[2 + ring];
      compute(count, mark, exchanges ? later : MaxLevels, isLast);
    }
    turn();
    if (!Machine::computes() && isLast) {
      Machine::awaitSent();
      receive(mark);
    }
    Machine::sync();
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

  /// How many levels of an array the blocks exchange.
  [[nodiscard]] __attribute__((always_inline)) uint32_t
  exchangedLevels(uint32_t array) const {
    const abi::ResidentArrayShape &its = shape.array[array];
    if (!its.isWritten)
      return 0;
    if (grid.depth == 1)
      return its.hasHalo ? 1 : 0;
    return its.levels < grid.depth ? its.levels : grid.depth;
  }

  [[nodiscard]] __attribute__((always_inline)) uint64_t
  boardOf(uint32_t array, uint32_t mark) const {
    const uint64_t slot = mark & (2 * grid.depth - 1);
    return grid.arrays[array].board +
           slot * grid.boardCells *
               (shape.array[array].elementBytes == 8 ? 16 : 8);
  }

  __attribute__((always_inline)) void receive(uint32_t mark) {
    uint32_t entry = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
#pragma clang loop unroll(full)
      for (uint32_t level = 0; level < MaxLevels; ++level)
        if (level < shape.array[a].levels && level < exchangedLevels(a))
          receiveLevel<Machine>({&brick.launch, &grid, brick.shared,
                                 boardOf(a, mark - level), slots[entry + level],
                                 shape.array[a].elementBytes, mark - level});
      entry += shape.array[a].entries;
    }
  }

  /// Updates the first `count` rows; sends what is level `level` at the
  /// exchange. Tells the receivers of the block when all is sent.
  __attribute__((always_inline)) void compute(uint32_t count, uint32_t mark,
                                              uint32_t level, bool tells) {
    const uint32_t lanes = 1u << grid.computeLanes;
    const uint32_t groups = Machine::computers() >> grid.computeLanes;
    const uint32_t group = Machine::thread() >> grid.computeLanes;
    const uint32_t lane = Machine::thread() & (lanes - 1);
    const uint32_t rounds = (count + groups - 1) / groups;
    const uint32_t sentAfter =
        brick.exchangesX() ? rounds : (nearRows + groups - 1) / groups;
    for (uint32_t round = 0; round < rounds; ++round) {
      if (tells && round == sentAfter)
        Machine::tellSent();
      const uint32_t row = round * groups + group;
      if (row < count)
        computeRow(row, lane * shape.vector, lanes * shape.vector, mark, level);
      Machine::syncLanes();
    }
    if (tells && sentAfter >= rounds)
      Machine::tellSent();
  }

  __attribute__((always_inline)) void computeRow(uint32_t index, uint32_t first,
                                                 uint32_t stride, uint32_t mark,
                                                 uint32_t level) {
    const ResidentRow row = brick.rows[index];
    const auto size = uint32_t(brick.size[0]);
    for (uint32_t x = first; x < size; x += stride) {
      const uint32_t left = size - x;
      const uint32_t count = left < shape.vector ? left : shape.vector;
      update(brick.launch.parameters, brick.shared, slots, row.element + x,
             grid.strideY, grid.strideZ, int64_t(brick.first[0]) + x, row.y,
             row.z, count);
      if (level < MaxLevels && (index < nearRows || isAtSide(x)))
        send(row, x, count, mark, level);
    }
  }

  [[nodiscard]] __attribute__((always_inline)) bool isAtSide(uint32_t x) const {
    const int32_t width = grid.width[0];
    return brick.exchangesX() &&
           (int32_t(x) < width ||
            int32_t(x + shape.vector) > brick.size[0] - width);
  }

  __attribute__((always_inline)) void send(const ResidentRow &row, uint32_t x,
                                           uint32_t count, uint32_t mark,
                                           uint32_t level) const {
    uint32_t entry = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
      const uint32_t entries = shape.array[a].entries;
      if (level < exchangedLevels(a)) {
        const uint32_t from = slots[entry + entries - 1] +
                              (row.element + x) * shape.array[a].elementBytes;
        const uint64_t cell = row.cell + uint32_t(brick.first[0]) + x;
        if (shape.array[a].elementBytes == 8)
          sendWide(boardOf(a, mark) + cell * 16, from, count, mark);
        else
          sendNarrow(boardOf(a, mark) + cell * 8, from,
                     shape.array[a].elementBytes, count, mark);
      }
      entry += entries;
    }
  }

  __attribute__((always_inline)) void
  sendWide(uint64_t to, uint32_t from, uint32_t count, uint32_t mark) const {
    for (uint32_t i = 0; i < count; ++i) {
      const uint64_t value =
          *reinterpret_cast<const uint64_t *>(brick.shared + from + 8 * i);
      Machine::storePiece(
          to + 16 * i, {{uint32_t(value), mark, uint32_t(value >> 32), mark}});
    }
  }

  __attribute__((always_inline)) void sendNarrow(uint64_t to, uint32_t from,
                                                 uint32_t bytes, uint32_t count,
                                                 uint32_t mark) const {
    const auto value = [&](uint32_t i) {
      uint32_t bits = 0;
      copyElement(&bits, brick.shared + from + bytes * i, bytes);
      return bits;
    };
    if (count % 2 == 0 && to % 16 == 0) {
      for (uint32_t i = 0; i < count; i += 2)
        Machine::storePiece(to + 8 * i, {{value(i), mark, value(i + 1), mark}});
    } else {
      for (uint32_t i = 0; i < count; ++i)
        Machine::storeHalf(to + 8 * i, value(i), mark);
    }
  }

  Brick<Machine> brick;
  const abi::ResidentGrid &grid;
  const ResidentShape &shape;
  Update *update;
  /// Where each entry lies; level 0 first, what is written last. Apart from
  /// this, which can then be taken to pieces before loops are unrolled.
  uint32_t *slots;
  const uint32_t nearRows;
};

/// Runs the launch in a block of `Machine::threads()` threads.
template <class Machine>
__attribute__((always_inline)) inline void
runResident(const ResidentLaunch &resident, const ResidentShape &shape,
            unsigned char *shared, Update *update) {
  // One for each part, so that the one of the steps can stay in registers.
  Brick<Machine>(resident, shape, shared).begin();
  uint32_t slots[abi::MaxStencilEntries];
  Stepper<Machine>(Brick<Machine>(resident, shape, shared), update, slots)
      .run(uint32_t(resident.launch.steps));
  Brick<Machine>(resident, shape, shared).end();
}

} // namespace rk::device::stencil
