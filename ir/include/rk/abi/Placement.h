//===- Placement.h - Where a new actor is wanted ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The values of `rk::Placement` as they travel to whoever makes the actor.
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

} // namespace rk::abi
