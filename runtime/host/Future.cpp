//===- Future.cpp - Replies without their types ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/future.h"

#include "Engine.h"

namespace rk::detail {

Status PendingReply::taken() {
  return Status(StatusCode::InvalidArgument,
                "this future has no reply: it was taken, moved away, or never "
                "asked for");
}

PendingReply &PendingReply::operator=(PendingReply &&other) noexcept {
  if (this != &other) {
    giveUp();
    engine_ = std::move(other.engine_);
    token_ = other.token_;
    failure_ = std::move(other.failure_);
    other.failure_ = taken();
  }
  return *this;
}

void PendingReply::giveUp() noexcept {
  if (engine_)
    engine_->giveUp(token_);
  engine_.reset();
}

bool PendingReply::ready() const { return !engine_ || engine_->isDone(token_); }

bool PendingReply::waitFor(std::chrono::nanoseconds timeout) const {
  return !engine_ || engine_->await(token_, timeout);
}

bool PendingReply::resumeWhenReady(std::coroutine_handle<> waiter) const {
  return engine_ && engine_->resumeWhenDone(token_, waiter);
}

Status PendingReply::take(void *answer, std::uint32_t size) {
  if (!engine_) {
    Status failure = std::move(failure_);
    failure_ = taken();
    return failure;
  }
  Status status = engine_->take(token_, answer, size);
  engine_.reset();
  return status;
}

} // namespace rk::detail
