//===- Worker.h - A worker's turn ---------------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Takes a batch of messages and runs their handlers: one message at a time
/// for each actor, in order; messages of different actors side by side in the
/// lanes.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Actors.h"
#include "common/Generated.h"

namespace rk::device {

class Worker {
public:
  Worker(const abi::Launch &launch, uint32_t index)
      : receiver(launch.inboxes[index]) {
    agent.launch = &launch;
    agent.index = index;
    agent.lane = laneId();
  }

  /// Handles one batch; returns false if there was nothing to do.
  bool turn() {
    Message message;
    const uint32_t count = receiver.receive(agent, message);
    if (count == 0)
      return false;
    if (agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&agent.report().turns, ++turns);
    handleBatch(message, count);
    receiver.advance(agent, count);
    publishCounts(agent, count);
    return true;
  }

private:
  /// Slots have 28 bits; this is none.
  static constexpr uint32_t NoSlot = ~0u;

  /// Runs rounds until every message of the batch is handled. In a round, an
  /// actor's earliest message runs.
  void handleBatch(const Message &message, uint32_t count) {
    uint32_t pending = count == 32 ? ~0u : (1u << count) - 1;
    while (pending != 0) {
      const bool waiting = pending >> agent.lane & 1;
      // The time of a match grows with the number of different values, so the
      // lanes that have nothing left share one, and a single message needs
      // none.
      const uint32_t same =
          count == 1 ? 1 : matchLanes(waiting ? message.header.slot : NoSlot);
      const bool runs = waiting && uint32_t(__builtin_ctz(same)) == agent.lane;
      const bool wantsWarp = runs && deliver(message);
      if (rk_uses_warps())
        runWide(message, ballot(wantsWarp));
      pending &= ~ballot(runs);
      // Orders what this round's handlers wrote before the next round, whose
      // messages may run the same actor on another lane.
      syncLanes();
    }
  }

  /// Does what one packet asks, except for a handler that wants all lanes:
  /// then returns true.
  bool deliver(const Message &message) {
    const uint32_t slot = message.header.slot;
    if (message.header.kind == abi::PacketKind::Create) {
      startActor(agent, message);
      return false;
    }
    const abi::Slot row = agent.launch->slots[slot];
    if (!isRunning(row, message)) {
      refuse(row, message);
      return false;
    }
    if (message.header.kind == abi::PacketKind::Stop) {
      stopActor(agent, slot);
      answerStop(message);
      return false;
    }
    const uint32_t key = dispatchKey(row, message);
    const uint32_t lanes = rk_handler_lanes(key);
    if (lanes == 32 && LaneCount > 1 && rk_uses_warps())
      return true;
    if (lanes == 0)
      refuseUnhandled(message);
    else
      runHandler(row, message, key, true);
    return false;
  }

  /// Runs handlers that want all lanes, one after the other.
  void runWide(const Message &message, uint32_t wide) {
    while (wide != 0) {
      const uint32_t leader = uint32_t(__builtin_ctz(wide));
      wide &= wide - 1;
      const Message shared = shareMessage(message, leader);
      const abi::Slot row = agent.launch->slots[shared.header.slot];
      runHandler(row, shared, dispatchKey(row, shared), agent.lane == leader);
      syncLanes();
    }
  }

  static Message shareMessage(const Message &message, uint32_t leader) {
    uint32_t header[abi::HeaderWords];
    message.header.pack(header);
    for (uint32_t &word : header)
      word = shuffle(word, leader);
    Message shared;
    shared.header = abi::PacketHeader::unpack(header);
    for (uint32_t i = 0; i < abi::InlineBytes / 4; ++i)
      shared.payload[i] = shuffle(message.payload[i], leader);
    return shared;
  }

  static uint32_t dispatchKey(const abi::Slot &row, const Message &message) {
    return uint32_t(row.type) << abi::MessageBits | message.header.message;
  }

  /// Runs one handler in this lane. `answers` is false in the lanes that only
  /// help: they neither reply nor free.
  void runHandler(const abi::Slot &row, const Message &message, uint32_t key,
                  bool answers) {
    // First in the function, so that it has a fixed place on the stack.
    void *reply = __builtin_alloca_with_align(rk_reply_bytes(), 128);
    const abi::Launch &launch = *agent.launch;
    const void *bytes = message.payload;
    if (message.header.byReference) {
      // Acquire, for the sender's fence before its packet.
      fence<Scope::Device>();
      bytes = blockAt(launch, payloadBlock(message));
    }
    agent.self =
        abi::Address::make(message.header.slot, row.generation, launch.device)
            .bits;
    agent.sender = message.header.sender;
    agent.senderKind =
        answers ? message.header.senderKind : abi::SenderKind::None;
    noteActivity(message.header.slot, key + 1);
    const uint32_t outcome = rk_dispatch(key, row.state, bytes, reply, &agent);
    noteActivity(0, 0);
    if (!answers)
      return;
    if (outcome >= 2 && message.header.senderKind != abi::SenderKind::None)
      answer(agent, message.header.senderKind, message.header.sender,
             outcome - 2, reply, launch.messageBytes[outcome - 2]);
    if (message.header.byReference)
      freePayload(agent, message);
  }

  /// Tells the watchdog what this lane runs; one 8-byte store.
  void noteActivity(uint32_t slot, uint32_t handler) {
    store<Order::Relaxed, Scope::Device>(
        reinterpret_cast<uint64_t *>(&agent.report().activity[agent.lane]),
        uint64_t(slot) | uint64_t(handler) << 32);
  }

  RK_OUT_OF_LINE void refuse(const abi::Slot &row, const Message &message) {
    const abi::DeadLetterReason reason = mismatchReason(row, message);
    deadLetter(agent, message, reason,
               reason == abi::DeadLetterReason::ActorStopped
                   ? StatusCode::ActorStopped
                   : StatusCode::InvalidAddress);
    if (message.header.byReference)
      freePayload(agent, message);
  }

  RK_OUT_OF_LINE void refuseUnhandled(const Message &message) {
    deadLetter(agent, message, abi::DeadLetterReason::NoHandler,
               StatusCode::NoHandler);
    if (message.header.byReference)
      freePayload(agent, message);
  }

  RK_OUT_OF_LINE void answerStop(const Message &message) {
    if (message.header.senderKind == abi::SenderKind::Host)
      answerHost(agent, message.header.sender, StatusCode::Ok, abi::NoMessage,
                 nullptr, 0);
  }

  Agent agent{};
  Receiver receiver;
  uint64_t turns = 0;
};

} // namespace rk::device
