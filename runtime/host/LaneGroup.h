//===- LaneGroup.h - The rings of one host thread ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Some rings to the device, over which packets are spread by receiver so that
/// several agents read them side by side. Either one thread owns them, and
/// needs no atomic read-modify-write to push, or threads share them.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "LaneWriter.h"
#include "MessageRow.h"

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace rk::runtime {

/// A group of rings.
///
/// Threads   `push`: any number of a shared group's, the owner's of an owned
///           one. `close`, `pushed` and `left`: any.
/// Ordering  packets with one key are read in the order of the pushes of each
///           thread.
class LaneGroup {
public:
  LaneGroup(std::vector<std::unique_ptr<LaneWriter>> rings, bool isOwned)
      : rings_(std::move(rings)),
        mask_(std::uint32_t(std::bit_floor(rings_.size())) - 1),
        isOwned_(isOwned) {}

  /// Writes one packet to the ring that `key` chooses.
  template <class Content>
  [[gnu::always_inline]] LaneWriter::Outcome
  push(std::uint32_t key, const Content &content, Bytes staged = {}) {
    LaneWriter &ring = *rings_[key & mask_];
    return isOwned_ ? pushOwned(ring, content, staged)
                    : ring.push(content, staged);
  }

  /// The same for the owner of an owned group.
  template <class Content>
  [[gnu::always_inline]] LaneWriter::Outcome pushAlone(std::uint32_t key,
                                                       const Content &content) {
    return pushOwned(*rings_[key & mask_], content, {});
  }
  /// Writes the messages of a row until one finds no room; returns how many.
  /// The outcome is that of the last that was tried.
  ///
  /// Cost      as `push`, but an owned group is entered once.
  std::size_t pushRow(const MessageRow &row, LaneWriter::Outcome &outcome);

  /// Refuses packets from now on. Pushes that were under way have ended.
  void close();

  [[nodiscard]] std::uint64_t pushed() const;
  [[nodiscard]] std::uint64_t left() const;

private:
  template <class Content>
  LaneWriter::Outcome pushOwned(LaneWriter &ring, const Content &content,
                                Bytes staged);
  std::size_t pushSharedRow(const MessageRow &row,
                            LaneWriter::Outcome &outcome);
  bool enter();
  void leave();

  const std::vector<std::unique_ptr<LaneWriter>> rings_;
  const std::uint32_t mask_;
  const bool isOwned_;
  alignas(128) std::atomic<bool> closed_{false};
  /// Whether the owner is within `push`.
  std::atomic<bool> inside_{false};
};

/// The owner says that it is inside, then looks whether the group is closed;
/// `close` does both the other way round. Each must see the other's word, which
/// takes a full fence on both sides; `close` gives the owner its own
/// (`fenceOtherThreads`), so that a push does without.
[[gnu::always_inline]] inline bool LaneGroup::enter() {
  inside_.store(true, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (!closed_.load(std::memory_order_relaxed)) [[likely]]
    return true;
  // Release here, too: the closer may see this and not the one of the push
  // before, whose packet it then counts.
  leave();
  return false;
}
[[gnu::always_inline]] inline void LaneGroup::leave() {
  inside_.store(false, std::memory_order_release);
}

template <class Content>
[[gnu::always_inline]] inline LaneWriter::Outcome
LaneGroup::pushOwned(LaneWriter &ring, const Content &content, Bytes staged) {
  if (!enter()) [[unlikely]]
    return LaneWriter::Outcome::Closed;
  const LaneWriter::Outcome outcome = ring.pushAlone(content, staged);
  leave();
  return outcome;
}

} // namespace rk::runtime
