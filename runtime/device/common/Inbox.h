//===- Inbox.h - The way into and out of a worker -----------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Puts packets into inboxes and takes them out; opens, closes and recycles
/// their segments.
///
/// An inbox grows by segments of a shared pool, so no sender ever waits for a
/// receiver. When the pool or the inbox's share of it is used up, the next
/// segment number is opened as closed: its tickets are void, and their senders
/// learn at once that the mailbox is full. The receiver, once it has drained
/// what was accepted, opens a later number; numbers are never used twice.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Message.h"
#include "common/Pool.h"

namespace rk::device {

using abi::DirectoryEntry;

inline DirectoryEntry &entryOf(abi::Inbox &inbox, uint32_t number) {
  return inbox.directory[number % abi::DirectoryEntries];
}

/// Ordering  release: the segment's last use, which the opener acquired from
///           the pool, is over for those who see the entry.
inline void openAs(abi::Inbox &inbox, uint32_t number, uint32_t segment,
                   uint32_t mark) {
  store<Order::Release, Scope::Device>(
      &entryOf(inbox, number).bits,
      DirectoryEntry::make(number, segment, mark).bits);
}

/// Opens segment `number` as closed unless its place is taken by it or a later
/// one: a sender that comes late must not undo what happened since.
RK_OUT_OF_LINE inline void passOnClosed(abi::Inbox &inbox, uint32_t number) {
  uint64_t *bits = &entryOf(inbox, number).bits;
  const DirectoryEntry closed =
      DirectoryEntry::make(number, DirectoryEntry::ClosedSegment, 1);
  for (;;) {
    const DirectoryEntry entry{load<Order::Relaxed, Scope::Device>(bits)};
    if (entry.bits != 0 && int32_t(entry.number() - number) >= 0)
      return;
    if (compareExchange<Order::AcquireRelease, Scope::Device>(
            bits, entry.bits, closed.bits) == entry.bits)
      return;
  }
}

/// Opens segment `number`, or opens it as closed if there is no room.
RK_OUT_OF_LINE inline void openSegment(const Agent &agent, abi::Inbox &inbox,
                                       uint32_t number) {
  const abi::Launch &launch = *agent.launch;
  const auto head =
      uint32_t(load<Order::Relaxed, Scope::Device>(&inbox.headNumber));
  uint64_t segment = NoHandle;
  if (int32_t(number - head) < int32_t(abi::MaxInboxSegments))
    segment = take(agent, *launch.freeSegments);
  if (segment == NoHandle) {
    openAs(inbox, number, DirectoryEntry::ClosedSegment, 1);
    return;
  }
  const uint32_t use = launch.segmentUses[segment]++;
  openAs(inbox, number, uint32_t(segment), abi::segmentMark(use));
}

/// Waits for the entry of segment `number`, which its opener is about to write;
/// returns it, or a closed one if its place was taken by a later number.
RK_OUT_OF_LINE inline DirectoryEntry
awaitSegment(const Agent &agent, abi::Inbox &inbox, uint32_t number) {
  for (BoundedWait wait;;) {
    const DirectoryEntry entry{
        load<Order::Relaxed, Scope::Device>(&entryOf(inbox, number).bits)};
    if (entry.number() == number)
      return entry;
    // A later number in our place: ours was void and has been passed.
    if (entry.bits != 0 && int32_t(entry.number() - number) > 0)
      return DirectoryEntry::make(number, DirectoryEntry::ClosedSegment, 1);
    if (!wait.again()) {
      reportFault(agent, abi::FaultSite::DirectoryWait, number);
      return DirectoryEntry::make(number, DirectoryEntry::ClosedSegment, 1);
    }
  }
}

/// Returns the entry of segment `number`; closed if it is gone.
///
/// Ordering  relaxed. The segment's memory needs no more: a receiver gives a
///           segment back only after its loads from it returned, so no store
///           that follows can reach them, and packets are told from older ones
///           by the mark.
inline DirectoryEntry findSegment(const Agent &agent, abi::Inbox &inbox,
                                  uint32_t number, DirectoryEntry recent) {
  if (recent.number() == number && recent.bits != 0)
    return recent;
  const DirectoryEntry entry{
      load<Order::Relaxed, Scope::Device>(&entryOf(inbox, number).bits)};
  return entry.number() == number ? entry : awaitSegment(agent, inbox, number);
}

inline DirectoryEntry recentEntry(const abi::Inbox &inbox) {
  return {load<Order::Relaxed, Scope::Device>(&inbox.recent.bits)};
}

/// Marks the inbox as closed, unless the receiver has reopened it since.
///
/// The tail is read first, with acquire: if the receiver had reopened by then,
/// its head number, which it wrote before, is seen to be past `number`. If it
/// reopens later, the tail has changed and the exchange fails.
RK_OUT_OF_LINE inline void closeInbox(abi::Inbox &inbox, uint32_t number) {
  for (;;) {
    const uint64_t tail = load<Order::Acquire, Scope::Device>(&inbox.tail);
    if (tail & abi::InboxClosed)
      return;
    const auto head =
        uint32_t(load<Order::Relaxed, Scope::Device>(&inbox.headNumber));
    if (int32_t(head - number) > 0)
      return;
    if (compareExchange<Order::AcquireRelease, Scope::Device>(
            &inbox.tail, tail, tail | abi::InboxClosed) == tail)
      return;
  }
}

/// Writes `message` at `ticket` of `inbox`, whose recent entry is `recent`;
/// false if the ticket is void.
inline bool place(Agent &agent, abi::Inbox &inbox, uint64_t ticket,
                  DirectoryEntry recent, const Message &message) {
  if (ticket & abi::InboxClosed)
    return false;
  const auto number = uint32_t(ticket / abi::SegmentPackets);
  const uint32_t offset = ticket % abi::SegmentPackets;
  const DirectoryEntry entry = findSegment(agent, inbox, number, recent);
  if (entry.segment() == DirectoryEntry::ClosedSegment) {
    if (offset == 0) {
      passOnClosed(inbox, number + 1);
      closeInbox(inbox, number);
    }
    return false;
  }
  if (offset == 0) {
    openSegment(agent, inbox, number + 1);
    // Relaxed: an entry is right for its number whenever it is read.
    store<Order::Relaxed, Scope::Device>(&inbox.recent.bits, entry.bits);
  }
  abi::Packet *segment =
      agent.launch->segments + uint64_t(entry.segment()) * abi::SegmentPackets;
  writePacket<Scope::Device>(segment + offset, message, entry.mark());
  ++agent.sent;
  return true;
}

/// Puts one packet into an inbox; false if it is full.
///
/// Threads   any lane of any agent, in divergent code.
/// Ordering  packets of one lane to one inbox are received in order. Relaxed
///           otherwise: whoever needs more fences before.
inline bool put(Agent &agent, abi::Inbox &inbox, const Message &message) {
  const uint64_t ticket =
      fetchAdd<Order::Relaxed, Scope::Device>(&inbox.tail, uint64_t(1));
  return place(agent, inbox, ticket, recentEntry(inbox), message);
}

/// The receiver's end of one inbox; the same in all lanes.
class Receiver {
public:
  explicit Receiver(abi::Inbox &inbox)
      : inbox(inbox), number(uint32_t(inbox.headNumber)) {}

