//===- placement.h - Where a new actor is wanted ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Says where a resident actor is to be put, for `spawnAt`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Placement.h"

#include <cstdint>

namespace rk {

template <class Actor> class ActorRef;

/// Where a new resident actor is wanted: a value, good in messages and in
/// state. Messages between actors of one block or one cluster travel in shared
/// memory, others through the L2 cache. Without clusters (compute capability
/// below 9.0) a block is a cluster of its own and `inClusterOf` means anywhere;
/// the CPU back end is one block.
///
/// Pooled actors have no place: their messages take the same way from anywhere.
/// Nor have actors with a block and more: they are where their kernel is.
/// `spawnAt` refuses both.
class Placement {
public:
  /// Wherever: in the cluster of the resident actor that spawns, if that has
  /// room, else in another block each time.
  constexpr Placement() = default;

  /// In the block of `actor` if that has room, else in its cluster, else
  /// anywhere.
  template <class Actor>
  static constexpr Placement nearTo(ActorRef<Actor> actor) {
    return Placement(abi::PlacementKind::Near, actor.bits());
  }
  /// In the block of `actor`, or nowhere: `ActorTableFull`.
  template <class Actor>
  static constexpr Placement inBlockOf(ActorRef<Actor> actor) {
    return Placement(abi::PlacementKind::Block, actor.bits());
  }
  /// In any block of the cluster of `actor`, or nowhere: `ActorTableFull`.
  template <class Actor>
  static constexpr Placement inClusterOf(ActorRef<Actor> actor) {
    return Placement(abi::PlacementKind::Cluster, actor.bits());
  }
  /// Each time in another cluster, and there in another block.
  static constexpr Placement spread() {
    return Placement(abi::PlacementKind::Spread, 0);
  }

  constexpr abi::PlacementKind kind() const { return kind_; }
  /// The address of the actor that it is relative to; 0 if it is to none.
  constexpr std::uint64_t neighbour() const { return neighbour_; }

private:
  constexpr Placement(abi::PlacementKind kind, std::uint64_t neighbour)
      : neighbour_(neighbour), kind_(kind) {}

  std::uint64_t neighbour_ = 0;
  abi::PlacementKind kind_ = abi::PlacementKind::Automatic;
};

} // namespace rk
