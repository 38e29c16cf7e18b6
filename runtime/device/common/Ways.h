//===- Ways.h - From a block to a place ---------------------------*- C++
//-*-===//
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
         (way.tail - way.consumed) >> way.shift == 0;
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
    way.ring = farRing(residents, place, block);
    way.shift = abi::FarRingShift;
    return;
  }
  way.isOwn = to.block == block;
  way.ring = nearAddress(nearRing(residents, shared, to.warp, block - start),
                         to.block - start);
  way.bell =
      nearAddress(&bellsOf(residents, shared, to.warp)->tail[block - start],
                  to.block - start);
  way.shift = abi::NearRingShift;
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
  const uint64_t back = load<Order::Relaxed, Scope::Device>(
      &residents.farReturns[place * residents.blocks + desk.block]);
  storeOwnPair(&way->consumed, uint32_t(back), uint32_t(back >> 32));
  abi::Way seen = loadWay(way);
  seen.consumed = uint32_t(back);
  seen.spillsHandled = uint32_t(back >> 32);
  return isWayOpen(seen);
}

/// Sends through the inbox of the place; false if that is full.
///
/// Ordering  `spills` is raised before the message can be handled, so that this
///           block's later messages see it.
RK_OUT_OF_LINE inline bool spill(Desk &desk, const Record &record,
                                 uint32_t place) {
  const abi::Launch &launch = *desk.launch;
  abi::Way *way = wayTo(launch.residents, desk.shared, place);
  addOwn(&way->spills, 1);
  abi::PacketHeader header = record.header();
  header.status = abi::spillNote(desk.block, loadWay(way).tail);
  Record noted = record;
  noted.setHeader(header);
  if (put(desk, placeInbox(launch, place), &noted))
    return true;
  addOwn(&way->spills, ~0u);
  return false;
}

/// Sends one record to the place of its slot; false if there is no room.
///
/// Threads   any lane of a warp of the resident kernel, in divergent code.
/// Cost      one read and one compare-and-swap in this block's shared memory,
///           and four stores of 16 bytes to the receiver's.
/// `launch` as the kernel has it: through the desk it would be a load from
/// device memory.
inline bool putInRingHere(const abi::Launch &launch, Desk &desk,
                          const Record &record) {
  const uint32_t place = placeOf(launch, record.header().slot);
  abi::Way *way = wayTo(launch.residents, desk.shared, place);
  abi::Way seen;
  for (;;) {
    seen = loadWay(way);
    if (!isWayOpen(seen)) [[unlikely]] {
      if (seen.bell || !refreshWay(launch, desk, place))
        return spill(desk, record, place);
      continue;
    }
    if (exchangeOwn(&way->tail, seen.tail, seen.tail + 1) == seen.tail)
      break;
  }
  addOwn(&desk.ringSent, 1);
  abi::Packet *packet = seen.ring + (seen.tail & ((1u << seen.shift) - 1));
  const uint32_t mark = abi::ringLapMark(seen.tail, seen.shift);
  if (!seen.bell) {
    writePacket<Scope::Device>(packet, record, mark);
    return true;
  }
  const bool isOwn = seen.isOwn;
  const uint32_t *words = record.word;
#pragma clang loop unroll(full)
  for (uint32_t i = 0; i < abi::PiecesPerPacket; ++i) {
    const abi::Piece piece{{words[3 * i], words[3 * i + 1], words[3 * i + 2]},
                           mark};
    if (isOwn)
      storeOwnPiece(&packet->piece[i], piece);
    else
      storeNearPiece(&packet->piece[i], piece);
  }
  storeBell(seen.bell, uint16_t(seen.tail + 1));
  return true;
}

/// The same, out of line.
inline bool putInRing(Desk &desk, const Record &record) {
  return putInRingHere(*desk.launch, desk, record);
}

/// Says how many messages this warp has put into rings. Its first lane calls
/// it, behind `syncLanes`.
inline void publishRingSent(const Desk &desk, abi::RingCount &counts) {
  store<Order::Relaxed, Scope::Device>(&counts.sent, desk.ringSent);
}

} // namespace rk::device
