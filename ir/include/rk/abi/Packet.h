//===- Packet.h - One message on its way -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The 64-byte slot in which every message travels: between workers, from the
/// host to a device, and back.
///
/// A packet is four pieces of 16 bytes. The last word of each piece is a mark;
/// a piece is valid once its mark is the one that the reader expects, so a
/// reader needs no fence and no separate flag. The other twelve words are, in
/// order, four header words and eight payload words (32 bytes). A larger
/// message travels by reference: the first payload word names a block of the
/// payload pool, the second is the size in bytes.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Address.h"

#include <stddef.h>
#include <stdint.h>

namespace rk::abi {

struct alignas(16) Piece {
  uint32_t word[3];
  uint32_t mark;
};
static_assert(sizeof(Piece) == 16 && alignof(Piece) == 16);

inline constexpr uint32_t PiecesPerPacket = 4;
inline constexpr uint32_t HeaderWords = 4;
inline constexpr uint32_t PacketWords = 12;
inline constexpr uint32_t InlineBytes = (PacketWords - HeaderWords) * 4;
/// The largest message or actor state that can be sent, in bytes.
inline constexpr uint32_t MaxMessageBytes = 4096;
inline constexpr uint32_t MaxStateBytes = 65536;

/// How many messages of one handler call wait for its end before those that
/// wait are sent one by one.
inline constexpr uint32_t OutboxDepth = 2;

struct alignas(64) Packet {
  Piece piece[PiecesPerPacket];
};
static_assert(sizeof(Packet) == 64 && alignof(Packet) == 64);

/// What a packet asks of its receiver.
enum class PacketKind : uint32_t {
  User = 0, ///< run the handler of `message` on the actor
  Stop = 2, ///< end the actor once earlier messages are handled
  /// Host to link only: make actors. `message` is their type, and the second
  /// and third words of the payload are the state's size and their number.
  Spawn = 3,
  /// Host to link only: make or release a bulk payload. The payload is the
  /// handle, the bytes (both 64 bits) and a `BulkCall`.
  Bulk = 4,
};

/// Who hears of the outcome.
enum class SenderKind : uint32_t {
  None = 0,  ///< nobody asked
  Actor = 1, ///< the reply is sent to the actor `sender`
  Host = 2,  ///< the reply goes to the host, with the token `sender`
};

/// What becomes of a message that finds its receiver's mailbox full: the
/// receiver's type says it. `docs/rationale/overflow.md` has the promises.
enum class WhenFull : uint32_t {
  /// Its sender is told if it looks; else the message is a dead letter. The
  /// host's messages wait on their way.
  Fail = 0,
  /// It is a dead letter, whoever sent it and whether or not anybody looks.
  DeadLetter = 1,
  /// It waits in the place of an earlier one of the same receiver, which is a
  /// dead letter.
  DropOldest = 2,
};
inline constexpr uint32_t WhenFullCount = 3;

inline constexpr uint32_t MessageBits = 12;
/// No message type has this index; also the limit of types in one module.
inline constexpr uint32_t NoMessage = (1u << MessageBits) - 1;
/// Host tokens have as many bits as slot and generation together.
inline constexpr uint32_t TokenBits = SlotBits + GenerationBits;

/// A host token is the row of a request that waits, and above that the row's
/// generation, never 0, which is also the mark of an answer in a reply slot.
inline constexpr uint32_t ReplyRowBits = 24;
inline constexpr uint32_t ReplyMarkBits = TokenBits - ReplyRowBits;
constexpr uint32_t replyRow(uint64_t token) {
  return uint32_t(token) & ((1u << ReplyRowBits) - 1);
}
constexpr uint32_t replyMark(uint64_t token) {
  return uint32_t(token >> ReplyRowBits);
}

/// The header words of a packet, unpacked.
///
///   word 0   slot : 28 | kind : 4
///   word 1   generation : 20 | message : 12
///   word 2   sender low : 28 | senderKind : 2 | byReference : 1 | spare : 1
///   word 3   sender high : 20 | status : 12
struct PacketHeader {
  uint32_t slot = 0;
  PacketKind kind = PacketKind::User;
  uint32_t generation = 0;
  uint32_t message = 0;
  /// Slot and generation bits of the sending actor, or the host's token.
  uint64_t sender = 0;
  SenderKind senderKind = SenderKind::None;
  bool byReference = false;
  /// On the way to the host a `StatusCode`; in a message to a resident actor
  /// that did not go the short way, its `spillNote`.
  uint32_t status = 0;

  constexpr void pack(uint32_t (&words)[HeaderWords]) const {
    words[0] = slot | uint32_t(kind) << SlotBits;
    words[1] = generation | message << GenerationBits;
    words[2] = (uint32_t(sender) & MaxSlots) |
               uint32_t(senderKind) << SlotBits | uint32_t(byReference) << 30;
    words[3] = (uint32_t(sender >> SlotBits) & LastGeneration) |
               status << GenerationBits;
  }
  static constexpr PacketHeader unpack(const uint32_t (&words)[HeaderWords]) {
    PacketHeader header;
    header.slot = words[0] & MaxSlots;
    header.kind = PacketKind(words[0] >> SlotBits);
    header.generation = words[1] & LastGeneration;
    header.message = words[1] >> GenerationBits;
    header.sender = uint64_t(words[2] & MaxSlots) |
                    uint64_t(words[3] & LastGeneration) << SlotBits;
    header.senderKind = SenderKind(words[2] >> SlotBits & 3);
    header.byReference = (words[2] >> 30 & 1) != 0;
    header.status = words[3] >> GenerationBits;
    return header;
  }
};

/// The mark that slot number `position` of a ring with `capacity` slots (a
/// power of two) carries. Never 0, which is what fresh memory holds; two laps
/// in a row never share a mark.
constexpr uint32_t ringMark(uint64_t position, uint32_t capacity) {
  return uint32_t(position >> __builtin_ctz(capacity)) % 0x7fffffffu + 1;
}

} // namespace rk::abi
