//===- Runtime.h - What host runtime and device library share --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The memory that a running system is made of. The host runtime lays it out
/// and fills it; the device library, compiled for the GPU and for the CPU,
/// works on it. Every pointer is valid on the device; those marked "host
/// memory" also on the host while the device runs.
///
/// Worker: one warp on a GPU, one thread on the CPU back end. An actor belongs
/// to the worker that `shardWorkers[slot & shardMask]` names, in the table of
/// the round (`Moves::round`), and only that worker touches its slot and its
/// state. Slots from `maxActors` on are those of resident actors
/// (`Residents.h`).
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Bulk.h"
#include "rk/abi/Moves.h"
#include "rk/abi/Packet.h"
#include "rk/abi/Residents.h"
#include "rk/abi/Status.h"

#include <stddef.h>
#include <stdint.h>

namespace rk::abi {

/// Raised with every change of a layout in this folder.
inline constexpr uint32_t RuntimeVersion = 9;

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

/// A queue of free things, taken and given back by any number of agents.
///
/// Givers and takers draw tickets; ticket t works on cell `t & mask` in lap
/// `t >> shift`, and waits for the cell to come to its lap (after D. Vyukov's
/// bounded queue). There are at least as many cells as handles, so a giver
/// waits for no more than a taker that is between its two steps.
///
/// The host fills it before the start: cells 0..n-1 are
/// `poolCell(handle, 0, true)`, the others 0 (empty in lap 0);
/// `available` = `pushed` = n, `popped` = 0; `mask + 1` = `1 << shift` cells.
struct alignas(128) Pool {
  alignas(128) int64_t available;
  alignas(128) uint64_t popped;
  alignas(128) uint64_t pushed;
  alignas(128) uint64_t *cells;
  uint64_t mask;
  uint32_t shift;
};
static_assert(sizeof(Pool) == 512);

/// Handles are numbers of at most this many bits: an index, or slot and
/// generation.
inline constexpr uint32_t PoolHandleBits = 48;
inline constexpr uint64_t PoolHandleMask = (uint64_t(1) << PoolHandleBits) - 1;

/// The value of a cell in lap `lap` (15 bits of it): full with a handle, or
/// empty (`handle` 0).
constexpr uint64_t poolCell(uint64_t handle, uint64_t lap, bool full) {
  return (handle & PoolHandleMask) | (lap & 0x7fff) << PoolHandleBits |
         uint64_t(full) << 63;
}

//===----------------------------------------------------------------------===//
// Inboxes
//===----------------------------------------------------------------------===//

/// An inbox is an endless row of packets, cut into segments of this many. A
/// sender takes a ticket from `tail`; the segment of its ticket is found in
/// `recent` or in the directory.
#if !defined(RK_SEGMENT_PACKETS)
#define RK_SEGMENT_PACKETS 128 // test/unit/explore has fewer
#endif
inline constexpr uint32_t SegmentPackets = RK_SEGMENT_PACKETS;
/// Segments that belong to one inbox for good, and are used in turn: number n
/// lies in home segment n % HomeSegments if that one is free. Only what finds
/// no room there takes a segment of the pool.
inline constexpr uint32_t HomeSegments = 4;
/// Segments that one inbox may hold. Beyond, senders get `MailboxFull`.
inline constexpr uint32_t MaxInboxSegments = 960;
/// A segment that is opened this far ahead of the one that is being read is
/// *far*: who sends there may hold back for the receiver.
inline constexpr uint32_t FarSegments = 12;
/// The directory is larger than that by more segments than senders can be
/// in the middle of opening, so that an entry is never written while in use.
inline constexpr uint32_t DirectoryEntries = 4096;

/// Where the packets of one segment number lie, and the mark of a segment that
/// came from the pool: `poolSegmentMark`, its upper bits.
///
///   segment : 20 | mark : 12
///
/// `segment` = `ClosedSegment` says that tickets of this number are void.
struct SegmentPlace {
  static constexpr uint32_t SegmentBits = 20, MarkBits = 12;
  static constexpr uint32_t ClosedSegment = (1u << SegmentBits) - 1;
  uint32_t bits = 0;

