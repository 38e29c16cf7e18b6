//===- Outside.h - Faces that are left to a boundary ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What lies beyond faces that are left to the stencil's boundary is found by
/// the blocks that read it, each for its own brick and halo, after a step's
/// cells have come. Axes take their turns from x on, as in
/// `abi/StencilHalo.h`: along the axes before that of the face, places are
/// those beyond other faces too; along those behind it, they are the cells that
/// are seen there.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Brick.h"
#include "common/stencil/Update.h"

namespace rk::device::stencil {

/// The places of one brick beyond the low and high face of one axis.
template <class Machine, uint32_t Axis> class OutsidePlaces {
public:
  __attribute__((always_inline)) OutsidePlaces(const Brick<Machine> &brick,
                                               int64_t step)
      : brick(brick), step(step) {}

  /// Calls `visit(place)` for the places that are this thread's.
  template <class Visit>
  __attribute__((always_inline)) void forEach(Visit visit) const {
    const auto spanX = span(0), spanY = span(1), spanZ = span(2);
    const uint32_t items = spanX * spanY * spanZ;
    for (uint32_t item = Machine::thread(); item < items;
         item += Machine::threads()) {
      const int32_t at[3] = {placeOf(0, item % spanX),
                             placeOf(1, item / spanX % spanY),
                             placeOf(2, item / spanX / spanY)};
      abi::OutsidePlace place;
      if (locate(at, place))
        visit(place);
    }
  }

private:
  [[nodiscard]] int32_t size(uint32_t axis) const {
    return brick.frame.size[axis];
  }
  [[nodiscard]] int32_t width(uint32_t axis) const {
    return brick.grid.width[axis];
  }
  [[nodiscard]] uint32_t span(uint32_t axis) const {
    return uint32_t(2 * width(axis) + (axis == Axis ? 0 : size(axis)));
  }
  /// Units     cells of the brick, from its first one on.
  [[nodiscard]] int32_t placeOf(uint32_t axis, uint32_t item) const {
    const int32_t place = int32_t(item) - width(axis);
    return axis == Axis && place >= 0 ? place + size(axis) : place;
  }
  /// Elements of shared memory from one cell to the next.
  [[nodiscard]] int64_t stride() const {
    return Axis == 0   ? 1
           : Axis == 1 ? int64_t(brick.grid.strideY)
                       : int64_t(brick.grid.strideZ);
  }

  /// Whether a place is beyond a face that is left to the boundary.
  __attribute__((always_inline)) bool locate(const int32_t (&at)[3],
                                             abi::OutsidePlace &place) const {
    const int64_t extent = brick.launch.extent[Axis];
    const int64_t own = int64_t(brick.frame.first[Axis]) + at[Axis];
    const bool isHigh = own >= extent;
    if ((own >= 0 && !isHigh) ||
        (brick.grid.leftFaces >> (2 * Axis + (isHigh ? 1 : 0)) & 1) == 0)
      return false;
#pragma clang loop unroll(full)
    for (uint32_t axis = 0; axis < 3; ++axis) {
      const int64_t seen = int64_t(brick.frame.first[axis]) + at[axis];
      place.place[axis] =
          axis > Axis ? sourceAlong(brick.launch, axis, seen) : seen;
      if (axis > Axis && (place.place[axis] < 0 ||
                          place.place[axis] >= brick.launch.extent[axis]))
        return false;
    }
    place.face = int64_t(2 * Axis + (isHigh ? 1 : 0));
    place.depth = isHigh ? own - extent + 1 : -own;
    place.step = step;
    place.element = int64_t(brick.elementOf(at[1], at[2])) + at[0];
    place.stride = stride();
    place.extent = extent;
    place.first = place.element - own * place.stride;
    place.mirror =
        place.first +
        abi::haloSource(abi::StencilBoundary::Reflecting, own, extent) *
            place.stride;
    return true;
  }

  const Brick<Machine> &brick;
  const int64_t step;
};

/// All threads of the block call it once the halo is there. `step` is the
/// number of the step that reads the places.
template <class Machine>
__attribute__((always_inline)) inline void
setOutside(const Brick<Machine> &brick, const uint32_t *slots,
           SetOutside *outside, int64_t step) {
  const auto set =
      [&](const abi::OutsidePlace &place) __attribute__((always_inline)) {
        outside(brick.shared, slots, brick.launch.parameters, &place);
      };
  const auto isLeft = [&](uint32_t axis) {
    return (brick.grid.leftFaces >> (2 * axis) & 3) != 0;
  };
  if (isLeft(0)) {
    OutsidePlaces<Machine, 0>(brick, step).forEach(set);
    Machine::sync();
  }
  if (isLeft(1)) {
    OutsidePlaces<Machine, 1>(brick, step).forEach(set);
    Machine::sync();
  }
  if (isLeft(2)) {
    OutsidePlaces<Machine, 2>(brick, step).forEach(set);
    Machine::sync();
  }
}

} // namespace rk::device::stencil
