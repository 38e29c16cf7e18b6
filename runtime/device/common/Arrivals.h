//===- Arrivals.h - What has come to a place --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The rings and the inbox of a place, and the packet at hand: in its ring if
/// that is near, else in a spare one in this block's shared memory, so that
/// there is one way to read it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Occupant.h"
#include "common/RingEnds.h"

namespace rk::device {

class Arrivals : protected Occupant {
protected:
  Arrivals(const abi::Launch &launch, uint32_t place, uint32_t agentRow,
           Desk &desk, unsigned char *shared)
      : Occupant(launch, place, agentRow, desk, shared),
        ends(launch, shared, place),
        spare(ownPlace(shared + launch.residents.shared.spares +
                       (locatePlace(launch.residents, place).warp -
                        firstWarp(launch.residents)) *
                           sizeof(abi::Packet))),
        receiver(launch.inboxes[placeInbox(launch, place)],
                 placeInbox(launch, place)) {
    handledTicket = receiver.handledTicket();
  }

  /// Returns the bits of blocks that seem to have sent something; 0 if there
  /// was nothing in so many looks. The inbox goes first, as the first lane's,
  /// until nothing in it is due.
  uint32_t next(uint32_t looks) {
    if (prefersInbox != 0) {
      if (takeFromInbox())
        return 1;
      prefersInbox = 0;
    }
    return listen(looks);
  }

  /// Looks at the rings until one has a packet, so many times; returns which
  /// have. The near rings are looked at while the far ones are read. Where near
  /// ones have had all messages for long, the far ones come first for once.
  uint32_t listen(uint32_t looks) {
    for (;;) {
      if (ends.farBits() != 0)
        ends.askFar();
      if (isFarDue()) [[unlikely]] {
        farIsDue = 0;
        if (const uint32_t found = ends.lookFar())
          return found;
      }
#pragma clang loop unroll(full)
      for (uint32_t i = 0; i < LooksPerAsk; ++i)
        if (const uint32_t found = ends.look())
          return found;
      if (ends.farBits() != 0)
        if (const uint32_t found = ends.lookFar())
          return found;
      if (looks <= LooksPerAsk)
        return 0;
      looks -= LooksPerAsk;
    }
  }

  /// What a look at whole packets has found.
  struct Heard {
    Record message;   ///< of this lane
    uint32_t missing; ///< 0 if it is a whole packet, of whatever kind
    uint32_t bits;    ///< of the blocks whose message is like the one before
    bool isMine;      ///< this lane's comes first of them
  };

  /// Look at the near rings, and at what was asked of the far ones, for
  /// messages like the one before, `usual`; true if there are some. All lanes
  /// call them.
  ///
  /// They read whole packets, so that nothing has to be read once one is found;
  /// only who has just had a message looks like that. The branches on what they
  /// return are on votes, which the compiler knows to be alike in all lanes.
  bool hearNear(const Accepted &usual, Heard &heard) const {
    heard.missing = ends.readNear(heard.message.word);
    return hears(usual, heard);
  }
  bool hearFar(bool asks, const Accepted &usual, Heard &heard) const {
    heard.missing = ends.readFar(asks, heard.message.word);
    return hears(usual, heard);
  }

  /// Notes a turn that has used up its budget: it may have seen near packets
  /// alone.
  void noteBusyTurn(bool isBusy) { farIsDue = isBusy && ends.farBits() != 0; }
  /// Whether the far rings come before the near ones for once.
  bool isFarDue() const { return farIsDue != 0; }

  /// Brings the far packet that was found to `spare`. All lanes call it.
  void keepFar(uint32_t bit) {
    if (RingEnds::isMine(bit))
      ends.keepFar(bit, spare, SpareMark);
    viaSpare = 1;
  }

  void leaveSpare() {
    if (isInbox != 0)
      leaveOne();
    viaSpare = isInbox = 0;
  }

