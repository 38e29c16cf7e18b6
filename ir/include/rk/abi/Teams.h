//===- Teams.h - Actors with more than a warp ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The kernel of actors that have a block, a cluster of blocks or a grid of
/// blocks to themselves: a *team*. The first warp of a team leads it: it has
/// the inbox, and tells the others what to run.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::abi {

/// A cluster of more blocks is not portable (CUDA C++ Programming Guide,
/// thread block clusters).
inline constexpr uint32_t MaxClusterBlocks = 8;

/// As `rk::Lanes` in a program.
enum class Lanes : uint32_t { One, Warp, Block, Cluster, Grid };
inline constexpr uint32_t LanesCount = 5;
/// How many lanes these are. A grid has as many as the device has room for, and
/// its number here only says so.
inline constexpr uint32_t BlockLanes = 256;
inline constexpr uint32_t ClusterLanes = MaxClusterBlocks * BlockLanes;
inline constexpr uint32_t GridLanes = 1u << 20;
inline constexpr uint32_t LanesOf[LanesCount] = {1, 32, BlockLanes,
                                                 ClusterLanes, GridLanes};

/// The kinds of teams, in the order of `Lanes`.
inline constexpr uint32_t TeamKinds = 3;
constexpr uint32_t teamKind(Lanes lanes) {
  return uint32_t(lanes) - uint32_t(Lanes::Block);
}
/// Teams of one kind: as many as a word of free teams has bits.
inline constexpr uint32_t MaxTeams = 64;
inline constexpr uint32_t MaxTeamBlocks = 256;

/// What the leader tells the others to run.
struct TeamOrder {
  alignas(16) uint32_t message[12]; ///< the packet, without marks
  uint32_t key;                     ///< of the dispatch; `TeamEnds`: to end
  uint32_t generation;
  uint32_t shardBase;   ///< of the table of owners that all use
  unsigned char *state; ///< null: in the shared memory of the first block
};
inline constexpr uint32_t TeamEnds = ~0u;

/// What the blocks of one team share in device memory.
struct alignas(128) TeamWords {
  /// Blocks that have arrived at the barrier, modulo 2^32: in its n-th round it
  /// is over at n times the number of blocks.
  alignas(128) uint32_t arrived;
  /// Messages that lanes have sent, for the leader to report.
  alignas(128) uint32_t sent;
  alignas(128) TeamOrder order;
  /// What each block adds to a collective, in turns.
  alignas(128) uint32_t parts[2][MaxTeamBlocks];
};

/// Stages of shared memory through which a block copies device memory
/// (`nvptx/TeamCopy.h`), and what such a copy has for each block at least.
inline constexpr uint32_t CopyStageBytes = 16 << 10;
inline constexpr uint32_t CopyStages = 8;
inline constexpr uint32_t CopyStageAlignment = 128;
inline constexpr uint32_t LeastBulkCopy = 512 << 10;

/// All teams of one kind.
struct TeamRow {
  uint32_t count;
  uint32_t first;  ///< place of the first; the others follow
  uint32_t blocks; ///< of each
  uint32_t sharedBytes;
  uint32_t stages;   ///< of each block; 0 on targets without bulk copies
  uint32_t stagesAt; ///< where they begin in its shared memory
};

/// The part of `Residents` that concerns teams.
struct Teams {
  TeamRow rows[TeamKinds];
  uint32_t count;   ///< of all kinds
  uint32_t kind;    ///< which this launch of the kernel is
  TeamWords *words; ///< one for each team
  uint64_t *free;   ///< for each kind, a bit for each team
};

} // namespace rk::abi
