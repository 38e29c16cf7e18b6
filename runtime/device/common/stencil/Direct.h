//===- Direct.h - Threads that receive what they read -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The steps of a star that reads one row away, where each thread has one
/// column. There are no warps that receive: a vector of a halo is read by one
/// thread, which receives it itself, over the boards.
///
/// 1. Each thread updates its rows, and sends those that others read at once.
/// 2. One barrier of the block ends the step.
/// 3. A thread waits for the vectors that it will read, and puts them into the
///    halo of the entry that the step made, while others go on.
///
/// Where no thread has more than one row, a thread loads what the row reads of
/// itself while the answers of the boards are on their way.
///
/// Ordering  A packet's value and mark are one access. The slot of step s is
///           written again in step s + 2. The thread that reads a vector and
///           the one that sends it read of each other: the writer then has
///           received the reader's vector of step s + 1, which was sent after
///           the reader had received all of step s.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Columns.h"
#include "common/stencil/Sides.h"
#include "common/stencil/VectorBoard.h"

namespace rk::device::stencil {

template <class Machine> class DirectStepper : Columns<Machine> {
  using Base = Columns<Machine>;
  using Base::areDamped, Base::brick, Base::carry, Base::columns, Base::endOf,
      Base::firstX, Base::firstY, Base::firstZ, Base::functions, Base::grid,
      Base::made, Base::sender, Base::shape, Base::slots, Base::turn;

public:
  __attribute__((always_inline)) DirectStepper(const Brick<Machine> &brick,
                                               const Functions &functions,
                                               ThreadValues &values)
      : Base(brick, functions, values),
        board(grid, shape, sender, firstX, values.boards),
        strideY(grid.strideY), strideZ(grid.strideZ), turnsX(brick.turnsX()) {}

  /// The computing threads call it.
  __attribute__((always_inline)) void run(uint32_t steps) {
    const uint32_t column = Machine::thread() >> grid.computeLanes;
    isBusy = column < columns && firstX < uint32_t(brick.frame.size[0]);
    row = isBusy ? brick.rowOf(int32_t(firstY), int32_t(firstZ)) : 0;
    element = brick.elementOf(int32_t(firstY), int32_t(firstZ)) + firstX;
    list = brick.inletsOf(isBusy ? column : 0) + 1;
    sources = isBusy ? list[-1].element : 0;
#pragma clang loop unroll(full)
    for (uint32_t s = 0; s < Pair; ++s)
      first[s] = s < sources ? list[s] : ResidentSource();
    moved = isBusy ? movedRows(brick) : 0;
    isDamped = areDamped(firstX, firstY, firstZ, endOf(firstZ));
    if (isSingle())
      runSteps<true>(steps);
    else
      runSteps<false>(steps);
  }

private:
  /// Vectors that a thread asks for at a time: two, whose places are in
  /// registers, or as many as registers have room for.
  static constexpr uint32_t Pair = 2, Many = 6;

  /// Where a row goes.
  struct Way {
    uint32_t cell, isFar;
  };
  [[nodiscard]] __attribute__((always_inline)) Way wayOf(uint32_t of) const {
    return {brick.rows[of].cell, brick.rows[of].isFar};
  }

  /// Whether no thread has more than one row, which reads no more than a pair
  /// of other bricks.
  [[nodiscard]] __attribute__((always_inline)) bool isSingle() const {
    uint32_t most = 0;
#pragma clang loop unroll(full)
    for (uint32_t axis = 1; axis < 3; ++axis)
      if ((grid.exchanges >> axis & 1) != 0)
        most += brick.frame.size[axis] == 1 ? 2 : 1;
    return grid.column == 1 && most <= Pair;
  }

  template <bool IsSingle>
  __attribute__((always_inline)) void runSteps(uint32_t steps) {
    if (steps == 0)
      return;
    const Way way = wayOf(row);
    if (IsSingle)
      prime();
    const uint32_t lastMark = grid.mark + steps;
    uint32_t mark = grid.mark + 1, slot = board.slotOf(mark);
    const auto next = [&]() __attribute__((always_inline)) {
      makeStep<IsSingle>(way, slot, mark, mark != lastMark);
      slot = board.otherSlot(slot);
      return mark++ != lastMark;
    };
    // By twos, in which each entry and slot is where it was two steps before.
    if (IsSingle)
      while (next() && next())
        ;
    else
      while (next())
        ;
  }

  /// Loads what a single row reads of itself.
  __attribute__((always_inline)) void prime() const {
    if (isBusy)
      functions.primeSingle(brick.shared, slots, element, strideY, strideZ,
                            carry);
  }

  template <bool IsSingle>
  __attribute__((always_inline)) void makeStep(Way way, uint32_t slot,
                                               uint32_t mark, bool exchanges) {
    if (isBusy)
      compute<IsSingle>(way, slot, mark, exchanges);
    turn();
    Machine::syncComputers();
    const uint32_t count = exchanges ? sources : 0;
    if (IsSingle)
      receiveSingle(count, slot, mark);
    else if (count != 0)
      receiveColumn(slot, mark);
    // Rows of a warp that receive nothing would else run ahead, before those
    // that do.
    Machine::syncLanes();
  }

  template <bool IsSingle>
  __attribute__((always_inline)) void compute(Way way, uint32_t slot,
                                              uint32_t mark, bool exchanges) {
    const uint32_t end = endOf(firstZ);
    uint32_t z = firstZ, at = element, number = row;
    Update *const update = IsSingle ? functions.updateSingle : functions.update;
    if (!IsSingle)
      functions.prime(brick.shared, slots, at, strideY, strideZ, carry);
    for (;;) {
      update(brick.shared, slots, at, strideY, strideZ, carry, &brick.launch,
             int64_t(brick.frame.first[0]) + firstX,
             int64_t(brick.frame.first[1]) + firstY,
             int64_t(brick.frame.first[2]) + z, shape.vector, made,
             shape.between && isDamped ? mark - grid.mark : 0);
      if (shape.between && (moved & bitOfRow(z - firstZ)) != 0)
        applyMoves(brick, slots, made,
                   {firstX, firstY, z, at, shape.vector, mark - grid.mark});
      if (turnsX)
        turnEnds(brick, sender, slots, firstX, at - firstX);
      if (exchanges && way.isFar)
        board.sendFar(way.cell, slot, mark);
      if (IsSingle || ++z >= end)
        return;
      at += strideZ;
      number += uint32_t(brick.frame.size[1]);
      way = wayOf(number);
    }
  }

  /// Waits for `count` sources of a single row, and primes it.
  __attribute__((always_inline)) void
  receiveSingle(uint32_t count, uint32_t slot, uint32_t mark) const {
    uint32_t early = shape.arrays;
#pragma clang loop unroll(full)
    for (uint32_t a = shape.arrays; a-- != 0;)
      if (sender.isExchanged(a))
        early = a;
    bool isOpen[Pair];
    VectorPacket got[Pair];
    if (early != shape.arrays)
      askFor<Pair>(count, early, first, slot, isOpen, got);
    // Not before the boards are asked.
    Machine::syncLanes();
    prime();
    if (count == 0)
      return;
    sender.forEachMade(
        [&](uint32_t a, uint32_t entry, const unsigned char *)
            __attribute__((always_inline)) {
              if (a == early)
                await<Pair>(a, slots[entry], first, slot, mark, isOpen, got);
              else
                receive<Pair>(a, slots[entry], first, count, slot, mark);
            });
  }

  /// Waits for all that this thread's column reads.
  __attribute__((always_inline)) void receiveColumn(uint32_t slot,
                                                    uint32_t mark) const {
    sender.forEachMade(
        [&](uint32_t a, uint32_t entry, const unsigned char *)
            __attribute__((always_inline)) {
              if (sources <= Pair) {
                receive<Pair>(a, slots[entry], first, sources, slot, mark);
                return;
              }
              for (uint32_t s = 0; s < sources; s += Many) {
                ResidentSource next[Many];
#pragma clang loop unroll(full)
                for (uint32_t i = 0; i < Many; ++i)
                  next[i] = list[s + i < sources ? s + i : 0];
                receive<Many>(a, slots[entry], next, sources - s, slot, mark);
              }
            });
  }

  /// Waits for the first `count` of `Most` sources.
  template <uint32_t Most>
  __attribute__((always_inline)) void
  receive(uint32_t array, uint32_t level, const ResidentSource *from,
          uint32_t count, uint32_t slot, uint32_t mark) const {
    bool isOpen[Most];
    VectorPacket got[Most];
    askFor<Most>(count, array, from, slot, isOpen, got);
    await<Most>(array, level, from, slot, mark, isOpen, got);
  }

  /// Asks for the first `count` of `Most` sources, which are open then.
  template <uint32_t Most>
  __attribute__((always_inline)) void
  askFor(uint32_t count, uint32_t array, const ResidentSource *from,
         uint32_t slot, bool *isOpen, VectorPacket *got) const {
#pragma clang loop unroll(full)
    for (uint32_t s = 0; s < Most; ++s)
      isOpen[s] = s < count;
    ask<Most>(array, from, slot, isOpen, got);
  }

  /// Waits for what is open, of what was asked for.
  template <uint32_t Most>
  __attribute__((always_inline)) void
  await(uint32_t array, uint32_t level, const ResidentSource *from,
        uint32_t slot, uint32_t mark, bool *isOpen, VectorPacket *got) const {
    for (uint32_t polls = 0;
         !take<Most>(array, level, from, mark, isOpen, got) &&
         !board.isVain(&grid, &brick.header, polls, mark);
         ++polls)
      ask<Most>(array, from, slot, isOpen, got);
  }

  template <uint32_t Count>
  __attribute__((always_inline)) void
  ask(uint32_t array, const ResidentSource *from, uint32_t slot,
      const bool *isOpen, VectorPacket *to) const {
#pragma clang loop unroll(full)
    for (uint32_t s = 0; s < Count; ++s)
      to[s] =
          board.ask(isOpen[s], array, board.placeOf(array, from[s].cell, slot));
  }

  /// Puts what has come where the next step reads it. Returns whether it was
  /// the rest.
  template <uint32_t Count>
  __attribute__((always_inline)) bool
  take(uint32_t array, uint32_t level, const ResidentSource *from,
       uint32_t mark, bool *isOpen, const VectorPacket *got) const {
    const uint32_t bytes = shape.array[array].elementBytes;
    bool waits = false;
#pragma clang loop unroll(full)
    for (uint32_t s = 0; s < Count; ++s) {
      if (!isOpen[s])
        continue;
      isOpen[s] = !board.take(
          array, brick.shared + level + (from[s].element + firstX) * bytes,
          mark, got[s]);
      waits |= isOpen[s];
    }
    return !waits;
  }

  const VectorBoard<Machine> board;
  // In registers: memory that others write might have changed the grid's.
  const uint32_t strideY, strideZ;
  const bool turnsX;
  bool isBusy = false;
  /// This thread's first row, and its vector there.
  uint32_t row = 0, element = 0;
  /// What this thread receives: how many, and their list; the first ones in
  /// registers.
  uint32_t sources = 0;
  const ResidentSource *list = nullptr;
  ResidentSource first[Pair];
  /// This thread computes cells of a layer; and see movedRows.
  bool isDamped = false;
  uint32_t moved = 0;
};

} // namespace rk::device::stencil
