//===- StencilHalo.h - Values beyond a boundary -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

///
/// \file
/// Fills the halo of one array along one axis; on the GPU a thread for each
/// element, on the CPU a loop.
///
/// Axes are filled in the order x, y, z. The halo of an axis spans the halos of
/// the axes before it, and the cells of those behind it. So a value in a corner
/// is found by resolving z first, then y, then x.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Stencil.h"

namespace rk::abi {

/// One axis of one array.
struct StencilHalo {
  uint64_t address;
  int64_t origin;
  int64_t extent[3];
  /// Units     elements: 1, the pitch, the plane.
  int64_t stride[3];
  /// The width of the halo in memory.
  int64_t width[3];
  /// The low and the high face.
  uint32_t boundary[2];
  uint32_t elementBytes;
  uint32_t axis;
  /// Values never change at fixed faces, so they are written once.
  uint32_t writesFixed;
  uint32_t reserved;
  /// The bits of the value at a fixed face.
  uint64_t fixed[2];
};
static_assert(sizeof(StencilHalo) == 128);

/// Where the other axes begin, and how many places they have.
constexpr int64_t haloBegin(const StencilHalo &halo, uint32_t axis) {
  return axis < halo.axis ? -halo.width[axis] : 0;
}
constexpr int64_t haloSpan(const StencilHalo &halo, uint32_t axis) {
  if (axis == halo.axis)
    return 2 * halo.width[axis];
  return halo.extent[axis] + (axis < halo.axis ? 2 * halo.width[axis] : 0);
}
constexpr int64_t haloCount(const StencilHalo &halo) {
  return haloSpan(halo, 0) * haloSpan(halo, 1) * haloSpan(halo, 2);
}

/// Returns the cell whose value lies at `place`, which is outside of 0 to
/// `extent` - 1.
constexpr int64_t haloSource(StencilBoundary boundary, int64_t place,
                             int64_t extent) {
  const int64_t period =
      boundary == StencilBoundary::Reflecting ? 2 * extent : extent;
  int64_t inside = place % period;
  if (inside < 0)
    inside += period;
  return inside < extent ? inside : period - 1 - inside;
}

template <class Word>
inline void putHalo(const StencilHalo &halo, int64_t to, int64_t from,
                    bool isFixed, uint64_t value) {
  Word *array = reinterpret_cast<Word *>(halo.address);
  array[to] = isFixed ? Word(value) : array[from];
}

/// Writes element `index` of the halo: 0 to `haloCount` - 1.
inline void fillHalo(const StencilHalo &halo, int64_t index) {
  int64_t to = halo.origin, along = 0;
  for (uint32_t axis = 0; axis < 3; ++axis) {
    const int64_t span = haloSpan(halo, axis);
    const int64_t place = index % span;
    index /= span;
    if (axis == halo.axis)
      along = place;
    else
      to += (haloBegin(halo, axis) + place) * halo.stride[axis];
  }
  const int64_t width = halo.width[halo.axis], extent = halo.extent[halo.axis];
  const uint32_t face = along < width ? 0 : 1;
  const int64_t place = face == 0 ? -1 - along : extent + along - width;
  const auto boundary = StencilBoundary(halo.boundary[face]);
  const bool isFixed = boundary == StencilBoundary::Fixed;
  if ((isFixed && !halo.writesFixed) || boundary == StencilBoundary::Function)
    return;
  const int64_t stride = halo.stride[halo.axis];
  const int64_t from =
      isFixed ? 0 : to + haloSource(boundary, place, extent) * stride;
  to += place * stride;
  switch (halo.elementBytes) {
  case 1:
    return putHalo<uint8_t>(halo, to, from, isFixed, halo.fixed[face]);
  case 2:
    return putHalo<uint16_t>(halo, to, from, isFixed, halo.fixed[face]);
  case 4:
    return putHalo<uint32_t>(halo, to, from, isFixed, halo.fixed[face]);
  default:
    return putHalo<uint64_t>(halo, to, from, isFixed, halo.fixed[face]);
  }
}

} // namespace rk::abi
