//===- FarRings.h - What a place gets from other clusters ---------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The receiving ends of the rings in device memory. What may have come is
/// found out beside other work: the marks of eight rings at a time are copied
/// to shared memory.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Places.h"

namespace rk::device {

class FarRings {
public:
  FarRings(const abi::Launch &launch, Desk &desk, uint32_t place)
      : residents(launch.residents), place(place) {
    const PlaceAt at = locatePlace(residents, place);
    const uint32_t row = at.warp - firstWarp(residents);
    start = clusterStart(residents, at.block);
    pieces =
        reinterpret_cast<abi::Piece *>(desk.shared + residents.shared.pieces) +
        row * abi::PlacePieces;
    heads = reinterpret_cast<uint32_t *>(desk.shared + residents.shared.heads) +
            row * 2 * abi::MaxResidentBlocks;
  }

  /// Has the marks of eight rings copied, the next eight with each call. All
  /// lanes call it.
  void ask(uint32_t lane) {
    const uint32_t far = residents.blocks - residents.clusterBlocks;
    if (far == 0)
      return;
    first =
        first + abi::FarRingsPerLook < far ? first + abi::FarRingsPerLook : 0;
    for (uint32_t i = lane; i < abi::FarRingsPerLook && first + i < far;
         i += LaneCount)
      startCopy(&pieces[i], &packetAt(sourceOf(i))->piece[0]);
  }

  /// Returns the rings of the last `ask` that have a packet, bit i for the
  /// i-th. One lane calls it, behind `awaitCopies`.
  uint32_t heard() const {
    const uint32_t far = residents.blocks - residents.clusterBlocks;
    uint32_t found = 0;
    for (uint32_t i = 0; i < abi::FarRingsPerLook && first + i < far; ++i)
      found |= uint32_t(pieces[i].mark == markOf(heads[sourceOf(i)])) << i;
    return found;
  }

  /// Reads the next packet of a ring that was heard; false if not all of it has
  /// come.
  ///
  /// Ordering  relaxed; each piece's mark vouches for its words.
  bool read(uint32_t index, Record &record) const {
    const uint32_t source = sourceOf(index);
    const abi::Packet *packet = packetAt(source);
    const uint32_t mark = markOf(heads[source]);
    bool whole = true;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i) {
      const abi::Piece piece = loadPiece<Scope::Device>(&packet->piece[i]);
      whole = whole && piece.mark == mark;
      for (uint32_t j = 0; j < 3; ++j)
        record.word[3 * i + j] = piece.word[j];
    }
    return whole;
  }

  /// Gives the place of a packet that was read back to its sender.
  void leave(uint32_t index) {
    const uint32_t source = sourceOf(index);
    ++heads[source];
    answer(source);
  }

  /// Where the first piece of the inbox's next packet is copied to.
  abi::Piece &inboxPiece() const { return pieces[abi::FarRingsPerLook]; }

  uint32_t headOf(uint32_t source) const { return heads[source]; }
  /// Counts a spilled message of a block that has been handled; returns how
  /// many there have been. One lane calls it.
  uint32_t countSpill(uint32_t source) {
    return ++heads[abi::MaxResidentBlocks + source];
  }
  /// Tells a far block what has been taken and handled.
  void answer(uint32_t source) const {
    store<GiveForReuse, Scope::Device>(
        &residents.farReturns[place * residents.blocks + source],
        heads[source] | uint64_t(heads[abi::MaxResidentBlocks + source]) << 32);
  }

  /// The number of a block in this cluster; not below `clusterBlocks` if it is
  /// of another.
  uint32_t nearNumber(uint32_t source) const { return source - start; }

private:
  static uint32_t markOf(uint32_t position) {
    return abi::ringLapMark(position, abi::FarRingShift);
  }
  const abi::Packet *packetAt(uint32_t source) const {
    return &farRing(residents, place,
                    source)[heads[source] & (abi::FarRingDepth - 1)];
  }
  /// The block whose ring is the `index`-th of the look.
  uint32_t sourceOf(uint32_t index) const {
    const uint32_t far = first + index;
    return far < start ? far : far + residents.clusterBlocks;
  }

  const abi::Residents &residents;
  const uint32_t place;
  uint32_t start = 0; ///< first block of this cluster
  uint32_t first = 0; ///< of the far rings in the look
  abi::Piece *pieces;
  uint32_t *heads; ///< by block; behind them the spills handled
};

} // namespace rk::device
