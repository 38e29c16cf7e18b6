//===- Library.cpp - What the CPU has no instruction for --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Operations of the dialect that are instructions on a GPU and calls on the
/// CPU: clocks, pauses and conversions to formats of fewer than 32 bits.
///
//===----------------------------------------------------------------------===//

#include "Clock.h"
#include "rk/abi/FloatFormats.h"

using rk::abi::FloatFormat;
using rk::device::stepping;

extern "C" {

uint64_t rk_clock_ns() { return rk::device::clockNs(); }

uint64_t rk_clock_cycles() {
  if (stepping) [[unlikely]]
    return stepping->nowNs(stepping->runner);
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return rk::device::clockNs();
#endif
}

void rk_pause(uint32_t nanoseconds) {
  if (stepping) [[unlikely]]
    return stepping->pause(stepping->runner, nanoseconds);
  if (nanoseconds < 1'000)
    return rk::device::pauseShort();
  const timespec pause{time_t(nanoseconds / 1'000'000'000),
                       long(nanoseconds % 1'000'000'000)};
  nanosleep(&pause, nullptr);
}

#define RK_DEFINE_FORMAT(name, format)                                         \
  uint32_t rk_encode_##name(float value) {                                     \
    return rk::abi::encodeFloat(value, FloatFormat::format);                   \
  }                                                                            \
  float rk_decode_##name(uint32_t bits) {                                      \
    return rk::abi::decodeFloat(bits, FloatFormat::format);                    \
  }
RK_DEFINE_FORMAT(bf16, Bf16)
RK_DEFINE_FORMAT(e4m3, E4M3)
RK_DEFINE_FORMAT(e5m2, E5M2)
RK_DEFINE_FORMAT(e3m2, E3M2)
RK_DEFINE_FORMAT(e2m3, E2M3)
RK_DEFINE_FORMAT(e2m1, E2M1)

} // extern "C"
