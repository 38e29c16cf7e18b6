//===- Steps.h - The steps of a resident stencil ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A step of a brick:
///
/// 1. The computing threads update the rows and send those that others read at
///    once: to near blocks straight into their halos, to far ones by the boards.
///    A thread computes the same cells along x of rows above each other.
/// 2. The receiving threads wait until the block's own rows are sent, then for
///    those of the others, which are about as far.
/// 3. A barrier of the block ends the step. Nothing waits for the grid.
///
/// Halos are written while cells are computed: to the entry that this step
/// makes, in rows that it does not compute.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Receive.h"

namespace rk::device::stencil {

/// Computes `count` cells from (x, y, z) on, at `element` of each entry; entry
/// i lies `slots[i]` bytes into `shared`. Leaves the new values of written array
/// i at `made` + i * `MadeBytes` too. Made by rkc for each stencil.
using Update = void(const void *parameters, unsigned char *shared,
                    const uint32_t *slots, uint32_t element, uint32_t strideY,
                    uint32_t strideZ, int64_t x, int64_t y, int64_t z,
                    uint32_t count, unsigned char *made);
inline constexpr uint32_t MadeBytes = 16;

/// Halos of arrays after the first one, out of line.
template <class Machine>
__attribute__((noinline)) void receiveMore(const Exchange &exchange) {
  Receiver<Machine>(exchange).receive([] {});
}

template <class Machine> class Stepper {
public:
  __attribute__((always_inline)) Stepper(const Brick<Machine> &brick,
                                         Update *update, uint32_t *slots,
                                         unsigned char *made)
      : brick(brick), grid(brick.grid), shape(brick.shape), update(update),
        slots(slots), made(made), nearBytes(bytesOfNear()) {
    uint32_t entry = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a)
#pragma clang loop unroll(full)
      for (uint32_t e = 0; e < shape.array[a].entries; ++e)
        slots[entry++] = grid.arrays[a].shared + e * grid.arrays[a].entryBytes;
  }

  /// All threads call it.
  __attribute__((always_inline)) void run(uint32_t steps) {
    for (uint32_t done = 1; done <= steps; ++done)
      makeStep(grid.mark + done, done, done < steps);
  }

private:
  /// Step `step` of this launch.
  __attribute__((always_inline)) void makeStep(uint32_t mark, uint32_t step,
                                               bool exchanges) {
    if (Machine::computes()) {
      compute(mark, exchanges);
      if (exchanges)
        Machine::tellSent();
      turn();
    } else {
      if (exchanges && Machine::receiver() == 0 && nearBytes != 0)
        Machine::expectNear(&brick.header.arrivals[mark & 1], nearBytes);
      turn();
      if (exchanges)
        receive(mark, step);
    }
    Machine::sync();
    if (exchanges && brick.turnsX()) {
      turnSides();
      Machine::sync();
    }
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

  [[nodiscard]] __attribute__((always_inline)) bool
  isExchanged(uint32_t array) const {
    return shape.array[array].isWritten && shape.array[array].hasHalo;
  }

  /// What near blocks write here in each step.
  [[nodiscard]] __attribute__((always_inline)) uint32_t bytesOfNear() const {
    uint32_t bytes = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a)
      if (isExchanged(a))
        bytes += shape.array[a].elementBytes;
    return bytes * uint32_t(brick.frame.size[0]) * brick.header.near;
  }

  [[nodiscard]] __attribute__((always_inline)) uint64_t
  boardOf(uint32_t array, uint32_t mark) const {
    return grid.arrays[array].board +
           (mark & 1) * grid.boardCells *
               (shape.array[array].elementBytes == 8 ? 16 : 8);
  }

