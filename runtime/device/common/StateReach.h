//===- StateReach.h - How far the memory of states reaches ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a spawn does where the memory of states ends: it tells the host in
/// time, or waits for it (`abi::ActorArena`, docs/rationale/memory-by-use.md).
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Agent.h"

namespace rk::device {

/// Waits until the memory of states reaches to byte `end`, for a bounded time.
///
/// Ordering  none is needed: the host has made the memory usable before it
///           says so, and nobody has looked at it before.
/// Errors    `StatePoolExhausted`: no more comes, or not in time.
RK_OUT_OF_LINE inline StatusCode awaitStates(Desk &desk, uint64_t end) {
  constexpr uint32_t RoundsPerCall = 256;
  const Agent agent = agentOf(desk);
  const abi::Launch &launch = *agent.launch;
  BoundedWait wait(abi::StateWaitBoundNs);
  for (uint32_t round = 0;; ++round) {
    const uint64_t reach =
        load<Order::Relaxed, Scope::Device>(&launch.arena->reach);
    if (end <= abi::ActorArena::limitOf(reach))
      return StatusCode::Ok;
    if (abi::ActorArena::isFinal(reach))
      return StatusCode::StatePoolExhausted;
    if (round == 0)
      fetchAdd<Order::Relaxed, Scope::Device>(&agent.report().waited,
                                              uint64_t(1));
    if (round % RoundsPerCall == 0)
      store<Order::Relaxed, Scope::System>(&launch.control->stateWanted, end);
    if (!wait.again())
      return StatusCode::StatePoolExhausted;
  }
}

/// What becomes of states from byte `from` to `end`, which lie behind the quiet
/// part of `reach`: who passes its end tells the host; who has no memory waits.
RK_OUT_OF_LINE inline StatusCode passQuiet(Desk &desk, uint64_t from,
                                           uint64_t end, uint64_t reach) {
  if (end > abi::ActorArena::limitOf(reach))
    return abi::ActorArena::isFinal(reach) ? StatusCode::StatePoolExhausted
                                           : awaitStates(desk, end);
  if (from <= abi::ActorArena::quietOf(reach))
    store<Order::Relaxed, Scope::System>(
        &agentOf(desk).launch->control->stateWanted, end);
  return StatusCode::Ok;
}

/// Whether the `bytes` behind `used` have memory, perhaps after a wait.
inline StatusCode memoryBehind(Desk &desk, uint64_t used, uint64_t bytes,
                               uint64_t reach) {
  const uint64_t from = abi::ActorArena::stateBytesOf(used);
  return from + bytes <= abi::ActorArena::quietOf(reach)
             ? StatusCode::Ok
             : passQuiet(desk, from, from + bytes, reach);
}

} // namespace rk::device
