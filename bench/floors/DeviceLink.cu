//===- DeviceLink.cu - From the host by device memory ----------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A flag and rings of messages in memory of the device that the host writes
/// through the bus, 64 bytes a store; answers and credits lie in host memory,
/// where the host reads them. The runtime's own function allocates: how is said
/// in cuda/DeviceWindow.h.
///
//===----------------------------------------------------------------------===//

#include "HostRings.cuh"

#include "cuda/DeviceWindow.h"

#include <xmmintrin.h>

namespace rkbench {
namespace {

namespace cuda = rk::runtime::cuda;

/// Device memory that the host writes, or why there is none.
class Window {
public:
  explicit Window(size_t bytes) : bytes_(bytes) {
    RK_CUDA(cudaFree(nullptr)); // makes the context
    const auto &driver = cuda::machineDriver();
    if (!driver.isOk()) {
      reason_ = driver.status().message();
      return;
    }
    auto made = cuda::makeDeviceWindow(*driver, 0, bytes);
    if (made.isOk())
      window_ = *made;
    else
      reason_ = made.status().message();
  }
  ~Window() {
    if (window_.release)
      window_.release();
  }
  Window(const Window &) = delete;
  Window &operator=(const Window &) = delete;

  const std::string &reason() const { return reason_; }
  template <class T> SharedPlace<T> zeroed() const {
    RK_CUDA(cudaMemset(reinterpret_cast<void *>(window_.device), 0, bytes_));
    RK_CUDA(cudaDeviceSynchronize());
    return {reinterpret_cast<T *>(window_.host),
            reinterpret_cast<const T *>(window_.device)};
  }

private:
  size_t bytes_;
  cuda::DeviceWindow window_;
  std::string reason_;
};

/// One store of 64 bytes, so that it leaves as one write. Assembler, since the
/// rest of the file must run on a processor without AVX-512; a compiler for one
/// does not know the register.
inline void storeWhole(void *place, __m128i piece) {
  asm volatile("vbroadcasti32x4 %1, %%zmm16\n\tvmovdqa64 %%zmm16, (%0)" ::"r"(
                   place),
               "m"(piece)
               : "memory");
}

void measureFlag() {
  const Window window(4096);
  measureRoundTrip("device-memory-round-trip", false, window.zeroed<uint64_t>(),
                   [](uint64_t *place, uint64_t value) {
                     storeWhole(place, _mm_set_epi64x(0, int64_t(value)));
                     _mm_sfence(); // sends what is combined, at once
                   });
}

void measureRings(uint32_t warps, uint32_t threads) {
  const Window window(size_t(warps) * RingSlots * PiecesPerSlot *
                      sizeof(uint4));
  measureInjection("device-memory-injection", warps, threads,
                   [&] { return window.zeroed<uint4>(); },
                   [](uint4 *slot, __m128i piece) { storeWhole(slot, piece); });
}

} // namespace

void measureDeviceLink() {
  const std::string reason = !__builtin_cpu_supports("avx512f")
                                 ? "the processor has no AVX-512"
                                 : Window(4096).reason();
  if (!reason.empty()) {
    std::fprintf(stderr, "rk-floors: no rows device-memory-*: %s\n",
                 reason.c_str());
    return;
  }
  measureFlag();
  for (uint32_t warps : {8u, 16u})
    measureRings(warps, 1);
  measureRings(32, 4);
}

} // namespace rkbench
