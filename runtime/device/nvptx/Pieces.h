//===- Pieces.h - Sixteen bytes at a time on a GPU ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads and writes one 16-byte piece of a packet as one memory access.
///
/// Ordering  relaxed. A `.b128` access that is relaxed is single-copy atomic:
///           a reader sees all four words of one write, or none, so the mark
///           vouches for the other three words without a fence.
/// Source    PTX ISA 9.0, 9.7.9.8 (ld) and 9.7.9.11 (st): `.b128` needs
///           PTX 8.3, sm_70.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Order.h"
#include "nvptx/Atomics.h"
#include "rk/abi/Packet.h"

namespace rk::device {

struct PieceWords {
  uint64_t low, high;
};

#define RK_DEFINE_PIECES(scope, name)                                          \
  template <>                                                                  \
  inline abi::Piece loadPiece<Scope::scope>(const abi::Piece *from) {          \
    PieceWords words;                                                          \
    asm volatile("{ .reg .b128 piece;\n\t"                                     \
                 "ld.relaxed." name ".global.b128 piece, [%2];\n\t"            \
                 "mov.b128 {%0, %1}, piece; }"                                 \
                 : "=l"(words.low), "=l"(words.high)                           \
                 : "l"(RK_GLOBAL(from))                                        \
                 : "memory");                                                  \
    return {{uint32_t(words.low), uint32_t(words.low >> 32),                   \
             uint32_t(words.high)},                                            \
            uint32_t(words.high >> 32)};                                       \
  }                                                                            \
  template <>                                                                  \
  inline void storePiece<Scope::scope>(abi::Piece * to, abi::Piece piece) {    \
    const uint64_t low = piece.word[0] | uint64_t(piece.word[1]) << 32;        \
    const uint64_t high = piece.word[2] | uint64_t(piece.mark) << 32;          \
    asm volatile("{ .reg .b128 piece;\n\t"                                     \
                 "mov.b128 piece, {%1, %2};\n\t"                               \
                 "st.relaxed." name ".global.b128 [%0], piece; }"              \
                 :                                                             \
                 : "l"(RK_GLOBAL(to)), "l"(low), "l"(high)                     \
                 : "memory");                                                  \
  }
RK_DEFINE_PIECES(Device, "gpu")
RK_DEFINE_PIECES(System, "sys")
#undef RK_DEFINE_PIECES

/// The four pieces of a packet in device memory, each as `loadPiece` has it;
/// their offsets are part of the instructions.
inline void loadPacket(const abi::Packet *from,
                       abi::Piece (&piece)[abi::PiecesPerPacket]) {
  uint64_t low[abi::PiecesPerPacket], high[abi::PiecesPerPacket];
#define RK_LOAD_PIECE(i)                                                       \
  asm volatile("{ .reg .b128 piece;\n\t"                                       \
               "ld.relaxed.gpu.global.b128 piece, [%2 + %3];\n\t"              \
               "mov.b128 {%0, %1}, piece; }"                                   \
               : "=l"(low[i]), "=l"(high[i])                                   \
               : "l"(RK_GLOBAL(from)), "n"(i * sizeof(abi::Piece))             \
               : "memory")
  RK_LOAD_PIECE(0);
  RK_LOAD_PIECE(1);
  RK_LOAD_PIECE(2);
  RK_LOAD_PIECE(3);
#undef RK_LOAD_PIECE
#pragma clang loop unroll(full)
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i)
    piece[i] = {{uint32_t(low[i]), uint32_t(low[i] >> 32), uint32_t(high[i])},
                uint32_t(high[i] >> 32)};
}

} // namespace rk::device