  static constexpr SegmentPlace make(uint32_t segment, uint32_t poolMark) {
    return {segment << MarkBits | poolMark >> SegmentBits};
  }
  static constexpr SegmentPlace closed() { return {~uint32_t(0)}; }
  constexpr uint32_t segment() const { return bits >> MarkBits; }
  constexpr uint32_t poolMark() const { return bits << SegmentBits; }
  constexpr bool isClosed() const { return segment() == ClosedSegment; }
};

/// One directory entry: the place of segment number `number` of the inbox.
///
///   number : 32 | place : 32
///
/// Fresh directories are all zero: an entry is of another number unless
/// `number` is 0, so numbers start at 1.
struct DirectoryEntry {
  uint64_t bits = 0;

  static constexpr DirectoryEntry make(uint32_t number, SegmentPlace place) {
    return {uint64_t(number) << 32 | place.bits};
  }
  constexpr uint32_t number() const { return uint32_t(bits >> 32); }
  constexpr SegmentPlace place() const { return {uint32_t(bits)}; }
};
static_assert(sizeof(DirectoryEntry) == 8);

/// Set in the marks of all segments but far ones, and not in 0, which stands
/// for no place: so one look tells what is ordinary.
inline constexpr uint32_t NearMark = 1u << 31;
/// The mark of a pool segment's use number `use`, counted from 1. Never 0, and
/// two uses in a row never share one; every packet of a segment is written in
/// each use.
constexpr uint32_t poolSegmentMark(uint32_t use, bool isFar) {
  constexpr uint32_t Uses = (1u << (SegmentPlace::MarkBits - 1)) - 1;
  return (isFar ? 0 : NearMark) | (use % Uses + 1) << SegmentPlace::SegmentBits;
}
/// The mark of a home segment that holds `number`: no two uses within 2^31
/// numbers share one, and none is 0.
constexpr uint32_t homeSegmentMark(uint32_t number) {
  return number | NearMark;
}

/// Set in `Inbox::tail` while the inbox takes no messages.
inline constexpr uint64_t InboxClosed = uint64_t(1) << 63;
/// Where tails and heads start: the first ticket of segment number 1.
inline constexpr uint64_t FirstTicket = SegmentPackets;

struct alignas(128) Inbox {
  /// The next ticket, and `InboxClosed`. Written by senders.
  alignas(128) uint64_t tail;
  /// The segment number that the receiver is reading. Written by the receiver.
  uint32_t headNumber;
  uint32_t reserved;
  /// The entries of two recent numbers, at `number % 2`, beside the tail so
  /// that a sender reads them while it takes its ticket. Each is right for its
  /// number whenever it is read, but need not be the sender's; 0 if there is
  /// none. Written by senders that opened a segment.
  alignas(16) DirectoryEntry recent[2];
  /// `DirectoryEntries` entries, all zero but the one of number 1, which the
  /// host opens in home segment 1.
  DirectoryEntry *directory;
};
static_assert(sizeof(Inbox) == 128);

/// Home segment of an inbox's segment number.
constexpr uint32_t homeSegment(uint32_t inbox, uint32_t number) {
  return inbox * HomeSegments + number % HomeSegments;
}

/// Messages that one inbox keeps for the time after it has been full: as many
/// as the home segments have room for while their reader and the next opener
/// need two.
inline constexpr uint32_t KeptPackets = (HomeSegments - 2) * SegmentPackets;

/// The newest messages of those that found an inbox full, one for each actor
/// whose type drops its oldest (`WhenFull::DropOldest`). Who reads or writes
/// them, or opens the inbox again, holds the lock.
struct alignas(128) KeptMessages {
  uint64_t lock; ///< 1 while somebody holds it
  uint64_t count;
  /// Slot and generation bits of the receivers; 0 where nothing is kept. A
  /// receiver's place is searched from its hash on.
  alignas(128) uint64_t receivers[KeptPackets];
  uint32_t words[KeptPackets][PacketWords];
};

/// How far one agent has come. Written by the agent alone, at the end of each
/// turn with work in it; read by the host while it runs.
struct alignas(32) Progress {
  /// Every message before this ticket of the agent's inbox has been handled to
  /// its end: sent what it sent, answered what it answered. Starts at
  /// `FirstTicket`; unused by agents without an inbox.
  uint64_t handledTicket;
  /// Messages taken out of the inbox.
  uint64_t handled;
  /// Messages put into inboxes.
  uint64_t sent;
  /// Turns begun and ended: odd while handlers may be running.
  uint64_t turns;
};
static_assert(sizeof(Progress) == 32);

//===----------------------------------------------------------------------===//
// Actors
//===----------------------------------------------------------------------===//

enum class SlotStatus : uint16_t {
  Free = 0,
  Active = 1,
  /// Its state is in place, and its owner has not seen it yet.
  Made = 2,
};

/// One row of the actor table. Written by whoever makes the actor, while nobody
/// knows its address, and from its first message on by the owning worker alone.
///
/// Others may load the first word, to learn the type: it is right from the
/// moment that anybody knows the address.
struct alignas(16) Slot {
  uint32_t generation;
  uint16_t type;
  SlotStatus status;
  /// Storage for the state; stays with the slot for good, as does `type`.
  void *state;
};
static_assert(sizeof(Slot) == 16);
/// The first eight bytes of a row.
constexpr uint64_t slotHead(uint32_t generation, uint32_t type,
                            SlotStatus status) {
  return uint64_t(generation) | uint64_t(type) << 32 | uint64_t(status) << 48;
}

/// One actor type of the module.
struct ActorType {
  /// Bytes that spawning copies, and the distance of two states in the arena:
  /// a multiple of 16 and of the type's alignment.
  uint32_t stateBytes;
  uint32_t stateStride;
  /// Slots of stopped actors of this type. A handle is
  /// `slot | nextGeneration << SlotBits`.
  Pool *freeSlots;
  WhenFull whenFull;
  /// Which of `Lanes` its actors have to themselves: `One` if they are pooled,
  /// else their slots are places, not in any pool.
  uint32_t residentLanes;
};
static_assert(sizeof(ActorType) == 24);

/// Bump allocation of slots and state that were never used: one word, so that
/// one addition takes both.
///
///   state, in pieces of 16 bytes : 35 | slots : 29
///
/// Lanes that race for the last place move it past the end, each once: the
/// field of the slots has room for twice the largest table, and the largest
/// arena takes half of its field.
///
/// The arena has addresses for all of its states and memory for the first of
/// them. `reach` says how far, in units of 64 KiB:
///
///   quiet : 32 | limit : 31 | nothing comes behind it : 1
///
/// Whoever is given states behind `quiet` tells the host (`Control`), and
/// behind `limit` waits for it. The host writes `reach`, once the memory is
/// there; `limit` and `quiet` never get less, so halves of two values do too.
struct alignas(128) ActorArena {
  static constexpr uint32_t SlotBits = 29, StateUnit = 16;
  static constexpr uint64_t MaxStateBytes = uint64_t(1) << 38;
  static constexpr uint64_t ReachUnit = uint64_t(1) << 16;
  uint64_t used;
  uint64_t reach; ///< behind `used`: one load brings both

