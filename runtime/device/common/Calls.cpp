//===- Calls.cpp - What handlers call -----------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of `rk/abi/DeviceCalls.def` that messaging operations of the
/// dialect are lowered to. All may be called in divergent code.
///
//===----------------------------------------------------------------------===//

#include "common/Actors.h"

using namespace rk::device;
namespace abi = rk::abi;

namespace {

/// A reply token: `PacketHeader::sender`, with the kind in the top bits.
constexpr uint32_t TokenKindShift = 62;

uint64_t makeToken(abi::SenderKind kind, uint64_t sender) {
  return kind == abi::SenderKind::None
             ? 0
             : uint64_t(kind) << TokenKindShift | sender;
}

} // namespace

extern "C" {

uint32_t rk_send(void *context, uint64_t address, uint32_t messageType,
                 const void *bytes, uint32_t size, uint32_t wantsReply) {
  Agent &agent = *static_cast<Agent *>(context);
  const abi::Address to{address};
  if (to.isNull()) {
    countDeadLetter(agent, abi::DeadLetterReason::NeverIssued);
    return uint32_t(StatusCode::InvalidAddress);
  }
  Message message{};
  addressTo(message, to);
  message.header.message = messageType;
  if (wantsReply) {
    message.header.senderKind = abi::SenderKind::Actor;
    message.header.sender = agent.self & ((uint64_t(1) << abi::TokenBits) - 1);
  }
  const StatusCode status = attach(agent, message, bytes, size);
  if (status != StatusCode::Ok) {
    countDeadLetter(agent, abi::DeadLetterReason::MailboxFull);
    return uint32_t(status);
  }
  return uint32_t(post(agent, message));
}

uint32_t rk_reply(void *context, uint64_t token, uint32_t messageType,
                  const void *bytes, uint32_t size) {
  Agent &agent = *static_cast<Agent *>(context);
  const auto kind = abi::SenderKind(token >> TokenKindShift);
  const uint64_t sender = token & ((uint64_t(1) << abi::TokenBits) - 1);
  return uint32_t(answer(agent, kind, sender, messageType, bytes, size));
}

uint64_t rk_spawn(void *context, uint32_t actorType, const void *state,
                  uint32_t size, uint32_t *status) {
  Agent &agent = *static_cast<Agent *>(context);
  Allocation made = allocateActor(agent, actorType);
  if (made.status == StatusCode::Ok) {
    __builtin_memcpy(__builtin_assume_aligned(made.state, 16), state, size);
    made.status = announceActor(agent, actorType, made);
  }
  *status = uint32_t(made.status);
  if (made.status != StatusCode::Ok)
    return 0;
  return abi::Address::make(made.slot, made.generation, agent.launch->device)
      .bits;
}

uint32_t rk_stop(void *context, uint64_t address) {
  Agent &agent = *static_cast<Agent *>(context);
  const abi::Address to{address};
  if (to.isNull()) {
    countDeadLetter(agent, abi::DeadLetterReason::NeverIssued);
    return uint32_t(StatusCode::InvalidAddress);
  }
  Message message{};
  addressTo(message, to);
  message.header.kind = abi::PacketKind::Stop;
  return uint32_t(post(agent, message));
}

uint64_t rk_self(void *context) { return static_cast<Agent *>(context)->self; }

uint64_t rk_sender(void *context) {
  const Agent &agent = *static_cast<Agent *>(context);
  return makeToken(agent.senderKind, agent.sender);
}

} // extern "C"
