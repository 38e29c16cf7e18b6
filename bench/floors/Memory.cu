//===- Memory.cu - Random stores and atomics -------------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What delivering a message costs at the very least: one atomic addition for
/// its place, and 64 bytes stored at a place that nobody can predict.
///
//===----------------------------------------------------------------------===//

#include "Floors.cuh"

#include <numeric>

namespace rkbench {
namespace {

__device__ uint32_t nextRandom(uint32_t &state) {
  state = state * 1664525u + 1013904223u;
  return state >> 6;
}

__global__ void addRandomly(uint32_t *counters, uint32_t count, uint32_t stride,
                            uint32_t repeats) {
  uint32_t state = (blockIdx.x * blockDim.x + threadIdx.x) * 2654435761u + 1;
  for (uint32_t i = 0; i < repeats; ++i)
    atomicAdd(counters + size_t(nextRandom(state) % count) * stride, 1u);
}

/// Four lanes store one message.
__global__ void storeRandomly(uint4 *slots, uint32_t count, uint32_t repeats) {
  const uint32_t group = (blockIdx.x * blockDim.x + threadIdx.x) / 4;
  uint32_t state = group * 2654435761u + 1;
  for (uint32_t i = 0; i < repeats; ++i) {
    const size_t slot = nextRandom(state) % count;
    slots[slot * 4 + threadIdx.x % 4] = make_uint4(state, i, group, 1);
  }
}

constexpr uint32_t Threads = 256, BlocksPerSm = 4, Repeats = 1000;

void measureAtomics(uint32_t count) {
  constexpr uint32_t Stride = 32;
  DeviceArray<uint32_t> counters(size_t(count) * Stride);
  const uint32_t blocks = multiprocessors() * BlocksPerSm;
  const uint64_t additions = uint64_t(blocks) * Threads * Repeats;
  std::vector<double> rates;
  for (int run = 0; run < 6; ++run) {
    counters.clear();
    const double time = deviceNanoseconds([&] {
      addRandomly<<<blocks, Threads>>>(counters.get(), count, Stride, Repeats);
    });
    const std::vector<uint32_t> found = counters.read();
    const uint64_t sum =
        std::accumulate(found.begin(), found.end(), uint64_t(0));
    require(sum == additions, "an addition was lost");
    if (run > 0)
      rates.push_back(double(additions) / time);
  }
  print(summarize("random-atomic-add-" + std::to_string(count) + "-lines",
                  "G/s", rates, Better::Higher, "sum of all counters"));
}

void measureStores(uint32_t count) {
  DeviceArray<uint4> slots(size_t(count) * 4);
  const uint32_t blocks = multiprocessors() * BlocksPerSm;
  const uint64_t messages = uint64_t(blocks) * Threads / 4 * Repeats;
  std::vector<double> rates;
  for (int run = 0; run < 6; ++run) {
    const double time = deviceNanoseconds([&] {
      storeRandomly<<<blocks, Threads>>>(slots.get(), count, Repeats);
    });
    if (run > 0)
      rates.push_back(double(messages) / time);
  }
  // Nearly every slot is hit; a kernel that stored nothing would leave zeros.
  const std::vector<uint4> found = slots.read();
  size_t written = 0;
  for (const uint4 &piece : found)
    written += piece.w;
  require(written > found.size() / 2, "slots stayed empty");
  print(summarize("random-store-64B-" + std::to_string(count) + "-slots",
                  "G msg/s", rates, Better::Higher, "slots written"));
}

} // namespace

void measureMemory() {
  measureAtomics(multiprocessors());
  measureAtomics(1u << 16);
  measureStores(1u << 14);
  measureStores(1u << 18);
  measureStores(1u << 22);
}

} // namespace rkbench
