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
/// i at `made` + i * `MadeBytes` too, and in `carry` what the row above, which
/// comes next, reads again. Made by rkc for each stencil.
using Update = void(unsigned char *shared, const uint32_t *slots,
                    uint32_t element, uint32_t strideY, uint32_t strideZ,
                    unsigned char *carry, const void *parameters, int64_t x,
                    int64_t y, int64_t z, uint32_t count, unsigned char *made);
/// Fills `carry` for the first row.
using Prime = void(unsigned char *shared, const uint32_t *slots,
                   uint32_t element, uint32_t strideY, uint32_t strideZ,
                   unsigned char *carry);
inline constexpr uint32_t MadeBytes = 16;

struct Functions {
  Update *update;
  Prime *prime;
};

/// What a thread keeps; apart from all else, so that it can be taken to pieces
/// before loops are unrolled.
struct ThreadValues {
  /// Where each entry lies; level 0 first, what is written last.
  uint32_t slots[abi::MaxStencilEntries];
  alignas(16) unsigned char made[abi::MaxStencilArrays * MadeBytes];
  alignas(16) unsigned char carry[abi::MaxResidentCarried * MadeBytes];
};

/// Out of line, as it is rare.
template <class Machine>
__attribute__((noinline)) void receiveCut(const Exchange &exchange) {
  Receiver<Machine>(exchange).receive();
}
template <class Machine> class Stepper {
public:
  __attribute__((always_inline)) Stepper(const Brick<Machine> &brick,
                                         const Functions &functions,
                                         ThreadValues &values)
      : brick(brick), grid(brick.grid), shape(brick.shape),
        functions(functions), slots(values.slots), made(values.made),
        carry(values.carry) {
    const auto sizeY = uint32_t(brick.frame.size[1]),
               sizeZ = uint32_t(brick.frame.size[2]);
    columns = sizeY * ((sizeZ + grid.column - 1) / grid.column);
    const uint32_t its = Machine::thread() >> grid.computeLanes;
    firstX = (Machine::thread() & ((1u << grid.computeLanes) - 1)) *
             shape.vector;
    firstY = its % sizeY, firstZ = its / sizeY * grid.column;
    uint32_t entry = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a)
#pragma clang loop unroll(full)
      for (uint32_t e = 0; e < shape.array[a].entries; ++e)
        slots[entry++] = grid.arrays[a].shared + e * grid.arrays[a].entryBytes;
  }

  /// All threads call it. Those that compute and those that receive have loops
  /// of their own, so that the values of both need not be in registers.
  __attribute__((always_inline)) void run(uint32_t steps) {
    if (Machine::computes()) {
      const uint32_t nearBytes = bytesOfNear();
      for (uint32_t step = 1; step <= steps; ++step) {
        const bool exchanges = step < steps;
        const uint32_t mark = grid.mark + step;
        if (exchanges && nearBytes != 0 && Machine::thread() == 0)
          Machine::expectNear(&brick.header.arrivals[mark & 1], nearBytes);
        compute(mark, exchanges);
        if (exchanges)
          Machine::tellSent();
        turn();
        // The counters take turns; each has had (step - 1) / 2 phases before.
        if (exchanges && nearBytes != 0 &&
            Machine::thread() < uint32_t(Machine::Lanes))
          awaitNear(mark, (step - 1) / 2 & 1);
        endStep(exchanges);
      }
      return;
    }
    if (brick.exchangesX()) {
      for (uint32_t step = 1; step <= steps; ++step) {
        turn();
        if (step < steps) {
          Machine::awaitSent();
          receiveSidesToo(grid.mark + step);
        }
        endStep(step < steps);
      }
      return;
    }
    const RowReceiver<Machine> rows(grid, brick.header, brick.sources);
    for (uint32_t step = 1; step <= steps; ++step) {
      turn();
      if (step < steps)
        receive(rows, grid.mark + step);
      endStep(step < steps);
    }
  }

