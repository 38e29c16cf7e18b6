//===- RingEnds.h - What a place gets by rings ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The receiving ends of a place's rings, one for each block: in this block's
/// shared memory for the blocks of its cluster, in device memory for others.
///
/// Each lane has the ring of one block, and keeps all that it needs for it in
/// registers: a look at all rings costs what a look at one costs, and the lane
/// that finds something takes it. (A lane of the CPU has all rings.) The next
/// packet of a far ring is read whole, while the lane looks at the near ones: a
/// look at a piece of it that then has the rest fetched would go to device
/// memory twice.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Places.h"

namespace rk::device {

class RingEnds {
public:
  RingEnds(const abi::Launch &launch, unsigned char *shared, uint32_t place)
      : residents(launch.residents), place(place) {
    const PlaceAt at = locatePlace(residents, place);
    start = clusterStart(residents, at.block);
    const uint32_t row = at.warp - firstWarp(residents);
    piece =
        reinterpret_cast<abi::Piece *>(shared + residents.shared.pieces) + row;
    const uint32_t all = firstLanes(residents.blocks);
    far = all & ~(firstLanes(residents.clusterBlocks) << start);
    for (uint32_t i = 0; i < EndsPerLane; ++i)
      open(end[i], i * LaneCount + laneId(), shared, at);
  }

  /// Whether this lane has the ring of a block; `bit` is that of the block.
  static bool isMine(uint32_t bit) {
    return EndsPerLane != 1 || bit == 1u << laneId();
  }
  /// Whether this lane's ring is one of those of `bits`.
  static bool isOf(uint32_t bits) {
    return EndsPerLane == 1 && (bits >> laneId() & 1) != 0;
  }
  /// The bits of the blocks of other clusters.
  uint32_t farBits() const { return far; }

  /// Begins to read what lies next in the far rings. All lanes call it.
  ///
  /// Ordering  relaxed; each piece's mark vouches for its words.
  void askFar() {
    for (uint32_t i = 0; i < EndsPerLane; ++i)
      if (EndsPerLane == 1 || end[i].isFar != 0)
        loadPacket(end[i].next, asked[i]);
  }
  /// The same in the lane where `asks` holds.
  void askFarWhere(bool asks) {
    loadPacket(asks ? end[0].next : residents.farRings, asked[0]);
  }
  /// Returns the blocks whose far rings had a whole packet; waits for what was
  /// asked. All lanes call it.
  uint32_t lookFar() const {
    uint32_t found = 0;
    for (uint32_t i = 0; i < EndsPerLane; ++i) {
      uint32_t wrong = end[i].isFar == 0;
#pragma clang loop unroll(full)
      for (uint32_t j = 0; j < abi::PiecesPerPacket; ++j)
        wrong |= asked[i][j].mark ^ end[i].mark;
      if (EndsPerLane == 1)
        return ballot(wrong == 0);
      found |= uint32_t(wrong == 0) << i;
    }
    return found;
  }
  /// Puts the packet that `lookFar` found into `spare`, where its mark is
  /// `spareMark`.
  void keepFar(uint32_t bit, OwnPlace spare, uint32_t spareMark) {
    const uint32_t index = EndsPerLane == 1 ? 0 : sourceOf(bit) / LaneCount;
#pragma clang loop unroll(full)
    for (uint32_t j = 0; j < abi::PiecesPerPacket; ++j) {
      abi::Piece piece = asked[index][j];
      piece.mark = spareMark;
      storeOwnPiece(spare + j * sizeof(abi::Piece), piece);
    }
    asked[index][0].mark = 0; // it has been found
  }

  /// Reads what lies next in this lane's near ring; returns 0 if it is a whole
  /// packet. All lanes call it, where each has one ring.
  uint32_t readNear(uint32_t (&word)[abi::PacketWords]) const {
    abi::Piece piece[abi::PiecesPerPacket];
    loadOwnPacket(end[0].packet, piece);
    return takeWords(piece, end[0].lookMark, word);
  }
  /// The same of what was asked of this lane's far ring, where `asks` holds.
  uint32_t readFar(bool asks, uint32_t (&word)[abi::PacketWords]) const {
    return takeWords(asked[0], end[0].mark, word) | uint32_t(!asks);
  }
  /// Whether this lane's ring is a far one.
  bool isFar() const { return end[0].isFar != 0; }

  /// Those of the blocks that a look has found whose packets come before this
  /// lane's.
  uint32_t before(uint32_t found) const { return found & earlier; }

  /// Returns the blocks whose near rings seem to have a packet. All lanes call
  /// it.
  ///
  /// Cost      a word of shared memory, all lanes side by side.
  uint32_t look() const {
    if (EndsPerLane == 1)
      return ballot(loadOwnWord(end[0].packet + end[0].lookOffset) ==
                    end[0].lookMark);
    uint32_t found = 0;
    for (uint32_t i = 0; i < residents.blocks; ++i)
      found |= uint32_t(loadOwnWord(end[i].packet + end[i].lookOffset) ==
                        end[i].lookMark)
               << i;
    return found;
  }

  /// Chooses one of the blocks that a look has found: each has its turn.
  uint32_t choose(uint32_t found) {
    const uint32_t later = found & behind;
    const uint32_t from = later != 0 ? later : found;
    const uint32_t bit = from & -from;
    behind = ~(bit | (bit - 1));
    const uint32_t lower = lanesBefore(laneId());
    earlier = behind >> laneId() & 1 ? behind & lower : behind | lower;
    return bit;
  }

