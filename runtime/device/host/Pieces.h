//===- Pieces.h - Sixteen bytes at a time on the CPU --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads and writes one 16-byte piece of a packet.
///
/// Ordering  the mark is stored with release and loaded with acquire, so the
///           words that a reader takes after it belong to it. (On a GPU one
///           16-byte access does that without order; C++ has no such access.)
///           The rule needs that a writer never overtakes a reader, which
///           inbox segments and rings guarantee: a piece is written again only
///           after its reader gave it back.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "host/Atomics.h"
#include "rk/abi/Packet.h"

namespace rk::device {

template <Scope scope> abi::Piece loadPiece(const abi::Piece *from) {
  abi::Piece piece;
  piece.mark = load<Order::Acquire, scope>(&from->mark);
  for (int i = 0; i < 3; ++i)
    piece.word[i] = load<Order::Relaxed, scope>(&from->word[i]);
  return piece;
}
template <Scope scope> void storePiece(abi::Piece *to, abi::Piece piece) {
  for (int i = 0; i < 3; ++i)
    store<Order::Relaxed, scope>(&to->word[i], piece.word[i]);
  store<Order::Release, scope>(&to->mark, piece.mark);
}

inline void loadPacket(const abi::Packet *from,
                       abi::Piece (&piece)[abi::PiecesPerPacket]) {
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i)
    piece[i] = loadPiece<Scope::Device>(&from->piece[i]);
}

} // namespace rk::device
