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
/// Writes a message by one store. A sender is bound by its store buffer, whose
/// entries leave in program order, each when it has its line: four less a
/// message let it wait for more lines at a time.
struct WideWriter {
  [[gnu::always_inline]] static void
  write(abi::Packet *to, const MessageRow &row, std::size_t index,
        std::uint64_t header, std::uint32_t mark) {
    storeWhole(to, pieceOf(header, 0),
               pieceOf(row.word(index, 0), row.word(index, 1)),
               pieceOf(row.word(index, 2), row.word(index, 3)), mark);
  }
};
#endif

} // namespace rk::runtime
