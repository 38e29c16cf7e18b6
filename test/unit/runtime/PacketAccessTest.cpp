//===- PacketAccessTest.cpp - Packets in registers and in memory ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "MessageRow.h"

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

/// Both writers of rows make the packet that a single send would.
template <class Writer> void expectRow() {
  std::mt19937_64 random(2);
  std::array<std::uint64_t, 3> receivers{};
  std::array<std::array<std::uint64_t, 4>, 3> payloads{};
  for (std::uint64_t &receiver : receivers)
    receiver = random() >> 16;
  for (auto &payload : payloads)
    for (std::uint64_t &word : payload)
      word = random();
  const MessageRow row{receivers.data(), 1, 77,
                       reinterpret_cast<const unsigned char *>(&payloads), 3};
  for (std::uint32_t i = 0; i < 3; ++i) {
    const rk::abi::Address to = row.receiver(i);
    ASSERT_EQ(to.bits, receivers[i]);
    const std::uint32_t mark = 0x80000001u + i;
    rk::abi::Packet expected{};
    const auto &words = payloads[i];
    writePacket(
        &expected,
        PlainPacket{
            {to.slot(), to.generation() | 77u << rk::abi::GenerationBits, 0, 0},
            {words[0], words[1]},
            {words[2], words[3]}},
        mark);
    alignas(64) rk::abi::Packet packet{};
    Writer::write(&packet, row, i, row.headerTo(to), mark);
    EXPECT_EQ(std::memcmp(&packet, &expected, sizeof(packet)), 0) << i;
  }
}
TEST(PacketAccess, ARowIsWrittenAsSinglePackets) { expectRow<PieceWriter>(); }
#if defined(RK_VECTOR_PIECES)
TEST(PacketAccess, ARowIsWrittenAsSinglePacketsByWideStores) {
  if (!canWriteWholePackets())
    GTEST_SKIP() << "this processor has no AVX-512";
  expectRow<WideWriter>();
}
TEST(PacketAccess, AWholePacketIsWhatPiecesMake) {
  if (!canWriteWholePackets())
    GTEST_SKIP() << "this processor has no AVX-512";
  PacketContent content;
  const std::uint32_t header[] = {0x01234567, 0x89abcdef, 0x13579bdf,
                                  0x2468ace0};
  content.header = rk::abi::PacketHeader::unpack(header);
  for (std::uint32_t i = 0; i < 8; ++i)
    content.payload[i] = 0x1000 + i;
  const PlainPacket plain{{1, 2, 3, 4}, {5, 6}, {7, 0x800000009}};
  alignas(64) rk::abi::Packet pieces{}, whole{};
  writePacket(&pieces, content, 77);
  writeWholePacket(&whole, content, 77);
  EXPECT_EQ(std::memcmp(&pieces, &whole, sizeof(whole)), 0);
  writePacket(&pieces, plain, 0x7fffffff);
  writeWholePacket(&whole, plain, 0x7fffffff);
  EXPECT_EQ(std::memcmp(&pieces, &whole, sizeof(whole)), 0);
}
#endif

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
