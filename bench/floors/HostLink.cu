//===- HostLink.cu - Between host and device by host memory ----*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A flag and rings of messages in memory of the host that the device reads
/// through the bus.
///
//===----------------------------------------------------------------------===//

#include "HostRings.cuh"

namespace rkbench {
namespace {

void measureFlag(const char *name, bool ordered) {
  HostArray<uint64_t> flag(512);
  measureRoundTrip(name, ordered, {flag.get(), flag.get()},
                   [](uint64_t *place, uint64_t value) {
                     std::atomic_ref<uint64_t>(*place).store(
                         value, std::memory_order_release);
                   });
}

void measureRings(uint32_t warps, uint32_t threads) {
  const size_t pieces = size_t(warps) * RingSlots * PiecesPerSlot;
  HostArray<uint4> slots(pieces);
  measureInjection(
      "host-injection", warps, threads,
      [&]() -> SharedPlace<uint4> {
        std::fill_n(slots.get(), pieces, uint4{});
        return {slots.get(), slots.get()};
      },
      [](uint4 *slot, __m128i piece) {
        for (uint32_t k = 0; k < PiecesPerSlot; ++k)
          _mm_store_si128(reinterpret_cast<__m128i *>(slot) + k, piece);
      });
}

} // namespace

void measureHostLink() {
  measureFlag("host-round-trip-relaxed", false);
  measureFlag("host-round-trip-acq-rel", true);
  for (uint32_t warps : {1u, 4u, 8u, 16u, 32u})
    measureRings(warps, 1);
  measureRings(32, 4);
}

} // namespace rkbench
