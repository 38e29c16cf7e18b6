//===- Places.h - Which warp and block a place is of ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Numbers of the resident kernel: warps, places, slots, and what a block's
/// shared memory holds for each.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Near.h"
#include "common/Record.h"

namespace rk::device {

inline bool isResident(const abi::Launch &launch, uint32_t slot) {
  return slot - launch.maxActors < launch.residents.places;
}
inline uint32_t placeOf(const abi::Launch &launch, uint32_t slot) {
  return slot - launch.maxActors;
}

/// Where a place is.
struct PlaceAt {
  uint32_t block;
  uint32_t warp; ///< in the block
};
inline PlaceAt locatePlace(const abi::Residents &residents, uint32_t place) {
  const uint32_t warp = place + residents.links;
  return {warp % residents.blocks, warp / residents.blocks};
}
inline uint32_t firstWarp(const abi::Residents &residents) {
  return abi::firstPlaceWarp(residents.links, residents.blocks);
}
/// The first block of the cluster that `block` is of.
inline uint32_t clusterStart(const abi::Residents &residents, uint32_t block) {
  return block - block % residents.clusterBlocks;
}
inline bool areNear(const abi::Residents &residents, uint32_t a, uint32_t b) {
  return clusterStart(residents, a) == clusterStart(residents, b);
}

/// The inbox of a place comes behind that of the outbound agent.
inline uint32_t placeInbox(const abi::Launch &launch, uint32_t place) {
  return launch.workerCount + 1 + place;
}

inline abi::Way *wayTo(const abi::Residents &residents, unsigned char *shared,
                       uint32_t place) {
  return reinterpret_cast<abi::Way *>(shared + residents.shared.ways) + place;
}
/// The ring from block `source` of the cluster to warp `warp` of this block:
/// its packets are 16 bytes aligned only, as `RingPitch` is no multiple of 64.
inline abi::Piece *nearRing(const abi::Residents &residents,
                            unsigned char *shared, uint32_t warp,
                            uint32_t source) {
  const uint32_t ring =
      (warp - firstWarp(residents)) * residents.clusterBlocks + source;
  return reinterpret_cast<abi::Piece *>(shared + residents.shared.rings +
                                        ring * abi::RingPitch);
}
inline abi::Packet *farRing(const abi::Residents &residents, uint32_t place,
                            uint32_t source) {
  return residents.farRings +
         uint64_t(place * residents.blocks + source) * abi::RingDepth;
}

} // namespace rk::device
