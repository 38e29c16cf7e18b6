//===- Message.h - A packet in registers --------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The twelve words of a packet, and how they go to memory and come back.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Agent.h"

namespace rk::device {

struct Message {
  abi::PacketHeader header;
  alignas(16) uint32_t payload[abi::InlineBytes / 4];
};

/// Where a by-reference payload lies: payload words 0 and 1.
inline uint32_t payloadBlock(const Message &message) {
  return message.payload[0];
}
inline uint32_t payloadBytes(const Message &message) {
  return message.payload[1];
}

/// Writes a packet whose pieces all carry `mark`.
template <Scope scope>
void writePacket(abi::Packet *to, const Message &message, uint32_t mark) {
  uint32_t words[abi::PacketWords];
  uint32_t header[abi::HeaderWords];
  message.header.pack(header);
#pragma clang loop unroll(full)
  for (uint32_t i = 0; i < abi::PacketWords; ++i)
    words[i] = i < abi::HeaderWords ? header[i]
                                    : message.payload[i - abi::HeaderWords];
#pragma clang loop unroll(full)
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i)
    storePiece<scope>(
        &to->piece[i],
        abi::Piece{{words[3 * i], words[3 * i + 1], words[3 * i + 2]}, mark});
}

/// Reads a packet; returns false unless all its pieces carry `mark`.
template <Scope scope>
bool readPacket(const abi::Packet *from, Message &message, uint32_t mark) {
  abi::Piece pieces[abi::PiecesPerPacket];
  bool complete = true;
#pragma clang loop unroll(full)
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i) {
    pieces[i] = loadPiece<scope>(&from->piece[i]);
    complete &= pieces[i].mark == mark;
  }
  uint32_t header[abi::HeaderWords];
#pragma clang loop unroll(full)
  for (uint32_t i = 0; i < abi::PacketWords; ++i) {
    const uint32_t word = pieces[i / 3].word[i % 3];
    if (i < abi::HeaderWords)
      header[i] = word;
    else
      message.payload[i - abi::HeaderWords] = word;
  }
  message.header = abi::PacketHeader::unpack(header);
  return complete;
}

/// Counts the lanes, from lane 0 on, that hold a packet.
inline uint32_t leadingLanes(bool present) {
  const uint32_t absent = ~ballot(present);
  const uint32_t count = absent == 0 ? 32 : uint32_t(__builtin_ctz(absent));
  return count < LaneCount ? count : LaneCount;
}

} // namespace rk::device
