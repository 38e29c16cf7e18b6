//===- Layout.h - Where everything lies -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Decides the sizes of all pools and lays out the blocks of memory that a
/// running system consists of, as `rk/abi/Runtime.h` describes them: one block
/// on the device, one in host memory that the device reaches, and one of the
/// lanes, in the memory of either. Pure arithmetic; `Populate.h` writes the
/// content.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Backend.h"

#include "rk/abi/Runtime.h"
#include "rk/modfile/Module.h"
#include "rk/options.h"
#include "rk/status.h"

#include <cstdint>
#include <vector>

namespace rk::runtime {

/// How much of everything there is.
struct Sizes {
  std::uint32_t workers = 0;
  std::uint32_t agents = 0;
  std::uint32_t inboxes = 0;  ///< workers, the outbound link, then places
  std::uint32_t shards = 0;   ///< a power of two
  std::uint32_t arrivals = 0; ///< workers that can receive shards at a time
  std::uint32_t blocks = 0;   ///< workers so far apart share a block
  Balance balance = Balance::Off;
  std::uint32_t maxActors = 0;
  std::uint32_t slots = 0; ///< `maxActors`, then places
  abi::Residents residents{};
  std::uint32_t actorTypes = 0;
  std::uint32_t messageTypes = 0;
  std::uint32_t homeSegments = 0; ///< of all inboxes
  std::uint32_t segments = 0;     ///< with those of the pool
  bool keepsNewest = false;       ///< some actor type drops its oldest
  std::uint32_t payloadBlocks = 0;
  std::uint32_t payloadBlockBytes = 0; ///< 0 if every message is inline
  /// States lie in a block of their own: so much of it at most, and so much at
  /// the start.
  std::uint64_t stateBytes = 0;
  std::uint64_t firstStateBytes = 0;
  std::uint32_t bulkUnits = 0; ///< 0 if no message carries a bulk payload
  std::uint32_t laneGroups = 0;
  std::uint32_t lanes = 0; ///< rings of all groups
  std::uint32_t laneCapacity = 0;
  std::uint32_t laneStride = 0;
  std::uint32_t outboundCapacity = 0;
  std::uint32_t outboundStride = 0;
  std::uint32_t replySlots = 0;
  std::uint64_t slowdownNs = 0; ///< of `SystemOptions`
  /// Distance of two states, by actor type.
  std::vector<std::uint32_t> stateStride;
};

/// Offsets in the device block. What lies before `cleared` starts as zero.
struct DeviceOffsets {
  std::uint64_t launch, shardWorkers, inboxes, directories, segments,
      segmentUses, freeSegments, freeSegmentCells, freePayload,
      freePayloadCells, slots, arena, actorTypes, freeSlots, freeSlotCells,
      messageBytes, lanes, outboundState, reports, progress, answered, kept,
      phase, agentsBegun, agentsEnded, moves, acknowledged, arrivalOf, isMoving,
      loads, arrivals, freePlaces, nextColumn, farRings, farReturns, ringCounts,
      teams, bulk, bulkHeads, bulkFree, cleared, residentStates, payload,
      bulkMemory, total;
};

/// Offsets in the host block.
struct HostOffsets {
  std::uint64_t control, laneCounts, outboundRing, outboundStaging, replySlots,
      outboundConsumed, total;
};

/// Offsets in the block of the lanes, where they lie `bytes` apart.
struct LaneOffsets {
  std::uint64_t staging, bytes, total;
};

/// What a lane has in the host block: two words, each alone on its lines.
struct LaneCounts {
  alignas(128) std::uint64_t consumed;
  alignas(128) std::uint64_t tail;
};

struct Layout {
  Sizes sizes;
  DeviceOffsets device{};
  HostOffsets host{};
  LaneOffsets lanes{};

  /// Cells of a pool that holds up to `handles` handles.
  static std::uint64_t poolCells(std::uint32_t handles);
  /// A lane's ring, in the block of the lanes.
  [[nodiscard]] std::uint64_t lane(std::uint32_t index) const {
    return index * lanes.bytes;
  }
  /// A lane's `LaneCounts`, in the host block.
  [[nodiscard]] std::uint64_t laneCounts(std::uint32_t index) const {
    return host.laneCounts + index * sizeof(LaneCounts);
  }
};

/// The pool of bulk payloads but for its addresses: levels, and where their
/// words begin. All units are free.
abi::BulkPool emptyBulkPool(std::uint32_t units);

/// Decides sizes and lays out, for `available` bytes of device memory.
///
/// Errors    `OutOfMemory` with the bytes needed and available;
///           `UnsupportedVersion` if the module was made for other layouts;
///           `InvalidArgument` if there is more state than a cursor can count,
///           or more at the start than at most.
Result<Layout> makeLayout(const SystemOptions &options,
                          const modfile::ModuleView &module,
                          const AgentPlan &plan, std::uint64_t available);

} // namespace rk::runtime
