//===- ProbeOutput.h - What probes need of a GPU ----------------*- C++ -*-===//
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

#include <stdint.h>

extern "C" int vprintf(const char *format, const void *arguments);

namespace rk::device {

/// Returns cycles, or the finest time that there is.
inline uint64_t probeClock() {
  uint64_t time;
  asm volatile("mov.u64 %0, %%clock64;" : "=l"(time)::"memory");
  return time;
}
inline void printProbe(const char *format, const uint32_t (&values)[10]) {
  vprintf(format, values);
}

} // namespace rk::device
