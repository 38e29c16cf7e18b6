//===- ProbeOutput.h - What probes need of the CPU --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Part of device libraries with probes only.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Clock.h"

#include <stdio.h>

namespace rk::device {

/// Returns cycles, or the finest time that there is.
inline uint64_t probeClock() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return clockNs();
#endif
}
inline void printProbe(const char *format, const uint32_t (&values)[10]) {
  printf(format, values[0], values[1], values[2], values[3], values[4],
         values[5], values[6], values[7], values[8], values[9]);
}

} // namespace rk::device
