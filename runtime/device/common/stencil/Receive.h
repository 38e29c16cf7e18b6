//===- Receive.h - Halos that come from other blocks ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The warps that receive wait for halos. Of rows that come over the boards
/// they ask for several packets at a time and put the values of those that have
/// come into the halo. Rows from near blocks write themselves; their bytes are
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
///           s + 2 may not, though they may before each thread has looked for
///           step s: its phase has ended then.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Brick.h"

namespace rk::device::stencil {

/// Sixteen bytes of a board: one packet of 8 bytes' value, or two packets.
struct BoardPiece {
  uint32_t word[4];
};

/// Eight bytes of a board.
struct MarkedWord {
  uint32_t word, mark;
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
  __attribute__((always_inline)) RowReceiver(const abi::ResidentGrid &grid,
                                             ResidentHeader &header,
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
    const bool isLong =
        header.received > Batch * groups || pieces > 1u << grid.receiveLanes;
    if (!isLong)
      ready();
    for (uint32_t piece = lane; piece < pieces;
         piece += 1u << grid.receiveLanes) {
      const bool isWhole = (piece + 1) * CellsPerPiece <= size;
      for (uint32_t row = group; row < header.received; row += Batch * groups) {
        Places places;
#pragma clang loop unroll(full)
        for (uint32_t b = 0; b < Batch; ++b) {
          const uint32_t its = row + b * groups;
          places.isOpen[b] = its < header.received;
          const ResidentSource source = sources[places.isOpen[b] ? its : 0];
          places.from[b] = exchange.board +
                           (source.cell / CellsPerPiece + piece) * uint64_t(16);
          places.to[b] =
              exchange.target +
              (source.element + piece * CellsPerPiece) * exchange.elementBytes;
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
  __attribute__((always_inline)) static void
  put(const Exchange &exchange, uint32_t at, const BoardPiece &piece,
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

} // namespace rk::device::stencil
