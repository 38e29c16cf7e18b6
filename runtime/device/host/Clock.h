//===- Clock.h - Time and waiting on the CPU ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The monotonic clock, and how an agent with nothing to do steps back.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Stepping.h"

#include <sched.h>
#include <stdint.h>
#include <time.h>

namespace rk::device {

/// Set by the agents of a stepped run before their first turn; null otherwise.
/// The only variable of the library: operations of the dialect get nothing to
/// find their agent by. An image is loaded once for each system.
inline const abi::Stepping *stepping = nullptr;

/// Returns nanoseconds since some fixed time; in a stepped run, the time that
/// moves with its steps, so that what agents do depends on nothing else.
inline uint64_t clockNs() {
  if (stepping) [[unlikely]]
    return stepping->nowNs(stepping->runner);
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1'000'000'000 + uint64_t(now.tv_nsec);
}
inline void pauseProcessor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}
/// Steps back for a moment within a short wait: the thread waited for may need
/// this core.
inline void pauseShort() { sched_yield(); }
/// An agent that holds back looks in one of so many turns whether it still
/// should: its thread may serve other agents, which the looks would slow.
inline constexpr uint32_t TurnsPerLook = 8;
/// Steps back while another worker catches up; `pauseIdle` follows.
inline void pauseHeld() {}
/// Steps back in the `round`-th idle turn in a row; wakes within 100 us plus
/// the scheduler's slack.
inline void pauseIdle(uint32_t round) {
  if (round < 64)
    pauseProcessor();
  else if (round < 512)
    sched_yield();
  else {
    const timespec pause{0, round < 4096 ? 20'000 : 100'000};
    nanosleep(&pause, nullptr);
  }
}

} // namespace rk::device
