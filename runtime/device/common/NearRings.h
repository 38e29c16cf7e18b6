//===- NearRings.h - What a place gets from its cluster -----------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The receiving ends of the rings in shared memory, one for each block of the
/// cluster. One lane works on them.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Places.h"

namespace rk::device {

class NearRings {
public:
  NearRings(const abi::Residents &residents, Desk &desk, uint32_t place)
      : count(residents.clusterBlocks),
        ownWay(wayTo(residents, desk.shared, place)),
        bells(bellsOf(residents, desk.shared,
                      locatePlace(residents, place).warp)),
        packets(nearRing(residents, desk.shared,
                         locatePlace(residents, place).warp, 0)) {}

  /// Returns the rings that have a packet, bit i for the i-th block of the
  /// cluster.
  ///
  /// Cost      one word of shared memory for each ring, all under way together.
  uint32_t look() const {
    uint32_t mark[abi::MaxClusterBlocks];
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < abi::MaxClusterBlocks; ++i)
      mark[i] =
          i < count ? loadOwnWord(&packetAt(i, head[i])->piece[0].mark) : 0;
    uint32_t found = 0;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < abi::MaxClusterBlocks; ++i)
      found |= uint32_t(mark[i] == markOf(head[i])) << i;
    return found;
  }

  /// Returns the rings whose bells have rung since the last message, likewise.
  ///
  /// Cost      16 bytes of shared memory.
  uint32_t listen() const {
    uint32_t words[4];
    loadBells(bells, words);
    uint32_t found = 0;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < 4; ++i) {
      const uint32_t differs = words[i] ^ heard[i];
      found |= uint32_t((differs & 0xffff) != 0) << 2 * i;
      found |= uint32_t(differs >> 16 != 0) << (2 * i + 1);
    }
    return found;
  }

  /// Reads the packet that a look has found; false if not all of it has come.
  ///
  /// Ordering  relaxed; each piece's mark vouches for its words.
  bool read(uint32_t ring, Record &record) const {
    const uint32_t position = headOf(ring);
    const abi::Packet *packet = packetAt(ring, position);
    const uint32_t mark = markOf(position);
    bool whole = true;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i) {
      const abi::Piece piece = loadOwnPiece(&packet->piece[i]);
      whole = whole && piece.mark == mark;
      for (uint32_t j = 0; j < 3; ++j)
        record.word[3 * i + j] = piece.word[j];
    }
    return whole;
  }

  /// Gives the place of the packet that was read back to its sender.
  ///
  /// Ordering  relaxed: its words have been read, so nothing that is written
  ///           there now can reach them (`GiveForReuse`).
  void leave(uint32_t ring) {
    uint32_t now = 0;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < abi::MaxClusterBlocks; ++i) {
      head[i] += i == ring;
      now = i == ring ? head[i] : now;
    }
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < 4; ++i)
      heard[i] = (head[2 * i] & 0xffff) | head[2 * i + 1] << 16;
    storeNearWord(&wayFrom(ring)->consumed, now);
  }

  uint32_t headOf(uint32_t ring) const {
    uint32_t position = 0;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < abi::MaxClusterBlocks; ++i)
      position = i == ring ? head[i] : position;
    return position;
  }
  /// The way to this place in the shared memory of a block of the cluster.
  abi::Way *wayFrom(uint32_t ring) const { return nearAddress(ownWay, ring); }

private:
  static uint32_t markOf(uint32_t position) {
    return abi::ringLapMark(position, abi::NearRingShift);
  }
  const abi::Packet *packetAt(uint32_t ring, uint32_t position) const {
    return packets + ring * abi::NearRingDepth +
           (position & (abi::NearRingDepth - 1));
  }

  const uint32_t count;
  abi::Way *const ownWay;
  const abi::Bells *const bells;
  abi::Packet *const packets;
  uint32_t head[abi::MaxClusterBlocks] = {};
  uint32_t heard[4] = {}; ///< the low halves of `head`
};

} // namespace rk::device
