//===- Overflow.h - Messages that find a mailbox full -------------*- C++
//-*-===//
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

/// Accounts for a message that nobody gets.
inline void dropFull(Agent agent, const Record &record,
                     abi::DeadLetterReason reason) {
  if (record.header().byReference)
    freePayload(agent, record);
  deadLetter(agent, record, reason, StatusCode::MailboxFull);
}

/// What `keepNewest` did.
enum class Keeping : uint32_t { Placed, Kept, Replaced, NoPlace };

/// Puts a message into the inbox, if it is open again, or in the place of what
/// is kept for its receiver; `record` is then what was there. The caller holds
/// the lock, so a ticket that is void now is of a time after which the receiver
/// opens the inbox, and finds what is kept.
inline Keeping keepLocked(Agent agent, Record &record) {
  const abi::PacketHeader header = record.header();
  const uint32_t inbox = workerOf(agent, header.slot);
  if (put(agent, inbox, &record))
    return Keeping::Placed;
  abi::KeptMessages &kept = agent.launch->kept[inbox];
  const uint64_t receiver =
      abi::Address::make(header.slot, header.generation).bits;
  const uint32_t place = keptPlace(kept, receiver);
  if (place == abi::KeptPackets)
    return Keeping::NoPlace;
  const bool isFree = kept.receivers[place] == 0;
  kept.count += isFree;
  kept.receivers[place] = receiver;
#pragma clang loop unroll(disable)
  for (uint32_t i = 0; i < abi::PacketWords; ++i) {
    const uint32_t older = kept.words[place][i];
    kept.words[place][i] = record.word[i];
    record.word[i] = older;
  }
  return isFree ? Keeping::Kept : Keeping::Replaced;
}

/// Settles a message whose receiver's type drops its oldest.
inline Posted keepNewest(Agent agent, Record &record) {
  Keeping keeping;
  {
    const uint32_t inbox = workerOf(agent, record.header().slot);
    const KeptLock lock(agent, &agent.launch->kept[inbox]);
    keeping = keepLocked(agent, record);
  }
  if (keeping == Keeping::NoPlace)
    dropFull(agent, record, abi::DeadLetterReason::MailboxFull);
  else if (keeping == Keeping::Replaced)
    dropFull(agent, record, abi::DeadLetterReason::DroppedOldest);
  // What replaces another takes over that one's packet in the books.
  return {StatusCode::Ok,
          keeping == Keeping::Placed || keeping == Keeping::Kept};
}

RK_OUT_OF_LINE inline Posted settleFull(Desk &desk, Record &record) {
  const Agent agent = agentOf(desk);
  const abi::PacketHeader header = record.header();
  const abi::WhenFull wants = header.kind == abi::PacketKind::User
                                  ? whenFull(*agent.launch, header.slot)
                                  : abi::WhenFull::Fail;
  if (wants == abi::WhenFull::DropOldest)
    return keepNewest(agent, record);
  dropFull(agent, record, abi::DeadLetterReason::MailboxFull);
  return {wants == abi::WhenFull::Fail ? StatusCode::MailboxFull
                                       : StatusCode::Ok,
          0};
}

RK_OUT_OF_LINE inline uint32_t settleRow(Desk &desk, Record &record,
                                         uint32_t refused) {
  const Agent agent = agentOf(desk);
  uint32_t packets = 0;
#pragma clang loop unroll(disable)
  for (; refused != 0; refused &= refused - 1) {
    if ((refused & -refused) == 1u << agent.lane)
      packets = settleFull(agent, record).packets;
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
  return {lanes, settleRow(agent, record, lanes)};
}

} // namespace rk::device
