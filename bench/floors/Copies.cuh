//===- Copies.cuh - What the floors of copies share ------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A copy by registers, and the frame in which a copy to and fro between two
/// places is timed and checked.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Floors.cuh"

namespace rkbench {

/// Copies `count` pieces by `lanes` lanes, of which this is number `rank`.
template <uint32_t Depth = 8>
__device__ void copyPieces(uint4 *to, const uint4 *from, size_t count,
                           size_t rank, size_t lanes) {
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

static __global__ void number(uint4 *pieces, size_t count) {
  for (size_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count;
       i += size_t(gridDim.x) * blockDim.x)
    pieces[i] = make_uint4(uint32_t(i), uint32_t(i >> 32), 0, 1);
}

static __global__ void countWrong(const uint4 *pieces, size_t count,
                                  uint32_t *wrong) {
  for (size_t i = blockIdx.x * blockDim.x + threadIdx.x; i < count;
       i += size_t(gridDim.x) * blockDim.x)
    if (pieces[i].x != uint32_t(i) || pieces[i].w != 1)
      atomicAdd(wrong, 1u);
}

inline void requireWhole(const DeviceArray<uint4> &array, size_t pieces) {
  DeviceArray<uint32_t> wrong(1);
  countWrong<<<multiprocessors(), 256>>>(array.get(), pieces, wrong.get());
  require(wrong.read()[0] == 0, "a piece is missing");
}

/// Prints the rate at which `copy` reads, of `bytes` bytes in all, in the
/// second to the last of `runs` runs.
template <class Copy>
void measureCopy(const std::string &name, double bytes, size_t pieces, int runs,
                 Copy copy) {
  DeviceArray<uint4> first(pieces), second(pieces);
  number<<<multiprocessors(), 256>>>(first.get(), pieces);
  std::vector<double> rates;
  for (int run = 0; run < runs; ++run) {
    const double time =
        deviceNanoseconds([&] { copy(first.get(), second.get()); });
    if (run > 0)
      rates.push_back(bytes / time);
  }
  requireWhole(first, pieces);
  requireWhole(second, pieces);
  print(summarize(name, "GB/s", rates, Better::Higher, "each piece of both"));
}

} // namespace rkbench