  /// Reads up to one packet per lane, in order; returns how many lanes, from
  /// lane 0 on, have one. All lanes call it.
  ///
  /// Cost      64 bytes read, or 64 per lane if the call before found packets:
  ///           an idle worker must not take the L2 cache from busy ones.
  uint32_t receive(Agent &agent, Message &message) {
    if (!reading && !enterSegment(agent))
      return 0;
    const uint32_t offset = position + agent.lane;
    const bool present =
        (busy || agent.lane == 0) && offset < abi::SegmentPackets &&
        readPacket<Scope::Device>(packets + offset, message, mark);
    const uint32_t count = leadingLanes(present);
    busy = count != 0;
    return count;
  }

  /// Ends the handling of `count` packets that `receive` returned.
  ///
  /// Ordering  relaxed: the tickets that their handlers drew have returned, so
  ///           they are in the tails before this store.
  void advance(Agent &agent, uint32_t count) {
    position += count;
    if (position == abi::SegmentPackets)
      leaveSegment(agent);
    if (agent.lane == 0)
      publishHandled();
  }

private:
  void publishHandled() {
    store<Order::Relaxed, Scope::Device>(
        &inbox.handledTicket,
        highTickets + uint64_t(number) * abi::SegmentPackets + position);
  }

  /// Starts on segment `number` if its entry is there.
  bool enterSegment(Agent &agent) {
    const DirectoryEntry entry = loadEntry(agent);
    const bool passed = entry.bits != 0 && int32_t(entry.number() - number) > 0;
    if (entry.number() != number && !passed)
      return false;
    if (passed || entry.segment() == DirectoryEntry::ClosedSegment)
      return reopen(agent);
    start(agent, entry.segment(), entry.mark());
    return true;
  }

