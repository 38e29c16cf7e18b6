//===- Placement.h - Where a new actor is wanted ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The values of `rk::Placement` as they travel to whoever makes the actor, and
/// what follows from them for messages.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::abi {

/// `Near`, `Block` and `Cluster` are relative to another actor.
enum class PlacementKind : uint32_t {
  Automatic = 0,
  Near = 1,
  Block = 2,
  Cluster = 3,
  Spread = 4,
};
inline constexpr uint32_t PlacementKinds = 5;

/// What the compiler knows of the way of a message to an actor; what it names
/// is a promise to whoever sends.
enum class Tier : uint32_t {
  LookUp = 0,  ///< nothing
  Inbox = 1,   ///< no ring leads there: an inbox, in device memory
  Ring = 2,    ///< sender and receiver are resident actors of a warp
  Cluster = 3, ///< and of one cluster, where there are any
  Block = 4,   ///< and of one block
};
inline constexpr uint32_t Tiers = 5;

} // namespace rk::abi
