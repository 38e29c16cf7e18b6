//===- Streaming.cuh - One step a pass through memory ----------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The plain kernel, one thread a cell, and the streaming one: a warp holds
/// `Rows` rows of 128 cells, walks along z, keeps three planes in registers,
/// exchanges along x by shuffles, and asks for the next plane before it
/// computes this one. `next` is `before` in place.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Wave.cuh"

namespace rkbench::stencil {

template <class T, int Radius>
__global__ void plainStep(const T *__restrict__ u, T *__restrict__ next,
                          Layout l, T c2) {
  const uint32_t x = blockIdx.x * blockDim.x + threadIdx.x;
  const uint32_t y = blockIdx.y * blockDim.y + threadIdx.y;
  const uint32_t z = blockIdx.z * blockDim.z + threadIdx.z;
  if (x >= l.nx || y >= l.ny || z >= l.nz)
    return;
  const int64_t at =
      int64_t(l.origin) + x + int64_t(y) * l.pitch + int64_t(z) * l.plane;
  const int64_t row = l.pitch, plane = l.plane;
  if constexpr (Radius == 1) {
    next[at] = waveUpdate(u[at - 1], u[at + 1], u[at - row], u[at + row],
                          u[at - plane], u[at + plane], u[at], next[at], c2);
  } else {
    T lap = T(3) * weight<T, Radius>(0) * u[at];
#pragma unroll
    for (int i = 1; i <= Radius; ++i)
      lap += weight<T, Radius>(i) *
             (u[at - i] + u[at + i] + u[at - i * row] + u[at + i * row] +
              u[at - i * plane] + u[at + i * plane]);
    next[at] = T(2) * u[at] - next[at] + c2 * lap;
  }
}

__device__ inline float4 load4(const float *address) {
  return *reinterpret_cast<const float4 *>(address);
}

/// What a warp holds of one plane beside its own rows.
struct Beside {
  float4 front, back;
};

template <int Rows, int Warps, int BlocksPerMultiprocessor>
__global__ void __launch_bounds__(Warps * 32, BlocksPerMultiprocessor)
    streamingStep(const float *__restrict__ u, float *__restrict__ next,
                  Layout l, float c2, uint32_t depth) {
  const uint32_t lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const uint32_t x = (blockIdx.x * 32 + lane) * 4;
  const uint32_t y = (blockIdx.y * Warps + warp) * Rows;
  const uint32_t z = blockIdx.z * depth, end = min(z + depth, l.nz);
  if (y >= l.ny)
    return;
  const bool inside = x < l.nx, last = lane == 31 || x + 4 >= l.nx;
  const uint32_t pitch = l.pitch;
  const float *in = u + l.origin + (inside ? x : 0) + size_t(y) * pitch +
                    size_t(z) * l.plane;
  float *out = next + l.origin + x + size_t(y) * pitch + size_t(z) * l.plane;
  float4 below[Rows], here[Rows], above[Rows], before[Rows];
  float edge[Rows];
  Beside beside;
  const int aside = lane == 0 ? -1 : 4;
  const bool asks = lane == 0 || last;
  // The last lane of a row asks for its right neighbour, lane 0 for its left.
#pragma unroll
  for (int r = 0; r < Rows; ++r) {
    below[r] = load4(in - l.plane + r * pitch);
    here[r] = load4(in + r * pitch);
    above[r] = load4(in + l.plane + r * pitch);
    before[r] = inside ? load4(out + r * pitch) : make_float4(0, 0, 0, 0);
    edge[r] = asks ? in[int(r * pitch) + aside] : 0;
  }
  beside.front = load4(in - pitch);
  beside.back = load4(in + Rows * pitch);
#pragma unroll 2
  for (uint32_t p = z; p < end; ++p) {
    float4 further[Rows], nextBefore[Rows];
    float nextEdge[Rows];
    in += l.plane;
    float *nextOut = out + l.plane;
    const Beside nextBeside = {load4(in - pitch), load4(in + Rows * pitch)};
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      further[r] = load4(in + l.plane + r * pitch);
      nextBefore[r] = p + 1 < end && inside
                          ? __ldcs((const float4 *)(nextOut + r * pitch))
                          : make_float4(0, 0, 0, 0);
      nextEdge[r] = asks ? in[int(r * pitch) + aside] : 0;
    }
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      float left = __shfl_up_sync(~0u, here[r].w, 1);
      float right = __shfl_down_sync(~0u, here[r].x, 1);
      if (lane == 0)
        left = edge[r];
      if (last)
        right = lane == 0 ? 0 : edge[r];
      const float4 result = waveUpdate4(
          left, right, r == 0 ? beside.front : here[r == 0 ? 0 : r - 1],
          r == Rows - 1 ? beside.back : here[r == Rows - 1 ? r : r + 1],
          below[r], above[r], here[r], before[r], c2);
      if (inside)
        __stcs((float4 *)(out + r * pitch), result);
    }
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      below[r] = here[r];
      here[r] = above[r];
      above[r] = further[r];
      before[r] = nextBefore[r];
      edge[r] = nextEdge[r];
    }
    beside = nextBeside;
    out = nextOut;
  }
}

} // namespace rkbench::stencil
