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

#include "LaneWriter.h"
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
  /// `host` is the host block of `layout`, zeroed.
  HostLink(const Layout &layout, unsigned char *host);

  /// Writes one packet to the lane of the calling thread.
  LaneWriter::Outcome push(const PacketContent &content, Bytes staged) {
    const auto count = std::uint32_t(lanes_.size());
    return lanes_[threadNumber() % count]->push(content, staged);
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
  [[nodiscard]] std::uint64_t answers() const { return answers_.load(); }
  [[nodiscard]] std::uint64_t lateAnswers() const { return late_.load(); }

  /// Lets go of the host block: counters stay, nothing is read any more.
  void detach();

private:
  /// Threads are numbered from 1 as they first send, so they spread over the
  /// lanes.
  static std::uint32_t threadNumber() {
    static thread_local constinit std::uint32_t number = 0;
    if (number == 0) [[unlikely]]
      number = nextThreadNumber();
    return number;
  }
  static std::uint32_t nextThreadNumber();
  bool drain();
  void deliver(const PacketContent &content, const unsigned char *staged);

  std::vector<std::unique_ptr<LaneWriter>> lanes_;
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
