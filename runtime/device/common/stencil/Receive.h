//===- Receive.h - Halos that come from other blocks ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The warps that receive wait for halos. Of rows that come over the boards they
/// ask for several packets at a time and put the values of those that have come
/// into the halo. Rows from near blocks write themselves; their bytes are
/// counted.
///
/// Ordering  A packet's value and mark are one access, so no fence is needed:
///           whoever sees the mark has the value. The slot of step s is written
///           again in step s + 2. The writer then has received the packets of
///           step s + 1 of each block that reads it (who reads whom is
///           symmetric), and such a block sent them after it had received all
///           of step s.
///
///           A near block that is in step s + 1 writes to the entry that was
///           level 0 in step s. It has received all rows of this block that are
///           near it, and those are the ones that read what it writes: they
///           were sent with values that were computed from it. Bytes of step
///           s + 1 may come before all of step s, hence two counters; those of
///           s + 2 may not.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Brick.h"

namespace rk::device::stencil {

/// Sixteen bytes of a board: one packet of 8 bytes' value, or two packets.
struct BoardPiece {
  uint32_t word[4];
};

/// What one exchange of one level of one array is about.
struct Exchange {
  const abi::StencilLaunch *launch;
  const abi::ResidentGrid *grid;
  unsigned char *shared;
  uint64_t board;  ///< of the slot
  uint32_t target; ///< where the entry lies in shared memory
  uint32_t elementBytes;
  uint32_t mark;
};

/// So often is a packet asked for: some seconds.
inline constexpr uint32_t MostPolls = 1u << 22;

/// Receives whole rows: where they lie is the same in every step.
template <class Machine> class RowReceiver {
public:
  __attribute__((always_inline))
  RowReceiver(const abi::ResidentGrid &grid, ResidentHeader &header,
              const ResidentSource *sources)
      : grid(grid), header(header), sources(sources),
        lane(Machine::receiver() & ((1u << grid.receiveLanes) - 1)),
        group(Machine::receiver() >> grid.receiveLanes),
        groups(Machine::receivers() >> grid.receiveLanes) {}

  /// The receiving threads call it. Calls `ready()` before the first packet is
  /// asked for.
  template <uint32_t CellsPerPiece, class Ready>
  __attribute__((always_inline)) void receive(const Exchange &exchange,
                                              Ready ready) const {
    const auto size = uint32_t(header.size[0]);
    const uint32_t pieces = (size + CellsPerPiece - 1) / CellsPerPiece;
    // Many rows are asked for while the block computes; few, when they may have
    // come.
    const bool isLong = header.received > Batch * groups ||
                        pieces > 1u << grid.receiveLanes;
    if (!isLong)
      ready();
    for (uint32_t piece = lane; piece < pieces;
         piece += 1u << grid.receiveLanes) {
      const bool isWhole = (piece + 1) * CellsPerPiece <= size;
      for (uint32_t row = group; row < header.received;
           row += Batch * groups) {
        Places places;
#pragma clang loop unroll(full)
        for (uint32_t b = 0; b < Batch; ++b) {
          const uint32_t its = row + b * groups;
          places.isOpen[b] = its < header.received;
          const ResidentSource source = sources[places.isOpen[b] ? its : 0];
          places.from[b] = exchange.board +
                           (source.cell / CellsPerPiece + piece) * uint64_t(16);
          places.to[b] = exchange.target +
                         (source.element + piece * CellsPerPiece) *
                             exchange.elementBytes;
        }
        await<CellsPerPiece>(exchange, places, isWhole, isLong);
      }
    }
  }

private:
  static constexpr uint32_t Batch = 4;
  struct Places {
    uint64_t from[Batch];
    uint32_t to[Batch];
    bool isOpen[Batch];
  };

  struct Pieces {
    BoardPiece got[Batch];
  };

  __attribute__((always_inline)) static void ask(const Places &places,
                                                 Pieces &pieces) {
#pragma clang loop unroll(full)
    for (uint32_t b = 0; b < Batch; ++b)
      if (places.isOpen[b])
        pieces.got[b] = Machine::loadPiece(places.from[b]);
  }

  /// Takes what has come. Returns whether it was the rest.
  template <uint32_t CellsPerPiece>
  __attribute__((always_inline)) static bool
  take(const Exchange &exchange, Places &places, const Pieces &pieces,
       bool isWhole) {
    bool waits = false;
#pragma clang loop unroll(full)
    for (uint32_t b = 0; b < Batch; ++b) {
      if (!places.isOpen[b])
        continue;
      const bool hasCome = pieces.got[b].word[1] == exchange.mark &&
                           pieces.got[b].word[3] == exchange.mark;
      if (hasCome)
        put<CellsPerPiece>(exchange, places.to[b], pieces.got[b], isWhole);
      places.isOpen[b] = !hasCome;
      waits |= !hasCome;
    }
    return !waits;
  }

  /// Asks twice in the time that an answer takes, as a packet that comes just
  /// after a question waits for the next.
  template <uint32_t CellsPerPiece>
  __attribute__((always_inline)) void await(const Exchange &exchange,
                                            Places &places, bool isWhole,
                                            bool isLong) const {
    constexpr uint32_t HalfAnswer = 300;
    Pieces one = {}, other = {};
    ask(places, one);
    if (isLong) {
      if (take<CellsPerPiece>(exchange, places, one, isWhole))
        return;
      ask(places, one);
    }
    Machine::pause(HalfAnswer);
    for (uint32_t polls = 0;; ++polls) {
      ask(places, other);
      if (take<CellsPerPiece>(exchange, places, one, isWhole))
        return;
      ask(places, one);
      if (take<CellsPerPiece>(exchange, places, other, isWhole))
        return;
      if (polls % 64 == 63 &&
          (polls >= MostPolls || Machine::peek(&header.hasGivenUp))) {
        Machine::poke(&header.hasGivenUp, 1);
        Machine::reportFault(grid.fault, exchange.mark);
        return;
      }
    }
  }

  template <uint32_t CellsPerPiece>
  __attribute__((always_inline)) static void put(const Exchange &exchange,
                                                 uint32_t at,
                                                 const BoardPiece &piece,
                                                 bool isWhole) {
    unsigned char *to = exchange.shared + at;
    const uint64_t pair = piece.word[0] | uint64_t(piece.word[2]) << 32;
    if (CellsPerPiece == 1) {
      *reinterpret_cast<uint64_t *>(to) = pair;
      return;
    }
    // Rows begin at multiples of 16 bytes.
    if (exchange.elementBytes == 4 && isWhole) {
      *reinterpret_cast<uint64_t *>(to) = pair;
      return;
    }
    copyElement(to, &piece.word[0], exchange.elementBytes);
    if (isWhole)
      copyElement(to + exchange.elementBytes, &piece.word[2],
                  exchange.elementBytes);
  }

  const abi::ResidentGrid &grid;
  ResidentHeader &header;
  const ResidentSource *sources;
  const uint32_t lane, group, groups;
};

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
      uint32_t element[Batch];
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
      BoardPiece got[Batch];
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
      // Beyond a fixed face nothing changes; the others came with their row.
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

} // namespace rk::device::stencil
