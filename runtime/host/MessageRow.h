//===- MessageRow.h - Many small messages at a time -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Messages of one type that fit into their packets, and how one of them is
/// written: by four stores of 16 bytes, or by one of 64 where there is AVX-512.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "PacketAccess.h"

#include "rk/abi/Address.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace rk::runtime {

struct MessageRow {
  const std::uint64_t *receivers;
  std::size_t step; ///< to the next receiver: 0 if all go to one
  std::uint32_t message;
  const unsigned char *payloads; ///< `abi::InlineBytes` each
  std::size_t count;

  [[nodiscard]] abi::Address receiver(std::size_t index) const {
    return {receivers[index * step]};
  }
  /// The first two words of a header; the other two are 0.
  [[nodiscard]] std::uint64_t headerTo(abi::Address to) const {
    const std::uint32_t second = to.generation() | message
                                                       << abi::GenerationBits;
    return to.slot() | std::uint64_t(second) << 32;
  }
  /// Eight bytes at a time, since they may have been stored so this moment (see
  /// `detail::payloadOf`); the compiler must not make one load of two.
  [[nodiscard]] std::uint64_t word(std::size_t index, std::size_t i) const {
    std::uint64_t value;
    std::memcpy(&value, payloads + index * abi::InlineBytes + 8 * i, 8);
    asm("" : "+r"(value));
    return value;
  }
};

/// Writes a message by pieces.
struct PieceWriter {
  static void write(abi::Packet *to, const MessageRow &row, std::size_t index,
                    std::uint64_t header, std::uint32_t mark) {
    const PlainPacket packet{
        {std::uint32_t(header), std::uint32_t(header >> 32), 0, 0},
        {row.word(index, 0), row.word(index, 1)},
        {row.word(index, 2), row.word(index, 3)}};
    writePacket(to, packet, mark);
  }
};

#if defined(RK_VECTOR_PIECES)
#define RK_WIDE_PACKETS 1

/// Writes a message by one store. A sender is bound by its store buffer, whose
/// entries leave in program order, each when it has its line: four less a
/// message let it wait for more lines at a time.
///
/// Ordering  as `storePiece`: no processor with AVX-512 splits an aligned store
///           of 64 bytes into parts that cut one of its 16-byte pieces (Intel's
///           write the line at once, AMD's in halves), so each mark comes with
///           its words.
struct WideWriter {
  [[gnu::always_inline]] static void
  write(abi::Packet *to, const MessageRow &row, std::size_t index,
        std::uint64_t header, std::uint32_t mark) {
    // Of the payload, 0 to 7; of header and mark, 16 to 20.
    alignas(64) static constexpr std::uint32_t From[] = {
        16, 17, 18, 20, 19, 0, 1, 20, 2, 3, 4, 20, 5, 6, 7, 20};
    const __m128i low = pieceOf(row.word(index, 0), row.word(index, 1));
    const __m128i high = pieceOf(row.word(index, 2), row.word(index, 3));
    const __m128i head = pieceOf(header, 0);
    const __m128i marks = pieceOf(mark, 0);
    // Registers that code without AVX-512 does not have, so that none of its
    // are left with dirty upper halves.
    asm volatile("vinserti32x4 $1, %x[high], %g[low], %%zmm16\n\t"
                 "vinserti32x4 $1, %x[marks], %g[head], %%zmm17\n\t"
                 "vmovdqa64 %[from], %%zmm18\n\t"
                 "vpermi2d %%zmm17, %%zmm16, %%zmm18\n\t"
                 "vmovdqa64 %%zmm18, %[to]"
                 : [to] "=m"(*to)
                 : [low] "x"(low), [high] "x"(high), [head] "x"(head),
                   [marks] "x"(marks), [from] "m"(From)
                 : "memory");
  }
};

inline bool hasWidePackets() { return __builtin_cpu_supports("avx512f") != 0; }
#endif

} // namespace rk::runtime
