//===- Inbox.h - The way into and out of a worker ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Puts packets into inboxes and takes them out; opens, closes and recycles
/// their segments.
///
/// An inbox lies in its home segments, used in turn, as long as its receiver
/// keeps up, and grows by segments of a shared pool when it does not, so no
/// sender ever waits for a receiver. When the pool or the inbox's share of it
/// is used up, the next segment number is opened as closed: its tickets are
/// void, and their senders learn at once that the mailbox is full. The
/// receiver, once it has drained what was accepted, opens a later number;
/// numbers are never used twice.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Packets.h"
#include "common/Congestion.h"
#include "common/Kept.h"
#include "common/Pool.h"
#include "common/Probe.h"

namespace rk::device {

using abi::DirectoryEntry;
using abi::SegmentPlace;

inline DirectoryEntry &entryOf(abi::Inbox &inbox, uint32_t number) {
  return inbox.directory[number % abi::DirectoryEntries];
}

/// Makes the place of `number` known.
///
/// Ordering  memory that is used again passes from its last reader over
///           `headNumber` or the pool to the opener, and over this entry to
///           those who write there: `GiveForReuse` and `TakeForReuse`, which
///           see.
inline void openAs(abi::Inbox &inbox, uint32_t number, SegmentPlace place) {
  store<GiveForReuse, Scope::Device>(&entryOf(inbox, number).bits,
                                     DirectoryEntry::make(number, place).bits);
}
inline DirectoryEntry loadEntry(abi::Inbox &inbox, uint32_t number) {
  return {load<TakeForReuse, Scope::Device>(&entryOf(inbox, number).bits)};
}

/// Opens segment `number` as closed unless its place is taken by it or a later
/// one: a sender that comes late must not undo what happened since.
RK_OUT_OF_LINE inline void passOnClosed(abi::Inbox &inbox, uint32_t number) {
  uint64_t *bits = &entryOf(inbox, number).bits;
  const DirectoryEntry closed =
      DirectoryEntry::make(number, SegmentPlace::closed());
  for (;;) {
    const DirectoryEntry entry{load<Order::Relaxed, Scope::Device>(bits)};
    if (entry.bits != 0 && int32_t(entry.number() - number) >= 0)
      return;
    if (compareExchange<Order::AcquireRelease, Scope::Device>(
            bits, entry.bits, closed.bits) == entry.bits)
      return;
  }
}

/// Returns a segment of the pool, or closed if there is none.
RK_OUT_OF_LINE inline SegmentPlace takeSegment(Desk &desk, bool isFar) {
  const Agent agent = agentOf(desk);
  const abi::Launch &launch = *agent.launch;
  const uint64_t segment = take(agent, *launch.freeSegments);
  if (segment == NoHandle)
    return SegmentPlace::closed();
  const uint32_t use = launch.segmentUses[segment]++;
  return SegmentPlace::make(uint32_t(segment),
                            abi::poolSegmentMark(use, isFar));
}

/// Opens segment `number`, or opens it as closed if there is no room. The
/// sender of the first packet of the number before calls it.
RK_OUT_OF_LINE inline void openSegment(Agent agent, uint32_t inboxNumber,
                                       uint32_t number) {
  abi::Inbox &inbox = agent.launch->inboxes[inboxNumber];
  const uint32_t head = load<TakeForReuse, Scope::Device>(&inbox.headNumber);
  const uint32_t ahead = number - head;
  SegmentPlace place = SegmentPlace::closed();
  if (ahead < abi::HomeSegments)
    place = SegmentPlace::make(abi::homeSegment(inboxNumber, number), 0);
  else if (int32_t(ahead) < int32_t(abi::MaxInboxSegments))
    place = takeSegment(agent, ahead >= abi::FarSegments);
  openAs(inbox, number, place);
  store<GiveForReuse, Scope::Device>(&inbox.recent[number % 2].bits,
                                     DirectoryEntry::make(number, place).bits);
}

/// Waits for the entry of segment `number`, which its opener is about to write;
/// returns its place, or closed if a later number has taken the entry.
RK_OUT_OF_LINE inline SegmentPlace awaitSegment(Desk &desk, abi::Inbox &inbox,
                                                uint32_t number) {
  const Agent agent = agentOf(desk);
  for (BoundedWait wait;;) {
    const DirectoryEntry entry = loadEntry(inbox, number);
    if (entry.number() == number)
      return entry.place();
    // A later number in our place: ours was void and has been passed.
    if (entry.bits != 0 && int32_t(entry.number() - number) > 0)
      return SegmentPlace::closed();
    if (!wait.again()) {
      reportFault(agent, abi::FaultSite::DirectoryWait, number);
      return SegmentPlace::closed();
    }
  }
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
    const uint32_t head =
        load<Order::Relaxed, Scope::Device>(&inbox.headNumber);
    if (int32_t(head - number) > 0)
      return;
    if (compareExchange<Order::AcquireRelease, Scope::Device>(
            &inbox.tail, tail, tail | abi::InboxClosed) == tail)
      return;
  }
}

