//===- LaneWriter.cpp - Writing into a lane -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LaneWriter.h"

#include <cstring>

namespace rk::runtime {

bool LaneWriter::hasRoom(std::uint64_t position) {
  // Signed: a position that other threads have left behind has room, and its
  // compare-and-swap fails. Acquire pairs with the release below: another
  // thread's look at `*consumed_` counts for this one too.
  const auto room = std::int64_t(capacity_);
  if (std::int64_t(position - seen_.load(std::memory_order_acquire)) < room)
    return true;
  const std::uint64_t now = readConsumed();
  seen_.store(now, std::memory_order_release);
  return std::int64_t(position - now) < room;
}

LaneWriter::Outcome LaneWriter::push(const PacketContent &content,
                                     Bytes staged) {
  std::uint64_t position = tail_.load(std::memory_order_relaxed);
  do {
    if (position & Closed)
      return Outcome::Closed;
    if (!hasRoom(position))
      return Outcome::Full;
    // Data is published by marks. Release, for whoever closes the lane: it then
    // sees what this thread did before it got in.
  } while (!tail_.compare_exchange_weak(position, position + 1,
                                        std::memory_order_release,
                                        std::memory_order_relaxed));
  const std::uint64_t index = position & (capacity_ - 1);
  if (staged.size != 0)
    std::memcpy(staging_ + index * stride_, staged.data, staged.size);
  writePacket(ring_ + index, content, markOf(position));
  return Outcome::Written;
}

} // namespace rk::runtime
