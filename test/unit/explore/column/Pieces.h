//===- Pieces.h - Sixteen bytes at a time, looked at ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of `host/Pieces.h`. Threads change before a mark alone: words
/// without their mark mean nothing to anybody.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Atomics.h"
#include "rk/abi/Packet.h"

namespace rk::device {

template <Scope scope> abi::Piece loadPiece(const abi::Piece *from) {
  abi::Piece piece;
  piece.mark = load<Order::Acquire, scope>(&from->mark);
  for (int i = 0; i < 3; ++i)
    piece.word[i] = exploredLoad(&from->word[i], Order::Relaxed);
  return piece;
}
/// Notes that a reader takes the words of a piece for its own.
inline void usePiece(const abi::Piece *piece) {
  if (test::Explorer *explorer = test::Explorer::current())
    explorer->memory().use(explorer->thread(), piece);
}
/// Whether memory that has been read goes from its last reader to its next
/// writer by release and acquire shows here, and not in any value.
template <Scope scope> void storePiece(abi::Piece *to, abi::Piece piece) {
  if (test::Explorer *explorer = test::Explorer::current())
    explorer->expect(explorer->memory().isUnused(explorer->thread(), to),
                     "a packet is written while it may still be read");
  for (int i = 0; i < 3; ++i)
    exploredStore(&to->word[i], piece.word[i], Order::Relaxed);
  store<Order::Release, scope>(&to->mark, piece.mark);
}

} // namespace rk::device
