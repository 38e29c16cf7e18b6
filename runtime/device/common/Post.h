//===- Post.h - From any lane to any actor ------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Builds packets and brings them on their way: to an actor of this device or
/// to the host.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Outbound.h"

namespace rk::device {

inline abi::Inbox &inboxOf(const abi::Launch &launch, uint32_t slot) {
  return launch.inboxes[launch.shardWorkers[slot & launch.shardMask]];
}
inline abi::Inbox &outboundInbox(const abi::Launch &launch) {
  return launch.inboxes[launch.workerCount];
}
inline unsigned char *blockAt(const abi::Launch &launch, uint32_t block) {
  return launch.payload + uint64_t(block) * launch.payloadBlockBytes;
}
inline void freePayload(Agent &agent, const Message &message) {
  give(agent, *agent.launch->freePayload, payloadBlock(message));
}

/// Puts `size` bytes into a block of the pool, named by the message.
///
/// Ordering  the block is written before the fence, the packet after it; the
///           receiver of a by-reference packet fences before it reads.
RK_OUT_OF_LINE inline StatusCode attachBlock(Agent &agent, Message &message,
                                             const void *bytes, uint32_t size) {
  const abi::Launch &launch = *agent.launch;
  const uint64_t block = size > launch.payloadBlockBytes
                             ? NoHandle
                             : take(agent, *launch.freePayload);
  if (block == NoHandle)
    return StatusCode::PayloadPoolExhausted;
  __builtin_memcpy(
      __builtin_assume_aligned(blockAt(launch, uint32_t(block)), 16), bytes,
      size);
  message.payload[0] = uint32_t(block);
  message.payload[1] = size;
  fence<Scope::Device>();
  return StatusCode::Ok;
}

/// Puts `size` bytes into the message: inline, or into a block of the pool.
inline StatusCode attach(Agent &agent, Message &message, const void *bytes,
                         uint32_t size) {
  message.header.byReference = size > abi::InlineBytes;
  if (size <= abi::InlineBytes) {
    __builtin_memcpy(message.payload, bytes, size);
    return StatusCode::Ok;
  }
  return attachBlock(agent, message, bytes, size);
}

inline void addressTo(Message &message, abi::Address address) {
  message.header.slot = address.slot();
  message.header.generation = address.generation();
}

/// Sends a complete message to the actor in its header.
inline StatusCode post(Agent &agent, const Message &message) {
  const abi::Launch &launch = *agent.launch;
  if (message.header.slot >= launch.maxActors) {
    if (message.header.byReference)
      freePayload(agent, message);
    countDeadLetter(agent, abi::DeadLetterReason::NeverIssued);
    return StatusCode::InvalidAddress;
  }
  if (put(agent, inboxOf(launch, message.header.slot), message))
    return StatusCode::Ok;
  if (message.header.byReference)
    freePayload(agent, message);
  countDeadLetter(agent, abi::DeadLetterReason::MailboxFull);
  return StatusCode::MailboxFull;
}

/// Answers the host's question `token`.
RK_OUT_OF_LINE inline StatusCode answerHost(Agent &agent, uint64_t token,
                                            StatusCode status,
                                            uint32_t messageType,
                                            const void *bytes, uint32_t size) {
  Message message{};
  message.header.message = messageType;
  message.header.sender = token;
  message.header.senderKind = abi::SenderKind::Host;
  message.header.status = uint32_t(status);
  message.header.byReference = size > abi::InlineBytes;
  if (message.header.byReference)
    message.payload[1] = size;
  else if (size != 0)
    __builtin_memcpy(message.payload, bytes, size);
  if (tryPutOutbound(agent, message, static_cast<const unsigned char *>(bytes)))
    return StatusCode::Ok;
  if (attach(agent, message, bytes, size) != StatusCode::Ok ||
      !put(agent, outboundInbox(*agent.launch), message)) {
    countDeadLetter(agent, abi::DeadLetterReason::MailboxFull);
    return StatusCode::MailboxFull;
  }
  return StatusCode::Ok;
}

/// Answers whoever sent a message, if anyone waits for it.
inline StatusCode answer(Agent &agent, abi::SenderKind kind, uint64_t sender,
                         uint32_t messageType, const void *bytes,
                         uint32_t size) {
  if (kind == abi::SenderKind::None)
    return StatusCode::InvalidArgument;
  if (kind == abi::SenderKind::Host)
    return answerHost(agent, sender, StatusCode::Ok, messageType, bytes, size);
  Message message{};
  addressTo(message, abi::Address{sender});
  message.header.message = messageType;
  const StatusCode status = attach(agent, message, bytes, size);
  if (status != StatusCode::Ok) {
    countDeadLetter(agent, abi::DeadLetterReason::MailboxFull);
    return status;
  }
  return post(agent, message);
}

/// Counts a message that no handler gets, and tells a host that waits.
RK_OUT_OF_LINE inline void deadLetter(Agent &agent, const Message &message,
                                      abi::DeadLetterReason reason,
                                      StatusCode status) {
  countDeadLetter(agent, reason);
  if (message.header.senderKind == abi::SenderKind::Host)
    answerHost(agent, message.header.sender, status, abi::NoMessage, nullptr,
               0);
}

} // namespace rk::device