  RingEnds::Found found(uint32_t bit) {
    return viaSpare != 0 ? RingEnds::Found{spare, SpareMark} : ends.next(bit);
  }
  /// Reads a packet; returns 0 if all of it was there.
  static uint32_t read(const RingEnds::Found &from, Record &message) {
    uint32_t wrong = 0;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i) {
      const abi::Piece piece =
          loadOwnPiece(from.packet + i * sizeof(abi::Piece));
      wrong |= piece.mark ^ from.mark;
      for (uint32_t j = 0; j < 3; ++j)
        message.word[3 * i + j] = piece.word[j];
    }
    return wrong;
  }
  /// Gives the place of a packet back.
  void leave(uint32_t bit) {
    if (isInbox == 0)
      ends.advance(bit);
  }
  RK_OUT_OF_LINE static void copyApart(const Record &message, OwnPlace to) {
    const uint32_t *words = message.word;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i)
      storeOwnPiece(
          to + i * sizeof(abi::Piece),
          {{words[3 * i], words[3 * i + 1], words[3 * i + 2]}, SpareMark});
  }

  //===--------------------------------------------------------------------===//
  // The inbox
  //===--------------------------------------------------------------------===//

  void askInbox() {
    const PacketPlace next = receiver.next();
    if (inboxCount == 0 && next.packet && context.agent.lane == 0)
      startCopy(ends.inboxPiece(), &next.packet->piece[0]);
  }
  /// Receives if the copy says so, or if a segment has to be entered.
  void refillInbox() {
    const PacketPlace next = receiver.next();
    if (inboxCount != 0 || (next.packet && !isInboxHeard(next.mark)))
      return;
    inboxCount = receiver.receive(context.agent);
    if (inboxCount == 0 && receiver.handledTicket() != handledTicket)
      publishTicket(receiver.handledTicket()); // the inbox was opened again
  }
  /// The lanes must agree, and the copy may come between their looks.
  bool isInboxHeard(uint32_t mark) const {
    return ballot(context.agent.lane == 0 &&
                  loadOwnWord(ownPlace(&ends.inboxPiece()->mark)) == mark) != 0;
  }
  void leaveInbox() {
    receiver.advance(context.agent, inboxCount);
    inboxCount = inboxNext = 0;
    publishTicket(receiver.handledTicket());
  }
  /// Brings the inbox's next message to `spare` if it is due.
  bool takeFromInbox() {
    if (!isInboxDue())
      return false;
    if (context.agent.lane == 0)
      copyApart(context.agent.desk->inbound[inboxNext], spare);
    viaSpare = isInbox = 1;
    return true;
  }
  /// Goes on to the inbox's next message.
  void leaveOne() {
    const uint32_t note = inboxNote();
    if (note != 0)
      ends.endSpill(abi::spillBlock(note));
    ++inboxNext;
    ++fromInbox;
  }
  uint32_t inboxNote() const {
    return context.agent.desk->inbound[inboxNext].header().status;
  }
  /// A spilled message waits until its forerunners have left their ring.
  bool isInboxDue() {
    if (inboxNext >= inboxCount)
      return false;
    const uint32_t note = inboxNote();
    return note == 0 || abi::isBehind(note, ends.headOf(abi::spillBlock(note)));
  }

  RingEnds ends;
  // The same in all lanes. Words and no truth values, which would take a move
  // each to keep.
  uint32_t viaSpare = 0; ///< the packet at hand is in `spare`
  uint32_t isInbox = 0;  ///< it comes from the inbox
  uint32_t prefersInbox = 0;
  uint32_t inboxCount = 0;
  uint32_t inboxNext = 0;
  uint32_t farIsDue = 0;
  /// This lane's far ring had the last message: the next is expected there.
  bool isFarNext = false;

  const OwnPlace spare; ///< a packet

  /// Looks at the near rings while the far ones are read.
  static constexpr uint32_t LooksPerAsk = 4;

private:
  /// The mark of what lies in `spare`.
  static constexpr uint32_t SpareMark = 1u << 31;

  bool hears(const Accepted &usual, Heard &heard) const {
    const uint32_t wrong = heard.missing | differences(heard.message, usual);
    heard.bits = ballot(wrong == 0);
    heard.isMine = (wrong | ends.before(heard.bits)) == 0;
    return agree(wrong == 0);
  }

  Receiver receiver;
};

} // namespace rk::device