/// Where a packet goes, and the mark of its pieces; null if its ticket is void.
struct PacketPlace {
  abi::Packet *packet;
  uint32_t mark;

  /// Whether it goes where its receiver will soon be.
  bool isNear() const { return (mark & abi::NearMark) != 0; }
};

inline PacketPlace packetPlace(const abi::Launch &launch, uint32_t number,
                               SegmentPlace place, uint32_t offset) {
  const uint32_t segment = place.segment();
  return {launch.segments + uint64_t(segment) * abi::SegmentPackets + offset,
          segment < launch.homeSegmentCount ? abi::homeSegmentMark(number)
                                            : place.poolMark()};
}

/// Reserved tickets and what is needed to use them.
struct Reservation {
  uint64_t first;
  DirectoryEntry recent[2];
};

/// Draws `count` tickets in a row. The recent entries are loaded meanwhile.
///
/// Ordering  `TakeForReuse`: a ticket of a number that was reopened finds the
///           entry that the receiver wrote before it released the tail, and not
///           the closed one. (On a GPU the entry's address depends on the
///           ticket, which is enough there.)
inline Reservation reserve(abi::Inbox &inbox, uint32_t count) {
  Reservation made;
  made.first =
      fetchAdd<TakeForReuse, Scope::Device>(&inbox.tail, uint64_t(count));
  loadPair<Scope::Device>(&inbox.recent[0].bits, made.recent[0].bits,
                          made.recent[1].bits);
  return made;
}

/// Finds the place of `ticket`; the sender of a segment's first packet also
/// opens the next.
///
/// Threads   any lane, in divergent code.
inline PacketPlace locate(Agent agent, uint32_t inboxNumber, uint64_t ticket,
                          DirectoryEntry even, DirectoryEntry odd) {
  abi::Inbox &inbox = agent.launch->inboxes[inboxNumber];
  if (ticket & abi::InboxClosed) [[unlikely]]
    return {nullptr, 0};
  const auto number = uint32_t(ticket / abi::SegmentPackets);
  const uint32_t offset = ticket % abi::SegmentPackets;
  const DirectoryEntry recent = number % 2 ? odd : even;
  SegmentPlace place = recent.place();
  if (recent.number() != number || recent.bits == 0) [[unlikely]]
    place = awaitSegment(agent, inbox, number);
  if (place.isClosed()) [[unlikely]] {
    if (offset == 0) {
      passOnClosed(inbox, number + 1);
      closeInbox(inbox, number);
    }
    return {nullptr, 0};
  }
  if (offset == 0)
    openSegment(agent, inboxNumber, number + 1);
  return packetPlace(*agent.launch, number, place, offset);
}

/// Puts one packet into an inbox; false if it is full.
///
/// Threads   any lane of any agent, in divergent code.
/// Ordering  packets of one lane to one inbox are received in order. Relaxed
///           otherwise: whoever needs more fences before.
RK_OUT_OF_LINE inline bool put(Desk &desk, uint32_t inboxNumber,
                               const Record *record) {
  const Agent agent = agentOf(desk);
  const Reservation tickets = reserve(agent.launch->inboxes[inboxNumber], 1);
  const PacketPlace place = locate(agent, inboxNumber, tickets.first,
                                   tickets.recent[0], tickets.recent[1]);
  if (!place.isNear())
    desk.behind = inboxNumber + 1;
  if (!place.packet)
    return false;
  writePacket<Scope::Device>(place.packet, *record, place.mark);
  return true;
}

inline SegmentPlace firstPlace(uint32_t inboxNumber, uint32_t number) {
  return SegmentPlace::make(abi::homeSegment(inboxNumber, number), 0);
}

