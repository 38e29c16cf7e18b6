//===- PayloadWords.h - A small message in registers ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The bytes of a message that fits into its packet, as words that travel from
/// the caller to the packet without memory in between.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Packet.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace rk::detail {

/// Half of a payload: a vector, so that it is passed in a register.
using PayloadHalf [[gnu::vector_size(abi::InlineBytes / 2)]] = std::uint64_t;

struct PayloadWords {
  PayloadHalf low, high;
};

/// Returns the bytes of `message`, and zeros behind them. Eight bytes at a time:
/// a wider load of what the caller has just stored in parts would wait until
/// those stores, and all before them, have left the processor.
template <class Message>
[[gnu::always_inline]] inline PayloadWords payloadOf(const Message &message) {
  std::uint64_t word[abi::InlineBytes / 8] = {};
  constexpr std::size_t Whole = sizeof(Message) / 8, Rest = sizeof(Message) % 8;
  const auto *bytes = reinterpret_cast<const unsigned char *>(&message);
  for (std::size_t i = 0; i < Whole; ++i)
    std::memcpy(&word[i], bytes + 8 * i, 8);
  if constexpr (Rest != 0)
    std::memcpy(&word[Whole], bytes + 8 * Whole, Rest);
  return {PayloadHalf{word[0], word[1]}, PayloadHalf{word[2], word[3]}};
}

} // namespace rk::detail
