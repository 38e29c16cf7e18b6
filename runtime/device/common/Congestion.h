//===- Congestion.h - Who is behind, and who holds back for it --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Slows an agent down whose messages go to a worker that does not keep up, so
/// that an inbox stays as small as it can without anybody waiting in the middle
/// of its work.
///
/// A sender learns for nothing that a receiver is behind: the mark of its
/// packet says whether the packet's segment was far ahead of the receiver when
/// it was opened. If it was, the sender leaves a note on its desk, goes on to
/// the end of its turn, and then takes no further messages until the receiver
/// is hardly further behind than the agent is itself, or until a time has
/// passed that grows with what waits there.
///
/// Why nobody holds back for ever: who does, does it for an inbox with more in
/// it than its own. So the agent with the fullest inbox goes on, in a cycle
/// too, and a slow one slows those before it, back to where the messages come
/// from. Where all are behind alike, nobody holds back.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Record.h"

namespace rk::device {

/// Segments by which a receiver may be further behind than who sends to it.
inline constexpr uint32_t SlackSegments = 8;
static_assert(SlackSegments < abi::FarSegments);

/// An agent without an inbox.
inline constexpr uint32_t NoInbox = ~0u;

/// Returns how many segments an inbox is behind: those from the one that its
/// receiver reads to that of the next ticket. A closed one is full.
///
/// Ordering  relaxed: tail and head are of different moments, so it is a guess,
///           and a wrong one costs no more than one more look.
inline uint32_t backlog(const abi::Inbox &inbox) {
  const uint64_t tail = load<Order::Relaxed, Scope::Device>(&inbox.tail);
  if (tail & abi::InboxClosed)
    return abi::MaxInboxSegments;
  const uint32_t head = load<Order::Relaxed, Scope::Device>(&inbox.headNumber);
  const auto ahead = int32_t(uint32_t(tail / abi::SegmentPackets) - head);
  return ahead > 0 ? uint32_t(ahead) : 0;
}

/// Whether the agent goes on holding back; one lane asks.
inline bool isWorthWaiting(Desk &desk, uint32_t ownInbox) {
  const abi::Launch &launch = *desk.launch;
  const uint32_t theirs = backlog(launch.inboxes[desk.behind - 1]);
  const uint32_t ours =
      ownInbox == NoInbox ? 0 : backlog(launch.inboxes[ownInbox]);
  if (theirs > ours + SlackSegments) {
    const uint64_t now = clockNs();
    if (desk.heldSince == 0)
      desk.heldSince = now;
    if (now - desk.heldSince < theirs * launch.slowdownNs)
      return true;
  }
  desk.behind = 0;
  desk.heldSince = 0;
  desk.heldTurns = 0;
  return false;
}

/// Whether the agent should take no messages in this turn; for an agent whose
/// desk says that somebody is behind. All lanes call it.
///
/// Cost      two lines read, and a short pause if it holds back: a receiver
///           that is behind must not also be asked all the time how it is.
RK_OUT_OF_LINE inline bool holdsBack(Desk &desk, uint32_t ownInbox) {
  const Agent agent = agentOf(desk);
  uint32_t holds = 1;
  if (agent.lane == 0 && desk.heldTurns++ % TurnsPerLook == 0)
    holds = isWorthWaiting(desk, ownInbox);
  holds = shuffle(holds, 0);
  syncLanes(); // the desk is as lane 0 left it
  const bool result = agree(holds != 0);
  if (result)
    pauseHeld();
  return result;
}

} // namespace rk::device