/// Puts what was kept while the inbox was full into it, from ticket `first` on,
/// and opens segments as a sender does; returns how many messages that is. The
/// home segments have room for all. Nobody else has a ticket yet; the caller
/// holds the lock.
inline uint32_t placeKept(Agent agent, abi::KeptMessages &kept,
                          uint32_t inboxNumber, uint64_t first) {
  static_assert(abi::KeptPackets <=
                (abi::HomeSegments - 2) * abi::SegmentPackets);
  uint64_t ticket = first;
  for (uint32_t i = 0; kept.count != 0 && i < abi::KeptPackets; ++i) {
    if (kept.receivers[i] == 0)
      continue;
    const auto number = uint32_t(ticket / abi::SegmentPackets);
    const uint32_t offset = ticket % abi::SegmentPackets;
    if (offset == 0)
      openSegment(agent, inboxNumber, number + 1);
    const PacketPlace place = packetPlace(
        *agent.launch, number, firstPlace(inboxNumber, number), offset);
    Record record;
    __builtin_memcpy(record.word, kept.words[i], sizeof(record.word));
    writePacket<Scope::Device>(place.packet, record, place.mark);
    kept.receivers[i] = 0;
    --kept.count;
    ++ticket;
  }
  return uint32_t(ticket - first);
}

/// Opens an inbox again at a number behind every ticket that was ever valid, in
/// a home segment: with everything received, all are free. Senders that hold a
/// void ticket find their number closed or passed. Returns the number, with the
/// bits that segment numbers lack. The receiver's first lane calls it.
RK_OUT_OF_LINE inline uint64_t reopenInbox(Desk &desk, uint32_t inboxNumber) {
  const Agent agent = agentOf(desk);
  abi::Inbox &inbox = agent.launch->inboxes[inboxNumber];
  abi::KeptMessages *kept =
      agent.launch->kept ? &agent.launch->kept[inboxNumber] : nullptr;
  const KeptLock lock(desk, kept);
  const uint64_t tail = fetchOr<Order::AcquireRelease, Scope::Device>(
                            &inbox.tail, abi::InboxClosed) &
                        ~abi::InboxClosed;
  const uint64_t first = tail / abi::SegmentPackets + 1;
  const auto number = uint32_t(first);
  openAs(inbox, number, firstPlace(inboxNumber, number));
  store<Order::Relaxed, Scope::Device>(&inbox.headNumber, number);
  const uint64_t ticket = first * abi::SegmentPackets;
  const uint32_t placed =
      kept ? placeKept(agent, *kept, inboxNumber, ticket) : 0;
  // Release: who takes a ticket from here on finds entry and head number.
  store<Order::Release, Scope::Device>(&inbox.tail, ticket + placed);
  return first;
}

/// The same for all lanes, which call it.
RK_OUT_OF_LINE inline uint64_t reopenTogether(Desk &desk,
                                              uint32_t inboxNumber) {
  uint64_t first = 0;
  if (laneId() == 0)
    first = reopenInbox(desk, inboxNumber);
  syncLanes();
  return shuffle64(first, 0);
}

/// Gives a segment of the pool back. All lanes call it.
RK_OUT_OF_LINE inline void giveSegment(Desk &desk, uint32_t segment) {
  if (laneId() == 0)
    give(desk, *desk.launch->freeSegments, segment);
  syncLanes();
}

/// The receiver's end of one inbox; the same in all lanes.
class Receiver : InboxPosition {
public:
  Receiver(abi::Inbox &inbox, uint32_t inboxNumber) : inboxNumber(inboxNumber) {
    number = inbox.headNumber;
    handled = uint64_t(number) * abi::SegmentPackets;
  }

  /// Leaves the position on the desk, and takes it up again: registers are rare
  /// while handlers run. All lanes call both; they write the same.
  void park(Desk &desk) const { desk.inbox = *this; }
  void resume(const Desk &desk) { InboxPosition::operator=(desk.inbox); }

