//===- Post.h - From any lane to any actor ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Builds records and brings them on their way, to an actor or to the host.
///
/// A handler's messages wait in its lane's outbox until it returns; then the
/// lanes of a warp send theirs side by side. Whatever must go at once goes
/// behind what waits, so the messages of one actor stay in order.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Blocks.h"
#include "common/Bulk.h"
#include "common/Generated.h"
#include "common/Outbound.h"
#include "common/Rows.h"
#include "common/Shards.h"
#include "common/Ways.h"

namespace rk::device {

/// What a running handler's calls work on: `rk::Context` in a handler is this
/// object. One for each lane. Functions that are not inlined get what they need
/// of it by value: its address must not leave the worker's loop, or all of it
/// would live in memory.
struct Context {
  Agent agent;
  /// Records of this lane that wait in the outbox.
  uint32_t waiting = 0;
  /// Lanes that handled earlier messages of the same actor in this batch, and
  /// whose one record still waits. It goes before anything of this lane.
  uint32_t earlier = 0;
  /// Lanes whose record this lane has sent for them.
  uint32_t taken = 0;
  /// Packets that this lane has put into inboxes since the last report.
  uint32_t sent = 0;
  uint64_t self = 0;            ///< address bits of the running actor
  uint32_t senderWords[2] = {}; ///< of the header: who sent its packet
  /// Whether what the handler sends to resident actors goes at once.
  bool sendsAtOnce = false;
  unsigned char *shared = nullptr; ///< of its block
  Record *spare = nullptr;         ///< a record there
  /// Packets in rings that neither the desk nor `sent` counts.
  uint32_t ringSent = 0;
  /// A copy of the desk's; and where this lane's last messages by others went.
  Outlet outlet;
  uint32_t lastSlot = Outlet::None;
  uint32_t sentThere = 0; ///< one after the other
  /// Whether what the handler makes may be fenced off later than at once: what
  /// it sends goes by this object, and it has the lane to itself.
  bool fencesLate = false;
  /// Whether this lane has made actors that no fence stands behind yet.
  bool hasMade = false;
  [[no_unique_address]] Probes probes;

