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

#include "Floors.cuh"

namespace rkbench {
namespace {

/// Copies `count` pieces by `lanes` lanes, of which this is number `rank`.
__device__ void copyPieces(uint4 *to, const uint4 *from, size_t count,
                           size_t rank, size_t lanes) {
  constexpr uint32_t Depth = 8;
  size_t at = rank;
  for (; at + (Depth - 1) * lanes < count; at += Depth * lanes) {
    uint4 piece[Depth];
#pragma unroll
    for (uint32_t i = 0; i < Depth; ++i)
      piece[i] = from[at + i * lanes];
#pragma unroll
    for (uint32_t i = 0; i < Depth; ++i)
      to[at + i * lanes] = piece[i];
  }
  for (; at < count; at += lanes)
    to[at] = from[at];
}

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

__global__ void number(uint4 *pieces, size_t count) {
  for (size_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count;
       i += size_t(gridDim.x) * blockDim.x)
    pieces[i] = make_uint4(uint32_t(i), uint32_t(i >> 32), 0, 1);
}

void requireWhole(const DeviceArray<uint4> &array) {
  const std::vector<uint4> found = array.read();
  for (size_t i = 0; i < found.size(); ++i)
    require(found[i].x == uint32_t(i) && found[i].w == 1, "a piece is missing");
}

constexpr int Runs = 6;

/// Prints the rate at which `copy` reads, of `bytes` bytes in all.
template <class Copy>
void measure(const std::string &name, double bytes, size_t pieces, Copy copy) {
  DeviceArray<uint4> first(pieces), second(pieces);
  number<<<multiprocessors(), 256>>>(first.get(), pieces);
  std::vector<double> rates;
  for (int run = 0; run < Runs; ++run) {
    const double time =
        deviceNanoseconds([&] { copy(first.get(), second.get()); });
    if (run > 0)
      rates.push_back(bytes / time);
  }
  requireWhole(first);
  requireWhole(second);
  print(summarize(name, "GB/s", rates, Better::Higher, "each piece of both"));
}

void measurePayloads(const char *name, uint32_t payloads, size_t bytes) {
  const auto repeats = uint32_t((16ull << 30) / (payloads * bytes)) & ~1u;
  const size_t pieces = bytes / sizeof(uint4);
  measure(std::string("payload-copy-") + name,
          double(bytes) * payloads * repeats, pieces * payloads,
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
  measure("device-copy-1G", double(Bytes), Bytes / sizeof(uint4),
          [](uint4 *first, uint4 *second) {
            copyAll<<<multiprocessors() * 8, 256>>>(second, first,
                                                    Bytes / sizeof(uint4));
          });
}

} // namespace rkbench
