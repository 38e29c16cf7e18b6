//===- Actors.h - The life of an actor ----------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Allocates actors, starts them, stops them and uses their slots again.
///
/// Whoever spawns takes a slot and writes the state; the owning worker alone
/// writes the slot's row, when the Create packet reaches it. No message can
/// reach it before: whoever knows the address learned it after the Create
/// packet had its place in the inbox.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Occupancy.h"
#include "common/Post.h"

namespace rk::device {

/// Takes a slot that was never used, and storage for it.
inline Allocation allocateFresh(const abi::Launch &launch,
                                const abi::ActorType &type) {
  Allocation made;
  if (load<Order::Relaxed, Scope::Device>(&launch.arena->slotsUsed) >=
      launch.maxActors) {
    made.status = StatusCode::ActorTableFull;
    return made;
  }
  // Cursors run past their end when lanes race for the last place; that is
  // harmless, as they never come back.
  const uint64_t offset =
      fetchAddTogether(&launch.arena->stateUsed, uint64_t(type.stateStride));
  if (offset + type.stateStride > launch.stateArenaBytes) {
    const bool tableFull = load<Order::Relaxed, Scope::Device>(
                               &launch.arena->slotsUsed) >= launch.maxActors;
    made.status =
        tableFull ? StatusCode::ActorTableFull : StatusCode::StatePoolExhausted;
    return made;
  }
  const uint64_t slot = fetchAddTogether(&launch.arena->slotsUsed, uint64_t(1));
  if (slot >= launch.maxActors) {
    made.status = StatusCode::ActorTableFull;
    return made;
  }
  made.slot = uint32_t(slot);
  made.generation = abi::FirstGeneration;
  made.state = launch.stateArena + offset;
  return made;
}

/// Takes a slot for an actor of type `typeIndex`, a used one first.
RK_OUT_OF_LINE inline Allocation allocateActor(Desk &desk, uint32_t typeIndex) {
  const Agent agent = agentOf(desk);
  const abi::Launch &launch = *agent.launch;
  const abi::ActorType &type = launch.actorTypes[typeIndex];
  if (type.isResident)
    return allocatePlace(launch);
  const uint64_t handle = take(agent, *type.freeSlots);
  if (handle == NoHandle)
    return allocateFresh(launch, type);
  Allocation made;
  const abi::Address address{handle};
  made.slot = address.slot();
  made.generation = address.generation();
  // Relaxed and not plain: the owner wrote it, perhaps on another SM.
  made.state =
      reinterpret_cast<unsigned char *>(load<Order::Relaxed, Scope::Device>(
          reinterpret_cast<const uint64_t *>(&launch.slots[made.slot].state)));
  return made;
}

/// Gives back a slot whose actor was never announced.
inline void abandonActor(Agent agent, uint32_t typeIndex,
                         const Allocation &made) {
  if (isResident(*agent.launch, made.slot))
    return freePlace(*agent.launch, made.slot);
  // A fresh slot has no row yet; its storage would be forgotten without one.
  abi::Slot &row = agent.launch->slots[made.slot];
  store<Order::Relaxed, Scope::Device>(reinterpret_cast<uint64_t *>(&row.state),
                                       uint64_t(made.state));
  give(agent, *agent.launch->actorTypes[typeIndex].freeSlots,
       abi::Address::make(made.slot, made.generation).bits);
}

/// Announces an actor whose state has been written.
///
/// Ordering  the fence stands between the state and the packet; the owner
///           fences between the packet and its first look at the state.
RK_OUT_OF_LINE inline StatusCode announceActor(Desk &desk, uint32_t typeIndex,
                                               const Allocation &made) {
  const Agent agent = agentOf(desk);
  fence<Scope::Device>();
  if (made.slot - agent.launch->maxActors < agent.launch->residents.inboxes)
    return occupyPlace(agent, typeIndex, made);
  abi::PacketHeader header;
  header.kind = abi::PacketKind::Create;
  header.slot = made.slot;
  header.generation = made.generation;
  header.message = typeIndex;
  Record record{};
  record.setHeader(header);
  const auto state = uint64_t(made.state);
  record.payload()[0] = uint32_t(state);
  record.payload()[1] = uint32_t(state >> 32);
  if (!put(agent, workerOf(*agent.launch, made.slot), &record)) {
    abandonActor(agent, typeIndex, made);
    return StatusCode::MailboxFull;
  }
  fetchAdd<Order::Relaxed, Scope::Device>(&agent.report().spawned, uint64_t(1));
  return StatusCode::Ok;
}

/// Starts the actor of a Create packet. Its owner calls it.
RK_OUT_OF_LINE inline void startActor(Desk &desk, const Record &record) {
  const Agent agent = agentOf(desk);
  const abi::PacketHeader header = record.header();
  abi::Slot &row = agent.launch->slots[header.slot];
  row.state = reinterpret_cast<void *>(uint64_t(record.payload()[0]) |
                                       uint64_t(record.payload()[1]) << 32);
  row.type = uint16_t(header.message);
  // The watchdog reads the generation meanwhile.
  store<Order::Relaxed, Scope::Device>(&row.generation,
                                       uint32_t(header.generation));
  row.status = abi::SlotStatus::Active;
  fence<Scope::Device>();
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
  row.status = abi::SlotStatus::Free;
  fetchAdd<Order::Relaxed, Scope::Device>(&agent.report().stopped, uint64_t(1));
  if (row.generation == abi::LastGeneration)
    return;
  store<Order::Relaxed, Scope::Device>(&row.generation, row.generation + 1);
  if (isResident(*agent.launch, slot))
    return freePlace(*agent.launch, slot);
  give(agent, *agent.launch->actorTypes[row.type].freeSlots,
       abi::Address::make(slot, row.generation).bits);
}

} // namespace rk::device
