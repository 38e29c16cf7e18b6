//===- ReceiveCut.h - Halos of bricks that are cut along x ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The general way over the boards, for lines and very wide planes.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Receive.h"

namespace rk::device::stencil {

/// Receives where bricks are cut along x: rows may begin in the middle of a
/// piece, and have sides.
template <class Machine> class Receiver {
public:
  __attribute__((always_inline)) explicit Receiver(const Exchange &exchange)
      : exchange(exchange), grid(*exchange.grid),
        header(*reinterpret_cast<ResidentHeader *>(exchange.shared)),
        sources(reinterpret_cast<const ResidentSource *>(exchange.shared +
                                                         grid.sources)) {}

  /// The receiving threads, `Machine::receivers()`, call it.
  void receive() {
    if (exchange.elementBytes == 8)
      receiveRows<1>();
    else
      receiveRows<2>();
    receiveSides();
  }

private:
  /// Rows that belong to other bricks, as far as they are in the grid.
  template <uint32_t CellsPerPiece> void receiveRows() {
    constexpr uint32_t Batch = 4;
    const int32_t wide = grid.width[0];
    const int32_t first = header.first[0],
                  extent = int32_t(exchange.launch->extent[0]);
    const int32_t low = first - wide > 0 ? first - wide : 0;
    const int32_t end = first + header.size[0] + wide;
    const int32_t high = end < extent ? end : extent;
    const uint32_t begin = uint32_t(low) / CellsPerPiece;
    const uint32_t pieces =
        (uint32_t(high) + CellsPerPiece - 1) / CellsPerPiece - begin;
    const uint32_t lanes = 1u << grid.receiveLanes;
    const uint32_t chunks = (pieces + lanes - 1) >> grid.receiveLanes;
    const uint32_t items = header.received * chunks;
    const uint32_t lane = Machine::receiver() & (lanes - 1);
    const uint32_t groups = Machine::receivers() >> grid.receiveLanes;
    for (uint32_t item = Machine::receiver() >> grid.receiveLanes; item < items;
         item += groups * Batch) {
      uint64_t from[Batch];
      uint32_t element[Batch] = {};
      int32_t x[Batch];
#pragma clang loop unroll(full)
      for (uint32_t b = 0; b < Batch; ++b) {
        const uint32_t its = item + b * groups;
        from[b] = 0;
        if (its >= items)
          continue;
        const uint32_t row = chunks == 1 ? its : its / chunks;
        const uint32_t piece = (its - row * chunks) * lanes + lane;
        if (piece >= pieces)
          continue;
        const ResidentSource source = sources[row];
        x[b] = int32_t((begin + piece) * CellsPerPiece);
        element[b] = source.element + uint32_t(x[b] - first);
        from[b] = exchange.board +
                  (source.cell / CellsPerPiece + begin + piece) * uint64_t(16);
      }
      await<Batch>(from, [&](uint32_t b, const BoardPiece &piece) {
        return take<CellsPerPiece>(piece, x[b], low, high, element[b]);
      });
    }
  }

  /// Asks for pieces until `take(b, piece)` has said of each that it has come.
  template <uint32_t Batch, class Take>
  void await(uint64_t (&from)[Batch], Take take) {
    for (uint32_t polls = 0;; ++polls) {
      BoardPiece got[Batch] = {};
      bool waits = false;
#pragma clang loop unroll(full)
      for (uint32_t b = 0; b < Batch; ++b)
        if (from[b])
          got[b] = Machine::loadPiece(from[b]);
#pragma clang loop unroll(full)
      for (uint32_t b = 0; b < Batch; ++b) {
        if (!from[b])
          continue;
        if (take(b, got[b]))
          from[b] = 0;
        else
          waits = true;
      }
      if (!waits)
        return;
      if (polls >= MostPolls || Machine::peek(&header.hasGivenUp)) {
        Machine::poke(&header.hasGivenUp, 1);
        Machine::reportFault(grid.fault, exchange.mark);
        return;
      }
    }
  }

  template <uint32_t CellsPerPiece>
  bool take(const BoardPiece &piece, int32_t x, int32_t low, int32_t high,
            uint32_t element) {
    if constexpr (CellsPerPiece == 1) {
      if (piece.word[1] != exchange.mark || piece.word[3] != exchange.mark)
        return false;
      put(element, piece.word[0] | uint64_t(piece.word[2]) << 32);
      return true;
    } else {
      // A cell beyond the range may never be sent.
      const bool one = x >= low, other = x + 1 < high;
      if ((one && piece.word[1] != exchange.mark) ||
          (other && piece.word[3] != exchange.mark))
        return false;
      if (exchange.elementBytes == 4 && one && other && element % 2 == 0) {
        put2(element, piece.word[0], piece.word[2]);
        return true;
      }
      if (one)
        put(element, piece.word[0]);
      if (other)
        put(element + 1, piece.word[2]);
      return true;
    }
  }

  void put(uint32_t element, uint64_t value) {
    unsigned char *to =
        exchange.shared + exchange.target + element * exchange.elementBytes;
    copyElement(to, &value, exchange.elementBytes);
  }
  void put2(uint32_t element, uint32_t one, uint32_t other) {
    *reinterpret_cast<uint64_t *>(exchange.shared + exchange.target +
                                  element * 4) = one | uint64_t(other) << 32;
  }

  /// Cells beyond both ends of the brick's own rows, and what received rows
  /// have beyond the faces of the grid.
  void receiveSides() {
    const int32_t width = grid.width[0];
    const uint32_t rowCells = uint32_t(2 * width);
    const uint32_t rowCount = header.received + header.own;
    const uint32_t lastRow = allRows() - 1;
    for (uint32_t item = Machine::receiver(); item < rowCount * rowCells;
         item += Machine::receivers()) {
      const uint32_t row = item / rowCells;
      const bool isOwn = row >= header.received;
      const auto side = int32_t(item - row * rowCells);
      const int32_t at =
          side < width ? side - width : header.size[0] + side - width;
      const int64_t x = int64_t(header.first[0]) + at;
      const int64_t from = sourceAlong(*exchange.launch, 0, x);
      const bool isInside = x >= 0 && x < exchange.launch->extent[0];
      // Beyond a face that shows no cells nothing comes; the others came with
      // their row.
      if (isInside ? !isOwn : from == x)
        continue;
      const ResidentSource source =
          sources[isOwn ? lastRow - (row - header.received) : row];
      receiveCell(source, source.element + uint32_t(at), uint64_t(from));
    }
  }

  void receiveCell(const ResidentSource &source, uint32_t element, uint64_t x) {
    const uint64_t cell = source.cell + x;
    const bool isWide = exchange.elementBytes == 8;
    uint64_t from[1] = {exchange.board +
                        (isWide ? cell : cell / 2) * uint64_t(16)};
    await<1>(from, [&](uint32_t, const BoardPiece &piece) {
      if (isWide)
        return take<1>(piece, 0, 0, 0, element);
      const uint32_t half = uint32_t(cell % 2) * 2;
      if ((half ? piece.word[3] : piece.word[1]) != exchange.mark)
        return false;
      put(element, half ? piece.word[2] : piece.word[0]);
      return true;
    });
  }

  /// How long the list of sources is.
  [[nodiscard]] uint32_t allRows() const {
    return uint32_t((header.size[1] + 2 * grid.width[1]) *
                    (header.size[2] + 2 * grid.width[2]));
  }

  const Exchange exchange;
  const abi::ResidentGrid &grid;
  ResidentHeader &header;
  const ResidentSource *sources;
};

/// Out of line, as it is rare.
template <class Machine>
__attribute__((noinline)) void receiveCut(const Exchange &exchange) {
  Receiver<Machine>(exchange).receive();
}
} // namespace rk::device::stencil
