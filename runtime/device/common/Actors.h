//===- Actors.h - The life of an actor --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Allocates actors, makes them known, stops them and uses their slots again.
///
/// Whoever spawns takes slots and writes states and rows, as `Made`; there is
/// no packet for it. The owning worker finds a row that is not active when the
/// actor's first message comes. It then acquires, looks again past its L1
/// cache, and writes `Active`; from there on the row is its own. No message can
/// come before the row: whoever knows the address learned it after the
/// spawner's fence.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Occupancy.h"
#include "common/Overflow.h"
#include "common/StateReach.h"

#include <stddef.h>

namespace rk::device {

/// Writes the first word of a row in one piece: others read it meanwhile, for
/// generation and type.
inline void storeHead(abi::Slot &row, uint32_t generation, uint32_t type,
                      abi::SlotStatus status) {
  store<Order::Relaxed, Scope::Device>(reinterpret_cast<uint64_t *>(&row),
                                       abi::slotHead(generation, type, status));
}

/// Whether there is room for `count` actors, whose states take `bytes` bytes,
/// behind what is used.
inline StatusCode roomBehind(uint64_t used, uint64_t count, uint64_t bytes,
                             uint64_t maxActors, uint64_t arenaBytes) {
  const uint64_t slots = abi::ActorArena::slotsOf(used);
  const uint64_t state = abi::ActorArena::stateBytesOf(used);
  if (slots > maxActors || count > maxActors - slots)
    return StatusCode::ActorTableFull;
  return state > arenaBytes || bytes > arenaBytes - state
             ? StatusCode::StatePoolExhausted
             : StatusCode::Ok;
}

/// Slots and storage that begin where `used` ends.
inline Allocation allocationAt(uint64_t used, unsigned char *states) {
  return {.slot = uint32_t(abi::ActorArena::slotsOf(used)),
          .generation = abi::FirstGeneration,
          .state = states + abi::ActorArena::stateBytesOf(used)};
}

/// Takes `count` slots that were never used and follow each other, and storage
/// for them; all or none.
RK_OUT_OF_LINE inline Allocation
allocateRun(Desk &desk, const abi::ActorType &type, uint32_t count) {
  const abi::Launch &launch = *agentOf(desk).launch;
  const uint64_t bytes = uint64_t(count) * type.stateStride;
  uint64_t *const used = &launch.arena->used;
  uint64_t at, reach;
  loadPair<Scope::Device>(used, at, reach);
  for (;;) {
    StatusCode room =
        roomBehind(at, count, bytes, launch.maxActors, launch.stateArenaBytes);
    // Before anything is taken: who gets no memory leaves no gap.
    if (room == StatusCode::Ok)
      room = memoryBehind(desk, at, bytes, reach);
    if (room != StatusCode::Ok)
      return {.status = room};
    const uint64_t found =
        compareExchange<Order::AcquireRelease, Scope::Device>(
            used, at, at + abi::ActorArena::pack(count, bytes));
    if (found == at)
      return allocationAt(at, launch.stateArena);
    at = found;
  }
}

/// The place of a resident actor's warp; `NoPlace` of any other agent.
inline uint32_t ownPlaceNumber(Agent agent) {
  const abi::Residents &residents = agent.launch->residents;
  const uint32_t place =
      agent.index - agent.launch->workerCount - residents.links;
  return agent.desk->shared && place < residents.places ? place : NoPlace;
}

/// Takes a slot for one actor of a type that is not resident: one that was used
/// if there is any.
///
/// Cost      two trips to the L2 cache, one behind the other, if the slot is a
///           fresh one; five if it was used. What the launch and the type say
///           is read before the first.
inline Allocation allocateOne(Agent agent, const abi::ActorType &type) {
  const abi::Launch &launch = *agent.launch;
  abi::Pool &freeSlots = *type.freeSlots;
  uint64_t *const used = &launch.arena->used;
  const uint64_t stride = type.stateStride;
  const uint64_t maxActors = launch.maxActors;
  const uint64_t arenaBytes = launch.stateArenaBytes;
  unsigned char *const states = launch.stateArena;
  // Both are on their way together.
  const bool mayBeFree = hasFree(freeSlots);
  uint64_t before, reach;
  loadPair<Scope::Device>(used, before, reach);
  const uint64_t handle = mayBeFree ? takeCounted(agent, freeSlots) : NoHandle;
  if (handle != NoHandle) {
    const abi::Address address{handle};
    // Relaxed and not plain: the owner wrote it, perhaps on another SM.
    const uint64_t state =
        load<Order::Relaxed, Scope::Device>(reinterpret_cast<const uint64_t *>(
            &launch.slots[address.slot()].state));
    return {.slot = address.slot(),
            .generation = address.generation(),
            .state = reinterpret_cast<unsigned char *>(state)};
  }
  StatusCode room = roomBehind(before, 1, stride, maxActors, arenaBytes);
  if (room == StatusCode::Ok)
    room = memoryBehind(agent, before, stride, reach);
  if (room != StatusCode::Ok)
    return {.status = room};
  // It runs past the end when lanes race for the last place, of the table or of
  // the memory; that is harmless: who looks before adds nothing any more.
  const uint64_t at = fetchAddTogether(used, abi::ActorArena::pack(1, stride));
  room = roomBehind(at, 1, stride, maxActors, arenaBytes);
  if (room == StatusCode::Ok)
    room = memoryBehind(agent, at, stride, reach);
  return room == StatusCode::Ok ? allocationAt(at, states)
                                : Allocation{.status = room};
}

/// Takes places for `count` resident actors of `type`, at least one.
RK_OUT_OF_LINE inline Allocation
allocateResidents(Desk &desk, const abi::ActorType &type, uint32_t count) {
  const Agent agent = agentOf(desk);
  const abi::Launch &launch = *agent.launch;
  return type.residentLanes == uint32_t(abi::Lanes::Warp)
             ? allocatePlace(launch, count, {.place = ownPlaceNumber(agent)})
             : allocateTeam(launch, type.residentLanes, count);
}

/// Takes slots for `count` actors of `type`, at least one.
inline Allocation allocateActors(Agent agent, const abi::ActorType &type,
                                 uint32_t count) {
  if (rk_has_residents() && type.residentLanes != 0)
    return allocateResidents(agent, type, count);
  return count == 1 ? allocateOne(agent, type)
                    : allocateRun(agent, type, count);
}

/// Takes a place for an actor of type `typeIndex`, as `kind` says of the actor
/// with address `neighbour`.
///
/// Errors    `InvalidArgument`: the type has no places, or the neighbour none;
///           `InvalidAddress`: the neighbour is not there (any more).
RK_OUT_OF_LINE inline Allocation allocateAt(Desk &desk, uint32_t typeIndex,
                                            abi::PlacementKind kind,
                                            uint64_t neighbour) {
  const Agent agent = agentOf(desk);
  const abi::Launch &launch = *agent.launch;
  Allocation made;
  made.status = StatusCode::InvalidArgument;
  if (launch.actorTypes[typeIndex].residentLanes !=
          uint32_t(abi::Lanes::Warp) ||
      uint32_t(kind) >= abi::PlacementKinds)
    return made;
  if (kind == abi::PlacementKind::Automatic)
    return allocateActors(agent, launch.actorTypes[typeIndex], 1);
  Wish wish{.kind = kind};
  if (kind != abi::PlacementKind::Spread) {
    const abi::Address near{neighbour};
    if (near.isNull() || !isResident(launch, near.slot()))
      return made;
    wish.place = placeOf(launch, near.slot());
    const uint64_t head = load<Order::Relaxed, Scope::Device>(
        reinterpret_cast<const uint64_t *>(&launch.slots[near.slot()]));
    abi::Slot row{};
    __builtin_memcpy(&row, &head, sizeof(head));
    if (row.generation != near.generation() ||
        row.status == abi::SlotStatus::Free) {
      made.status = StatusCode::InvalidAddress;
      return made;
    }
  }
  return allocatePlace(launch, 1, wish);
}

/// Writes the rows of `count` actors whose states are in place, `stride` bytes
/// apart, from number `from` on each `step`-th. Nobody may hear of them before
/// a `fence`.
inline void writeRows(abi::Slot *slots, uint32_t typeIndex, uint64_t stride,
                      const Allocation &made, uint32_t count, uint32_t from,
                      uint32_t step) {
  const uint64_t head =
      abi::slotHead(made.generation, typeIndex, abi::SlotStatus::Made);
  auto *const rows = reinterpret_cast<uint64_t *>(&slots[made.slot]);
  constexpr uint32_t Words = sizeof(abi::Slot) / sizeof(uint64_t);
  static_assert(Words == 2 && offsetof(abi::Slot, state) == sizeof(uint64_t));
  for (uint32_t i = from; i < count; i += step)
    storePair<Scope::Device>(rows + uint64_t(i) * Words, head,
                             reinterpret_cast<uint64_t>(made.state) +
                                 i * stride);
}

inline void countRefused(abi::WorkerReport &report) {
  fetchAdd<Order::Relaxed, Scope::Device>(&report.refused, uint64_t(1));
}

inline void countSpawned(Agent agent, uint32_t count) {
  add<Order::Relaxed, Scope::Device>(&agent.report().spawned, uint64_t(count));
}

inline abi::Address addressOf(Agent agent, const Allocation &made) {
  return abi::Address::make(made.slot, made.generation, agent.launch->device);
}

/// The whole row in one load.
inline abi::Slot loadRow(const abi::Slot &slot) {
  uint64_t words[2];
  loadCachedPair(reinterpret_cast<const uint64_t *>(&slot), words[0], words[1]);
  abi::Slot row;
  __builtin_memcpy(&row, words, sizeof(row));
  return row;
}

/// Looks at the row of an actor of this worker past the cache, and starts the
/// actor if it was made since. Its owner calls it.
///
/// Ordering  acquire, for the spawner's fence behind state and row: whatever
///           this SM had of them in its L1 cache is gone.
inline abi::Slot lookAgain(abi::Slot &slot, uint32_t generation) {
  acquireFence();
  uint64_t words[2];
  loadPair<Scope::Device>(reinterpret_cast<const uint64_t *>(&slot), words[0],
                          words[1]);
  abi::Slot row;
  __builtin_memcpy(&row, words, sizeof(row));
  if (row.status == abi::SlotStatus::Made && row.generation == generation) {
    row.status = abi::SlotStatus::Active;
    storeHead(slot, generation, row.type, abi::SlotStatus::Active);
  }
  return row;
}

/// Says why a message does not fit the row of its slot; only for one that
/// does not.
inline abi::DeadLetterReason mismatchReason(const abi::Slot &row,
                                            uint32_t generation) {
  const bool retired = row.status == abi::SlotStatus::Free &&
                       row.generation == abi::LastGeneration;
  if (generation < row.generation || (retired && generation == row.generation))
    return abi::DeadLetterReason::ActorStopped;
  return abi::DeadLetterReason::NeverIssued;
}

inline bool isRunning(const abi::Slot &row, uint32_t generation) {
  return row.status == abi::SlotStatus::Active && row.generation == generation;
}

/// Ends an actor. Its owner calls it. A slot at its last generation is not
/// used again.
RK_OUT_OF_LINE inline void stopActor(Desk &desk, uint32_t slot) {
  const Agent agent = agentOf(desk);
  abi::Slot &row = agent.launch->slots[slot];
  const uint32_t type = row.type;
  const bool isLast = row.generation == abi::LastGeneration;
  const uint32_t next = row.generation + !isLast;
  storeHead(row, next, type, abi::SlotStatus::Free);
  add<Order::Relaxed, Scope::Device>(&agent.report().stopped, uint64_t(1));
  if (isLast)
    return;
  if (rk_has_residents() && slot >= agent.launch->maxActors)
    return freePlace(*agent.launch, slot);
  give(agent, *agent.launch->actorTypes[type].freeSlots,
       abi::Address::make(slot, next).bits);
}

} // namespace rk::device
