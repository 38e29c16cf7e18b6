//===- Access.cuh - Loads and stores of shared memory ----------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The memory accesses that the floors are made of, each one instruction.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstdint>

namespace rkbench {

// System scope: the other end is the host.
__device__ inline uint64_t loadRelaxedSystem(const uint64_t *address) {
  uint64_t value;
  asm volatile("ld.relaxed.sys.global.u64 %0, [%1];"
               : "=l"(value)
               : "l"(address)
               : "memory");
  return value;
}
__device__ inline uint64_t loadAcquireSystem(const uint64_t *address) {
  uint64_t value;
  asm volatile("ld.acquire.sys.global.u64 %0, [%1];"
               : "=l"(value)
               : "l"(address)
               : "memory");
  return value;
}
__device__ inline void storeRelaxedSystem(uint64_t *address, uint64_t value) {
  asm volatile("st.relaxed.sys.global.u64 [%0], %1;" ::"l"(address), "l"(value)
               : "memory");
}
__device__ inline void storeReleaseSystem(uint64_t *address, uint64_t value) {
  asm volatile("st.release.sys.global.u64 [%0], %1;" ::"l"(address), "l"(value)
               : "memory");
}

// Device scope: the other end is another multiprocessor.
__device__ inline uint32_t loadRelaxedDevice(const uint32_t *address) {
  uint32_t value;
  asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];"
               : "=r"(value)
               : "l"(address)
               : "memory");
  return value;
}
__device__ inline uint32_t loadAcquireDevice(const uint32_t *address) {
  uint32_t value;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];"
               : "=r"(value)
               : "l"(address)
               : "memory");
  return value;
}
__device__ inline void storeRelaxedDevice(uint32_t *address, uint32_t value) {
  asm volatile("st.relaxed.gpu.global.u32 [%0], %1;" ::"l"(address), "r"(value)
               : "memory");
}
__device__ inline void storeReleaseDevice(uint32_t *address, uint32_t value) {
  asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(address), "r"(value)
               : "memory");
}

// Sixteen bytes at once: a piece of a message whose last word is its mark. The
// mark arrives with its piece, so no fence stands between payload and flag.
__device__ inline uint4 loadPiece(const uint4 *address) {
  uint4 value;
  asm volatile("ld.volatile.global.v4.u32 {%0, %1, %2, %3}, [%4];"
               : "=r"(value.x), "=r"(value.y), "=r"(value.z), "=r"(value.w)
               : "l"(address)
               : "memory");
  return value;
}
__device__ inline void storePiece(uint4 *address, uint4 value) {
  asm volatile(
      "st.volatile.global.v4.u32 [%0], {%1, %2, %3, %4};" ::"l"(address),
      "r"(value.x), "r"(value.y), "r"(value.z), "r"(value.w)
      : "memory");
}

__device__ inline uint64_t deviceNanosecondClock() {
  uint64_t value;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(value));
  return value;
}

} // namespace rkbench
