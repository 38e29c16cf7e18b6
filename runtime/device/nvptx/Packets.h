//===- Packets.h - Many packets at a time on a GPU --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Four lanes read or write one packet, a piece each, so that every access of a
/// warp touches eight whole packets and no sector twice.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Near.h"
#include "common/Record.h"

namespace rk::device {

inline constexpr uint32_t PacketsPerRound = LaneCount / abi::PiecesPerPacket;
/// Rounds in which a warp moves one packet for each of its lanes.
inline constexpr uint32_t RoundsPerRow = LaneCount / PacketsPerRound;

/// Writes packets that came in pieces, as `readPackets` has them, to records as
/// far as they are complete; returns how many are.
template <uint32_t Rounds, class PacketAt>
uint32_t takePieces(uint32_t lane, uint32_t limit, Record *to, PacketAt at,
                    const abi::Piece (&piece)[Rounds]) {
  uint32_t complete[Rounds];
  const uint32_t part = lane % abi::PiecesPerPacket;
  uint32_t count = 0;
  bool open = true;
#pragma clang loop unroll(full)
  for (uint32_t round = 0; round < Rounds; ++round) {
    const uint32_t index = round * PacketsPerRound + lane / 4;
    complete[round] =
        ballot(index < limit && piece[round].mark == at(index).mark);
    const uint32_t whole = leadingLanes(complete[round]) / 4;
    count += open ? whole : 0;
    open = open && whole == PacketsPerRound;
  }
#pragma clang loop unroll(full)
  for (uint32_t round = 0; round < Rounds; ++round) {
    const uint32_t index = round * PacketsPerRound + lane / 4;
    if (index < count)
#pragma clang loop unroll(full)
      for (uint32_t i = 0; i < 3; ++i)
        to[index].word[3 * part + i] = piece[round].word[i];
  }
  syncLanes();
  return count;
}

/// Reads `Rounds * 8` packets at most, no more than `limit`, into records in a
/// row; returns how many came complete, counted from the first. `at(i)` says
/// where packet i lies and which mark it carries. All lanes call it.
///
/// Ordering  relaxed; each piece's mark vouches for its words.
/// Cost      16 bytes a lane and round, all in flight together.
template <Scope scope, uint32_t Rounds, class PacketAt>
uint32_t readPackets(uint32_t lane, uint32_t limit, Record *to, PacketAt at) {
  abi::Piece piece[Rounds];
  const uint32_t part = lane % abi::PiecesPerPacket;
#pragma clang loop unroll(full)
  for (uint32_t round = 0; round < Rounds; ++round) {
    const uint32_t index = round * PacketsPerRound + lane / 4;
    // All of it, or its registers would be kept from one turn to the next.
    piece[round] = {};
    if (index < limit)
      piece[round] = loadPiece<scope>(&at(index).packet->piece[part]);
  }
  return takePieces<Rounds>(lane, limit, to, at, piece);
}

/// Starts copying packets that are known to be there to this block's shared
/// memory, where `landing` has room for `Rounds * 8` of them. Loads of a host's
/// memory by one warp wait for each other; copies do not, and go on beside
/// other work.
///
/// Ordering  a copy is no access of the memory model that could race with a
///           store: the caller has acquired what told of the packets. Their
///           marks are looked at all the same.
/// Source    PTX ISA 9.0, 9.7.9.25.3 (cp.async).
template <uint32_t Rounds, class PacketAt>
void startCopies(uint32_t lane, uint32_t limit, abi::Piece *landing,
                 PacketAt at) {
#pragma clang loop unroll(full)
  for (uint32_t round = 0; round < Rounds; ++round) {
    const uint32_t index = round * PacketsPerRound + lane / 4;
    if (index < limit)
      startCopy(&landing[round * LaneCount + lane],
                &at(index).packet->piece[lane % abi::PiecesPerPacket]);
  }
}
/// Waits for what was started with the same `limit`, and takes it as
/// `readPackets` does. Each lane looks at the pieces that it has copied itself.
template <uint32_t Rounds, class PacketAt>
uint32_t takeCopies(uint32_t lane, uint32_t limit, const abi::Piece *landing,
                    Record *to, PacketAt at) {
  awaitCopies();
  abi::Piece piece[Rounds];
#pragma clang loop unroll(full)
  for (uint32_t round = 0; round < Rounds; ++round)
    piece[round] = loadOwnPiece(ownPlace(&landing[round * LaneCount + lane]));
  return takePieces<Rounds>(lane, limit, to, at, piece);
}

/// Writes one record as a packet. All lanes call it, with the same.
template <Scope scope>
void writeTogether(uint32_t lane, abi::Packet *to, const Record &record,
                   uint32_t mark) {
  if (lane >= abi::PiecesPerPacket)
    return;
  const uint32_t *words = record.word + 3 * lane;
  storePiece<scope>(&to->piece[lane],
                    abi::Piece{{words[0], words[1], words[2]}, mark});
}

/// Writes the records of `lanes` as packets: lane i's to `packet` with `mark`
/// of lane i. All lanes call it, after `syncLanes` behind the last write to a
/// record.
template <Scope scope>
void writePackets(uint32_t lane, uint32_t lanes, const Record *row,
                  abi::Packet *packet, uint32_t mark) {
  const uint32_t part = lane % abi::PiecesPerPacket;
#pragma clang loop unroll(disable)
  for (uint32_t left = lanes, round = 0; agree(left != 0);
       left >>= PacketsPerRound, ++round) {
    const uint32_t source = round * PacketsPerRound + lane / 4;
    auto *to = reinterpret_cast<abi::Packet *>(
        shuffle64(reinterpret_cast<uint64_t>(packet), source));
    const uint32_t itsMark = shuffle(mark, source);
    const uint32_t *words = row[source].word + 3 * part;
    if (lanes >> source & 1)
      storePiece<scope>(&to->piece[part],
                        abi::Piece{{words[0], words[1], words[2]}, itsMark});
  }
}

} // namespace rk::device