  /// Loads the entry once for all lanes: they must agree on it.
  DirectoryEntry loadEntry(Agent &agent) const {
    uint64_t bits = 0;
    if (agent.lane == 0)
      bits = load<Order::Relaxed, Scope::Device>(&entryOf(inbox, number).bits);
    return {uint64_t(shuffle(uint32_t(bits >> 32), 0)) << 32 |
            shuffle(uint32_t(bits), 0)};
  }

  void start(Agent &agent, uint32_t newSegment, uint32_t newMark) {
    // The segment before was kept in case this one is closed.
    if (segment != DirectoryEntry::ClosedSegment && agent.lane == 0)
      give(agent, *agent.launch->freeSegments, segment);
    segment = newSegment;
    mark = newMark;
    packets = agent.launch->segments + uint64_t(segment) * abi::SegmentPackets;
    position = 0;
    reading = true;
  }

  /// Goes to the next number; keeps the segment until that is known to be
  /// open.
  void leaveSegment(Agent &agent) {
    ++number;
    if (number == 0)
      highTickets += (uint64_t(1) << 32) * abi::SegmentPackets;
    position = 0;
    reading = false;
    if (agent.lane == 0)
      store<Order::Relaxed, Scope::Device>(&inbox.headNumber, uint64_t(number));
    syncLanes();
  }

  /// Opens the inbox again with the segment that was kept, at a number behind
  /// every ticket that was ever valid. Senders that hold a void ticket find
  /// their number closed or passed.
  RK_OUT_OF_LINE bool reopen(Agent &agent) {
    uint64_t first = 0;
    uint32_t use = 0;
    if (agent.lane == 0) {
      const uint64_t tail = fetchOr<Order::AcquireRelease, Scope::Device>(
                                &inbox.tail, abi::InboxClosed) &
                            ~abi::InboxClosed;
      first = tail / abi::SegmentPackets + 1;
      use = agent.launch->segmentUses[segment]++;
    }
    number = shuffle(uint32_t(first), 0);
    highTickets = uint64_t(shuffle(uint32_t(first >> 32), 0)) << 32;
    highTickets *= abi::SegmentPackets;
    mark = abi::segmentMark(shuffle(use, 0));
    if (agent.lane == 0) {
      openAs(inbox, number, segment, mark);
      store<Order::Relaxed, Scope::Device>(&inbox.headNumber, uint64_t(number));
      // Release: who takes a ticket from here on finds entry and head number.
      store<Order::Release, Scope::Device>(&inbox.tail,
                                           first * abi::SegmentPackets);
    }
    syncLanes();
    position = 0;
    reading = true;
    if (agent.lane == 0)
      publishHandled();
    return true;
  }

  abi::Inbox &inbox;
  uint32_t number;
  /// What the 32 bits of `number` do not hold of a ticket.
  uint64_t highTickets = 0;
  uint32_t segment = DirectoryEntry::ClosedSegment;
  uint32_t mark = 0;
  uint32_t position = 0;
  bool reading = false;
  bool busy = false;
  const abi::Packet *packets = nullptr;
};

} // namespace rk::device