  __attribute__((always_inline)) void receive(uint32_t mark, uint32_t step) {
    uint32_t entry = 0;
    bool isFirst = true;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
      if (isExchanged(a)) {
        const Exchange exchange = {&brick.launch,
                                   &grid,
                                   brick.shared,
                                   boardOf(a, mark),
                                   slots[entry],
                                   shape.array[a].elementBytes,
                                   mark};
        if (isFirst)
          Receiver<Machine>(exchange).receive([] { Machine::awaitSent(); });
        else
          receiveMore<Machine>(exchange);
        isFirst = false;
      }
      entry += shape.array[a].entries;
    }
    if (isFirst)
      Machine::awaitSent();
    // The counters take turns; each has had `step - 1` / 2 phases before.
    if (nearBytes != 0 && !Machine::peek(&brick.header.hasGivenUp) &&
        !Machine::awaitNear(&brick.header.arrivals[mark & 1],
                            (step - 1) / 2 & 1)) {
      Machine::poke(&brick.header.hasGivenUp, 1);
      Machine::reportFault(grid.fault, mark);
    }
  }

  /// Cells beyond faces of x that are not fixed, in rows of the halo too.
  __attribute__((always_inline)) void turnSides() {
    const int32_t width = grid.width[0];
    const auto sides = uint32_t(2 * width);
    const uint32_t items = brick.rowCount(brick.frame) * sides;
    const auto size = brick.frame.size[0];
    for (uint32_t item = Machine::thread(); item < items;
         item += Machine::threads()) {
      const auto side = int32_t(item % sides);
      const int32_t at = side < width ? side - width : size + side - width;
      const auto from = int32_t(sourceAlong(brick.launch, 0, at));
      const uint32_t high =
          uint32_t(brick.frame.size[1] + 2 * grid.width[1]);
      const uint32_t row = item / sides;
      const uint32_t element = grid.left + row % high * grid.strideY +
                               row / high * grid.strideZ;
      uint32_t entry = 0;
#pragma clang loop unroll(full)
      for (uint32_t a = 0; a < shape.arrays; ++a) {
        if (isExchanged(a)) {
          const uint32_t bytes = shape.array[a].elementBytes;
          unsigned char *const start =
              brick.shared + slots[entry] + element * bytes;
          copyElement(start + int32_t(bytes) * at,
                      start + int32_t(bytes) * from, bytes);
        }
        entry += shape.array[a].entries;
      }
    }
  }

  __attribute__((always_inline)) void compute(uint32_t mark, bool sends) {
    const uint32_t lanes = 1u << grid.computeLanes;
    const uint32_t groups = Machine::computers() >> grid.computeLanes;
    const uint32_t lane = Machine::thread() & (lanes - 1);
    const auto sizeX = uint32_t(brick.frame.size[0]),
               sizeY = uint32_t(brick.frame.size[1]),
               sizeZ = uint32_t(brick.frame.size[2]);
    const uint32_t columns =
        sizeY * ((sizeZ + grid.column - 1) / grid.column);
    for (uint32_t its = Machine::thread() >> grid.computeLanes; its < columns;
         its += groups) {
      const uint32_t y = its % sizeY, z = its / sizeY * grid.column;
      const uint32_t end = z + grid.column < sizeZ ? z + grid.column : sizeZ;
      for (uint32_t x = lane * shape.vector; x < sizeX;
           x += lanes * shape.vector)
        computeColumn(x, y, z, end, mark, sends);
    }
  }

  __attribute__((always_inline)) void computeColumn(uint32_t x, uint32_t y,
                                                    uint32_t z, uint32_t end,
                                                    uint32_t mark,
                                                    bool sends) {
    const uint32_t left = uint32_t(brick.frame.size[0]) - x;
    const uint32_t count = left < shape.vector ? left : shape.vector;
    uint32_t element = brick.elementOf(int32_t(y), int32_t(z)) + x;
    const ResidentRow *row = &brick.rows[brick.rowOf(int32_t(y), int32_t(z))];
    for (; z < end; ++z, element += grid.strideZ, row += brick.frame.size[1]) {
      const uint32_t cell = row->cell, isFar = row->isFar,
                     readers = row->count, reader = row->near[0];
      update(brick.launch.parameters, brick.shared, slots, element,
             grid.strideY, grid.strideZ, int64_t(brick.frame.first[0]) + x,
             int64_t(brick.frame.first[1]) + y,
             int64_t(brick.frame.first[2]) + z, count, made);
      if (!sends)
        continue;
      if (isFar || isAtSide(x))
        sendFar(cell + uint32_t(brick.frame.first[0]) + x, count, mark);
      if (readers != 0)
        sendNear(reader, x, count, mark);
      for (uint32_t i = 1; i < readers; ++i)
        sendNear(row->near[i], x, count, mark);
    }
  }

  [[nodiscard]] __attribute__((always_inline)) bool isAtSide(uint32_t x) const {
    const int32_t width = grid.width[0];
    return brick.exchangesX() &&
           (int32_t(x) < width ||
            int32_t(x + shape.vector) > brick.frame.size[0] - width);
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

  __attribute__((always_inline)) void sendFar(uint64_t cell, uint32_t count,
                                              uint32_t mark) const {
    forEachMade([&](uint32_t a, uint32_t, const unsigned char *values) {
      if (shape.array[a].elementBytes == 8)
        sendWide(boardOf(a, mark) + cell * 16, values, count, mark);
      else
        sendNarrow(boardOf(a, mark) + cell * 8, values,
                   shape.array[a].elementBytes, count, mark);
    });
  }

  __attribute__((always_inline)) void sendWide(uint64_t to,
                                               const unsigned char *values,
                                               uint32_t count,
                                               uint32_t mark) const {
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < shape.vector; ++i) {
      const uint64_t value =
          reinterpret_cast<const uint64_t *>(values)[i];
      if (i < count)
        Machine::storePiece(to + 16 * i, {{uint32_t(value), mark,
                                           uint32_t(value >> 32), mark}});
    }
  }

  __attribute__((always_inline)) void sendNarrow(uint64_t to,
                                                 const unsigned char *values,
                                                 uint32_t bytes, uint32_t count,
                                                 uint32_t mark) const {
    const auto value = [&](uint32_t i) {
      uint32_t bits = 0;
      copyElement(&bits, values + bytes * i, bytes);
      return bits;
    };
    if (shape.vector % 2 == 0 && count == shape.vector && to % 16 == 0) {
#pragma clang loop unroll(full)
      for (uint32_t i = 0; i < shape.vector; i += 2)
        Machine::storePiece(to + 8 * i, {{value(i), mark, value(i + 1), mark}});
      return;
    }
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < shape.vector; ++i)
      if (i < count)
        Machine::storeHalf(to + 8 * i, value(i), mark);
  }

  /// Writes to the halo of a near block. Elements have four or eight bytes.
  __attribute__((always_inline)) void sendNear(uint32_t reader, uint32_t x,
                                               uint32_t count,
                                               uint32_t mark) const {
    const uint32_t rank = reader >> 24, element = (reader & 0xffffff) + x;
    forEachMade([&](uint32_t a, uint32_t entry, const unsigned char *values) {
      const uint32_t bytes = shape.array[a].elementBytes;
      const uint32_t to =
          slots[entry + shape.array[a].entries - 1] + element * bytes;
      const auto *const words = reinterpret_cast<const uint32_t *>(values);
      const uint32_t all = shape.vector * bytes / 4;
      if (all == 4 && count == shape.vector) {
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

  Brick<Machine> brick;
  const abi::ResidentGrid &grid;
  const ResidentShape &shape;
  Update *update;
  /// Where each entry lies; level 0 first, what is written last. Apart from
  /// this, as `made` is, which can then be taken to pieces before loops are
  /// unrolled.
  uint32_t *slots;
  unsigned char *made;
  const uint32_t nearBytes;
};

/// Runs the launch in a block of `Machine::threads()` threads.
template <class Machine>
__attribute__((always_inline)) inline void
runResident(const ResidentLaunch &resident, const ResidentShape &shape,
            unsigned char *shared, Update *update) {
  // One for each part, so that the one of the steps can stay in registers.
  Brick<Machine>(resident, shape, shared).begin();
  uint32_t slots[abi::MaxStencilEntries];
  alignas(16) unsigned char made[abi::MaxStencilArrays * MadeBytes];
  Stepper<Machine>(Brick<Machine>(resident, shape, shared), update, slots,
                   made)
      .run(uint32_t(resident.launch.steps));
  Brick<Machine>(resident, shape, shared).end();
}

} // namespace rk::device::stencil
