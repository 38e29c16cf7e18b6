//===- Handlers.h - Calls of handlers ---------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs one handler for one packet, makes up its reply, and deals with packets
/// that no handler gets.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Actors.h"
#include "common/Generated.h"

namespace rk::device {

/// One lane's calls, and what they leave to be done when the lanes are together
/// again.
class Handlers {
protected:
  using Agent = device::Agent;

  /// Everything but a message for an actor that runs. If it is the first
  /// message of an actor, starts that and returns its row, to be delivered;
  /// else a row of no actor.
  RK_OUT_OF_LINE static abi::Slot deliverRare(Desk &desk,
                                              const Record &record) {
    const Agent agent = agentOf(desk);
    const abi::PacketHeader header = record.header();
    abi::Slot &slot = agent.launch->slots[header.slot];
    abi::Slot row = loadRow(slot);
    if (!isRunning(row, header.generation))
      row = lookAgain(slot, header.generation);
    if (!isRunning(row, header.generation)) {
      refuse(agent, row, record);
      return {};
    }
    if (header.kind == abi::PacketKind::User)
      return row;
    stopActor(agent, header.slot);
    if (header.senderKind == abi::SenderKind::Host)
      answerHost(agent, header.sender, {});
    return {};
  }

  /// The same for the records that came to the lanes where `wants` holds. All
  /// lanes call it, so that the caller's code knows them to be together.
  RK_OUT_OF_LINE static abi::Slot deliverRareRow(Desk &desk, bool wants) {
    abi::Slot row{};
    if (wants)
      row = deliverRare(desk, desk.inbound[laneId()]);
    syncLanes();
    return row;
  }

  /// Tells the watchdog what this lane runs, or that it runs nothing. All lanes
  /// call it: together they store 256 bytes.
  void noteActivity(uint32_t slot, uint32_t handler) {
    store<Order::Relaxed, Scope::Device>(
        reinterpret_cast<uint64_t *>(
            &context.agent.report().activity[context.agent.lane]),
        uint64_t(slot) | uint64_t(handler) << 32);
  }

  uint64_t selfOf(const abi::Slot &row, const abi::PacketHeader &header) const {
    return abi::Address::make(header.slot, row.generation,
                              context.agent.launch->device)
        .bits;
  }
  static uint32_t dispatchKey(const abi::Slot &row,
                              const abi::PacketHeader &header) {
    return uint32_t(row.type) << abi::MessageBits | header.message;
  }

  static uint32_t dispatchAnyResident(uint32_t key, void *state,
                                      const void *message, void *reply,
                                      void *context) {
    uint32_t outcome =
        rk_dispatch_resident(key, state, message, reply, context);
    if (outcome == 0)
      outcome = rk_dispatch_resident_warp(key, state, message, reply, context);
    return outcome != 0 ? outcome
                        : rk_dispatch_team(key, state, message, reply, context);
  }
  /// Runs the handler of a pooled actor; where workers run all actors, of any.
  struct PooledDispatch {
    static constexpr bool KnowsAll = false;
    uint32_t operator()(uint32_t key, void *state, const void *message,
                        void *reply, void *context) const {
      const uint32_t outcome = rk_dispatch(key, state, message, reply, context);
      if (HasResidentKernel || !rk_has_residents() || outcome != 0)
        return outcome;
      return dispatchAnyResident(key, state, message, reply, context);
    }
  };
  /// Runs the handler of a resident actor, which there is: the caller asked
  /// `rk_handler_lanes`.
  template <bool WholeWarp> struct ResidentDispatch {
    static constexpr bool KnowsAll = true;
    uint32_t operator()(uint32_t key, void *state, const void *message,
                        void *reply, void *context) const {
      return WholeWarp
                 ? rk_dispatch_resident_warp(key, state, message, reply,
                                             context)
                 : rk_dispatch_resident(key, state, message, reply, context);
    }
  };

  /// Calls one handler in this lane by `dispatch`; returns what that returns.
  template <class Dispatch>
  uint32_t callHandler(Dispatch dispatch, void *state, uint64_t self,
                       Record &record, uint32_t key, bool answers,
                       void *reply) {
    context.self = self;
    context.senderWords[0] = answers ? record.word[2] : 0;
    context.senderWords[1] = record.word[3];
    return dispatch(key, state, record.payload(), reply, &context);
  }