  static constexpr uint64_t pack(uint64_t slots, uint64_t stateBytes) {
    return slots | stateBytes / StateUnit << SlotBits;
  }
  static constexpr uint64_t slotsOf(uint64_t used) {
    return used & ((uint64_t(1) << SlotBits) - 1);
  }
  static constexpr uint64_t stateBytesOf(uint64_t used) {
    return (used >> SlotBits) * StateUnit;
  }
  /// Of bytes, which are rounded down.
  static constexpr uint64_t packReach(uint64_t quiet, uint64_t limit,
                                      bool isFinal) {
    return quiet / ReachUnit | limit / ReachUnit << 32 |
           uint64_t(isFinal) << 63;
  }
  static constexpr uint64_t quietOf(uint64_t reach) {
    return uint64_t(uint32_t(reach)) * ReachUnit;
  }
  static constexpr uint64_t limitOf(uint64_t reach) {
    return (reach << 1 >> 33) * ReachUnit;
  }
  static constexpr bool isFinal(uint64_t reach) { return reach >> 63 != 0; }
};
static_assert(offsetof(ActorArena, reach) == sizeof(uint64_t));

//===----------------------------------------------------------------------===//
// Host link
//===----------------------------------------------------------------------===//

/// One ring of packets from the host to the device, in host memory.
///
/// Host threads reserve positions among themselves; the device knows a packet
/// is there by its marks (`ringMark`). `tail` says how far it is worth looking:
/// reading a packet that is not there slows down the host's write of it.
/// `consumed` tells the host how far the device has read; a slot may be written
/// again `capacity` positions later. A by-reference payload and a spawned
/// actor's state lie at `staging + (position & (capacity-1)) * stagingStride`.
struct HostLane {
  /// Host memory, or device memory that the host's stores reach.
  const Packet *ring;
  const unsigned char *staging; ///< where `ring` is
  uint64_t *consumed;           ///< host memory; written by the device
  /// Some positions have been taken up to here, perhaps more; it may go back.
  /// Host memory. Null if `ring` is in device memory, where looking costs
  /// little.
  const uint64_t *tail;
  uint32_t capacity;      ///< power of two
  uint32_t stagingStride; ///< multiple of 16
};

/// The ring of packets from the device to the host, for what does not fit in a
/// reply slot: answers of more than 32 bytes, and requests without a slot.
///
/// A device agent takes one of `credits`, then a position from `tail`. The
/// host returns room by raising `consumed`, which the link turns into credits.
/// A by-reference payload lies in `staging` as in `HostLane`.
struct OutboundRing {
  Packet *ring;             ///< host memory; written by the device
  unsigned char *staging;   ///< host memory; written by the device
  const uint64_t *consumed; ///< host memory; written by the host
  uint32_t capacity;
  uint32_t stagingStride;
};

/// The device's side of the outbound ring, in device memory.
struct alignas(128) OutboundState {
  alignas(128) int64_t credits; ///< starts at `capacity`
  alignas(128) uint64_t tail;
  /// How much of `consumed` has become credits. Written by the link alone.
  alignas(128) uint64_t credited;
};

//===----------------------------------------------------------------------===//
// Observation
//===----------------------------------------------------------------------===//

/// Why a message was not handled. Counted for each worker.
enum class DeadLetterReason : uint32_t {
  ActorStopped = 0, ///< the generation of its address has ended
  NeverIssued = 1,  ///< no such actor was ever made
  NoHandler = 2,    ///< the actor has no handler for the message
  MailboxFull = 3,  ///< the receiver's inbox or the payload pool had no room
  Shutdown = 4,     ///< the system stopped before it was handled
  /// An answer to a request that had been answered.
  AnsweredBefore = 5,
  /// A newer message to the same actor took its place while the inbox was full.
  DroppedOldest = 6,
};
inline constexpr uint32_t DeadLetterReasonCount = 7;

inline constexpr uint32_t MaxLanes = 32;

/// What one lane is doing, for the watchdog: `handler` is the dispatch key plus
/// one, or 0 if the lane takes no part. Right only while `Progress::turns` says
/// that the worker is within a turn.
struct LaneActivity {
  uint32_t slot;
  uint32_t handler;
};

/// What a worker tells about itself. Written by the worker alone; the host
/// copies it out while the worker runs.
struct alignas(128) WorkerReport {
  uint64_t spawned;
  uint64_t stopped;
  /// Answers that found no room in the ring and went to the outbound agent's
  /// inbox: one packet each, not in `Progress::sent`.
  uint64_t queuedAnswers;
  uint64_t moves;   ///< shards that changed their worker; the balancer's report
  uint64_t refused; ///< spawns that found no slot, place or memory
  uint64_t waited;  ///< spawns that waited for the host's memory
  uint64_t deadLetters[DeadLetterReasonCount];
  LaneActivity activity[MaxLanes];
};

/// `Stepped` stands only in `Launch::phase`, which is `Idle` until the end of a
/// run whose agents have threads: see `Stepping`.
enum class Phase : uint32_t {
  Idle = 0,
  Running = 1,
  Stopping = 2,
  Stepped = 3
};

/// A failure of the runtime itself, seen by the device.
struct Fault {
  uint32_t status; ///< a `StatusCode`; written last, with release
  uint32_t agent;
  uint32_t where; ///< a `FaultSite`
  uint32_t detail;
};
enum class FaultSite : uint32_t {
  None = 0,
  PoolCell = 1,      ///< a pool cell stayed empty or taken beyond the bound
  DirectoryWait = 2, ///< a segment was not opened within the bound
  KeptLock = 3,      ///< the lock of kept messages was held beyond the bound
  TeamBarrier = 4,   ///< a block did not come to a barrier within the bound
};

/// Words that host and device exchange while running, in host memory.
struct alignas(128) Control {
  /// The host writes `Phase::Stopping` to end the run. Read by the link alone.
  alignas(128) uint32_t request;
  /// The device writes `Phase::Running` once every agent has begun.
  alignas(128) uint32_t phase;
  /// Counts agents that have begun. In host memory so that a start that hangs
  /// can be told from one that is slow.
  alignas(128) Fault fault;
  /// Up to which byte of the arena states are asked for: written by whoever
  /// passes `ActorArena::quietOf`, or waits. A larger value may be overwritten
  /// by a smaller one; who waits writes it again.
  alignas(128) uint64_t stateWanted;
};

/// Shared memory that each warp of the persistent kernel needs, in bytes: the
/// desk on which it keeps the messages at hand.
inline constexpr uint32_t DeskBytes = 6800;
/// Free payload blocks that a desk may hold.
inline constexpr uint32_t MaxBlocksPerDesk = 64;

/// How long one device-side wait may last before it is a fault, in
/// nanoseconds of the device clock.
inline constexpr uint64_t DeviceWaitBoundNs = 2'000'000'000;
/// How long a spawn waits for the host's memory before it fails.
inline constexpr uint64_t StateWaitBoundNs = 500'000'000;

//===----------------------------------------------------------------------===//
// Launch
//===----------------------------------------------------------------------===//

/// The one argument of the persistent kernel, by value on a GPU.
struct Launch {
  uint32_t version; ///< RuntimeVersion
  uint32_t workerCount;
  uint32_t laneCount; ///< host lanes
  uint32_t actorTypeCount;
  uint32_t messageTypeCount;
  uint32_t maxActors;
  uint32_t slotCount;     ///< `maxActors`, and one for each place
  uint32_t shardMask;     ///< number of shards - 1; a power of two - 1
  uint32_t device;        ///< the device field of addresses made here
  uint16_t *shardWorkers; ///< two tables, one after the other: see `Moves`
  /// One per worker, one for the outbound link, then one per place.
  Inbox *inboxes;
  /// `HomeSegments` for each inbox, then those of the pool.
  Packet *segments;
  uint32_t *segmentUses; ///< uses of each segment, for its next mark
  Pool *freeSegments;
  KeptMessages *kept;     ///< one per inbox; null if no type drops its oldest
  uint64_t slowdownNs;    ///< see `SystemOptions::slowdown`
  unsigned char *payload; ///< blocks of `payloadBlockBytes`
  Pool *freePayload;
  uint32_t payloadBlockBytes; ///< 0 if no message needs one
  /// Free blocks that an agent may keep; few, if there are few in all.
  uint32_t blocksPerDesk;
  Slot *slots;
  unsigned char *stateArena;
  uint64_t stateArenaBytes; ///< of addresses: see `ActorArena` for memory
  ActorArena *arena;
  const ActorType *actorTypes;
  /// `messageBytes[index]`: the size of each message type.
  const uint32_t *messageBytes;
  const HostLane *lanes;
  OutboundRing outbound;
  OutboundState *outboundState;
  /// One packet for each of the first requests that wait, so that a small
  /// answer needs no place in the ring and waits for nobody. The host gives a
  /// row to another request only once its answer has come, so a slot is written
  /// once for each `replyMark`; a second answer to one request is told from the
  /// first by `answered`.
  Packet *replySlots; ///< host memory; written by the device
  uint32_t *answered; ///< `replyMark` of the latest answer, by row
  uint32_t replySlotCount;
  uint32_t homeSegmentCount; ///< segments below this are home segments
  /// One per agent: workers first, then link agents, then places.
  WorkerReport *reports;
  /// One per agent, as in `reports`. If the host reads all handled tickets
  /// first, all tails afterwards, and each pair is equal, nothing was waiting
  /// or running at the moment in between.
  Progress *progress;
  Control *control; ///< host memory
  /// The phase for workers, and above it the step of `Moves`. Device memory;
  /// written by the outbound link's agent alone.
  uint32_t *phase;
  uint32_t *agentsBegun; ///< device memory
  uint32_t *agentsEnded; ///< device memory
  Moves *moves;
  Residents residents;
  BulkPool *bulk; ///< null if no message carries a bulk payload
};

} // namespace rk::abi
