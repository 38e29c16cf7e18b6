//===- SmallInbox.h - One inbox with its pool -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The memory that `common/Inbox.h` works on, with segments of two packets, and
/// senders and a receiver that check what arrives.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Explorer.h"
#include "common/Outbound.h"

#include <cstring>
#include <memory>
#include <optional>
#include <vector>

namespace rk::test {

static_assert(abi::SegmentPackets == 2);

/// The words that agents share.
enum class Site { Tail, HeadNumber, Recent, Directory, PoolCell, Mark, Other };

/// Takes the order of one kind of access to one kind of word away.
struct Mistake {
  Site site;
  WeakMemory::Kind kind;
  bool acquire; ///< or else release
};

/// One inbox, or several, that share a pool of segments.
class SmallInbox {
public:
  static constexpr std::uint32_t MostSenders = 3;
  static constexpr std::uint32_t ReceiverDesk = MostSenders;

  explicit SmallInbox(std::uint32_t poolSegments, std::uint32_t inboxes = 1);

  /// Has `sender` put its next message into an inbox, which notes whether it
  /// was accepted.
  void send(std::uint32_t sender, std::uint32_t inbox = 0);
  /// Takes what is there, and checks it; returns whether anything was.
  bool receive(std::uint32_t inbox = 0);
  /// Takes everything until the senders have ended and nothing is left.
  void receiveAll(Explorer &explorer, std::uint32_t inbox = 0);

  /// Remembers the present state; every execution begins with it.
  void keep();
  void goBack();
  /// What is wrong at the end; empty if nothing is.
  [[nodiscard]] std::string verdict() const;

  [[nodiscard]] Site siteOf(const void *address) const;
  /// The memory's rules with a mistake, or as they are with null.
  [[nodiscard]] WeakMemory::Weaken withMistake(const Mistake *mistake) const;

  /// How many messages the receivers got.
  [[nodiscard]] std::uint32_t received() const { return counts_.received; }
  [[nodiscard]] std::uint32_t refused() const { return counts_.refused; }
  [[nodiscard]] abi::Launch &launch() { return launch_; }

  /// Senders that have not ended.
  std::uint32_t sendersLeft = 0;

private:
  struct Counts {
    std::uint32_t sent[MostSenders] = {};
    std::uint32_t accepted = 0;
    std::uint32_t refused = 0;
    std::uint32_t received = 0;
    std::uint32_t lastFrom[2][MostSenders] = {};
    /// Bit n: message number n of this sender was accepted, or received.
    std::uint64_t acceptedFrom[MostSenders] = {};
    std::uint64_t receivedFrom[MostSenders] = {};
    const char *mistake = nullptr;
  };

  template <class T> T *array(std::size_t count);
  void check(const device::Record &record, std::uint32_t inbox);

  std::vector<unsigned char> memory_;
  std::vector<unsigned char> kept_;
  std::size_t used_ = 0;
  std::size_t segmentCount_ = 0;
  abi::Launch launch_{};
  std::vector<device::Desk> desks_;
  std::vector<device::Receiver> receivers_;
  std::vector<device::Receiver> keptReceivers_;
  Counts counts_;
  Counts keptCounts_;
};

} // namespace rk::test
