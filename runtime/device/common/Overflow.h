//===- Overflow.h - Messages that find a mailbox full -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Does with a message that has found its receiver's inbox full what the
/// receiver's type wants: `rk::abi::WhenFull`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Post.h"

namespace rk::device {

/// Returns what the type of the actor in `slot` wants. Whoever knows an
/// address finds the type, though the actor's owner may not have seen it yet;
/// in a slot that was never taken it finds type 0's.
inline abi::WhenFull whenFull(const abi::Launch &launch, uint32_t slot) {
  // Relaxed: it is written before the address is told to anybody.
  const uint64_t row = load<Order::Relaxed, Scope::Device>(
      reinterpret_cast<const uint64_t *>(&launch.slots[slot]));
  return launch.actorTypes[uint16_t(row >> 32)].whenFull;
}

/// The messages that the inbox of a record's receiver keeps.
inline abi::KeptMessages &keptFor(Desk &desk, const Record &record) {
  return desk.launch->kept[workerOf(agentOf(desk), record.header().slot)];
}

// Whoever settles a message puts it, or what it has become, in a loop of its
// own
// (`settle`). The functions below call nothing that puts: such calls need many
// registers, which would be missing where a handler sends.

/// What is to be done next: put the record into `inbox`, or nothing.
struct Settling {
  enum Step : uint32_t {
    Done,
    Locked,  ///< the message itself; the lock of what is kept is held
    Answers, ///< the answer to a host that waits
  };
  Step step = Done;
  uint32_t inbox = 0;
  Posted posted{};
};

/// Accounts for a message that nobody gets. If the host waits for an answer,
/// the record becomes that answer, unless it is on its way.
inline Settling dropFull(Desk &desk, Record &record,
                         abi::DeadLetterReason reason, StatusCode status) {
  const Agent agent = agentOf(desk);
  const abi::PacketHeader header = record.header();
  if (header.byReference)
    freePayload(agent, record);
  discardBulk(agent, record);
  countDeadLetter(agent, reason);
  Settling settling{.posted = {status, 0}};
  if (header.senderKind != abi::SenderKind::Host)
    return settling;
  abi::PacketHeader out;
  out.message = abi::NoMessage;
  out.sender = header.sender;
  out.senderKind = abi::SenderKind::Host;
  out.status = uint32_t(StatusCode::MailboxFull);
  record.setHeader(out);
  if (!putReplySlot(agent, record, header.sender)) {
    settling.step = Settling::Answers;
    settling.inbox = outboundInbox(*agent.launch);
  }
  return settling;
}

/// Puts a message in the place of what is kept for its receiver; `record` is
/// then what was there. Gives the lock back.
inline Settling keepNewest(Desk &desk, Record &record) {
  const abi::PacketHeader header = record.header();
  abi::KeptMessages &kept = keptFor(desk, record);
  const uint64_t receiver =
      abi::Address::make(header.slot, header.generation).bits;
  const uint32_t place = keptPlace(kept, receiver);
  const bool hasPlace = place != abi::KeptPackets;
  const bool isFree = hasPlace && kept.receivers[place] == 0;
  if (hasPlace) {
    kept.count += isFree;
    kept.receivers[place] = receiver;
#pragma clang loop unroll(disable)
    for (uint32_t i = 0; i < abi::PacketWords; ++i) {
      const uint32_t older = kept.words[place][i];
      kept.words[place][i] = record.word[i];
      record.word[i] = older;
    }
  }
  unlockKept(kept);
  if (isFree)
    return {.posted = {StatusCode::Ok, 1}};
  // What replaces another takes over that one's packet in the books.
  return dropFull(desk, record,
                  hasPlace ? abi::DeadLetterReason::DroppedOldest
                           : abi::DeadLetterReason::MailboxFull,
                  StatusCode::Ok);
}

/// Begins with a message that has found its inbox full.
///
/// If its receiver's type drops its oldest, it is tried again under the lock: a
/// ticket that is void then is of a time after which the receiver opens the
/// inbox, and finds what is kept.
RK_OUT_OF_LINE inline Settling beginSettling(Desk &desk, Record &record) {
  const abi::PacketHeader header = record.header();
  const abi::WhenFull wants = header.kind == abi::PacketKind::User
                                  ? whenFull(*desk.launch, header.slot)
                                  : abi::WhenFull::Fail;
  if (wants != abi::WhenFull::DropOldest)
    return dropFull(desk, record, abi::DeadLetterReason::MailboxFull,
                    wants == abi::WhenFull::Fail ? StatusCode::MailboxFull
                                                 : StatusCode::Ok);
  lockKept(desk, keptFor(desk, record));
  return {.step = Settling::Locked,
          .inbox = workerOf(agentOf(desk), header.slot)};
}

/// Goes on after the record was put, or was not.
RK_OUT_OF_LINE inline Settling goOnSettling(Desk &desk, Record &record,
                                            Settling settling, bool isPut) {
  if (settling.step == Settling::Locked) {
    if (!isPut)
      return keepNewest(desk, record);
    unlockKept(keptFor(desk, record));
    return {.posted = {StatusCode::Ok, 1}};
  }
  if (isPut)
    fetchAdd<Order::Relaxed, Scope::Device>(
        &agentOf(desk).report().queuedAnswers, uint64_t(1));
  else
    countDeadLetter(desk, abi::DeadLetterReason::MailboxFull);
  settling.step = Settling::Done;
  return settling;
}

inline Posted settle(Desk &desk, Record &record) {
  Settling settling = beginSettling(desk, record);
  while (settling.step != Settling::Done)
    settling = goOnSettling(desk, record, settling,
                            put(desk, settling.inbox, &record));
  return settling.posted;
}

RK_OUT_OF_LINE inline uint32_t settleRow(Desk &desk, uint32_t row,
                                         uint32_t refused) {
  const Agent agent = agentOf(desk);
  Record &record = desk.outbound[row][agent.lane];
  uint32_t packets = 0;
#pragma clang loop unroll(disable)
  for (; agree(refused != 0); refused &= refused - 1) {
    if ((refused & -refused) == 1u << agent.lane)
      packets = settle(agent, record).packets;
    syncLanes();
  }
  return packets;
}

/// Lanes whose messages have been settled, and packets that this lane's is.
struct Settled {
  uint32_t lanes;
  uint32_t packets;
};

/// Settles those messages of the host in `refused`, a row of the desk, that
/// their receivers do not want to wait. All lanes call it.
RK_OUT_OF_LINE inline Settled settleWaiting(Desk &desk, uint32_t row,
                                            uint32_t refused) {
  const Agent agent = agentOf(desk);
  Record &record = desk.outbound[row][agent.lane];
  const abi::PacketHeader header = record.header();
  const uint32_t lanes = ballot(
      (refused >> agent.lane & 1) && header.kind == abi::PacketKind::User &&
      whenFull(*agent.launch, header.slot) != abi::WhenFull::Fail);
  return {lanes, settleRow(agent, row, lanes)};
}

} // namespace rk::device
