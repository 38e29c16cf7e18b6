//===- Stepping.h - Agents that run when they are told to -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a host image's entry gets when its agents do not run in threads of
/// their own, but one at a time, as a scheduler chooses.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::abi {

/// The agents' way to whoever runs them; the third argument of the entry of a
/// host image, null where each agent has a thread. The agents of a run all get
/// the same: workers first, then one for each lane, then the one for late
/// answers, numbered as their rows in `Launch::reports`.
///
/// Threads   one agent at a time.
struct Stepping {
  void *runner;
  /// Lets the others go on; returns when the agent has been chosen again.
  void (*yield)(void *runner);
  /// The same, for a handler that waits for something: `nanoseconds` pass.
  void (*pause)(void *runner, uint32_t nanoseconds);
  /// The time of the run, which moves with its steps and not with the clock on
  /// the wall.
  uint64_t (*nowNs)(void *runner);
};

} // namespace rk::abi
