//===- Outbound.h - Packets to the host ------------------------------------*-
// C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Answers the host's requests.
///
/// A small answer to one of the first requests goes straight into the slot that
/// the host keeps for it, and waits for nobody. Every other takes a place in a
/// ring; when the host does not keep up with that, the answer goes to the inbox
/// of the outbound agent, which alone waits for room. Answers are matched by
/// token, so their order means nothing.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Inbox.h"

namespace rk::device {

/// Copies `bytes` bytes, a multiple of 4, to host memory.
inline void copyToHost(unsigned char *to, const unsigned char *from,
                       uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i += 4) {
    uint32_t word;
    __builtin_memcpy(&word, from + i, 4);
    store<Order::Relaxed, Scope::System>(reinterpret_cast<uint32_t *>(to + i),
                                         word);
  }
}

inline bool takeCredit(abi::OutboundState &state) {
  auto *credits = reinterpret_cast<uint64_t *>(&state.credits);
  if (int64_t(fetchAdd<Order::Relaxed, Scope::Device>(credits, ~uint64_t(0))) >
      0)
    return true;
  fetchAdd<Order::Relaxed, Scope::Device>(credits, uint64_t(1));
  return false;
}

/// Writes a packet into the ring if there is room. A by-reference payload is
/// `large`, `payloadBytes(record)` long.
///
/// Ordering  the large payload is written before the packet: a fence at system
///           scope stands between them.
inline bool tryPutOutbound(Agent agent, const Record &record,
                           const unsigned char *large) {
  const abi::OutboundRing &ring = agent.launch->outbound;
  abi::OutboundState &state = *agent.launch->outboundState;
  if (!takeCredit(state))
    return false;
  const uint64_t position =
      fetchAdd<Order::Relaxed, Scope::Device>(&state.tail, uint64_t(1));
  const uint64_t index = position & (ring.capacity - 1);
  if (record.header().byReference) {
    copyToHost(ring.staging + index * ring.stagingStride, large,
               (payloadBytes(record) + 3) & ~3u);
    fence<Scope::System>();
  }
  writePacket<Scope::System>(ring.ring + index, record,
                             abi::ringMark(position, ring.capacity));
  return true;
}

inline bool hasSlot(const abi::Launch &launch, uint64_t token) {
  return abi::replyRow(token) < launch.replySlotCount;
}

/// Notes that a request is being answered; false if it, or a later request of
/// its row, has been. A row's requests are answered one after the other, so its
/// marks go up by one, and round within `ReplyMarkBits` bits.
inline bool claimAnswer(const abi::Launch &launch, uint64_t token) {
  uint32_t *last = &launch.answered[abi::replyRow(token)];
  const uint32_t mark = abi::replyMark(token);
  uint32_t seen = load<Order::Relaxed, Scope::Device>(last);
  for (;;) {
    if (int32_t((mark - seen) << (32 - abi::ReplyMarkBits)) <= 0)
      return false;
    const uint32_t found =
        compareExchange<Order::Relaxed, Scope::Device>(last, seen, mark);
    if (found == seen)
      return true;
    seen = found;
  }
}
/// Notes an answer that is the first for certain: a handler's return.
inline void noteAnswer(const abi::Launch &launch, uint64_t token) {
  store<Order::Relaxed, Scope::Device>(&launch.answered[abi::replyRow(token)],
                                       abi::replyMark(token));
}

/// Writes a small answer into its request's slot; false if it has none.
///
/// Cost      64 posted bytes to host memory.
inline bool putReplySlot(Agent agent, const Record &record, uint64_t token) {
  const abi::Launch &launch = *agent.launch;
  if (!hasSlot(launch, token))
    return false;
  noteAnswer(launch, token);
  writePacket<Scope::System>(launch.replySlots + abi::replyRow(token), record,
                             abi::replyMark(token));
  return true;
}

/// Writes the answers of `lanes`, of which there are some, into their requests'
/// slots. All lanes call it.
inline void putReplySlots(Agent agent, uint32_t lanes, const Record *row) {
  syncLanes(); // behind the lanes' writes to their records
  if (isSingle(lanes)) {
    const Record &record = row[__builtin_ctz(lanes)];
    const uint64_t token = record.header().sender;
    if (agent.lane == 0)
      noteAnswer(*agent.launch, token);
    writeTogether<Scope::System>(
        agent.lane, agent.launch->replySlots + abi::replyRow(token), record,
        abi::replyMark(token));
    return;
  }
  const bool mine = lanes >> agent.lane & 1;
  const uint64_t token = mine ? row[agent.lane].header().sender : 0;
  if (mine)
    noteAnswer(*agent.launch, token);
  writePackets<Scope::System>(agent.lane, lanes, row,
                              agent.launch->replySlots + abi::replyRow(token),
                              abi::replyMark(token));
}

/// Turns what the host has read into credits. One lane of one agent calls it.
RK_OUT_OF_LINE inline void collectCredits(const abi::Launch &launch) {
  abi::OutboundState &state = *launch.outboundState;
  // Acquire: the host's reads of the packets are over.
  const uint64_t consumed =
      load<Order::Acquire, Scope::System>(launch.outbound.consumed);
  const uint64_t gained = consumed - state.credited;
  if (gained == 0)
    return;
  state.credited = consumed;
  fetchAdd<Order::Release, Scope::Device>(
      reinterpret_cast<uint64_t *>(&state.credits), gained);
}

} // namespace rk::device
