//===- Wave.cuh - The wave step that all plans compute ---------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One step of the 3-D wave, `next = (2 u - before) + c2 * lap(u)`, in one order
/// of operations, and the field in memory. The sources are compiled without
/// contraction (-fmad=false), so that each plan must give the same bits.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "../Floors.cuh"

namespace rkbench::stencil {

/// An array with `Halo` cells around it in memory. Rows begin at multiples of
/// 32 elements; outside the field all cells are zero.
struct Layout {
  static constexpr uint32_t Halo = 4, Align = 32;
  uint32_t nx, ny, nz, pitch, plane, origin;
  __host__ __device__ size_t cells() const { return size_t(nx) * ny * nz; }
  size_t elements() const { return size_t(plane) * (nz + 2 * Halo); }
};

inline Layout makeLayout(uint32_t nx, uint32_t ny, uint32_t nz) {
  Layout layout = {nx, ny, nz, 0, 0, 0};
  layout.pitch = (nx + Layout::Halo + 2 * Layout::Align - 1) / Layout::Align *
                 Layout::Align;
  layout.plane = layout.pitch * (ny + 2 * Layout::Halo);
  layout.origin = (layout.plane + layout.pitch) * Layout::Halo + Layout::Align;
  return layout;
}

/// The weights of radius 1 and, for radius 4, of eighth order.
template <class T, int Radius> __host__ __device__ constexpr T weight(int i) {
  if (Radius == 1)
    return i == 0 ? T(-6) : T(1);
  constexpr double Eighth[] = {-205.0 / 24, 8.0 / 5, -1.0 / 5, 8.0 / 315,
                               -1.0 / 560};
  return T(Eighth[i]);
}

template <class T>
__host__ __device__ inline T waveUpdate(T left, T right, T front, T back,
                                        T below, T above, T here, T before,
                                        T c2) {
  const T lap = left + right + front + back + below + above - T(6) * here;
  return T(2) * here - before + c2 * lap;
}

__device__ inline float4 waveUpdate4(float left, float right, float4 front,
                                     float4 back, float4 below, float4 above,
                                     float4 here, float4 before, float c2) {
  return make_float4(
      waveUpdate(left, here.y, front.x, back.x, below.x, above.x, here.x,
                 before.x, c2),
      waveUpdate(here.x, here.z, front.y, back.y, below.y, above.y, here.y,
                 before.y, c2),
      waveUpdate(here.y, here.w, front.z, back.z, below.z, above.z, here.z,
                 before.z, c2),
      waveUpdate(here.z, right, front.w, back.w, below.w, above.w, here.w,
                 before.w, c2));
}

/// What a plan is given: `current` and `before` hold the field; after `steps`
/// steps the newest level is in the array that `run` returns the index of.
template <class T> struct Field {
  explicit Field(const Layout &shape)
      : layout(shape), arrays{DeviceArray<T>(shape.elements()),
                              DeviceArray<T>(shape.elements())} {}
  Layout layout;
  DeviceArray<T> arrays[2];
};

} // namespace rkbench::stencil