  Record &outbox(uint32_t depth) const {
    return agent.desk->outbound[depth][agent.lane];
  }
  /// Where the handler's reply is made up.
  Record &replyRecord() const { return outbox(OutboxDepth); }
};

/// The inbox of the outbound agent comes behind the workers'.
inline uint32_t outboundInbox(const abi::Launch &launch) {
  return launch.workerCount;
}

/// Puts `size` bytes into a block of the pool, named by the record.
///
/// Ordering  the block is written before the fence, the packet after it; the
///           receiver of a by-reference packet fences before it reads.
RK_OUT_OF_LINE inline StatusCode attachBlock(Desk &desk, Record &record,
                                             const void *bytes, uint32_t size) {
  const Agent agent = agentOf(desk);
  const abi::Launch &launch = *agent.launch;
  const uint64_t block =
      size > launch.payloadBlockBytes ? NoHandle : takeBlock(agent);
  if (block == NoHandle)
    return StatusCode::PayloadPoolExhausted;
  __builtin_memcpy(
      __builtin_assume_aligned(blockAt(launch, uint32_t(block)), 16), bytes,
      size);
  setBlock(record, uint32_t(block), size);
  releaseFence();
  return StatusCode::Ok;
}

/// Puts `size` bytes into the record: inline, or into a block of the pool. The
/// header says which by `byReference`, from the size.
inline StatusCode attach(Agent agent, Record &record, const void *bytes,
                         uint32_t size) {
  if (size > abi::InlineBytes)
    return attachBlock(agent, record, bytes, size);
  __builtin_memcpy(record.payload(), bytes, size);
  return StatusCode::Ok;
}

/// What a message's sender is told, and how many packets there are more.
struct Posted {
  StatusCode status;
  uint32_t packets;
};

/// Settles a message that found its receiver's inbox full, as the receiver's
/// type wants (`Overflow.h`); the record is used up.
///
/// Ordering  of one sender's messages to one receiver the earlier comes first.
inline Posted settle(Desk &desk, Record &record);

/// Sends a complete record to the actor in its header, which is of this table.
inline Posted post(Agent agent, Record &record) {
  const uint32_t slot = record.header().slot;
  const bool fits = rk_has_residents() && agent.desk->shared &&
                            isResident(*agent.launch, slot)
                        ? putInRing(agent, record)
                        : put(agent, workerOf(agent, slot), &record);
  if (fits)
    return {StatusCode::Ok, 1};
  return settle(agent, record);
}

/// Sends the first records of the lanes in `earlier`, then the first `waiting`
/// of this lane, one by one; returns how many found room. If `hasMade`, it
/// fences first.
RK_OUT_OF_LINE inline uint32_t drainRecords(Desk &desk, uint32_t earlier,
                                            uint32_t waiting, bool hasMade) {
  const Agent agent = agentOf(desk);
  if (hasMade)
    releaseFence();
  uint32_t sent = 0;
  for (; earlier != 0; earlier &= earlier - 1)
    sent += post(agent, desk.outbound[0][__builtin_ctz(earlier)]).packets;
  for (uint32_t i = 0; i < waiting; ++i)
    sent += post(agent, desk.outbound[i][agent.lane]).packets;
  return sent;
}

/// Notes that this lane has made an actor: a fence has to stand between its
/// state and row, and whatever tells others of it. One serves for all that a
/// handler makes before it sends.
inline void noteMade(Context &context) {
  if (context.fencesLate)
    context.hasMade = true;
  else
    releaseFence();
}
/// Fences off what this lane has made, at the end of its handler: generated
/// code calls it there if the handler can spawn, so that no other asks.
///
/// Threads   any lane, in divergent code.
inline void publishMade(Context &context) {
  if (context.hasMade) [[unlikely]]
    releaseFence();
  context.hasMade = false;
}

/// Sends what waits in this lane's outbox, and what must go before it.
/// Everything that a handler sends at once goes behind it.
///
/// Threads   any lane, in divergent code.
inline void drainOutbox(Context &context) {
  if (context.waiting == 0 && context.earlier == 0 && !context.hasMade)
    return;
  context.sent += drainRecords(context.agent, context.earlier, context.waiting,
                               context.hasMade);
  context.hasMade = false;
  context.taken |= context.earlier;
  context.earlier = 0;
  context.waiting = 0;
}

/// Returns a free record of the outbox.
inline Record &nextRecord(Context &context) {
  if (context.waiting == OutboxDepth)
    drainOutbox(context);
  return context.outbox(context.waiting);
}

/// Refuses an address that no actor can have.
inline bool isPossible(Agent agent, abi::Address to) {
  if (!to.isNull() && to.slot() < agent.launch->slotCount) [[likely]]
    return true;
  countDeadLetter(agent, abi::DeadLetterReason::NeverIssued);
  return false;
}

inline abi::PacketHeader headerTo(abi::Address to) {
  abi::PacketHeader header;
  header.slot = to.slot();
  header.generation = to.generation();
  return header;
}

/// Settles the records of the lanes in `refused`, of one row of the outbox, in
/// the order of one actor's messages; returns how many packets this lane's is.
/// All lanes call it.
uint32_t settleRow(Desk &desk, uint32_t row, uint32_t refused);

/// Sends one row of the outbox, or the replies, of the lanes `senders`. All
/// lanes call it.
inline void flushRow(Context &context, uint32_t row, uint32_t senders) {
  const Agent agent = context.agent;
  const bool sends = senders >> agent.lane & 1;
  // Of all lanes: an owner that nobody asked for costs less than a branch.
  const uint32_t worker = workerOf(agent, context.outbox(row).header().slot);
  const uint32_t refused =
      putRow(agent, context.probes, agent.desk->outbound[row], senders, worker);
  context.sent += sends && !(refused >> agent.lane & 1);
  if (refused != 0) [[unlikely]] {
    context.sent += settleRow(agent, row, refused);
    syncLanes();
  }
}

/// Sends everything that the lanes' handlers left: what waits in the outbox,
/// then the replies. All lanes call it.
///
/// Ordering  within a row, lanes send in their order, which is that of their
///           messages. So what lanes left in rounds after each other may go
///           together as long as no lane has left more than one record, nor a
///           reply to an actor.
inline void flushOutbox(Context &context, abi::SenderKind replyTo) {
  // One copy of the code for all rows: it is large, and instructions are cached
  // too.
#pragma clang loop unroll(disable)
  for (uint32_t row = 0; row <= OutboxDepth; ++row) {
    const bool sends = row < OutboxDepth ? context.waiting > row
                                         : replyTo == abi::SenderKind::Actor;
    const uint32_t senders = ballot(sends);
    if (senders != 0)
      flushRow(context, row, senders);
  }
  context.waiting = 0;
  context.earlier = 0;
  const uint32_t toHost = ballot(replyTo == abi::SenderKind::Host);
  if (toHost != 0)
    putReplySlots(context.agent, toHost,
                  context.agent.desk->outbound[OutboxDepth]);
}

/// What an answer to the host carries.
struct Answer {
  StatusCode status = StatusCode::Ok;
  uint32_t message = abi::NoMessage;
  const void *bytes = nullptr;
  uint32_t size = 0;
};

/// Answers the host's question `token`.
RK_OUT_OF_LINE inline StatusCode answerHost(Desk &desk, uint64_t token,
                                            Answer answer) {
  const Agent agent = agentOf(desk);
  abi::PacketHeader header;
  header.message = answer.message;
  header.sender = token;
  header.senderKind = abi::SenderKind::Host;
  header.status = uint32_t(answer.status);
  header.byReference = answer.size > abi::InlineBytes;
  Record record{};
  record.setHeader(header);
  if (header.byReference)
    setBlock(record, 0, answer.size);
  else if (answer.size != 0)
    __builtin_memcpy(record.payload(), answer.bytes, answer.size);
  if (!header.byReference && putReplySlot(agent, record, token))
    return StatusCode::Ok;
  if (tryPutOutbound(agent, record,
                     static_cast<const unsigned char *>(answer.bytes)))
    return StatusCode::Ok;
  if (attach(agent, record, answer.bytes, answer.size) != StatusCode::Ok ||
      !put(agent, outboundInbox(*agent.launch), &record)) {
    countDeadLetter(agent, abi::DeadLetterReason::MailboxFull);
    discardBulk(agent, answer.message, answer.bytes);
    return StatusCode::MailboxFull;
  }
  fetchAdd<Order::Relaxed, Scope::Device>(&agent.report().queuedAnswers,
                                          uint64_t(1));
  return StatusCode::Ok;
}

/// Counts a message that no handler gets, frees it, and tells a host that
/// waits.
RK_OUT_OF_LINE inline void deadLetter(Desk &desk, const Record &record,
                                      abi::DeadLetterReason reason,
                                      StatusCode status) {
  const Agent agent = agentOf(desk);
  countDeadLetter(agent, reason);
  discardBulk(agent, record);
  const abi::PacketHeader header = record.header();
  if (header.senderKind == abi::SenderKind::Host)
    answerHost(agent, header.sender, {.status = status});
}

} // namespace rk::device
