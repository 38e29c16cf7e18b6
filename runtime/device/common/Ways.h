//===- Ways.h - From a block to a place -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Sends to resident actors from warps of their kernel: through the ring that
/// the sender's block has at the receiver, or, when that is full, through the
/// receiver's inbox.
///
/// Ordering  messages of one warp to one place arrive in order. While a spilled
///           message of a block waits, all that the block sends there spills
///           too; and a spilled message says how far the ring had been filled
///           before it, so that the receiver lets those go first.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Inbox.h"
#include "common/Places.h"

namespace rk::device {

inline bool isWayOpen(const abi::Way &way) {
  return way.spills == way.spillsHandled &&
         (way.tail - way.consumed) >> abi::RingShift == 0;
}

/// Makes the way behind those of the places one that is never open: where it
/// does not matter why a record cannot go at once, no branch has to ask.
inline void shutLastWay(const abi::Residents &residents,
                        unsigned char *shared) {
  abi::Way &way = *wayTo(residents, shared, residents.places);
  way = {};
  way.spills = 1;
}

/// Fills in what is constant of a way of block `block` to `place`.
inline void openWay(const abi::Residents &residents, unsigned char *shared,
                    uint32_t block, uint32_t place) {
  const PlaceAt to = locatePlace(residents, place);
  abi::Way &way = *wayTo(residents, shared, place);
  const bool isNear = areNear(residents, to.block, block);
  const uint32_t start = clusterStart(residents, block);
  way = {};
  if (!isNear) {
    way.ring = farRing(residents, place, block)->piece;
    way.kind = abi::WayKind::Far;
    return;
  }
  abi::Piece *ring = nearRing(residents, shared, to.warp, block - start);
  const bool isOwn = to.block == block;
  way.ring = isOwn ? ring : nearAddress(ring, to.block - start);
  way.kind = isOwn ? abi::WayKind::Own : abi::WayKind::Near;
}

/// Where a far receiver writes back how far it has read this block's ring, and
/// how many spilled messages it has handled.
inline uint64_t *farReturn(const abi::Residents &residents, const Desk &desk,
                           uint32_t place) {
  return &residents.farReturns[place * residents.blocks + desk.block];
}

/// Takes what a far receiver has written back since; returns whether the way is
/// open now.
///
/// Two lanes may store what they read in either order; an older pair makes the
/// way look fuller than it is, until the next look.
RK_OUT_OF_LINE inline bool refreshWay(const abi::Launch &launch, Desk &desk,
                                      uint32_t place) {
  const abi::Residents &residents = launch.residents;
  abi::Way *way = wayTo(residents, desk.shared, place);
  const uint64_t back =
      load<Order::Relaxed, Scope::Device>(farReturn(residents, desk, place));
  storeOwnPair(&way->consumed, uint32_t(back), uint32_t(back >> 32));
  abi::Way seen = loadWay(way);
  seen.consumed = uint32_t(back);
  seen.spillsHandled = uint32_t(back >> 32);
  return isWayOpen(seen);
}

/// Sends through the inbox of the place; false if that is full.
///
/// Ordering  `spills` is raised before the message can be handled, so that this
///           block's later messages see it. A way that another warp has to
///           itself had no message of this one left when it became so.
RK_OUT_OF_LINE inline bool spill(Desk &desk, const Record &record,
                                 uint32_t place) {
  const abi::Launch &launch = *desk.launch;
  abi::Way *way = wayTo(launch.residents, desk.shared, place);
  addOwn(&way->spills, 1);
  const abi::Way seen = loadWay(way);
  if (abi::isOwned(seen))
    storeOwnWord(ownPlace(&way->isWanted), 1);
  abi::PacketHeader header = record.header();
  header.status = abi::isOwned(seen) ? abi::spillNoteAtOnce(desk.block)
                                     : abi::spillNote(desk.block, seen.tail);
  Record noted = record;
  noted.setHeader(header);
  if (put(desk, placeInbox(launch, place), &noted))
    return true;
  addOwn(&way->spills, ~0u);
  return false;
}

/// Piece `i` of the packet of a record at a position of a ring.
inline abi::Piece pieceFor(const Record &record, uint32_t i,
                           uint32_t position) {
  const uint32_t *words = record.word + 3 * i;
  return {{words[0], words[1], words[2]}, abi::ringLapMark(position)};
}
inline abi::Piece *packetAt(abi::Piece *ring, uint32_t position) {
  return ring + (position & (abi::RingDepth - 1)) * abi::PiecesPerPacket;
}

/// Writes a record to a position of a ring that has been taken.
inline void writeToRing(abi::Piece *ring, uint32_t position,
                        const Record &record) {
  abi::Piece *packet = packetAt(ring, position);
#pragma clang loop unroll(full)
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i)
    storeAnyPiece(packet + i, pieceFor(record, i, position));
}
/// The same for a ring that is, if `isOwn`, in this block's shared memory,
/// where stores are quicker than generic ones.
inline void writeToRing(abi::Piece *ring, uint32_t position,
                        const Record &record, bool isOwn) {
  if (!isOwn)
    return writeToRing(ring, position, record);
  const OwnPlace packet = ownPlace(packetAt(ring, position));
#pragma clang loop unroll(full)
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i)
    storeOwnPiece(packet + i * sizeof(abi::Piece),
                  pieceFor(record, i, position));
}