  /// Where a packet lies in this block's shared memory, and the mark that each
  /// of its pieces has if it is whole.
  struct Found {
    OwnPlace packet;
    uint32_t mark;
  };
  /// The next packet of this lane's ring of a block, if that is near.
  Found next(uint32_t bit) {
    const End &from = endOf(sourceOf(bit));
    return {from.packet, from.mark};
  }
  /// Gives the place of the packet that was read back to its sender.
  ///
  /// Ordering  relaxed: it has been read, so nothing that is written there next
  ///           can reach it (`GiveForReuse`).
  void advance(uint32_t bit) {
    const uint32_t source = sourceOf(bit);
    End &from = endOf(source);
    ++from.position;
    aim(from);
    answer(from);
  }
  /// The same for the packets of the lanes where `takes` holds. All lanes call
  /// it, where each has one ring: what is worked out without a branch costs
  /// less than one.
  void advanceWhere(bool takes) {
    end[0].position += takes;
    aim(end[0]);
    if (takes)
      answer(end[0]);
  }

  /// How far the ring of a block has been read. All lanes call it.
  uint32_t headOf(uint32_t source) {
    return shuffle(endOf(source).position, source % LaneCount);
  }
  /// How many messages have come by this lane's rings.
  uint32_t taken() const {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < EndsPerLane; ++i)
      sum += end[i].position;
    return sum;
  }
  /// Counts a spilled message of a block that has been handled, and tells the
  /// block. All lanes call it.
  void endSpill(uint32_t source) {
    if (source % LaneCount != laneId())
      return;
    End &from = endOf(source);
    ++from.spills;
    answer(from);
  }

  /// Where the first piece of the inbox's next packet is copied to.
  abi::Piece *inboxPiece() const { return piece; }

private:
  static_assert(LaneCount == 1 || LaneCount == abi::MaxResidentBlocks);
  static constexpr uint32_t EndsPerLane = abi::MaxResidentBlocks / LaneCount;
  /// No packet carries it.
  static constexpr uint32_t NoMark = 1;

  struct End {
    OwnPlace ring;       ///< if near
    uint32_t lookOffset; ///< the word that says whether there is a packet
    uint32_t lookMark;   ///< which that word then is; `NoMark` if far
    OwnPlace packet;     ///< the next one, if near
    uint32_t mark;       ///< of its pieces
    uint32_t position;
    uint32_t spills; ///< messages handled that went by the inbox
    // Neither if there is no such block.
    uint32_t isNear, isFar;
    const abi::Packet *far;  ///< the ring, if far
    const abi::Packet *next; ///< the next packet there
    /// The receiver's half of the sender's `Way`, or what that is read from.
    uint32_t *back;
  };

  static uint32_t takeWords(const abi::Piece (&piece)[abi::PiecesPerPacket],
                            uint32_t mark, uint32_t (&word)[abi::PacketWords]) {
    uint32_t wrong = 0;
#pragma clang loop unroll(full)
    for (uint32_t j = 0; j < abi::PiecesPerPacket; ++j) {
      wrong |= piece[j].mark ^ mark;
      for (uint32_t k = 0; k < 3; ++k)
        word[3 * j + k] = piece[j].word[k];
    }
    return wrong;
  }

  static uint32_t sourceOf(uint32_t bit) {
    return EndsPerLane == 1 ? laneId() : uint32_t(__builtin_ctz(bit));
  }
  End &endOf(uint32_t source) {
    return end[EndsPerLane == 1 ? 0 : source / LaneCount];
  }

  /// Sets up the ring of block `source`, if there is such a block.
  void open(End &from, uint32_t source, unsigned char *shared,
            const PlaceAt &at) {
    from = {};
    from.packet = from.ring = ownPlace(nearRing(residents, shared, at.warp, 0));
    from.lookOffset =
        source % abi::PiecesPerPacket * sizeof(abi::Piece) + MarkOffset;
    from.far = from.next = residents.farRings;
    from.mark = from.lookMark = NoMark;
    if (source >= residents.blocks)
      return;
    const uint32_t number = source - start;
    from.isNear = number < residents.clusterBlocks;
    from.isFar = from.isNear == 0;
    if (from.isNear != 0) {
      from.ring = ownPlace(nearRing(residents, shared, at.warp, number));
      from.back =
          nearAddress(&wayTo(residents, shared, place)->consumed, number);
    } else {
      from.back = reinterpret_cast<uint32_t *>(
          &residents.farReturns[place * residents.blocks + source]);
      from.far = farRing(residents, place, source);
    }
    aim(from);
  }

  /// Works out where the packet at `position` will be. The lanes look at
  /// different pieces, so that they meet fewer banks twice.
  static void aim(End &from) {
    const uint32_t index = from.position & (abi::RingDepth - 1);
    from.mark = abi::ringLapMark(from.position);
    from.lookMark = from.isNear != 0 ? from.mark : NoMark;
    from.packet = from.ring + index * sizeof(abi::Packet);
    from.next = from.far + index;
  }
  static constexpr uint32_t MarkOffset = 12;

  /// Tells the sender's block how far its ring has been read, and how much of
  /// what it spilled has been handled.
  static void answer(const End &from) {
    storeAnyPair(from.back, from.position, from.spills);
  }

  const abi::Residents &residents;
  const uint32_t place;
  uint32_t start; ///< first block of this cluster
  uint32_t far;
  uint32_t behind = 0; ///< sources whose turn comes before that of the others
  uint32_t earlier = lanesBefore(laneId()); ///< whose comes before this lane's
  abi::Piece *piece; ///< a copy of the first piece of the inbox's next packet
  End end[EndsPerLane];
  abi::Piece asked[EndsPerLane][abi::PiecesPerPacket] = {};
};

} // namespace rk::device
