//===- clock.h - Time in a handler -----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Clocks, and short waits.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/detail/Markers.h"

#include <cstdint>

#if !defined(__RKC__)
#include <chrono>
#include <thread>
#endif

namespace rk::clock {

/// Returns a time that never runs backwards, from an unspecified start.
///
/// Units     nanoseconds. A GPU may advance it in steps of up to 1 us, so use
///           `cycles` for what is shorter.
inline std::uint64_t nowNs() {
#if defined(__RKC__)
  return __rk_clock(0);
#else
  return std::uint64_t(std::chrono::duration_cast<std::chrono::nanoseconds>(
                           std::chrono::steady_clock::now().time_since_epoch())
                           .count());
#endif
}

/// Returns the cycle counter of the processor that runs the handler. Subtract
/// only values that were read in one handler call.
inline std::uint64_t cycles() {
#if defined(__RKC__)
  return __rk_clock(1);
#else
  return nowNs();
#endif
}

/// Gives up the processor for about `nanoseconds`. A handler that waits long
/// holds up the other actors of its worker: end it, and continue when the next
/// message arrives.
inline void pause(std::uint32_t nanoseconds) {
#if defined(__RKC__)
  __rk_pause(nanoseconds);
#else
  std::this_thread::sleep_for(std::chrono::nanoseconds(nanoseconds));
#endif
}

} // namespace rk::clock
