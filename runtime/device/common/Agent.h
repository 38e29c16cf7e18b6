//===- Agent.h - One worker or link agent -------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What every agent carries: the launch, who it is, and what it has counted
/// since it last told the host.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Clock.h"
#include "Lanes.h"
#include "Pieces.h"
#include "rk/abi/Runtime.h"

namespace rk::device {

using abi::StatusCode;

/// One lane's view of its agent. `rk::Context` in a handler is this object.
struct Agent {
  const abi::Launch *launch;
  uint32_t index; ///< row in `reports`, `consumed`, `sent`
  uint32_t lane;
  /// Packets that this lane has put into inboxes since `publishCounts`.
  uint32_t sent = 0;
  // The message being handled.
  uint64_t self = 0;   ///< address bits of the running actor
  uint64_t sender = 0; ///< sender bits of its packet
  abi::SenderKind senderKind = abi::SenderKind::None;

  abi::WorkerReport &report() const { return launch->reports[index]; }
};

/// Records a broken bound for the host to see; the first one stays.
RK_OUT_OF_LINE inline void reportFault(const Agent &agent, abi::FaultSite site,
                                       uint32_t detail) {
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
  /// Returns false once the bound has passed.
  bool again() {
    if (++rounds % 64 == 0) {
      const uint64_t now = clockNs();
      if (start == 0)
        start = now;
      else if (now - start > abi::DeviceWaitBoundNs)
        return false;
    }
    pauseShort();
    return true;
  }

private:
  uint32_t rounds = 0;
  uint64_t start = 0;
};

RK_OUT_OF_LINE inline void countDeadLetter(const Agent &agent,
                                           abi::DeadLetterReason reason) {
  fetchAdd<Order::Relaxed, Scope::Device>(
      &agent.report().deadLetters[uint32_t(reason)], uint64_t(1));
}

inline bool stopping(const abi::Launch &launch) {
  // Relaxed: the phase carries no data; an agent that sees it late runs one
  // more turn.
  return load<Order::Relaxed, Scope::Device>(launch.phase) ==
         uint32_t(abi::Phase::Stopping);
}

/// Adds this turn's counts to the statistics that the host reads. All lanes
/// call it.
inline void publishCounts(Agent &agent, uint32_t consumed) {
  const uint32_t sent = sumLanes(agent.sent);
  agent.sent = 0;
  if (agent.lane != 0)
    return;
  uint64_t &sentCount = agent.launch->sent[agent.index];
  uint64_t &consumedCount = agent.launch->consumed[agent.index];
  if (sent != 0)
    store<Order::Relaxed, Scope::Device>(&sentCount, sentCount + sent);
  if (consumed != 0)
    store<Order::Relaxed, Scope::Device>(&consumedCount,
                                         consumedCount + consumed);
}

} // namespace rk::device
