//===- Futex.h - Waiting on a word ------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Waits until a 32-bit word changes, with a bound in time, which
/// `std::atomic::wait` does not have.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace rk::runtime {

/// Waits until `word` is not `expected`, somebody wakes it, or `timeout` has
/// passed; may return early for no reason.
inline void waitOnWord(const std::atomic<std::uint32_t> &word,
                       std::uint32_t expected,
                       std::chrono::nanoseconds timeout) {
  if (timeout.count() <= 0)
    return;
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(timeout);
  timespec limit{};
  limit.tv_sec = time_t(seconds.count());
  limit.tv_nsec = long((timeout - seconds).count());
  syscall(SYS_futex, reinterpret_cast<const std::uint32_t *>(&word),
          FUTEX_WAIT_PRIVATE, expected, &limit, nullptr, 0);
}

/// Wakes all who wait on `word`.
inline void wakeWord(const std::atomic<std::uint32_t> &word) {
  syscall(SYS_futex, reinterpret_cast<const std::uint32_t *>(&word),
          FUTEX_WAKE_PRIVATE, 0x7fffffff, nullptr, nullptr, 0);
}

} // namespace rk::runtime
