//===- OutboundLink.h - Answers that have to wait ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The agent for answers that found no room in the ring to the host. It never
/// waits within a turn.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Post.h"

namespace rk::device {

/// Serves answers that found no room in the ring.
class OutboundLink {
public:
  OutboundLink(const abi::Launch &launch, uint32_t agentRow, Desk &desk)
      : agent(makeAgent(launch, agentRow, desk)), desk(desk),
        receiver(launch.inboxes[outboundInbox(launch)], outboundInbox(launch)) {
    progress.handledTicket = receiver.handledTicket();
  }

  bool turn() {
    collect();
    if (pending == 0) {
      count = receiver.receive(agent);
      if (count == 0) {
        if (receiver.handledTicket() != progress.handledTicket)
          publish(); // the inbox was opened again
        return false;
      }
      pending = firstLanes(count);
    }
    const bool placed = (pending >> agent.lane & 1) && forward();
    pending &= ~ballot(placed);
    if (pending == 0)
      finish();
    return true;
  }

private:
  void finish() {
    receiver.advance(agent, count);
    progress.handled += count;
    publish();
  }

  void publish() {
    progress.handledTicket = receiver.handledTicket();
    if (agent.lane != 0)
      return;
    abi::Progress &row = agent.launch->progress[agent.index];
    store<Order::Relaxed, Scope::Device>(&row.handled, progress.handled);
    store<Order::Relaxed, Scope::Device>(&row.handledTicket,
                                         progress.handledTicket);
  }

  /// Reads the host's progress when half the ring is out.
  void collect() {
    const abi::OutboundState &state = *agent.launch->outboundState;
    const auto credits = int64_t(load<Order::Relaxed, Scope::Device>(
        reinterpret_cast<const uint64_t *>(&state.credits)));
    if (agent.lane == 0 && credits < agent.launch->outbound.capacity / 2)
      collectCredits(*agent.launch);
    syncLanes();
  }

  bool forward() {
    const Record &record = desk.inbound[agent.lane];
    const unsigned char *large = nullptr;
    const bool byReference = record.header().byReference;
    if (byReference) {
      // Acquire, for the fence of the agent that wrote the block.
      acquireFence();
      large = blockAt(*agent.launch, payloadBlock(record));
    }
    if (!tryPutOutbound(agent, record, large))
      return false;
    if (byReference)
      freePayload(agent, record);
    return true;
  }

  const Agent agent;
  Desk &desk;
  Receiver receiver;
  abi::Progress progress{};
  uint32_t count = 0;
  uint32_t pending = 0;
};

} // namespace rk::device
