//===- LaneReader.h - What a host thread put into a lane --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads one lane's ring of packets to the desk.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Near.h"
#include "Packets.h"
#include "common/Agent.h"

namespace rk::device {

class LaneReader {
protected:
  LaneReader(const abi::Launch &launch, uint32_t laneIndex, uint32_t agentRow,
             Desk &desk)
      : agent(makeAgent(launch, agentRow, desk)), desk(desk),
        hostLane(launch.lanes[laneIndex]) {}

  /// Of a lane in host memory it reads what was there at the last look at the
  /// tail, and looks again: both cross the bus together. Idle, it looks at the
  /// next packet alone; busy, it has the next packets copied while it passes
  /// these on. Of a lane in device memory it reads a few packets, or a row if
  /// the last look found all that it looked for.
  bool readRow() {
    if (!isNear() && (copying != 0 || copyNext()))
      takeCopied();
    else
      look(isNear() ? worthReadingNear() : worthReading());
    return count != 0;
  }

  const Agent agent;
  Desk &desk;
  const abi::HostLane hostLane;
  uint64_t position = 0;
  uint32_t count = 0;   ///< packets on the desk
  uint32_t copying = 0; ///< packets behind those, on their way

private:
  /// Whether the lane lies in device memory: it has marks alone, and no tail.
  bool isNear() const { return hostLane.tail == nullptr; }
  void look(uint32_t limit) {
    askTail();
    count =
        limit <= PacketsPerLook ? read<1>(limit) : read<RoundsPerRow>(limit);
    more = count == limit ? count : 0;
    hearTail();
  }
  void takeCopied() {
    count = takeCopies<RoundsPerRow>(agent.lane, copying, landing(),
                                     &desk.outbound[0][0], PlaceOf{*this, 0});
    copying = 0;
    more = count;
    hearTail();
    if (count != 0)
      copyNext();
  }

  /// Packets of one read or copy: a row, since passing a row on takes as long
  /// if it is not full. A copy lands in what a link does not use of its desk,
  /// the replies and what is received.
  static constexpr uint32_t Capacity = LaneCount;
  static_assert(Capacity * sizeof(abi::Packet) <=
                2 * LaneCount * sizeof(Record));
  static constexpr uint32_t PacketsPerLook = LaneCount < 8 ? 1 : LaneCount / 4;

  template <uint32_t Rounds> uint32_t read(uint32_t limit) {
    return readPackets<Scope::System, Rounds>(
        agent.lane, limit, &desk.outbound[0][0], PlaceOf{*this, 0});
  }
  void askTail() {
    if (!isNear() && agent.lane == 0)
      tail = load<Order::Relaxed, Scope::System>(hostLane.tail);
  }
  void hearTail() {
    if (isNear())
      return;
    const uint64_t seen = shuffle64(tail, 0);
    seenTail = seen > seenTail ? seen : seenTail;
  }
  /// Starts copying what comes behind the packets on the desk, if the tail has
  /// told of more than a look would find.
  ///
  /// Ordering  acquire, for the host's release of the tail, in all lanes: that
  ///           which has read the tail fences too, and they meet. Before the
  ///           next look at the tail, for which the fence would wait.
  bool copyNext() {
    if (LaneCount == 1 || seenTail <= position + count + PacketsPerLook)
      return false;
    acquireFromHost();
    syncLanes();
    const uint64_t left = seenTail - (position + count);
    copying = left < Capacity ? uint32_t(left) : Capacity;
    startCopies<RoundsPerRow>(agent.lane, copying, landing(),
                              PlaceOf{*this, count});
    askTail();
    return true;
  }
  abi::Piece *landing() {
    return reinterpret_cast<abi::Piece *>(&desk.outbound[OutboxDepth][0]);
  }
  uint32_t worthReadingNear() const {
    return more == 0 ? PacketsPerLook : Capacity;
  }
  /// As much as is known to be there; else a little more than came last.
  uint32_t worthReading() const {
    constexpr uint32_t Ahead = LaneCount < 16 ? LaneCount : 16;
    if (seenTail > position)
      return seenTail - position < Capacity ? uint32_t(seenTail - position)
                                            : Capacity;
    const uint32_t guess = 2 * more;
    return guess == 0 ? 1 : guess < Ahead ? guess : Ahead;
  }
  struct HostPlace {
    const abi::Packet *packet;
    uint32_t mark;
  };
  struct PlaceOf {
    const LaneReader &link;
    uint32_t from; ///< packets on the desk

    HostPlace operator()(uint32_t index) const {
      const abi::HostLane &lane = link.hostLane;
      const uint64_t place = link.position + from + index;
      return {lane.ring + (uint32_t(place) & (lane.capacity - 1)),
              abi::ringMark(place, lane.capacity)};
    }
  };

  uint64_t seenTail = 0; ///< positions that are known to be taken
  uint64_t tail = 0;     ///< what the first lane has read last
  uint32_t more = 0;     ///< what the last read found, if all it asked for
};

} // namespace rk::device
