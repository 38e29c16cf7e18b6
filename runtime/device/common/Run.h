//===- Run.h - Begin and end of a run ---------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How agents tell the host that they run, and hear that they shall end.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Agent.h"

namespace rk::device {

/// Passes the host's request to stop on to all agents; returns whether there is
/// one. All lanes of one agent call it: no other writes the phase.
///
/// Ordering  relaxed: the request carries no data. An acquire here would empty
///           the L1 cache with every look.
inline bool followRequest(const abi::Launch &launch) {
  const bool asked = laneId() == 0 && load<Order::Relaxed, Scope::System>(
                                          &launch.control->request) ==
                                          uint32_t(abi::Phase::Stopping);
  if (asked)
    store<Order::Relaxed, Scope::Device>(
        launch.phase,
        (load<Order::Relaxed, Scope::Device>(launch.phase) & ~abi::PhaseMask) |
            uint32_t(abi::Phase::Stopping));
  return ballot(asked) != 0;
}

/// Counts an agent in; the last one tells the host that the run has begun.
inline void beginAgent(const abi::Launch &launch, uint32_t agents) {
  if (laneId() != 0)
    return;
  const uint32_t before =
      fetchAdd<Order::Release, Scope::Device>(launch.agentsBegun, uint32_t(1));
  if (before + 1 == agents)
    store<Order::Release, Scope::System>(&launch.control->phase,
                                         uint32_t(abi::Phase::Running));
}
inline void endAgent(const abi::Launch &launch) {
  if (laneId() == 0)
    fetchAdd<Order::Release, Scope::Device>(launch.agentsEnded, uint32_t(1));
}

} // namespace rk::device
