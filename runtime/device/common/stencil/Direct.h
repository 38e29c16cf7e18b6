//===- Direct.h - Threads that receive what they read -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The steps of a star that reads one row away, where each thread has one
/// column. A vector of a halo is read by one thread, which receives it itself,
/// just before the row that needs it: a row that was sent in a step is asked
/// for when the same row comes in the next, so its flight is hidden by the rows
/// in between. One barrier of the computing threads ends a step.
///
/// Ordering  As in Receive.h, for single vectors instead of blocks: the thread
///           that reads a vector and the one that sends it depend on each other
///           in every step, in both directions.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Columns.h"
#include "common/stencil/Sides.h"
#include "common/stencil/VectorBoard.h"

namespace rk::device::stencil {

template <class Machine> class DirectStepper : Columns<Machine> {
  using Base = Columns<Machine>;
  using Base::awaitNear, Base::brick, Base::bytesOfNear, Base::carry,
      Base::columns, Base::endOf, Base::firstX, Base::firstY, Base::firstZ,
      Base::functions, Base::grid, Base::made, Base::sender, Base::shape,
      Base::slots, Base::turn;

public:
  __attribute__((always_inline)) DirectStepper(const Brick<Machine> &brick,
                                               const Functions &functions,
                                               ThreadValues &values)
      : Base(brick, functions, values), board(grid, shape, sender, firstX),
        asked(values.asked) {}

  /// The computing threads call it.
  __attribute__((always_inline)) void run(uint32_t steps) {
    const bool isBusy = Machine::thread() >> grid.computeLanes < columns &&
                        firstX < uint32_t(brick.frame.size[0]);
    const uint32_t row =
        isBusy ? brick.rowOf(int32_t(firstY), int32_t(firstZ)) : 0;
    const Readers readers = readersOf(brick.rows[row]);
    const Inlet inlet = inletOf(brick.inlets[row]);
    const uint32_t nearBytes = bytesOfNear();
    const bool isExpecting = nearBytes != 0 && Machine::thread() == 0;
    for (uint32_t step = 1; step <= steps; ++step) {
      const uint32_t mark = grid.mark + step;
      const bool sends = step < steps;
      if (sends && isExpecting)
        Machine::expectNear(&brick.header.arrivals[mark & 1], nearBytes);
      if (isBusy)
        computeColumn(row, readers, inlet, step, sends);
      turn();
      Machine::syncComputers();
      if (isBusy && sends)
        ask(inlet, mark);
    }
  }

private:
  /// Sources and arrays that are asked for ahead.
  static constexpr uint32_t Ahead = 2;

  /// What a row reads, as far as registers have it.
  struct Inlet {
    uint32_t far, isNear;
    ResidentSource sources[Ahead];
  };
  [[nodiscard]] __attribute__((always_inline)) static Inlet
  inletOf(const ResidentInlet &inlet) {
    return {inlet.far, inlet.isNear, {inlet.sources[0], inlet.sources[1]}};
  }

  __attribute__((always_inline)) void computeColumn(uint32_t row,
                                                    Readers readers,
                                                    Inlet inlet, uint32_t step,
                                                    bool sends) {
    uint32_t z = firstZ;
    const uint32_t mark = grid.mark + step, end = endOf(z);
    uint32_t element = brick.elementOf(int32_t(firstY), int32_t(z)) + firstX;
    for (;;) {
      if (step != 1)
        receive(row, inlet, step);
      if (z == firstZ)
        functions.prime(brick.shared, slots, element, grid.strideY,
                        grid.strideZ, carry);
      const bool isLast = z + 1 >= end;
      const uint32_t next = row + uint32_t(brick.frame.size[1]);
      if (!isLast && step != 1) {
        inlet = inletOf(brick.inlets[next]);
        ask(inlet, mark - 1);
      }
      functions.update(brick.shared, slots, element, grid.strideY, grid.strideZ,
                       carry, brick.launch.parameters,
                       int64_t(brick.frame.first[0]) + firstX,
                       int64_t(brick.frame.first[1]) + firstY,
                       int64_t(brick.frame.first[2]) + z, shape.vector, made);
      if (brick.turnsX())
        turnEnds(brick, sender, slots, firstX, element - firstX);
      if (sends)
        send(row, readers, mark);
      if (isLast)
        return;
      ++z;
      element += grid.strideZ;
      row = next;
      readers = readersOf(brick.rows[row]);
    }
  }

  __attribute__((always_inline)) void send(uint32_t row, const Readers &readers,
                                           uint32_t mark) const {
    if (readers.isFar)
      board.sendFar(readers.cell, mark);
    if (readers.count > 0)
      sender.template sendNear<true>(readers.near[0], firstX, shape.vector,
                                     mark);
    if (readers.count > 1)
      sender.template sendNear<true>(readers.near[1], firstX, shape.vector,
                                     mark);
    for (uint32_t i = 2; i < readers.count; ++i)
      sender.template sendNear<true>(brick.rows[row].near[i], firstX,
                                     shape.vector, mark);
  }

  /// Calls `visit(array, its number of those exchanged, its level 0)`.
  template <class Visit>
  __attribute__((always_inline)) void forEachExchanged(Visit visit) const {
    uint32_t entry = 0, number = 0;
#pragma clang loop unroll(full)
    for (uint32_t a = 0; a < shape.arrays; ++a) {
      if (sender.isExchanged(a))
        visit(a, number++, slots[entry]);
      entry += shape.array[a].entries;
    }
  }

  /// Asks for what a row reads, ahead of `receive`.
  __attribute__((always_inline)) void ask(const Inlet &inlet,
                                          uint32_t mark) const {
    if (inlet.far == 0)
      return;
    forEachExchanged([&](uint32_t a, uint32_t number,
                         uint32_t) __attribute__((always_inline)) {
      if (number >= Ahead)
        return;
#pragma clang loop unroll(full)
      for (uint32_t s = 0; s < Ahead; ++s)
        if (s < inlet.far)
          board.ask(a, board.placeOf(a, inlet.sources[s].cell, mark),
                    asked + 4 * number + 2 * s);
    });
  }

  /// Waits for all that a row reads, which others sent in the step before.
  __attribute__((always_inline)) void receive(uint32_t row, const Inlet &inlet,
                                              uint32_t step) {
    const uint32_t mark = grid.mark + step - 1;
    if (inlet.far != 0)
      forEachExchanged([&](uint32_t a, uint32_t number,
                           uint32_t level) __attribute__((always_inline)) {
        if (number < Ahead)
          await(a, level, inlet, mark, asked + 4 * number);
        for (uint32_t s = number < Ahead ? Ahead : 0; s < inlet.far; ++s) {
          const ResidentSource source = brick.inlets[row].sources[s];
          const uint32_t bytes = shape.array[a].elementBytes;
          board.awaitRare(
              &grid, &brick.header, board.placeOf(a, source.cell, mark),
              board.nextPiece(),
              brick.shared + level + (source.element + firstX) * bytes, bytes,
              board.pieces(a), mark);
        }
      });
    // The counters take turns; each has had (step - 2) / 2 phases before.
    if (inlet.isNear)
      awaitNear(mark, (step - 2) / 2 & 1);
  }

  /// Waits for the sources that were asked for: one or two.
  __attribute__((always_inline)) void await(uint32_t array, uint32_t level,
                                            const Inlet &inlet, uint32_t mark,
                                            BoardPiece *got) const {
    const uint32_t bytes = shape.array[array].elementBytes;
    bool isOpen[Ahead];
    uint64_t places[Ahead];
    unsigned char *to[Ahead];
#pragma clang loop unroll(full)
    for (uint32_t s = 0; s < Ahead; ++s) {
      isOpen[s] = s < inlet.far;
      places[s] = board.placeOf(array, inlet.sources[s].cell, mark);
      to[s] =
          brick.shared + level + (inlet.sources[s].element + firstX) * bytes;
    }
    const auto asks = [&](BoardPiece *pieces) __attribute__((always_inline)) {
#pragma clang loop unroll(full)
      for (uint32_t s = 0; s < Ahead; ++s)
        if (isOpen[s])
          board.ask(array, places[s], pieces + 2 * s);
    };
    const auto takes =
        [&](const BoardPiece *from) __attribute__((always_inline)) {
#pragma clang loop unroll(full)
          for (uint32_t s = 0; s < Ahead; ++s)
            if (isOpen[s])
              isOpen[s] = !board.take(to[s], bytes, board.pieces(array), mark,
                                      from + 2 * s);
          return !isOpen[0] && !isOpen[1];
        };
    for (uint32_t polls = 0; !takes(got); ++polls) {
      asks(got);
      if (board.isVain(&grid, &brick.header, polls, mark))
        return;
    }
  }

  const VectorBoard<Machine> board;
  BoardPiece *asked;
};

} // namespace rk::device::stencil
