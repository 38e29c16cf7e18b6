//===- Occupancy.h - Who has which place --------------------------*- C++
//-*-===//
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

/// Takes a free place, of another block each time. Places of a run would lie
/// anywhere, so there are no runs.
RK_OUT_OF_LINE inline Allocation allocatePlace(const abi::Launch &launch,
                                               uint32_t count) {
  const abi::Residents &residents = launch.residents;
  const uint32_t columns = residents.columns;
  const uint32_t first = fetchAdd<Order::Relaxed, Scope::Device>(
      residents.nextColumn, uint32_t(1));
  Allocation made;
  if (count != 1) {
    made.status = StatusCode::InvalidArgument;
    return made;
  }
  for (uint32_t i = 0; i < columns; ++i) {
    const uint32_t place = takePlaceOf(residents, (first + i) % columns);
    if (place == NoPlace)
      continue;
    made.slot = launch.maxActors + place;
    made.generation = load<Order::Relaxed, Scope::Device>(
        &launch.slots[made.slot].generation);
    made.state = residents.states + uint64_t(place) * residents.stateStride;
    return made;
  }
  made.status = StatusCode::ActorTableFull;
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