//===----------------------------------------------------------------------===//
// Outlets
//===----------------------------------------------------------------------===//

/// Whether this warp has the way to `slot` to itself.
inline bool hasOutletTo(const Desk &desk, uint32_t slot) {
  return desk.outlet.slot == slot;
}

/// Writes how far the ring has been filled, for whoever asks whether the way is
/// taken.
inline void showTail(abi::Way *way, const Outlet &outlet) {
  // Nobody else changes it: to all others the ring is full.
  exchangeOwn(&way->tail, loadWay(way).tail, outlet.tail + abi::OwnedTail);
}

/// Lets others use the way that this warp has to itself, if it has one.
///
/// Threads   one lane of the place's warp.
RK_OUT_OF_LINE inline void giveOutletBack(Desk &desk) {
  const Outlet outlet = desk.outlet;
  if (outlet.slot == Outlet::None)
    return;
  abi::Way *way = wayTo(desk.launch->residents, desk.shared, outlet.place);
  desk.outlet.slot = Outlet::None;
  storeOwnWord(ownPlace(&way->isWanted), 0);
  exchangeOwn(&way->tail, loadWay(way).tail, outlet.tail);
}

/// Makes the way to `slot` this warp's own, if nothing is under way there.
/// Others who want to send there go through the inbox until it is given back.
///
/// Ordering  whoever spills raises `spills` and then looks at the tail; this
///           changes the tail and then looks at `spills`. These are relaxed and
///           of two words, so each may miss the other's. No message overtakes
///           another of its sender then: the spilled one waits for what the
///           ring had until now, which is handled, its sender's next ones find
///           `spills` raised, and this warp's own spills it sees by program
///           order. What is lost is that others want the way, which the next of
///           them says.
/// Threads   one lane of the place's warp.
RK_OUT_OF_LINE inline bool takeOutlet(Desk &desk, uint32_t slot) {
  const abi::Launch &launch = *desk.launch;
  const uint32_t place = placeOf(launch, slot);
  if (place >= launch.residents.places)
    return false;
  abi::Way *way = wayTo(launch.residents, desk.shared, place);
  if (loadWay(way).kind == abi::WayKind::Far)
    refreshWay(launch, desk, place);
  const abi::Way seen = loadWay(way);
  if (seen.spills != seen.spillsHandled || seen.tail != seen.consumed)
    return false;
  giveOutletBack(desk);
  storeOwnWord(ownPlace(&way->isWanted), 0);
  if (exchangeOwn(&way->tail, seen.tail, seen.tail + abi::OwnedTail) !=
      seen.tail)
    return false;
  desk.outlet = {.slot = slot,
                 .tail = seen.tail,
                 .consumed = seen.consumed,
                 .place = place,
                 .ring = seen.ring,
                 .returns = seen.kind == abi::WayKind::Far
                                ? farReturn(launch.residents, desk, place)
                                : nullptr};
  const abi::Way now = loadWay(way);
  if (now.spills == now.spillsHandled)
    return true;
  giveOutletBack(desk);
  return false;
}

