//===- Rows.h - Packets of many lanes at a time --------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Puts what the lanes of a warp have to send into inboxes, side by side. A
/// single lane's goes a shorter way: a vote costs as much as five other
/// instructions, and most turns of a system that waits have one message.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Inbox.h"

namespace rk::device {

/// `locate` for the lanes where `seeks` holds, whose way is not the usual one.
/// All lanes call it, so that the caller's code knows them to be together.
RK_OUT_OF_LINE inline PacketPlace locateRare(Desk &desk, bool seeks,
                                             uint32_t inboxNumber,
                                             uint64_t ticket,
                                             DirectoryEntry recent) {
  PacketPlace place{};
  if (seeks)
    place = locate(agentOf(desk), inboxNumber, ticket, recent, recent);
  syncLanes();
  return place;
}

/// A ticket, and the recent entry of its number's parity.
struct Ticket {
  uint64_t ticket;
  DirectoryEntry recent;

  static Ticket of(const Reservation &made, uint32_t index) {
    const uint64_t ticket = made.first + index;
    // Chosen by value: an index would put the pair into memory.
    const DirectoryEntry even = made.recent[0], odd = made.recent[1];
    return {ticket, ticket / abi::SegmentPackets % 2 != 0 ? odd : even};
  }
};

/// Returns the place of a ticket that `recent` tells of and that opens nothing;
/// null of any other.
inline PacketPlace usualPlace(Agent agent, const Ticket &to) {
  const auto number = uint32_t(to.ticket / abi::SegmentPackets);
  const uint32_t offset = to.ticket % abi::SegmentPackets;
  // Without branches.
  const bool isUsual = bool(
      uint32_t((to.ticket & abi::InboxClosed) == 0) & uint32_t(offset != 0) &
      uint32_t(to.recent.number() == number) & uint32_t(to.recent.bits != 0) &
      uint32_t(!to.recent.place().isClosed()));
  return isUsual ? packetPlace(*agent.launch, number, to.recent.place(), offset)
                 : PacketPlace{};
}

/// The places of the tickets of the lanes where `sends` holds. All lanes call
/// it.
inline PacketPlace locateRow(Agent agent, bool sends, uint32_t inboxNumber,
                             const Ticket &to) {
  PacketPlace place{};
  if (sends)
    place = usualPlace(agent, to);
  const bool seeks = sends && !place.packet;
  if (agree(seeks)) [[unlikely]] {
    const PacketPlace found =
        locateRare(agent, seeks, inboxNumber, to.ticket, to.recent);
    syncLanes();
    if (seeks)
      place = found;
  }
  return place;
}

/// `putRow` for the lane where `sends` holds, if no other sends. All lanes call
/// it.
///
/// Cost      one vote on the way of the packet, behind it.
inline uint32_t putOne(Agent agent, Probes &probes, const Record *row,
                       bool sends, uint32_t inboxNumber) {
  Ticket to{};
  PacketPlace place{};
  if (sends) {
    const Record record = row[agent.lane];
    to = Ticket::of(reserve(agent.launch->inboxes[inboxNumber], 1), 0);
    place = usualPlace(agent, to);
    if (place.packet) [[likely]]
      writePacket<Scope::Device>(place.packet, record, place.mark);
  }
  probes.end(Step::Write);
  if (!agree(sends && !place.isNear())) [[likely]]
    return 0;
  const bool seeks = sends && !place.packet;
  const PacketPlace found =
      locateRare(agent, seeks, inboxNumber, to.ticket, to.recent);
  syncLanes();
  if (seeks)
    place = found;
  if (seeks && place.packet)
    writePacket<Scope::Device>(place.packet, row[agent.lane], place.mark);
  if (sends && !place.isNear())
    agent.desk->behind = inboxNumber + 1;
  return ballot(sends && !place.packet);
}

/// Puts the records of the lanes `senders` into their inboxes; returns the
/// lanes that found no room: behind such a lane none of its inbox got in. All
/// lanes call it, with the result of a vote.
///
/// Ordering  packets to one inbox are received in the order of their lanes,
///           and behind those of earlier calls.
/// Cost      one round trip to the tails, all lanes side by side; the lanes of
///           one inbox share one addition.
inline uint32_t putRow(Agent agent, Probes &probes, const Record *row,
                       uint32_t senders, uint32_t inboxNumber) {
  const bool sends = senders >> agent.lane & 1;
  if (isSingle(senders))
    return putOne(agent, probes, row, sends, inboxNumber);
  syncLanes(); // behind the lanes' writes to their records
  const uint32_t same =
      equalLanes(*agent.desk, agent.lane, senders, inboxNumber);
  const uint32_t leader = sends ? uint32_t(__builtin_ctz(same)) : agent.lane;
  Reservation tickets{};
  if (sends && leader == agent.lane)
    tickets = reserve(agent.launch->inboxes[inboxNumber],
                      uint32_t(__builtin_popcount(same)));
  if (ballot(sends && leader != agent.lane) != 0) {
    tickets.first = shuffle64(tickets.first, leader);
    tickets.recent[0].bits = shuffle64(tickets.recent[0].bits, leader);
    tickets.recent[1].bits = shuffle64(tickets.recent[1].bits, leader);
  }
  probes.end(Step::Reserve);
  const PacketPlace place = locateRow(
      agent, sends, inboxNumber,
      Ticket::of(tickets,
                 uint32_t(__builtin_popcount(same & lanesBefore(agent.lane)))));
  const uint32_t placed = ballot(place.packet != nullptr);
  probes.end(Step::Locate);
  writePackets<Scope::Device>(agent.lane, placed, row, place.packet,
                              place.mark);
  probes.end(Step::Write);
  if (ballot(sends && !place.isNear()) == 0) [[likely]]
    return 0;
  // One note is enough, whoever's it is.
  if (sends && !place.isNear())
    agent.desk->behind = inboxNumber + 1;
  return ballot(sends && !place.packet);
}

} // namespace rk::device
