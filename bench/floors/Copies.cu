//===- Copies.cu - Payloads that warps copy --------------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What `rk-bulk` does without actors, messages or a pool: so many warps copy a
/// payload each to and fro between two places, eight pieces of 16 bytes a lane
/// under way. And the same by all warps of the GPU, on one large payload.
///
//===----------------------------------------------------------------------===//

#include "Copies.cuh"

namespace rkbench {
namespace {

/// A block is a warp; payload number n lies at n * `pieces`.
__global__ void copyPayloads(uint4 *first, uint4 *second, size_t pieces,
                             uint32_t repeats) {
  uint4 *from = first + blockIdx.x * pieces;
  uint4 *to = second + blockIdx.x * pieces;
  for (uint32_t i = 0; i < repeats; ++i) {
    copyPieces(to, from, pieces, threadIdx.x, 32);
    __syncwarp();
    uint4 *const next = from;
    from = to;
    to = next;
  }
}

__global__ void copyAll(uint4 *to, const uint4 *from, size_t pieces) {
  copyPieces(to, from, pieces, blockIdx.x * blockDim.x + threadIdx.x,
             size_t(gridDim.x) * blockDim.x);
}

constexpr int Runs = 6;

void measurePayloads(const char *name, uint32_t payloads, size_t bytes) {
  const auto repeats = uint32_t((16ull << 30) / (payloads * bytes)) & ~1u;
  const size_t pieces = bytes / sizeof(uint4);
  measureCopy(std::string("payload-copy-") + name,
              double(bytes) * payloads * repeats, pieces * payloads, Runs,
              [&](uint4 *first, uint4 *second) {
                copyPayloads<<<payloads, 32>>>(first, second, pieces, repeats);
              });
}

} // namespace

void measureCopies() {
  // As many as rk-bulk has.
  measurePayloads("16K", 1024, 16 << 10);
  measurePayloads("256K", 1024, 256 << 10);
  measurePayloads("4M", 256, 4 << 20);
  constexpr size_t Bytes = 1 << 30;
  measureCopy("device-copy-1G", double(Bytes), Bytes / sizeof(uint4), Runs,
              [](uint4 *first, uint4 *second) {
                copyAll<<<multiprocessors() * 8, 256>>>(second, first,
                                                        Bytes / sizeof(uint4));
              });
}

} // namespace rkbench