/// Sends by this warp's own way, which seemed full; false if it is, or if
/// others want it, and has been given back.
RK_OUT_OF_LINE inline bool putInOutlet(Desk &desk, const Record &record) {
  Outlet &outlet = desk.outlet;
  abi::Way *way = wayTo(desk.launch->residents, desk.shared, outlet.place);
  if (outlet.returns)
    refreshWay(*desk.launch, desk, outlet.place);
  const abi::Way seen = loadWay(way);
  if (loadOwnWord(ownPlace(&way->isWanted)) != 0 ||
      outlet.tail - seen.consumed >= abi::RingDepth) {
    giveOutletBack(desk);
    return false;
  }
  const uint32_t position = outlet.tail++;
  outlet.consumed = seen.consumed;
  showTail(way, outlet); // a handler may send for long
  addOwn(&desk.ringSent, 1);
  writeToRing(outlet.ring, position, record);
  return true;
}

/// Sends one record to the place of its slot; false if there is no room. All
/// that can happen, at a length: see `putInRingAtOnce`.
///
/// Threads   any lane of a warp of the resident kernel, in divergent code.
RK_OUT_OF_LINE inline bool putInRing(Desk &desk, const Record &record) {
  const abi::Launch &launch = *desk.launch;
  const uint32_t place = placeOf(launch, record.header().slot);
  abi::Way *way = wayTo(launch.residents, desk.shared, place);
  for (;;) {
    const abi::Way seen = loadWay(way);
    if (hasOutletTo(desk, record.header().slot)) {
      if (putInOutlet(desk, record))
        return true;
      continue;
    }
    if (!isWayOpen(seen)) {
      if (seen.kind != abi::WayKind::Far || !refreshWay(launch, desk, place))
        return spill(desk, record, place);
      continue;
    }
    if (exchangeOwn(&way->tail, seen.tail, seen.tail + 1) != seen.tail)
      continue;
    addOwn(&desk.ringSent, 1);
    writeToRing(seen.ring, seen.tail, record);
    return true;
  }
}

/// The way to the place of a slot; if it is not that of a place, one that is
/// never open.
inline abi::Way *wayOf(const abi::Launch &launch, unsigned char *shared,
                       uint32_t slot) {
  const uint32_t places = launch.residents.places;
  const uint32_t place = placeOf(launch, slot);
  return wayTo(launch.residents, shared, place < places ? place : places);
}

/// As `putInRing`, if the ring has room and nobody else of this block sends
/// there at the moment; else, or if the slot is not that of a place, false.
/// What it sends is for the caller to count, and the record may be in
/// registers.
///
/// Threads   as `putInRing`.
/// Cost      one read and one compare-and-swap in this block's shared memory,
///           and four stores of 16 bytes to the receiver's.
/// `launch` and `shared` as the kernel has them: through the desk they would be
/// loads. `isOwn`: if the slot is that of a place, it is of this block.
inline bool putInRingAtOnce(const abi::Launch &launch, unsigned char *shared,
                            uint32_t slot, const Record &record,
                            bool isOwn = false) {
  uint32_t position;
  abi::Piece *ring;
  if (!takePosition(wayOf(launch, shared, slot), position, ring)) [[unlikely]]
    return false;
  writeToRing(ring, position, record, isOwn);
  return true;
}

/// Says how many messages this warp has put into rings: those that the desk
/// counts, and `sent` others. Its first lane calls it, behind `syncLanes`.
inline void publishRingSent(const Desk &desk, abi::RingCount &counts,
                            uint32_t sent) {
  store<Order::Relaxed, Scope::Device>(&counts.sent, desk.ringSent + sent);
}

} // namespace rk::device
