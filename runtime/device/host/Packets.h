//===- Packets.h - One packet at a time on the CPU --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of `nvptx/Packets.h` for an agent of one lane.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Record.h"

namespace rk::device {

inline constexpr uint32_t RoundsPerRow = 1;

template <Scope scope, uint32_t Rounds, class PacketAt>
uint32_t readPackets(uint32_t, uint32_t limit, Record *to, PacketAt at) {
  if (limit == 0)
    return 0;
  const auto place = at(0);
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i) {
    const abi::Piece piece = loadPiece<scope>(&place.packet->piece[i]);
    if (piece.mark != place.mark)
      return 0;
    for (uint32_t j = 0; j < 3; ++j)
      to->word[3 * i + j] = piece.word[j];
  }
  return 1;
}

/// There is one lane, and its loads do not wait for each other.
template <uint32_t Rounds, class PacketAt>
void startCopies(uint32_t, uint32_t, abi::Piece *, PacketAt) {}
template <uint32_t Rounds, class PacketAt>
uint32_t takeCopies(uint32_t lane, uint32_t limit, const abi::Piece *,
                    Record *to, PacketAt at) {
  return readPackets<Scope::System, Rounds>(lane, limit, to, at);
}

template <Scope scope>
void writeTogether(uint32_t, abi::Packet *to, const Record &record,
                   uint32_t mark) {
  writePacket<scope>(to, record, mark);
}
template <Scope scope>
void writePackets(uint32_t, uint32_t lanes, const Record *row,
                  abi::Packet *packet, uint32_t mark) {
  if (lanes != 0)
    writePacket<scope>(packet, *row, mark);
}

} // namespace rk::device