  /// Runs one handler in this lane by `dispatch`; returns who gets what it left
  /// in the lane's reply record. `answers` is false in the lanes that only
  /// help: they neither reply nor free.
  template <class Dispatch>
  abi::SenderKind runHandler(Dispatch dispatch, void *state, uint64_t self,
                             Record &record, uint32_t key, bool answers) {
    // First in the function, so that it has a fixed place on the stack.
    void *reply = rk_reply_bytes() > abi::InlineBytes
                      ? __builtin_alloca_with_align(rk_reply_bytes(), 128)
                      : context.replyRecord().payload();
    const abi::PacketHeader header = record.header();
    const uint32_t outcome =
        callHandler(dispatch, state, self, record, key, answers, reply);
    if (!answers)
      return abi::SenderKind::None;
    if (!Dispatch::KnowsAll && outcome == 0) [[unlikely]]
      refuseInbound(context.agent);
    freed.has = header.byReference;
    if (outcome < 2 || header.senderKind == abi::SenderKind::None)
      return abi::SenderKind::None;
    return answer(header, outcome - 2, reply);
  }

  /// Puts the address of a by-reference payload where handlers look for it, and
  /// keeps its block's number.
  ///
  /// Ordering  acquire, for the sender's fence before its packet.
  void exposeBlock(Record &record) {
    acquireFence();
    freed.block = payloadBlock(record);
    const auto address =
        reinterpret_cast<uint64_t>(blockAt(*context.agent.launch, freed.block));
    record.payload()[0] = uint32_t(address);
    record.payload()[1] = uint32_t(address >> 32);
  }

  /// Makes up the reply to whoever sent a message, in the lane's reply record;
  /// returns the sender's kind, or `None` if the reply is on its way. A reply
  /// never overtakes what the handler sent before.
  abi::SenderKind answer(const abi::PacketHeader &header, uint32_t message,
                         const void *reply) {
    const abi::Launch &launch = *context.agent.launch;
    // Where all replies are small, their size is no matter, but for the ring.
    const uint32_t size =
        rk_reply_bytes() > abi::InlineBytes ? launch.messageBytes[message] : 0;
    const bool toHost = header.senderKind == abi::SenderKind::Host;
    if (toHost && (size > abi::InlineBytes || !hasSlot(launch, header.sender)))
      return answerInRing(header.sender,
                          {.message = message,
                           .bytes = reply,
                           .size = launch.messageBytes[message]});
    Record &record = context.replyRecord();
    abi::PacketHeader out;
    if (toHost) {
      out.sender = header.sender;
      out.senderKind = abi::SenderKind::Host;
    } else {
      out = headerTo(abi::Address{header.sender});
    }
    out.message = message;
    out.byReference = size > abi::InlineBytes;
    record.setHeader(out);
    if (reply == record.payload() ||
        attach(context.agent, record, reply, size) == StatusCode::Ok)
      return header.senderKind;
    countDeadLetter(context.agent, abi::DeadLetterReason::MailboxFull);
    return abi::SenderKind::None;
  }

  abi::SenderKind answerInRing(uint64_t token, Answer answer) {
    drainOutbox(context);
    answerHost(context.agent, token, answer);
    return abi::SenderKind::None;
  }

  static void refuse(Agent agent, const abi::Slot &row, const Record &record) {
    const abi::DeadLetterReason reason =
        mismatchReason(row, record.header().generation);
    deadLetter(agent, record, reason,
               reason == abi::DeadLetterReason::ActorStopped
                   ? StatusCode::ActorStopped
                   : StatusCode::InvalidAddress);
    if (record.header().byReference)
      freePayload(agent, record);
  }

  RK_OUT_OF_LINE static void refuseUnhandled(Desk &desk, const Record &record) {
    const Agent agent = agentOf(desk);
    deadLetter(agent, record, abi::DeadLetterReason::NoHandler,
               StatusCode::NoHandler);
  }
  /// The same of the record that came to this lane.
  RK_OUT_OF_LINE static void refuseInbound(Desk &desk) {
    refuseUnhandled(desk, desk.inbound[laneId()]);
  }

  /// A block whose message this lane has handled.
  struct Freed {
    bool has = false;
    uint32_t block = 0;
  };

  Context context{};
  /// Who gets what waits in the lane's reply record.
  abi::SenderKind replyTo = abi::SenderKind::None;
  Freed freed;
};

} // namespace rk::device
