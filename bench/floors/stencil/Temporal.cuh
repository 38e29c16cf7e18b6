//===- Temporal.cuh - Several steps a pass through memory ------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A block holds a tile of 128 by `Warps * Rows` cells and walks along z. In
/// the turn in which plane p of level 0 arrives, stage s computes plane p - s
/// of level s. What a stage needs of other rows was put into shared memory in
/// the turn before, so one block barrier a turn is enough. Tiles overlap by
/// `Steps` cells on each side (by four along x), as AN5D and EBISU do it.
/// Two levels are read and two are written: 16 bytes for `Steps` steps.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Streaming.cuh"

namespace rkbench::stencil {

template <int Steps_, int Warps_, int Rows_> struct Tile {
  static constexpr int Steps = Steps_, Warps = Warps_, Rows = Rows_;
  static constexpr int Height = Warps * Rows, ValidHeight = Height - 2 * Steps;
  static constexpr int ValidWidth = 120, Threads = Warps * 32;
  static constexpr int PlaneVectors = Height * 32;
  static constexpr int SharedBytes = 2 * Steps * PlaneVectors * 16;
  static_assert(Steps >= 2 && Steps <= 4 && ValidHeight > 0);
};

struct TemporalJob {
  const float *current, *before;
  float *outCurrent, *outBefore;
  Layout layout;
  uint32_t depth; ///< planes of a block
  float c2;
};

__device__ inline float4 zeroUnless(bool condition, float4 v) {
  return condition ? v : make_float4(0, 0, 0, 0);
}

template <class T>
__global__ void __launch_bounds__(T::Threads, 1) temporalPass(TemporalJob j) {
  constexpr int Steps = T::Steps, Rows = T::Rows;
  extern __shared__ float4 shared[];
  const Layout &l = j.layout;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int x = int(blockIdx.x) * T::ValidWidth - 4 + lane * 4;
  const int y = int(blockIdx.y) * T::ValidHeight - Steps + warp * Rows;
  const int first = int(blockIdx.z * j.depth);
  const int end = min(first + int(j.depth), int(l.nz));
  bool inside[Rows], valid[Rows];
#pragma unroll
  for (int r = 0; r < Rows; ++r) {
    inside[r] = x >= 0 && x < int(l.nx) && y + r >= 0 && y + r < int(l.ny);
    const int row = warp * Rows + r;
    valid[r] = inside[r] && lane > 0 && lane < 31 && row >= Steps &&
               row < T::Height - Steps;
  }
  const auto at = [&](int z, int r) {
    return int64_t(l.origin) + x + int64_t(y + r) * l.pitch +
           int64_t(z) * l.plane;
  };
  const auto fetch = [&](const float *array, int z, int r) {
    return inside[r] && z >= 0 && z < int(l.nz)
               ? load4(array + at(z, r))
               : make_float4(0, 0, 0, 0);
  };
  // level[s][i]: level s, the newest plane and the two before it
  float4 level[Steps][3][Rows], arriving[Rows], before[Rows];
#pragma unroll
  for (int r = 0; r < Rows; ++r) {
#pragma unroll
    for (int s = 0; s < Steps; ++s)
#pragma unroll
      for (int i = 0; i < 3; ++i)
        level[s][i][r] = make_float4(0, 0, 0, 0);
    arriving[r] = fetch(j.current, first - Steps, r);
    before[r] = fetch(j.before, first - Steps - 1, r);
  }
  const auto slot = [&](int turn, int s, int row) -> float4 & {
    return shared[((turn & 1) * Steps + s) * T::PlaneVectors + row * 32 + lane];
  };
  const int row0 = warp * Rows;
  const int frontRow = max(row0 - 1, 0),
            backRow = min(row0 + Rows, T::Height - 1);
#pragma unroll
  for (int s = 0; s < Steps; ++s)
#pragma unroll
    for (int r = 0; r < Rows; ++r)
      slot(1, s, row0 + r) = make_float4(0, 0, 0, 0);
  __syncthreads();
  int turn = 0;
#pragma unroll 3
  for (int p = first - Steps; p < end + Steps; ++p, ++turn) {
    float4 next[Rows], nextBefore[Rows];
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      next[r] = fetch(j.current, p + 1, r);
      nextBefore[r] = fetch(j.before, p, r);
      level[0][2][r] = level[0][1][r];
      level[0][1][r] = level[0][0][r];
      level[0][0][r] = arriving[r];
    }
#pragma unroll
    for (int s = 1; s <= Steps; ++s) {
      const int z = p - s;
      const float4 front = slot(turn + 1, s - 1, frontRow);
      const float4 back = slot(turn + 1, s - 1, backRow);
      float4 made[Rows];
#pragma unroll
      for (int r = 0; r < Rows; ++r) {
        const float4 here = level[s - 1][1][r];
        const float left = __shfl_up_sync(~0u, here.w, 1);
        const float right = __shfl_down_sync(~0u, here.x, 1);
        const float4 old = s == 1 ? before[r] : level[s == 1 ? 0 : s - 2][2][r];
        made[r] = zeroUnless(
            inside[r] && z >= 0 && z < int(l.nz),
            waveUpdate4(left, right,
                        r == 0 ? front : level[s - 1][1][r == 0 ? 0 : r - 1],
                        r == Rows - 1
                            ? back
                            : level[s - 1][1][r == Rows - 1 ? r : r + 1],
                        level[s - 1][2][r], level[s - 1][0][r], here, old,
                        j.c2));
      }
#pragma unroll
      for (int r = 0; r < Rows; ++r) {
        if (s < Steps) {
          constexpr int Last = Steps - 1;
          const int t = s < Steps ? s : Last;
          level[t][2][r] = level[t][1][r];
          level[t][1][r] = level[t][0][r];
          level[t][0][r] = made[r];
        } else if (valid[r] && z >= first && z < end) {
          __stcs((float4 *)(j.outCurrent + at(z, r)), made[r]);
          __stcs((float4 *)(j.outBefore + at(z, r)), level[Steps - 1][1][r]);
        }
      }
    }
#pragma unroll
    for (int s = 0; s < Steps; ++s)
#pragma unroll
      for (int r = 0; r < Rows; ++r)
        slot(turn, s, row0 + r) = level[s][0][r];
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      arriving[r] = next[r];
      before[r] = nextBefore[r];
    }
    __syncthreads();
  }
}

} // namespace rkbench::stencil
