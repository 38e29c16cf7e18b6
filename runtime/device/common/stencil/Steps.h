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
///    once: to near blocks straight into their halos, to far ones by the
///    boards. A thread computes the same cells along x of rows above each
///    other.
/// 2. The receiving threads wait until the block's own rows are sent, then for
///    those of the others, which are about as far.
/// 3. A barrier of the block ends the step. Nothing waits for the grid.
///
/// Halos are written while cells are computed: to the entry that this step
/// makes, in rows that it does not compute.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Columns.h"
#include "common/stencil/Outside.h"
#include "common/stencil/ReceiveCut.h"
#include "common/stencil/Sides.h"

namespace rk::device::stencil {

template <class Machine> class Stepper : Columns<Machine> {
  using Base = Columns<Machine>;
  using Base::areDamped, Base::awaitNear, Base::brick, Base::bytesOfNear,
      Base::carry, Base::columns, Base::endOf, Base::firstX, Base::firstY,
      Base::firstZ, Base::functions, Base::grid, Base::made, Base::sender,
      Base::shape, Base::slots, Base::turn;

public:
  using Base::Base;

  /// All threads call it. Those that compute and those that receive have loops
  /// of their own, so that the values of both need not be in registers.
  __attribute__((always_inline)) void run(uint32_t steps) {
    if (Machine::computes()) {
      moved = movedRows(brick);
      if (isSimple())
        runSimple(steps);
      else
        runComputer(steps, [&](uint32_t mark, bool sends) __attribute__((
                               always_inline)) { compute(mark, sends); });
      return;
    }
    if (brick.exchangesX()) {
      for (uint32_t step = 1; step <= steps; ++step) {
        turn();
        if (step < steps) {
          Machine::awaitSent();
          receiveSidesToo(grid.mark + step);
        }
        endStep(step, step < steps);
      }
      return;
    }
    const RowReceiver<Machine> rows(grid, brick.header, brick.sources);
    for (uint32_t step = 1; step <= steps; ++step) {
      turn();
      if (step < steps)
        receive(rows, grid.mark + step);
      endStep(step, step < steps);
    }
  }

private:
  /// The common case: what is the same in every step stays in registers.
  __attribute__((always_inline)) void runSimple(uint32_t steps) {
    const bool isBusy = Machine::thread() >> grid.computeLanes < columns &&
                        firstX < uint32_t(brick.frame.size[0]);
    const uint32_t end = endOf(firstZ);
    const Readers readers = readersOf(
        brick.rows[isBusy ? brick.rowOf(int32_t(firstY), int32_t(firstZ)) : 0]);
    const bool isDamped = areDamped(firstX, firstY, firstZ, end);
    runComputer(steps,
                [&](uint32_t mark, bool sends) __attribute__((always_inline)) {
                  if (isBusy)
                    computeColumn<true>(firstX, firstY, firstZ, end, mark,
                                        sends, readers, isDamped);
                });
  }

  template <class Compute>
  __attribute__((always_inline)) void runComputer(uint32_t steps,
                                                  Compute computes) {
    const uint32_t nearBytes = bytesOfNear();
    for (uint32_t step = 1; step <= steps; ++step) {
      const bool exchanges = step < steps;
      const uint32_t mark = grid.mark + step;
      if (exchanges && nearBytes != 0 && Machine::thread() == 0)
        Machine::expectNear(&brick.header.arrivals[mark & 1], nearBytes);
      computes(mark, exchanges);
      if (exchanges)
        Machine::tellSent();
      turn();
      // The counters take turns; each has had (step - 1) / 2 phases before.
      if (exchanges && nearBytes != 0 &&
          Machine::thread() < uint32_t(Machine::Lanes))
        awaitNear(mark, (step - 1) / 2 & 1);
      endStep(step, exchanges);
    }
  }

  __attribute__((always_inline)) void endStep(uint32_t step, bool exchanges) {
    Machine::sync();
    if (exchanges && brick.turnsX()) {
      turnSides(brick, sender, slots);
      Machine::sync();
    }
    if (functions.outside && grid.leftFaces != 0 && exchanges)
      setOutside(brick, slots, functions.outside,
                 brick.launch.firstStep + int64_t(step));
  }

  /// What is asked for of an array whose level 0 is `entry`.
  [[nodiscard]] __attribute__((always_inline)) Exchange
  exchangeOf(uint32_t array, uint32_t entry, uint32_t mark) const {
    return {&brick.launch, &grid,
            brick.shared,  sender.boardOf(array, mark),
            slots[entry],  shape.array[array].elementBytes,
            mark};
  }

  __attribute__((always_inline)) void receive(const RowReceiver<Machine> &rows,
                                              uint32_t mark) {
    uint32_t entry = 0;
    bool isReady = false;
    const auto ready = [&] {
      if (!isReady)
        Machine::awaitSent();
      isReady = true;
    };
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
      if (sender.isExchanged(a)) {
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
      if (sender.isExchanged(a))
        receiveCut<Machine>(exchangeOf(a, entry, mark));
      entry += shape.array[a].entries;
    }
  }

  /// Whether each thread has at most one column, of whole vectors.
  [[nodiscard]] __attribute__((always_inline)) bool isSimple() const {
    const auto sizeX = uint32_t(brick.frame.size[0]);
    return sizeX % shape.vector == 0 &&
           sizeX <= shape.vector << grid.computeLanes &&
           columns <= Machine::computers() >> grid.computeLanes &&
           !brick.exchangesX();
  }

  __attribute__((always_inline)) void compute(uint32_t mark, bool sends) {
    const uint32_t groups = Machine::computers() >> grid.computeLanes;
    const auto sizeX = uint32_t(brick.frame.size[0]),
               sizeY = uint32_t(brick.frame.size[1]);
    uint32_t y = firstY, z = firstZ;
    for (uint32_t its = Machine::thread() >> grid.computeLanes;
         its < columns;) {
      for (uint32_t x = firstX; x < sizeX;
           x += shape.vector << grid.computeLanes)
        computeColumn<false>(
            x, y, z, endOf(z), mark, sends,
            readersOf(brick.rows[brick.rowOf(int32_t(y), int32_t(z))]),
            areDamped(x, y, z, endOf(z)));
      its += groups;
      y = its % sizeY, z = its / sizeY * grid.column;
    }
  }

  /// `IsWhole` says that no vector is cut by the end of a row.
  template <bool IsWhole>
  __attribute__((always_inline)) void
  computeColumn(uint32_t x, uint32_t y, uint32_t z, uint32_t end, uint32_t mark,
                bool sends, Readers readers, bool isDamped) {
    const uint32_t left = uint32_t(brick.frame.size[0]) - x;
    const uint32_t count =
        IsWhole || left >= shape.vector ? shape.vector : left;
    const bool isEnd =
        (!IsWhole || shape.vector == 1) && left == count && !brick.exchangesX();
    uint32_t element = brick.elementOf(int32_t(y), int32_t(z)) + x;
    functions.prime(brick.shared, slots, element, grid.strideY, grid.strideZ,
                    carry);
    const ResidentRow *row = &brick.rows[brick.rowOf(int32_t(y), int32_t(z))];
    const uint32_t firstRow = z;
    for (;;) {
      functions.update(brick.shared, slots, element, grid.strideY, grid.strideZ,
                       carry, &brick.launch, int64_t(brick.frame.first[0]) + x,
                       int64_t(brick.frame.first[1]) + y,
                       int64_t(brick.frame.first[2]) + z, count, made,
                       shape.between && isDamped ? mark - grid.mark : 0);
      if (shape.between && (moved & bitOfRow(z - firstRow)) != 0)
        applyMoves(brick, slots, made,
                   {x, y, z, element, count, mark - grid.mark});
      if (sends) {
        if (readers.isFar || (!IsWhole && isAtSide(x)))
          sender.template sendFar<IsWhole>(
              readers.cell + uint32_t(brick.frame.first[0]) + x, count, isEnd,
              mark);
        if (readers.count > 0)
          sender.template sendNear<IsWhole>(readers.near[0], x, count, mark);
        if (readers.count > 1)
          sender.template sendNear<IsWhole>(readers.near[1], x, count, mark);
        for (uint32_t i = 2; i < readers.count; ++i)
          sender.template sendNear<IsWhole>(row->near[i], x, count, mark);
      }
      if (++z >= end)
        return;
      element += grid.strideZ;
      row += brick.frame.size[1];
      readers = readersOf(*row);
    }
  }

  [[nodiscard]] __attribute__((always_inline)) bool isAtSide(uint32_t x) const {
    const int32_t width = grid.width[0];
    return brick.exchangesX() &&
           (int32_t(x) < width ||
            int32_t(x + shape.vector) > brick.frame.size[0] - width);
  }

  /// See movedRows.
  uint32_t moved = 0;
};

} // namespace rk::device::stencil
