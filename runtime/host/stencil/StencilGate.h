//===- StencilGate.h - One at a time, in the order of asking ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

namespace rk::runtime {

/// Lets one thread in at a time, in the order in which they came, so that one
/// that comes again and again keeps nobody out. A thread that is in may come in
/// again.
///
/// Threads   any.
class StencilGate {
public:
  /// Returns false if `patience` has passed and others were in all the time.
  bool enter(std::chrono::nanoseconds patience);
  void leave();
  /// Whether the calling thread is in.
  [[nodiscard]] bool isMine() const;

private:
  struct Waiter {
    std::condition_variable called;
    bool isIn = false;
  };

  mutable std::mutex mutex_;
  std::deque<Waiter *> waiters_;
  std::thread::id owner_;
  std::uint32_t depth_ = 0;
};

} // namespace rk::runtime
