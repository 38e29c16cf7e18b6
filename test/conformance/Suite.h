//===- Suite.h - What the conformance tests share ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The suite runs wherever `RK_BACKEND` says, through the public API alone.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Actors.h"

#include "rk/system.h"

#include <gtest/gtest.h>

#include <chrono>

namespace conformance {

using namespace std::chrono_literals;

/// A small system, so that limits are reached quickly.
inline rk::SystemOptions smallOptions() {
  rk::SystemOptions options;
  options.maxActors = 1 << 14;
  options.messageBytes = 64 << 20;
  options.payloadBlocks = 1024;
  return options;
}

inline bool onGpu(const rk::System &system) {
  return system.description().backend == "cuda";
}

} // namespace conformance
