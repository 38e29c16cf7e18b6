//===- future.h - Replies that are still to come ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// `Future<R>`: the reply to one request, or the reason why there is none. It
/// always ends: with the reply, with a failure, or at its deadline.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/status.h"

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>

namespace rk {

namespace runtime {
class Engine;
} // namespace runtime

namespace detail {

/// A request that waits for its answer, without the answer's type.
///
/// Threads   one at a time; may move between threads.
class PendingReply {
public:
  PendingReply() = default;
  /// A request that failed at once.
  explicit PendingReply(Status failure) : failure_(std::move(failure)) {}
  PendingReply(std::shared_ptr<runtime::Engine> engine, std::uint64_t token)
      : engine_(std::move(engine)), token_(token) {}
  PendingReply(PendingReply &&other) noexcept
      : engine_(std::move(other.engine_)), token_(other.token_),
        failure_(std::move(other.failure_)) {
    other.failure_ = taken();
  }
  PendingReply &operator=(PendingReply &&other) noexcept;
  ~PendingReply() { giveUp(); }

  [[nodiscard]] bool ready() const;
  /// Waits until it is ready or `timeout` has passed; returns `ready()`.
  bool waitFor(std::chrono::nanoseconds timeout) const;
  /// Waits until it is ready, copies the answer of exactly `size` bytes, and
  /// ends the request. The second call fails.
  Status take(void *answer, std::uint32_t size);
  /// Has a thread of the system resume `waiter` once it is ready; returns false
  /// if it is ready already.
  bool resumeWhenReady(std::coroutine_handle<> waiter) const;

private:
  static Status taken();
  void giveUp() noexcept;

  std::shared_ptr<runtime::Engine> engine_;
  std::uint64_t token_ = 0;
  Status failure_ = taken();
};

} // namespace detail

/// The reply to one request.
///
/// Threads   one at a time; may move between threads.
/// Lifetime  may outlive its system, whose end fails it with `ShuttingDown`. A
///           future that is destroyed gives up the reply, not the request.
template <class Reply> class [[nodiscard]] Future {
  static_assert(std::is_trivially_copyable_v<Reply>,
                "a reply must be trivially copyable: it travels as bytes");

public:
  Future() = default;
  explicit Future(detail::PendingReply pending)
      : pending_(std::move(pending)) {}

  /// Whether `result` returns at once.
  [[nodiscard]] bool ready() const { return pending_.ready(); }

  /// Waits until the reply or a failure is there; at most until the deadline.
  void wait() const { pending_.waitFor(std::chrono::nanoseconds::max()); }
  /// Waits no longer than `timeout`; returns `ready()`.
  bool waitFor(std::chrono::nanoseconds timeout) const {
    return pending_.waitFor(timeout);
  }

  /// Waits, and returns the reply. Only once.
  ///
  /// Errors    `DeadlineExceeded`; `ActorStopped`, `InvalidAddress`,
  ///           `NoHandler`, `MailboxFull` from the receiver's end;
  ///           `ShuttingDown`, `DeviceError`, `WorkerStalled` from the system's
  ///           end; `InvalidArgument` if the reply was already taken.
  Result<Reply> result() {
    alignas(Reply) unsigned char bytes[sizeof(Reply)];
    Status status = pending_.take(bytes, sizeof(Reply));
    if (!status.isOk())
      return status;
    return *std::launder(reinterpret_cast<Reply *>(bytes));
  }
  /// Waits, and returns the reply or throws `StatusError`. Only once.
  Reply get() { return result().value(); }

  /// `co_await` on a future gives the `Result`. The coroutine goes on in a
  /// thread of the system, which serves all others: it must not wait there.
  auto operator co_await() & { return Awaiter{this}; }
  auto operator co_await() && { return Awaiter{this}; }

private:
  struct Awaiter {
    Future *future;
    bool await_ready() const { return future->ready(); }
    bool await_suspend(std::coroutine_handle<> waiter) const {
      return future->pending_.resumeWhenReady(waiter);
    }
    Result<Reply> await_resume() const { return future->result(); }
  };

  detail::PendingReply pending_;
};

} // namespace rk
