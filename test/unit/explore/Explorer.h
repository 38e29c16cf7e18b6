//===- Explorer.h - Threads of a test, in every interleaving ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the threads of a small test as fibers that may change at each access to
/// shared memory, and whose loads may return old values, in every way up to a
/// number of deviations: changes of a thread that could go on, and loads of
/// anything but the newest.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Choices.h"
#include "WeakMemory.h"
#include "cpu/Fiber.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rk::test {

/// What was found.
struct Findings {
  std::uint64_t executions = 0;
  std::string failure; ///< of the first execution that failed
};

class Explorer {
public:
  using Body = std::function<void()>;
  /// Sets one execution up: adds its threads, and returns what is to be checked
  /// when they have ended.
  using Setup = std::function<Body(Explorer &)>;

  explicit Explorer(std::uint32_t deviations)
      : choices_(deviations), memory_(choices_) {}

  /// Runs every execution until one fails.
  Findings run(const Setup &setup);
  WeakMemory &memory() { return memory_; }

  // Within a setup:
  void addThread(Body body);

  // Within a thread:
  /// Others may go first.
  void point();
  /// Waits until another thread has stored something.
  void wait();
  /// Notes a mistake; the first one stays.
  void fail(const std::string &what) {
    if (failure_.empty())
      failure_ = what;
  }
  void expect(bool holds, const char *what) {
    if (!holds)
      fail(what);
  }
  [[nodiscard]] bool failed() const { return !failure_.empty(); }
  [[nodiscard]] std::uint32_t thread() const { return running_; }

  /// The one that runs now; null outside of executions: then memory is plain.
  static Explorer *current() { return current_; }

private:
  struct Thread {
    std::unique_ptr<runtime::Fiber> fiber;
    Body body;
    bool waits = false;
    std::uint64_t seen = 0; ///< events of others at its last wait
  };

  void runThreads();
  [[nodiscard]] bool canRun(std::uint32_t place) const;
  /// Stores of other threads, and ends of threads.
  [[nodiscard]] std::uint64_t eventsFor(std::uint32_t thread) const;
  [[nodiscard]] std::vector<std::uint32_t> othersThatCanRun() const;

  Choices choices_;
  WeakMemory memory_;
  std::vector<Thread> threads_;
  /// Stacks are used again in the next execution.
  std::uint32_t threadCount_ = 0;
  std::uint32_t running_ = 0;
  std::uint32_t next_ = 0;
  std::uint64_t ended_ = 0;
  std::uint64_t steps_ = 0;
  bool givesUp_ = false;
  std::string failure_;
  static inline Explorer *current_ = nullptr;
};

} // namespace rk::test
