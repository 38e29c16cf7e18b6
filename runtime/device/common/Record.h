//===- Record.h - A message on an agent's desk ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where an agent keeps the messages that it reads and those that it is about
/// to send: in the shared memory of its block on a GPU, in its own on the CPU.
///
/// A record is a packet without its marks: twelve words, the payload in one
/// piece. 48 bytes are also the distance at which 32 lanes that read 16 bytes
/// each, or three words each in a row, meet no bank of shared memory twice.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Agent.h"

namespace rk::device {

struct alignas(16) Record {
  uint32_t word[abi::PacketWords];

  uint32_t *payload() { return word + abi::HeaderWords; }
  const uint32_t *payload() const { return word + abi::HeaderWords; }
  abi::PacketHeader header() const {
    const uint32_t words[] = {word[0], word[1], word[2], word[3]};
    return abi::PacketHeader::unpack(words);
  }
  void setHeader(const abi::PacketHeader &header) {
    uint32_t words[abi::HeaderWords];
    header.pack(words);
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < abi::HeaderWords; ++i)
      word[i] = words[i];
  }
};
static_assert(sizeof(Record) == 48);

/// A by-reference payload: words 0 and 1 name its block and its size.
inline void setBlock(Record &record, uint32_t block, uint32_t bytes) {
  record.payload()[0] = block;
  record.payload()[1] = bytes;
}
inline uint32_t payloadBlock(const Record &record) {
  return record.payload()[0];
}
inline uint32_t payloadBytes(const Record &record) {
  return record.payload()[1];
}

using abi::OutboxDepth;
/// Entries of the table in which lanes look for equals; a power of two.
inline constexpr uint32_t FinderEntries = 256;

/// Where a worker has come to in its inbox. It lies on the desk while handlers
/// run.
struct alignas(16) InboxPosition {
  /// The segment that is read; null before the first, and between two.
  const abi::Packet *packets = nullptr;
  uint64_t handled = 0; ///< what `Receiver::handledTicket` returns
  uint32_t number = 0;
  uint32_t mark = 0;
  uint32_t position = 0;
  uint32_t recent = 0; ///< packets that the last read found
};

/// What a place's warp keeps of the way that it alone uses at the moment: so it
/// takes positions there without asking anybody (`Outlet.h`).
struct alignas(16) Outlet {
  static constexpr uint32_t None = ~0u;
  /// Messages of a lane to one place, one after the other, from which on it
  /// wants the way there for its warp alone.
  static constexpr uint32_t ManySent = 32;

  uint32_t slot = None; ///< of the receiver; `None` if there is no such way
  uint32_t tail = 0;    ///< the next position
  /// How far the receiver had read when it was asked last: not all that it has.
  uint32_t consumed = 0;
  uint32_t place = 0;
  abi::Piece *ring = nullptr;
  /// Where a far receiver says how far it has read; null if it is near.
  const uint64_t *returns = nullptr;

  bool hasRoom() const { return tail - consumed < abi::RingDepth; }
};

/// One agent's desk.
struct Desk {
  /// What is to be sent. The last row holds replies.
  Record outbound[OutboxDepth + 1][LaneCount];
  /// What was received, a record for each lane. (A link receives nothing and
  /// replies to nothing, and uses this and the row before as one.)
  Record inbound[LaneCount];
  uint8_t finder[FinderEntries];
  /// Blocks of the payload pool that this agent has freed, to be used again
  /// here. The count may fall below zero.
  uint32_t blocks[abi::MaxBlocksPerDesk];
  int32_t blockCount;
  uint32_t index;
  const abi::Launch *launch;
  /// When the agent began to hold back; 0 if it does not.
  uint64_t heldSince;
  /// An inbox, plus one, that was behind when this agent put something into it
  /// since it last held back; 0 if none was (`Congestion.h`).
  alignas(8) uint32_t behind;
  // Where this agent is in the moves of shards: see `Shards.h`.
  uint32_t moving; ///< `Moving` bits; 0 for all that do not wait
  uint32_t
      phaseSeen; ///< the phase word that was followed last, without the phase
  uint32_t heldTurns; ///< turns in which it has held back
  uint32_t round;
  uint32_t shardBase; ///< of the round's table in `Launch::shardWorkers`
  /// The shared memory of this block of the resident kernel; null in others.
  unsigned char *shared;
  uint32_t block;    ///< its number
  uint32_t ringSent; ///< messages that this warp has put into rings
  /// Where this agent gave a bulk block back last (`Bulk.h`): a hint. Lanes may
  /// write one word each of two.
  alignas(16) uint32_t bulkLevel;
  uint32_t bulkWord;

