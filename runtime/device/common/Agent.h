//===- Agent.h - One worker or link agent -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What every agent carries, and how it tells the host of what went wrong.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Clock.h"
#include "Lanes.h"
#include "Pieces.h"
#include "rk/abi/Runtime.h"

namespace rk::device {

using abi::StatusCode;

struct Desk;

/// Who a lane works for: constant, and kept in registers. A function that is
/// not inlined gets the desk instead, a single pointer, and finds the agent
/// there: NVPTX passes structures through memory, and who takes the address of
/// a part keeps the whole in memory.
struct Agent {
  const abi::Launch *launch;
  uint32_t index; ///< row in `reports` and `progress`
  uint32_t lane;
  Desk *desk;

  abi::WorkerReport &report() const { return launch->reports[index]; }
  operator Desk &() const { return *desk; }
};

inline Agent agentOf(Desk &desk);

/// Records a broken bound for the host to see; the first one stays.
RK_OUT_OF_LINE inline void reportFault(Desk &desk, abi::FaultSite site,
                                       uint32_t detail) {
  const Agent agent = agentOf(desk);
  abi::Fault &fault = agent.launch->control->fault;
  // One agent wins the right to write; the status goes last, with release, so
  // that a host that sees it sees the rest.
  if (compareExchange<Order::Relaxed, Scope::System>(&fault.where, uint32_t(0),
                                                     uint32_t(site)) != 0)
    return;
  store<Order::Relaxed, Scope::System>(&fault.agent, agent.index);
  store<Order::Relaxed, Scope::System>(&fault.detail, detail);
  store<Order::Release, Scope::System>(&fault.status,
                                       uint32_t(StatusCode::Internal));
}

/// Counts time in a wait that should be over at once.
class BoundedWait {
public:
  explicit BoundedWait(uint64_t boundNs = abi::DeviceWaitBoundNs)
      : bound(boundNs) {}
  /// Returns false once the bound has passed.
  bool again() {
    if (++rounds % 64 == 0) {
      const uint64_t now = clockNs();
      if (start == 0)
        start = now;
      else if (now - start > bound)
        return false;
    }
    pauseShort();
    return true;
  }

private:
  uint64_t bound;
  uint32_t rounds = 0;
  uint64_t start = 0;
};

RK_OUT_OF_LINE inline void countDeadLetter(Desk &desk,
                                           abi::DeadLetterReason reason) {
  const Agent agent = agentOf(desk);
  fetchAdd<Order::Relaxed, Scope::Device>(
      &agent.report().deadLetters[uint32_t(reason)], uint64_t(1));
}

inline bool isStopping(uint32_t phaseWord) {
  return (phaseWord & abi::PhaseMask) == uint32_t(abi::Phase::Stopping);
}

} // namespace rk::device
