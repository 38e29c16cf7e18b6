//===- Clock.h - Time and waiting on a GPU ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The device's clock, and how an agent with nothing to do steps back.
///
/// Source    PTX ISA 9.0, 10.23 (%clock), 10.25 (%globaltimer), 9.7.14.4
/// (nanosleep, sm_70).
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::device {

/// Returns nanoseconds since some fixed time; ticks coarsely (up to 1 us).
inline uint64_t clockNs() {
  uint64_t now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}
/// Lets so many cycles pass.
inline void passCycles(uint32_t cycles) {
  const auto begin = uint32_t(__nvvm_read_ptx_sreg_clock());
  while (uint32_t(__nvvm_read_ptx_sreg_clock()) - begin < cycles)
    ;
}
/// Steps back for a moment within a short wait.
inline void pauseShort() { __nvvm_nanosleep(20); }
/// An agent that holds back looks in one of so many turns whether it still
/// should.
inline constexpr uint32_t TurnsPerLook = 1;
/// Steps back while another worker catches up: up to 4 us.
inline void pauseHeld() { __nvvm_nanosleep(2000); }
/// Steps back in the `round`-th idle turn in a row; wakes within 100 ns. (Each
/// turn reads some 64 bytes of L2, so 1000 idle workers cost it a few percent.)
inline void pauseIdle(uint32_t round) {
  if (round > 256)
    __nvvm_nanosleep(40);
}

/// The same for a place, whose looks take the issue slots and the shared memory
/// of its neighbours; wakes within 200 ns.
inline void pauseIdlePlace(uint32_t round) {
  if (round > 128)
    __nvvm_nanosleep(100);
}

} // namespace rk::device
