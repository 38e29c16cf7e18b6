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
/// address finds the type, though the actor's Create packet may not have been
/// handled; in a slot that was never taken it finds type 0's.
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
/// is kept for its receiver; `older` is then what was there. The caller holds
/// the lock, so a ticket that is void now is of a time after which the receiver
/// opens the inbox, and finds what is kept.
inline Keeping keepLocked(Agent agent, const Record &record, Record &older) {
  const abi::PacketHeader header = record.header();
  const uint32_t inbox = workerOf(*agent.launch, header.slot);
  if (put(agent, inbox, &record))
    return Keeping::Placed;
  abi::KeptMessages &kept = agent.launch->kept[inbox];
  const uint64_t receiver =
      abi::Address::make(header.slot, header.generation).bits;
  const uint32_t place = keptPlace(kept, receiver);
  if (place == abi::KeptPackets)
    return Keeping::NoPlace;
  const bool isFree = kept.receivers[place] == 0;
  if (isFree)
    ++kept.count;
  else
    __builtin_memcpy(older.word, kept.words[place], sizeof(older.word));
  kept.receivers[place] = receiver;
  __builtin_memcpy(kept.words[place], record.word, sizeof(record.word));
  return isFree ? Keeping::Kept : Keeping::Replaced;
}

/// Settles a message whose receiver's type drops its oldest.
inline Posted keepNewest(Agent agent, const Record &record) {
  Record older{};
  Keeping keeping;
  {
    const uint32_t inbox = workerOf(*agent.launch, record.header().slot);
    const KeptLock lock(agent, &agent.launch->kept[inbox]);
    keeping = keepLocked(agent, record, older);
  }
  if (keeping == Keeping::NoPlace)
    dropFull(agent, record, abi::DeadLetterReason::MailboxFull);
  else if (keeping == Keeping::Replaced)
    dropFull(agent, older, abi::DeadLetterReason::DroppedOldest);
  // What replaces another takes over that one's packet in the books.
  return {StatusCode::Ok,
          keeping == Keeping::Placed || keeping == Keeping::Kept};
}

RK_OUT_OF_LINE inline Posted settleFull(Desk &desk, const Record &record) {
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

} // namespace rk::device
