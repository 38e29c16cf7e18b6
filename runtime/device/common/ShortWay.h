//===- ShortWay.h - Sends of one lane of a place ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What one lane of a place's warp sends to another place, at once and from
/// registers.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/Post.h"

namespace rk::device {

/// Puts a record into the ring on the way that this warp has to itself, if that
/// leads to `slot` and has room.
///
/// Threads   one lane of the place's warp.
/// Cost      four stores of 16 bytes.
inline bool putInOwnWay(Context &context, uint32_t slot, const Record &record,
                        bool isOwn) {
  Outlet &outlet = context.outlet;
  if (slot != outlet.slot || !outlet.hasRoom())
    return false;
  writeToRing(outlet.ring, outlet.tail, record, isOwn);
  context.agent.desk->outlet.tail = ++outlet.tail;
  ++context.ringSent;
  return true;
}
/// Puts a record into a ring, on this warp's own way or another; false if there
/// is no room at once, or `slot` is not that of a place. `isOwn`: if it is,
/// that is of this block.
///
/// Threads   as `putInOwnWay`.
inline bool putAtOnce(Context &context, uint32_t slot, const Record &record,
                      bool isOwn) {
  if (putInOwnWay(context, slot, record, isOwn)) [[likely]]
    return true;
  if (!putInRingAtOnce(*context.agent.launch, context.shared, slot, record,
                       isOwn))
    return false;
  context.sentThere = slot == context.lastSlot ? context.sentThere + 1 : 0;
  context.lastSlot = slot;
  ++context.ringSent;
  return true;
}

} // namespace rk::device
