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

#include <cstdint>
#include <cstring>

namespace rk::detail {

/// Half of a payload: a vector, so that it is passed in a register.
using PayloadHalf [[gnu::vector_size(abi::InlineBytes / 2)]] = std::uint64_t;

struct PayloadWords {
  PayloadHalf low, high;
};

/// Returns the bytes of `message`, and zeros behind them.
template <class Message> PayloadWords payloadOf(const Message &message) {
  PayloadWords words{};
  std::memcpy(&words, &message, sizeof(Message));
  return words;
}

} // namespace rk::detail
