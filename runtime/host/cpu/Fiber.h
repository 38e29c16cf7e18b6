//===- Fiber.h - A function that can stop in its middle ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A call with a stack of its own, which other code resumes and which gives
/// control back where it likes.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstddef>
#include <functional>

#include <ucontext.h>

namespace rk::runtime {

/// Threads   one at a time; it may be resumed by another thread than before.
class Fiber {
public:
  /// As much as a thread has. Pages that are not touched cost nothing.
  static constexpr std::size_t DefaultStackBytes = 8 << 20;

  /// `body` runs from the first `resume` on.
  ///
  /// Errors    throws `std::system_error` if there is no memory for the stack.
  explicit Fiber(std::function<void()> body,
                 std::size_t stackBytes = DefaultStackBytes);
  /// What still lies on the stack of a fiber that has not ended is not
  /// destroyed.
  ~Fiber();
  Fiber(const Fiber &) = delete;
  Fiber &operator=(const Fiber &) = delete;

  /// Runs it until it suspends or ends. Not from within.
  ///
  /// Cost      two system calls, about 1 us there and back.
  void resume();
  /// Goes back to who resumed it. From within.
  void suspend();
  [[nodiscard]] bool isDone() const { return done_; }

private:
  static void enter(unsigned high, unsigned low);
  void switchTo(ucontext_t &from, ucontext_t &to, void *sanitizer);

  std::function<void()> body_;
  void *stack_;
  std::size_t bytes_;
  ucontext_t inside_{};
  ucontext_t outside_{};
  bool done_ = false;
  void *insideForSanitizer_ = nullptr;
  void *outsideForSanitizer_ = nullptr;
};

} // namespace rk::runtime
