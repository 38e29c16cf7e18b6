//===- StateMemory.h - Memory of states that grows --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes more memory usable for the states of actors while agents run, ahead of
/// use, and tells agents how far it reaches (`abi::ActorArena`).
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Backend.h"

#include "rk/report.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace rk::runtime {

/// Threads   any, but for `begin`.
class StateMemory {
public:
  /// Takes over what the back end has made usable for an arena of at most
  /// `limit` bytes; before agents run.
  Status begin(Backend &backend, DeviceAddress arena, std::uint64_t mapped,
               std::uint64_t limit);
  /// No call reaches the back end any more.
  void end();

  /// Takes more memory if agents need it. `wanted` is the word by which they
  /// ask (`abi::Control`): it becomes 0, "nobody asks".
  ///
  /// Cost      a few nanoseconds if nobody asks; a copy and some calls of the
  ///           driver, a millisecond and more, if somebody does.
  void tend(std::uint64_t &wanted) {
    if (canGrow_.load(std::memory_order_relaxed) &&
        (__atomic_load_n(&wanted, __ATOMIC_RELAXED) != 0 || hasGrownOfLate() ||
         isRefused_.load(std::memory_order_relaxed)))
      grow(wanted);
  }

  /// Whether agents could get more.
  [[nodiscard]] bool canGrow() const { return canGrow_.load(); }
  /// Whether more may be needed soon without anybody asking: agents that looked
  /// before it grew do not ask again.
  [[nodiscard]] bool hasGrownOfLate() const {
    return closeLooks_.load(std::memory_order_relaxed) != 0;
  }
  [[nodiscard]] std::uint64_t mapped() const { return mapped_.load(); }
  /// What the system takes, `others` bytes beside the states included.
  [[nodiscard]] MemoryUse use(std::uint64_t others);

  /// How many of `mapped` bytes may be used before agents ask for more.
  static std::uint64_t quietPart(std::uint64_t mapped);
  /// Up to where `mapped` bytes grow if `needed` are in use or asked for.
  static std::uint64_t nextSize(std::uint64_t mapped, std::uint64_t needed,
                                std::uint64_t limit);

private:
  void grow(std::uint64_t &wanted);
  void take(std::uint64_t needed);
  bool extendTo(std::uint64_t bytes);
  Status publish();
  [[nodiscard]] std::uint64_t used();

  std::mutex mutex_; ///< guards what is no atomic
  Backend *backend_ = nullptr;
  DeviceAddress arena_ = 0;
  std::uint64_t limit_ = 0;
  std::chrono::steady_clock::time_point retryAt_;
  std::atomic<bool> isRefused_{false}; ///< the device had no more
  std::atomic<std::uint64_t> mapped_{0};
  std::atomic<std::uint32_t> closeLooks_{0};
  std::atomic<bool> canGrow_{false};
};

} // namespace rk::runtime