  union {
    InboxPosition inbox; ///< of a worker
    Outlet outlet;       ///< of a warp that joined a block
  };
  uint64_t turnCounts[sizeof(abi::Progress) / sizeof(uint64_t)];

  /// Whether this agent holds back, or takes part in a move. One load, of the
  /// two words that lie together.
  bool isBusyElsewhere() const { return (behind | moving) != 0; }

  Desk() : inbox() {}
};

/// Sets up the desk of agent `index`. All lanes call it.
inline Agent makeAgent(const abi::Launch &launch, uint32_t index, Desk &desk) {
  desk.launch = &launch;
  desk.index = index;
  desk.blockCount = 0;
  desk.heldSince = 0;
  desk.behind = 0;
  desk.heldTurns = 0;
  desk.phaseSeen = desk.moving = desk.round = desk.shardBase = 0;
  desk.shared = nullptr;
  desk.bulkLevel = abi::MaxBulkLevels;
  syncLanes();
  return {&launch, index, laneId(), &desk};
}
/// Makes the desk one of block `block` of the resident kernel. All lanes call
/// it.
inline void joinBlock(Desk &desk, unsigned char *shared, uint32_t block) {
  desk.shared = shared;
  desk.block = block;
  desk.ringSent = 0;
  desk.outlet = {};
  syncLanes();
}
inline Agent agentOf(Desk &desk) {
  return {desk.launch, desk.index, laneId(), &desk};
}

/// Whether a set of lanes has one member, or none.
inline bool isSingle(uint32_t lanes) { return (lanes & (lanes - 1)) == 0; }

/// Returns the lanes of `takers` where `key` is this lane's; 0 in lanes that
/// are not of them. All lanes call it, with the result of a vote.
///
/// Each lane leaves its number in a table under its key's hash. Who finds
/// another's number there shares its entry, perhaps its key, and only such
/// keys are compared. (`match.any.sync` takes more than 1000 cycles for 32
/// different values.)
inline uint32_t equalLanes(Desk &desk, uint32_t lane, uint32_t takers,
                           uint32_t key) {
  const uint32_t self = takers & 1u << lane;
  const bool takes = self != 0;
  if (isSingle(takers))
    return self;
  uint8_t &entry = desk.finder[(key * 0x9E3779B1u) >> 24];
  static_assert(FinderEntries == 256);
  if (takes)
    entry = uint8_t(lane);
  syncLanes();
  uint32_t shared = ballot(takes && entry != lane);
  uint32_t same = self;
  while (shared != 0) {
    const uint32_t sample = shuffle(key, uint32_t(__builtin_ctz(shared)));
    const uint32_t equals = ballot(takes && key == sample);
    if (equals & self)
      same = equals;
    shared &= ~equals;
  }
  return same;
}

/// Counts the lanes, from lane 0 on, that `present` names.
inline uint32_t leadingLanes(uint32_t present) {
  const uint32_t absent = ~present;
  const uint32_t count = absent == 0 ? 32 : uint32_t(__builtin_ctz(absent));
  return count < LaneCount ? count : LaneCount;
}

/// The lanes from 0 to `count` - 1.
inline uint32_t firstLanes(uint32_t count) {
  return count >= 32 ? ~0u : (1u << count) - 1;
}
inline uint32_t lanesBefore(uint32_t lane) { return (1u << lane) - 1; }

inline uint64_t shuffle64(uint64_t value, uint32_t source) {
  const uint64_t low = shuffle(uint32_t(value), source);
  const uint64_t high = shuffle(uint32_t(value >> 32), source);
  return high << 32 | low;
}

/// Writes one packet whose pieces all carry `mark`.
///
/// Threads   any lane, in divergent code.
template <Scope scope>
void writePacket(abi::Packet *to, const Record &record, uint32_t mark) {
  const uint32_t *words = record.word;
#pragma clang loop unroll(full)
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i)
    storePiece<scope>(
        &to->piece[i],
        abi::Piece{{words[3 * i], words[3 * i + 1], words[3 * i + 2]}, mark});
}

} // namespace rk::device
