//===- Residents.h - Where resident actors live ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The kernel of resident actors: its warps, the shared memory of its blocks,
/// and the rings between them.
///
/// A *place* is a warp of that kernel that one actor may occupy; the other
/// warps serve the host. Every block has, for each place it can send to, a ring
/// of packets at the receiver: in the receiver's shared memory if both blocks
/// are of one cluster (near), else in device memory (far). Only that block
/// writes to it, so a sender needs no ticket from afar: it takes a position
/// from its own block's shared memory. What finds no room spills into the
/// place's inbox, and so does everything behind it until the spill is handled,
/// so order holds.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Packet.h"
#include "rk/abi/Teams.h"

#include <stdint.h>

namespace rk::abi {

/// Each lane of a place's warp looks at the ring of one block.
inline constexpr uint32_t MaxResidentBlocks = 32;
/// What every GPU's shared memory has room for, for each warp.
inline constexpr uint32_t MaxResidentStateBytes = 4096;
/// Packets of a ring; a power of two.
inline constexpr uint32_t RingShift = 4, RingDepth = 1u << RingShift;
/// From one near ring to the next, in bytes: so that the lanes of a warp, which
/// look at the same place of a ring each, meet different banks.
inline constexpr uint32_t RingPitch =
    RingDepth * sizeof(Packet) + sizeof(Piece);
/// The mark that position `position` of a ring carries: never 0, and another in
/// the next lap.
constexpr uint32_t ringLapMark(uint32_t position) {
  return position >> RingShift | 1u << 31;
}

/// How a block reaches a place.
enum class WayKind : uint32_t {
  Far = 0,  ///< a ring in device memory
  Near = 1, ///< in the shared memory of another block of the cluster
  Own = 2,  ///< in that of the same block
};

/// What a block knows of one place it sends to, in its shared memory.
///
/// `tail` and `spills` are the senders'; the receiver writes the next two words
/// back, to shared memory if it is near, else to `Residents::farReturns`.
struct alignas(16) Way {
  uint32_t tail;   ///< positions taken in the ring
  uint32_t spills; ///< messages that went to the inbox instead
  uint32_t consumed;
  uint32_t spillsHandled;
  // Constant:
  Piece *ring; ///< at the receiver: `RingDepth` packets, 16 bytes aligned
  WayKind kind;
  /// Another warp than the one that has the way to itself wants to use it.
  uint32_t isWanted;
};
static_assert(sizeof(Way) == 32);

/// What the tail of a way is ahead of the positions taken while one warp has it
/// to itself: far more than a ring holds, so it looks full to all others.
inline constexpr uint32_t OwnedTail = 1u << 30;
constexpr bool isOwned(const Way &way) {
  return way.tail - way.consumed - OwnedTail / 2 < OwnedTail;
}

/// What a place's warp keeps of its actor in shared memory, so that any lane
/// finds it in one access.
struct alignas(16) OccupantRow {
  /// Generation and type of the message that was handled last, as in the second
  /// word of its header, and its key; 0 if the next needs a closer look. Who
  /// finds its own word here knows that there is such a handler for one lane,
  /// and that the watchdog has been told.
  uint32_t accepted;
  uint32_t key;
  uint64_t self; ///< the actor's address
  uint32_t generation;
  uint16_t type;
  uint16_t status; ///< a `SlotStatus`
  uint32_t noted;  ///< what the watchdog was told last
  uint32_t reserved;
};
static_assert(sizeof(OccupantRow) == 32);

/// Messages that a warp has put into rings, and those that it has taken out
/// and handled to their end. Written at the end of a turn.
struct RingCount {
  uint32_t sent; ///< modulo 2^32, as `handled`
  uint32_t handled;
};

/// What the header of a spilled message carries as `status`: the block that it
/// comes from, and how many positions of its ring go before it, or that none
/// does. 0: no spill.
inline constexpr uint32_t SpillDueAtOnce = 32;
constexpr uint32_t spillNote(uint32_t block, uint32_t tail) {
  return (block + 1) << 6 | (tail & 31);
}
constexpr uint32_t spillNoteAtOnce(uint32_t block) {
  return (block + 1) << 6 | SpillDueAtOnce;
}
constexpr uint32_t spillBlock(uint32_t note) { return (note >> 6) - 1; }
/// Whether all positions before the spill have been consumed. One more may
/// follow them: a sender of the same block may have taken it before it saw the
/// spill, and no second one, since the tail was then another.
constexpr bool isBehind(uint32_t note, uint32_t consumed) {
  return (note & SpillDueAtOnce) != 0 || ((consumed - note) & 31) < 16;
}
static_assert(RingDepth <= 16 && MaxResidentBlocks < 64);

/// Offsets in the shared memory of a block, in bytes. But for the first, each
/// has a part for each warp with a place.
struct ResidentShared {
  uint32_t ways;    ///< a `Way` for each place, and one that is never open
  uint32_t rings;   ///< a ring for each near block
  uint32_t pieces;  ///< a copy of the first piece of its inbox's next packet
  uint32_t rows;    ///< its `OccupantRow`
  uint32_t spares;  ///< a packet, for a message that is in no near ring
  uint32_t records; ///< the message that all lanes handle
  uint32_t states;  ///< `stateStride` bytes
  uint32_t total;
};

/// The part of `Launch` that concerns resident actors.
struct Residents {
  uint32_t places; ///< how many resident actors there can be
  /// As `places` and teams; 0 if workers run resident actors like others. All
  /// that follows is for a kernel of their own.
  uint32_t inboxes;
  uint32_t blocks;
  uint32_t clusterBlocks; ///< blocks that reach each other's shared memory
  uint32_t warpsPerBlock;
  /// Warps that serve the host: warp `w` of block `b` is number
  /// `w * blocks + b`, and the places come behind the links.
  uint32_t links;
  uint32_t stateStride; ///< bytes of a place for state; a multiple of 16
  ResidentShared shared;
  /// Words of free places: bit `i` of word `c` is place `i * columns + c`, so
  /// that the places of one word are of one block where there are blocks.
  uint64_t *freePlaces;
  uint32_t columns;
  uint32_t reserved;
  uint32_t *nextColumn; ///< where the next spawner looks first
  /// Where a spawner leaves the state of a new actor: `stateStride` a place.
  unsigned char *states;
  Packet *farRings;      ///< `RingDepth` packets for each place and block
  uint64_t *farReturns;  ///< the second half of a `Way`, likewise
  RingCount *ringCounts; ///< one for each warp of the kernel
  /// Behind the places come those of actors with more than a warp: they have an
  /// inbox, if places have, and no rings.
  Teams teams;
};

/// The first warp of a block that may hold a place.
constexpr uint32_t firstPlaceWarp(uint32_t links, uint32_t blocks) {
  return links / blocks;
}

/// Lays out the shared memory of a block: `deskBytes` for each warp first.
constexpr ResidentShared layOutShared(const Residents &residents,
                                      uint32_t deskBytes) {
  const uint32_t warps = residents.warpsPerBlock -
                         firstPlaceWarp(residents.links, residents.blocks);
  ResidentShared at{};
  at.ways = residents.warpsPerBlock * deskBytes;
  at.rings =
      (at.ways + (residents.places + 1) * uint32_t(sizeof(Way)) + 63) & ~63u;
  at.pieces = at.rings + warps * residents.clusterBlocks * RingPitch;
  at.rows = at.pieces + warps * uint32_t(sizeof(Piece));
  at.spares = at.rows + warps * uint32_t(sizeof(OccupantRow));
  at.records = at.spares + warps * uint32_t(sizeof(Packet));
  at.states = at.records + warps * PacketWords * 4;
  at.total = at.states + warps * residents.stateStride;
  return at;
}

} // namespace rk::abi
