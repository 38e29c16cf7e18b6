//===- Occupancy.h - Who has which place ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes places for resident actors and gives them back. A place's generation
/// stands in its slot's row while the place is free.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Places.h"
#include "rk/abi/Placement.h"

namespace rk::device {

/// Slots that follow each other, and their storage, each `stateStride` behind
/// the one before.
struct Allocation {
  StatusCode status = StatusCode::Ok;
  uint32_t slot = 0;
  uint32_t generation = 0;
  unsigned char *state = nullptr;
};

inline constexpr uint32_t NoPlace = ~0u;

/// Takes a free place of one word, or none.
inline uint32_t takePlaceOf(const abi::Residents &residents, uint32_t column) {
  uint64_t *word = &residents.freePlaces[column];
  uint64_t seen = load<Order::Relaxed, Scope::Device>(word);
  while (seen != 0) {
    // Acquire: the last actor's warp gave the place back with release.
    const uint64_t found =
        compareExchange<Order::AcquireRelease, Scope::Device>(
            word, seen, seen & (seen - 1));
    if (found == seen)
      return uint32_t(__builtin_ctzll(seen)) * residents.columns + column;
    seen = found;
  }
  return NoPlace;
}

/// Where a resident actor is wanted; `place` is that of the actor that it is
/// relative to, or for `Automatic` that of the spawner, if it has one.
struct Wish {
  abi::PlacementKind kind = abi::PlacementKind::Automatic;
  uint32_t place = NoPlace;
};

/// Takes a free place of block `block`, or none: `columns` is as many as there
/// are blocks, and a word has the places of one.
inline uint32_t takePlaceIn(const abi::Residents &residents, uint32_t block) {
  const uint32_t links = residents.links % residents.blocks;
  return takePlaceOf(residents,
                     (block + residents.blocks - links) % residents.blocks);
}
/// The same of the cluster that `block` is of, from block number `first` on.
inline uint32_t takePlaceNear(const abi::Residents &residents, uint32_t block,
                              uint32_t first) {
  const uint32_t start = clusterStart(residents, block);
  for (uint32_t i = 0; i < residents.clusterBlocks; ++i)
    if (const uint32_t place = takePlaceIn(
            residents, start + (first + i) % residents.clusterBlocks);
        place != NoPlace)
      return place;
  return NoPlace;
}
/// The same of any block, from number `first` on: each block, or each cluster
/// and its blocks in turn.
inline uint32_t takePlaceAnywhere(const abi::Residents &residents,
                                  uint32_t first, bool byCluster) {
  const uint32_t columns = residents.columns;
  const uint32_t clusters =
      byCluster ? residents.blocks / residents.clusterBlocks : 0;
  for (uint32_t i = 0; i < columns; ++i) {
    const uint32_t at = (first + i) % columns;
    const uint32_t place =
        byCluster
            ? takePlaceIn(residents, at % clusters * residents.clusterBlocks +
                                         at / clusters)
            : takePlaceOf(residents, at);
    if (place != NoPlace)
      return place;
  }
  return NoPlace;
}

/// Takes a free place as `wish` says. Where workers run resident actors, there
/// are no blocks and each place is like another. Without clusters, one means
/// the whole device.
inline uint32_t takePlace(const abi::Residents &residents, Wish wish,
                          uint32_t first) {
  using Kind = abi::PlacementKind;
  if (residents.inboxes == 0)
    return takePlaceAnywhere(residents, first, false);
  const bool hasClusters = residents.clusterBlocks > 1;
  if (wish.place != NoPlace) {
    const uint32_t block = locatePlace(residents, wish.place).block;
    uint32_t place = NoPlace;
    if (wish.kind == Kind::Near || wish.kind == Kind::Block)
      place = takePlaceIn(residents, block);
    if (place == NoPlace && wish.kind != Kind::Block && hasClusters)
      place = takePlaceNear(residents, block, first);
    if (place != NoPlace || wish.kind == Kind::Block ||
        (wish.kind == Kind::Cluster && hasClusters))
      return place;
  }
  return takePlaceAnywhere(residents, first,
                           wish.kind == Kind::Spread && hasClusters);
}

/// Takes a free team of the kind `lanes`, in order.
RK_OUT_OF_LINE inline Allocation allocateTeam(const abi::Launch &launch,
                                              uint32_t lanes, uint32_t count) {
  const abi::Residents &residents = launch.residents;
  Allocation made;
  if (count != 1) {
    made.status = StatusCode::InvalidArgument;
    return made;
  }
  const uint32_t kind = abi::teamKind(abi::Lanes(lanes));
  uint64_t *const word = &residents.teams.free[kind];
  uint64_t seen = load<Order::Relaxed, Scope::Device>(word);
  while (seen != 0) {
    // Acquire: the last actor's leader gave the team back with release.
    const uint64_t found =
        compareExchange<Order::AcquireRelease, Scope::Device>(
            word, seen, seen & (seen - 1));
    if (found == seen)
      break;
    seen = found;
  }
  if (seen == 0) {
    made.status = StatusCode::ActorTableFull;
    return made;
  }
  const uint32_t place =
      residents.teams.rows[kind].first + uint32_t(__builtin_ctzll(seen));
  made.slot = launch.maxActors + place;
  made.generation =
      load<Order::Relaxed, Scope::Device>(&launch.slots[made.slot].generation);
  made.state = residents.states + uint64_t(place) * residents.stateStride;
  return made;
}

/// Takes a free place as `wish` says. Places of a run would lie anywhere, so
/// there are no runs.
RK_OUT_OF_LINE inline Allocation allocatePlace(const abi::Launch &launch,
                                               uint32_t count, Wish wish) {
  const abi::Residents &residents = launch.residents;
  const uint32_t first = fetchAdd<Order::Relaxed, Scope::Device>(
      residents.nextColumn, uint32_t(1));
  Allocation made;
  if (count != 1) {
    made.status = StatusCode::InvalidArgument;
    return made;
  }
  const uint32_t place = takePlace(residents, wish, first);
  if (place == NoPlace) {
    made.status = StatusCode::ActorTableFull;
    return made;
  }
  made.slot = launch.maxActors + place;
  made.generation =
      load<Order::Relaxed, Scope::Device>(&launch.slots[made.slot].generation);
  made.state = residents.states + uint64_t(place) * residents.stateStride;
  return made;
}

/// Gives a place back, its row's generation being that of the next actor.
inline void freePlace(const abi::Launch &launch, uint32_t slot) {
  const abi::Residents &residents = launch.residents;
  const uint32_t place = placeOf(launch, slot);
  if (place >= residents.places) {
    uint32_t kind = 0;
    while (place - residents.teams.rows[kind].first >=
           residents.teams.rows[kind].count)
      ++kind;
    fetchOr<Order::AcquireRelease, Scope::Device>(
        &residents.teams.free[kind],
        uint64_t(1) << (place - residents.teams.rows[kind].first));
    return;
  }
  fetchOr<Order::AcquireRelease, Scope::Device>(
      &residents.freePlaces[place % residents.columns],
      uint64_t(1) << place / residents.columns);
}

} // namespace rk::device
