//===- ThreadTeam.cpp - Threads that share the work of a step -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/ThreadTeam.h"

#include "Futex.h"

#include <algorithm>
#include <chrono>

namespace rk::runtime {

namespace {

/// Looks at memory this often before the processor is given to others: some ten
/// microseconds, which is what a sleep and a wake cost.
constexpr int Looks = 1000;
constexpr int Yields = 200;

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// Returns whether `isThere` became true while looking.
template <class Condition> bool look(const Condition &isThere) {
  for (int i = 0; i < Looks; ++i) {
    if (isThere())
      return true;
    pause();
  }
  for (int i = 0; i < Yields; ++i) {
    if (isThere())
      return true;
    std::this_thread::yield();
  }
  return isThere();
}

} // namespace

void Progress::await(std::int64_t number) const {
  const auto isThere = [&] {
    return done.load(std::memory_order_acquire) >= number;
  };
  while (!look(isThere))
    std::this_thread::sleep_for(std::chrono::microseconds(50));
}

ThreadTeam::ThreadTeam(std::uint32_t size) : size_(std::max(size, 1u)) {
  for (std::uint32_t member = 1; member < size_; ++member)
    threads_.emplace_back([this, member] { serve(member); });
}

ThreadTeam::~ThreadTeam() {
  ends_ = true;
  // Release: members that see the new round see `ends_`.
  round_.fetch_add(1, std::memory_order_release);
  wakeWord(round_);
  for (std::thread &thread : threads_)
    thread.join();
}

void ThreadTeam::run(const std::function<void(std::uint32_t)> &work) {
  if (size_ == 1)
    return work(0);
  work_ = &work;
  // Ordered before the members' decrements by the release of the round.
  working_.store(size_ - 1, std::memory_order_relaxed);
  // Release: members that see the new round see the work and the count, and
  // all that the caller wrote before.
  round_.fetch_add(1, std::memory_order_release);
  wakeWord(round_);
  work(0);
  // Acquire: what members wrote before they counted themselves out is visible.
  const auto areDone = [this] {
    return working_.load(std::memory_order_acquire) == 0;
  };
  while (!look(areDone))
    waitOnWord(working_, working_.load(std::memory_order_relaxed),
               std::chrono::microseconds(200));
}

void ThreadTeam::runRanges(
    std::int64_t count, std::int64_t least,
    const std::function<void(std::int64_t, std::int64_t)> &work) {
  const std::int64_t parts =
      std::clamp<std::int64_t>(count / least, 1, std::int64_t(size_));
  if (count <= 0)
    return;
  if (parts == 1)
    return work(0, count);
  run([&](std::uint32_t member) {
    const std::int64_t first = shareBegin(count, member, parts);
    const std::int64_t last = shareBegin(count, member + 1, parts);
    if (member < parts && first < last)
      work(first, last);
  });
}

void ThreadTeam::serve(std::uint32_t member) {
  // A bound, so that a wake that is missed costs time and nothing else.
  constexpr std::chrono::milliseconds Sleep(100);
  std::uint32_t seen = 0;
  while (true) {
    // Acquire: see `run`.
    const auto begins = [&] {
      return round_.load(std::memory_order_acquire) != seen;
    };
    while (!look(begins))
      waitOnWord(round_, seen, Sleep);
    ++seen;
    if (ends_)
      return;
    (*work_)(member);
    // Release: the caller that sees 0 sees what all members wrote; each
    // decrement keeps the others' releases.
    working_.fetch_sub(1, std::memory_order_release);
  }
}

} // namespace rk::runtime
