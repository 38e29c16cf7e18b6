//===- PacketAccessTest.cpp - Packets in registers and in memory ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "PacketAccess.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>
#include <utility>

using namespace rk;
using namespace rk::runtime;

using detail::PayloadHalf;
using detail::PayloadWords;

namespace {

/// Each word has its place, and no bit of another gets into it.
TEST(PacketAccess, APacketInRegistersIsWrittenWordForWord) {
  std::mt19937 random(1);
  for (int round = 0; round < 1000; ++round) {
    std::array<std::uint32_t, rk::abi::PacketWords> words;
    for (std::uint32_t &word : words)
      word = round == 0 ? ~0u : random();
    const std::uint32_t mark = round == 1 ? ~0u : random();
    PlainPacket plain{{words[0], words[1], words[2], words[3]}, {}, {}};
    std::memcpy(&plain.low, &words[4], sizeof(plain.low));
    std::memcpy(&plain.high, &words[8], sizeof(plain.high));
    rk::abi::Packet packet{};
    writePacket(&packet, plain, mark);
    for (std::uint32_t i = 0; i < rk::abi::PacketWords; ++i)
      ASSERT_EQ(packet.piece[i / 3].word[i % 3], words[i]) << "word " << i;
    for (const rk::abi::Piece &piece : packet.piece)
      ASSERT_EQ(piece.mark, mark);
  }
}

template <std::size_t Size> void expectPayload() {
  std::array<unsigned char, Size> message;
  for (std::size_t i = 0; i < Size; ++i)
    message[i] = (unsigned char)(i + 1);
  std::array<unsigned char, rk::abi::InlineBytes> expected{};
  std::memcpy(expected.data(), message.data(), Size);
  const PayloadWords words = detail::payloadOf(message);
  EXPECT_EQ(std::memcmp(&words, expected.data(), sizeof(words)), 0)
      << Size << " bytes";
}

template <std::size_t... Before>
void expectPayloads(std::index_sequence<Before...>) {
  (expectPayload<Before + 1>(), ...);
}

TEST(PacketAccess, APayloadIsTheMessageAndZeros) {
  expectPayloads(std::make_index_sequence<rk::abi::InlineBytes>());
}

} // namespace
