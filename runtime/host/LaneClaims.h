//===- LaneClaims.h - Which thread owns which lanes -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Gives the first threads that send a group of lanes of their own, and takes
/// it back when they end. Group 0 is everybody's.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace rk::runtime {

/// The groups of one link that are taken. Threads may end after the link.
class LaneClaims {
public:
  explicit LaneClaims(std::uint32_t groups) : taken_(groups) {}

  /// Returns a group that nobody owns, or 0 if there is none.
  std::uint32_t take() {
    for (std::uint32_t i = 1; i < taken_.size(); ++i)
      // Acquire, for what the group's last owner did.
      if (!taken_[i].exchange(true, std::memory_order_acquire))
        return i;
    return 0;
  }
  void give(std::uint32_t group) {
    if (group != 0)
      taken_[group].store(false, std::memory_order_release);
  }

private:
  std::vector<std::atomic<bool>> taken_;
};

class LaneGroup;

/// The link that the calling thread used last, by number, and its group there.
/// Nothing once the thread's claims have ended.
struct LastLink {
  std::uint64_t link = 0;
  LaneGroup *group = nullptr;
  LaneGroup *owned = nullptr; ///< the same, if it is this thread's alone
};
inline thread_local constinit LastLink lastLink{};

/// Returns the group of the calling thread in the link with number `link`: the
/// same until its claims end, which is after its `thread_local` objects have
/// been destroyed. Then it is 0.
std::uint32_t claimedGroup(std::uint64_t link,
                           const std::shared_ptr<LaneClaims> &claims);

} // namespace rk::runtime
