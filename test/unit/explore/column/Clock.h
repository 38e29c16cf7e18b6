//===- Clock.h - Waiting in an explored test --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Explorer.h"

#include <stdint.h>

namespace rk::device {

/// Stands still: who waits for nothing is found to be stuck, not late.
inline uint64_t clockNs() { return 1; }
inline void pauseShort() {
  if (test::Explorer *explorer = test::Explorer::current())
    explorer->wait();
}
inline constexpr uint32_t TurnsPerLook = 1;
inline void pauseHeld() { pauseShort(); }
inline void pauseIdle(uint32_t) { pauseShort(); }

} // namespace rk::device