private:
  __attribute__((always_inline)) void endStep(bool exchanges) {
    Machine::sync();
    if (exchanges && brick.turnsX()) {
      turnSides();
      Machine::sync();
    }
  }

  __attribute__((always_inline)) void awaitNear(uint32_t mark,
                                                uint32_t parity) const {
    if (Machine::peek(&brick.header.hasGivenUp) ||
        Machine::awaitNear(&brick.header.arrivals[mark & 1], parity))
      return;
    Machine::poke(&brick.header.hasGivenUp, 1);
    Machine::reportFault(grid.fault, mark);
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

  /// What is asked for of an array whose level 0 is `entry`.
  [[nodiscard]] __attribute__((always_inline)) Exchange
  exchangeOf(uint32_t array, uint32_t entry, uint32_t mark) const {
    return {&brick.launch, &grid, brick.shared, boardOf(array, mark),
            slots[entry], shape.array[array].elementBytes, mark};
  }

  __attribute__((always_inline)) void
  receive(const RowReceiver<Machine> &rows, uint32_t mark) {
    uint32_t entry = 0;
    bool isReady = false;
    const auto ready = [&] {
      if (!isReady)
        Machine::awaitSent();
      isReady = true;
    };
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
      if (isExchanged(a)) {
        const Exchange exchange = exchangeOf(a, entry, mark);
        if (shape.array[a].elementBytes == 8)
          rows.template receive<1>(exchange, ready);
        else
          rows.template receive<2>(exchange, ready);
      }
      entry += shape.array[a].entries;
    }
    ready();
  }

  __attribute__((always_inline)) void receiveSidesToo(uint32_t mark) const {
    uint32_t entry = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
      if (isExchanged(a))
        receiveCut<Machine>(exchangeOf(a, entry, mark));
      entry += shape.array[a].entries;
    }
  }

  /// As sourceAlong, of a brick that has all cells along x.
  [[nodiscard]] __attribute__((always_inline)) int32_t
  sourceOfSide(int32_t at) const {
    const auto boundary =
        abi::StencilBoundary(brick.launch.boundary[at < 0 ? 0 : 1]);
    if (boundary == abi::StencilBoundary::Fixed)
      return at;
    const auto size = uint32_t(brick.frame.size[0]);
    const uint32_t period =
        boundary == abi::StencilBoundary::Reflecting ? 2 * size : size;
    const uint32_t inside =
        (uint32_t(at) + abi::MaxStencilRadius * period) % period;
    return int32_t(inside < size ? inside : period - 1 - inside);
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
      const int32_t from = sourceOfSide(at);
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
    const uint32_t groups = Machine::computers() >> grid.computeLanes;
    const auto sizeX = uint32_t(brick.frame.size[0]),
               sizeY = uint32_t(brick.frame.size[1]),
               sizeZ = uint32_t(brick.frame.size[2]);
    uint32_t its = Machine::thread() >> grid.computeLanes;
    uint32_t y = firstY, z = firstZ;
    while (its < columns) {
      const uint32_t end = z + grid.column < sizeZ ? z + grid.column : sizeZ;
      for (uint32_t x = firstX; x < sizeX;
           x += shape.vector << grid.computeLanes)
        computeColumn(x, y, z, end, mark, sends);
      its += groups;
      if (its >= columns)
        break;
      y = its % sizeY, z = its / sizeY * grid.column;
    }
  }

  __attribute__((always_inline)) void computeColumn(uint32_t x, uint32_t y,
                                                    uint32_t z, uint32_t end,
                                                    uint32_t mark,
                                                    bool sends) {
    const uint32_t left = uint32_t(brick.frame.size[0]) - x;
    const uint32_t count = left < shape.vector ? left : shape.vector;
    uint32_t element = brick.elementOf(int32_t(y), int32_t(z)) + x;
    functions.prime(brick.shared, slots, element, grid.strideY, grid.strideZ,
                    carry);
    const ResidentRow *row = &brick.rows[brick.rowOf(int32_t(y), int32_t(z))];
    for (; z < end; ++z, element += grid.strideZ, row += brick.frame.size[1]) {
      const uint32_t cell = row->cell, isFar = row->isFar,
                     readers = row->count, reader = row->near[0];
      functions.update(brick.shared, slots, element, grid.strideY,
                       grid.strideZ, carry, brick.launch.parameters,
                       int64_t(brick.frame.first[0]) + x,
                       int64_t(brick.frame.first[1]) + y,
                       int64_t(brick.frame.first[2]) + z, count, made);
      if (!sends)
        continue;
      if (isFar || isAtSide(x))
        sendFar(cell + uint32_t(brick.frame.first[0]) + x, count,
                left == count && !brick.exchangesX(), mark);
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

  /// `isEnd` says that the row ends with these cells.
  __attribute__((always_inline)) void sendFar(uint64_t cell, uint32_t count,
                                              bool isEnd,
                                              uint32_t mark) const {
    forEachMade([&](uint32_t a, uint32_t, const unsigned char *values) {
      if (shape.array[a].elementBytes == 8)
        sendWide(boardOf(a, mark) + cell * 16, values, count, mark);
      else
        sendNarrow(boardOf(a, mark) + cell * 8, values,
                   shape.array[a].elementBytes, count, isEnd, mark);
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
                                                 bool isEnd,
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
    // Rows are received in whole pieces.
    if (isEnd && (to + 8 * count) % 16 != 0)
      Machine::storeHalf(to + 8 * count, 0, mark);
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
  const Functions functions;
  uint32_t *slots;
  unsigned char *made;
  unsigned char *carry;
  /// The columns of the brick, and where this thread's first one begins.
  uint32_t columns, firstX, firstY, firstZ;
};

/// Runs the launch in a block of `Machine::threads()` threads.
template <class Machine>
__attribute__((always_inline)) inline void
runResident(const ResidentLaunch &resident, const ResidentShape &shape,
            unsigned char *shared, const Functions &functions) {
  // One for each part, so that the one of the steps can stay in registers.
  Brick<Machine>(resident, shape, shared).begin();
  ThreadValues values;
  Stepper<Machine>(Brick<Machine>(resident, shape, shared, Begun()), functions,
                   values)
      .run(uint32_t(resident.launch.steps));
  Brick<Machine>(resident, shape, shared, Begun()).end();
}

} // namespace rk::device::stencil
