//===- HostLink.h - The host's end of the link to a device ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Packets to the device, packets from it, and the requests between them.
/// Knows the protocol of the rings; knows nothing of back ends.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "LaneClaims.h"
#include "LaneGroup.h"
#include "Layout.h"
#include "ReplyTable.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace rk::runtime {

/// The host's end of the link.
///
/// Threads   any, until `detach`.
class HostLink {
public:
  /// `host` is the host block of `layout`, and `lanes` that of its lanes, both
  /// zeroed.
  HostLink(const Layout &layout, unsigned char *host, const LaneBlock &lanes);

  /// Writes one packet to a lane of the calling thread: packets to one slot
  /// take the same.
  LaneWriter::Outcome push(const PacketContent &content, Bytes staged) {
    return groupOfThread().push(content.header.slot, content, staged);
  }
  [[gnu::always_inline]] LaneWriter::Outcome push(std::uint32_t slot,
                                                  const PlainPacket &packet) {
    return groupOfThread().push(slot, packet);
  }
  /// The group that the calling thread has of its own and used last; null if it
  /// has none or used another link since.
  [[nodiscard]] LaneGroup *ownedGroup() const {
    const LastLink &last = lastLink;
    return last.link == number_ ? last.owned : nullptr;
  }

  std::size_t pushRow(const MessageRow &row, LaneWriter::Outcome &outcome) {
    return groupOfThread().pushRow(row, outcome);
  }

  /// Delivers what the device has sent, unless another thread is at it.
  /// Returns whether there was anything.
  bool tryPump();
  /// Delivers what the device has sent.
  void pump();

  ReplyTable &replies() { return replies_; }

  /// Refuses packets from now on.
  void closeLanes();
  /// Packets pushed, and those that the device has not read.
  [[nodiscard]] std::uint64_t pushed() const;
  [[nodiscard]] std::uint64_t left() const;
  /// Answers that found their request, and those that did not.
  [[nodiscard]] std::uint64_t answers() const {
    return answers_.load() + replies_.slotAnswers();
  }
  [[nodiscard]] std::uint64_t lateAnswers() const {
    return late_.load() + replies_.lateSlotAnswers();
  }

  /// Lets go of the host block: counters stay, nothing is read any more.
  void detach();

private:
  LaneGroup &groupOfThread() {
    LastLink &last = lastLink;
    if (last.link != number_) [[unlikely]]
      findGroup(last);
    return *last.group;
  }
  void findGroup(LastLink &last) const;
  bool drain();
  void deliver(const PacketContent &content, const unsigned char *staged);

  const std::uint64_t number_; ///< no other link of the process has had it
  std::vector<std::unique_ptr<LaneGroup>> groups_;
  std::shared_ptr<LaneClaims> claims_;
  ReplyTable replies_;
  std::atomic<std::uint64_t> answers_{0};
  std::atomic<std::uint64_t> late_{0};
  std::atomic<std::uint64_t> finalPushed_{0};
  std::atomic<std::uint64_t> finalLeft_{0};

  std::mutex outboundMutex_; ///< guards what follows
  std::atomic<bool> attached_{true};
  const abi::Packet *ring_;
  const unsigned char *staging_;
  std::uint64_t *consumed_;
  std::uint32_t capacity_;
  std::uint32_t stride_;
  std::uint64_t position_ = 0;
  std::vector<unsigned char> large_;
};

} // namespace rk::runtime
