//===- StencilOutside.h - Places beyond the faces of a grid -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the kernel of a stencil's `boundary` gets: it sets the halo at the
/// faces that are left to it, one axis a launch, in the order x, y, z, as
/// `abi/StencilHalo.h` fills the others.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilHalo.h"

namespace rk::abi {

/// Which cell a boundary reads.
enum class StencilFrom : uint32_t {
  Face = 0,   ///< so many cells inside of the face; 0 is the cell at the face
  Mirror = 1, ///< the cell as far inside of the face as the place is outside
  Place = 2,  ///< the place itself, at an earlier level
};
inline constexpr uint32_t StencilFromCount = 3;

/// One axis at one time level. The table of addresses begins at that level.
struct StencilOutside {
  /// The places of the axis, as `haloCount` counts them.
  int64_t count;
  int64_t width[3];
  uint32_t axis;
  /// Bit 0: the low face is left to the boundary; bit 1: the high face.
  uint32_t sides;
  /// The address of a number of steps to add to that of the launch, for those
  /// that are recorded once and made again; 0: none.
  uint64_t clock;
  StencilLaunch launch;
};
static_assert(offsetof(StencilOutside, launch) == 48 &&
              sizeof(StencilOutside) == 1520);

/// One of the places.
struct OutsidePlace {
  int64_t place[3]; ///< x, y, z
  int64_t face;     ///< 0 to 5: low and high x, y, z
  int64_t depth;    ///< cells from the face, from 1
  int64_t step;     ///< the step that will read it, from 0
  int64_t element;
  int64_t mirror; ///< the element of the mirrored cell
  /// The element of cell 0 of the axis, and what is between its cells.
  int64_t first, stride, extent;
};
static_assert(offsetof(OutsidePlace, element) == 48 &&
              offsetof(OutsidePlace, mirror) == 56 &&
              sizeof(OutsidePlace) == 88);

/// Finds place `index`: 0 to `count` - 1. Returns whether its face is left to
/// the boundary.
inline bool locateOutside(const StencilOutside &outside, int64_t index,
                          OutsidePlace &found) {
  const StencilLaunch &launch = outside.launch;
  StencilHalo halo{};
  halo.axis = outside.axis;
  halo.stride[0] = 1;
  halo.stride[1] = launch.pitch;
  halo.stride[2] = launch.plane;
  for (uint32_t axis = 0; axis < 3; ++axis) {
    halo.extent[axis] = launch.extent[axis];
    halo.width[axis] = outside.width[axis];
  }
  found.first = launch.origin;
  int64_t along = 0;
  for (uint32_t axis = 0; axis < 3; ++axis) {
    const int64_t span = haloSpan(halo, axis);
    const int64_t place = index % span;
    index /= span;
    if (axis == outside.axis) {
      along = place;
      continue;
    }
    found.place[axis] = haloBegin(halo, axis) + place;
    found.first += found.place[axis] * halo.stride[axis];
  }
  const int64_t width = halo.width[outside.axis];
  const bool isHigh = along >= width;
  found.extent = halo.extent[outside.axis];
  found.stride = halo.stride[outside.axis];
  found.depth = isHigh ? along - width + 1 : along + 1;
  const int64_t place = isHigh ? found.extent + along - width : -1 - along;
  found.place[outside.axis] = place;
  found.face = int64_t(2 * outside.axis) + (isHigh ? 1 : 0);
  found.step = launch.firstStep;
  if (outside.clock != 0)
    found.step += *reinterpret_cast<const int64_t *>(uintptr_t(outside.clock));
  found.element = found.first + place * found.stride;
  found.mirror = found.first +
                 haloSource(StencilBoundary::Reflecting, place, found.extent) *
                     found.stride;
  return (outside.sides >> (isHigh ? 1 : 0) & 1u) != 0;
}

/// Returns the element `distance` cells inside of the place's face; beyond the
/// other face, the grid is mirrored.
inline int64_t inwardElement(const OutsidePlace &place, int64_t distance) {
  const int64_t cell =
      place.face % 2 == 0 ? distance : place.extent - 1 - distance;
  return place.first +
         haloSource(StencilBoundary::Reflecting, cell, place.extent) *
             place.stride;
}

} // namespace rk::abi
