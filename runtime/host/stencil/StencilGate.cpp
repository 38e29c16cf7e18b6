//===- StencilGate.cpp - One at a time, in the order of asking ------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilGate.h"

#include <algorithm>

namespace rk::runtime {

bool StencilGate::enter(std::chrono::nanoseconds patience) {
  const std::thread::id self = std::this_thread::get_id();
  std::unique_lock lock(mutex_);
  if (depth_ != 0 && owner_ == self) {
    ++depth_;
    return true;
  }
  if (depth_ == 0) {
    depth_ = 1;
    owner_ = self;
    return true;
  }
  Waiter waiter;
  waiters_.push_back(&waiter);
  waiter.called.wait_for(lock, patience, [&] { return waiter.isIn; });
  if (!waiter.isIn) {
    std::erase(waiters_, &waiter);
    return false;
  }
  owner_ = self;
  return true;
}

/// Whoever waits longest is in from now on, before it wakes.
void StencilGate::leave() {
  const std::lock_guard lock(mutex_);
  if (depth_ != 1) {
    --depth_;
    return;
  }
  owner_ = {};
  if (waiters_.empty()) {
    depth_ = 0;
    return;
  }
  waiters_.front()->isIn = true;
  waiters_.front()->called.notify_one();
  waiters_.pop_front();
}

bool StencilGate::isMine() const {
  const std::lock_guard lock(mutex_);
  return depth_ != 0 && owner_ == std::this_thread::get_id();
}

} // namespace rk::runtime
