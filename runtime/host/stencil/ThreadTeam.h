//===- ThreadTeam.h - Threads that share the work of a step -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace rk::runtime {

/// How far a thread is, for those that wait for it. On a cache line of its own.
struct alignas(64) Progress {
  std::atomic<std::int64_t> done{0};

  /// Release: who sees the number sees all that was written before it.
  void reach(std::int64_t number) {
    done.store(number, std::memory_order_release);
  }
  /// Waits until `number` is reached. Acquire: see `reach`.
  ///
  /// Cost      looks without a pause at first, then lets others run, then
  ///           sleeps for short times, so that nobody has to wake it.
  void await(std::int64_t number) const;
};

/// Threads that do parts of one piece of work at a time. The caller of `run` is
/// member 0; the others live as long as the team.
///
/// Threads   one at a time calls `run` and `runRanges`.
class ThreadTeam {
public:
  explicit ThreadTeam(std::uint32_t size);
  ~ThreadTeam();

  [[nodiscard]] std::uint32_t size() const { return size_; }

  /// Calls `work(member)` for 0 to `size()` - 1, each in its own thread, and
  /// waits. What a member wrote is visible to the caller then.
  void run(const std::function<void(std::uint32_t)> &work);
  /// Calls `work(first, last)` for ranges that make up 0 to `count`, and waits.
  /// Work that is too small to be shared is the caller's alone.
  ///
  /// Units     `least`: of a range that is worth a thread.
  void runRanges(std::int64_t count, std::int64_t least,
                 const std::function<void(std::int64_t, std::int64_t)> &work);

private:
  void serve(std::uint32_t member);

  const std::uint32_t size_;
  const std::function<void(std::uint32_t)> *work_ = nullptr;
  /// Counts the calls of `run`; members wait for it to change.
  alignas(64) std::atomic<std::uint32_t> round_{0};
  /// Members that have not ended the round, but the caller.
  alignas(64) std::atomic<std::uint32_t> working_{0};
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

/// Where range `part` of `parts` begins, if 0 to `count` is shared out.
constexpr std::int64_t shareBegin(std::int64_t count, std::int64_t part,
                                  std::int64_t parts) {
  return count * part / parts;
}

} // namespace rk::runtime