  /// Reads up to one packet per lane, in order, into the desk; returns how
  /// many lanes, from lane 0 on, have one. All lanes call it.
  ///
  /// Cost      64 bytes read, and as often again as `looks` says while nothing
  ///           comes: an idle worker must not take the L2 cache from busy ones.
  ///           512 or 2048 behind packets.
  uint32_t receive(Agent agent, uint32_t looks = 1) {
    Desk &desk = *agent.desk;
    if (agree(!packets) && !enterSegment(agent)) [[unlikely]]
      return 0;
    const uint32_t left = abi::SegmentPackets - position;
    const auto at = [this](uint32_t index) {
      return PacketPlace{const_cast<abi::Packet *>(packets) + position + index,
                         mark};
    };
    uint32_t count = 0;
    if (agree(recent < ManyPackets))
#pragma clang loop unroll(disable)
      for (; looks != 0 && count == 0; --looks) {
        count = readPackets<Scope::Device, 1>(
            agent.lane, recent == 0 ? 1 : left, desk.inbound, at);
        recent = count;
      }
    else
      count = readPackets<Scope::Device, RoundsPerRow>(agent.lane, left,
                                                       desk.inbound, at);
    recent = count;
    return count;
  }

  /// Where the next packet will lie; null if its segment has to be entered,
  /// which `receive` does.
  PacketPlace next() const {
    return {packets ? const_cast<abi::Packet *>(packets) + position : nullptr,
            mark};
  }

  /// Whether `count` packets that `receive` returned are the last of their
  /// segment.
  bool endsSegment(uint32_t count) const {
    return position + count == abi::SegmentPackets;
  }
  /// Goes on behind `count` packets that `receive` returned.
  void advance(Agent agent, uint32_t count) {
    stepOver(count);
    if (agree(position == abi::SegmentPackets))
      leaveSegment(agent);
  }
  /// The same if they do not end their segment.
  void stepOver(uint32_t count) {
    position += count;
    handled += count;
  }

  /// Notes that of `taken` packets only some will be handled now, or more: of
  /// those that were held back before.
  void note(uint32_t taken, uint32_t handledNow) {
    handled += uint64_t(handledNow) - taken;
  }

  /// The ticket up to which everything has been handled, less one for each
  /// message that is held back: so it is not the tail while there are any.
  uint64_t handledTicket() const { return handled; }

private:
  /// The tickets of all numbers, less one: more than can be held back.
  static constexpr uint64_t NumbersMask =
      (uint64_t(1) << 32) * abi::SegmentPackets - 1;
  /// As many packets as one round of reading brings.
  static constexpr uint32_t ManyPackets = LaneCount / 4;

  /// Starts on segment `number` if its entry is there.
  bool enterSegment(Agent agent) {
    const DirectoryEntry entry = loadForAll(agent);
    const bool passed = entry.bits != 0 && int32_t(entry.number() - number) > 0;
    if (agree(entry.number() != number && !passed))
      return false;
    if (agree(passed || entry.place().isClosed())) [[unlikely]]
      reopen(agent);
    else
      start(agent, entry.place());
    return true;
  }

  /// Loads the entry once for all lanes: they must agree on it.
  DirectoryEntry loadForAll(Agent agent) const {
    uint64_t bits = 0;
    if (agent.lane == 0)
      bits = loadEntry(inboxOf(agent), number).bits;
    return {shuffle64(bits, 0)};
  }

  void start(Agent agent, SegmentPlace place) {
    const PacketPlace first = packetPlace(*agent.launch, number, place, 0);
    packets = first.packet;
    mark = first.mark;
    position = 0;
  }

  abi::Inbox &inboxOf(Agent agent) const {
    return agent.launch->inboxes[inboxNumber];
  }

  /// Goes to the next number, and lets the segment go.
  void leaveSegment(Agent agent) {
    ++number;
    position = 0;
    const auto segment = uint32_t(uint64_t(packets - agent.launch->segments) /
                                  abi::SegmentPackets);
    packets = nullptr;
    if (agent.lane == 0)
      store<GiveForReuse, Scope::Device>(&inboxOf(agent).headNumber, number);
    if (agree(segment >= agent.launch->homeSegmentCount)) [[unlikely]]
      giveSegment(agent, segment);
    syncLanes();
  }

  /// Goes on at a number behind every ticket that was ever valid.
  void reopen(Agent agent) {
    const uint64_t first = reopenTogether(agent, inboxNumber);
    syncLanes();
    const uint64_t reached = uint64_t(number) * abi::SegmentPackets + position;
    const uint64_t heldBack = (reached - handled) & NumbersMask;
    handled = first * abi::SegmentPackets - heldBack;
    number = uint32_t(first);
    start(agent, firstPlace(inboxNumber, number));
  }

  const uint32_t inboxNumber;
};

} // namespace rk::device
