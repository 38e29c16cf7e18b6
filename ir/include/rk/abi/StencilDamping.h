//===- StencilDamping.h - Layers that absorb --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Multiplies the cells near absorbing faces by factors below 1, after each
/// step and at all time levels. A launch of any plan damps what its steps
/// write, once, and whatever they read of earlier levels as often as those
/// would have been damped by then. Afterwards the host damps the earlier levels
/// as often as steps were made since they were written, or in the launch. If an
/// update is linear and has no constant term, and the factor is g everywhere,
/// then what remains after n steps is g^n times what an undamped grid has:
/// waves decay and do not change their speed. So only the change of g from cell
/// to cell reflects.
///
/// Source    C. Cerjan, D. Kosloff, R. Kosloff, M. Reshef: A nonreflecting
///           boundary condition for discrete acoustic and elastic wave
///           equations. Geophysics 50 (1985), 705-708: the factor, and that it
///           falls as a Gaussian towards the face.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilScalar.h"

namespace rk::abi {

/// One array at one time level.
struct StencilDamping {
  uint64_t address;
  int64_t origin;
  int64_t extent[3];
  /// Units     elements: 1, the pitch, the plane.
  int64_t stride[3];
  /// Units     cells: the layers at the low and high face of each axis. They
  ///           do not overlap.
  int64_t low[3], high[3];
  /// For each axis, a double for each of its places.
  uint64_t factors[3];
  StencilScalar scalar;
  uint32_t reserved;
};
static_assert(sizeof(StencilDamping) == 144);

/// The layers fall into six boxes without a common cell: whole planes along z,
/// then what is left of them along y, then along x.
constexpr int64_t dampedSpan(const StencilDamping &damping, uint32_t box,
                             uint32_t axis) {
  const uint32_t across = 2 - box / 2;
  if (axis == across)
    return box % 2 == 0 ? damping.low[axis] : damping.high[axis];
  return axis < across
             ? damping.extent[axis]
             : damping.extent[axis] - damping.low[axis] - damping.high[axis];
}
constexpr int64_t dampedBegin(const StencilDamping &damping, uint32_t box,
                              uint32_t axis) {
  const uint32_t across = 2 - box / 2;
  if (axis == across)
    return box % 2 == 0 ? 0 : damping.extent[axis] - damping.high[axis];
  return axis < across ? 0 : damping.low[axis];
}
constexpr int64_t dampedCount(const StencilDamping &damping, uint32_t box) {
  return dampedSpan(damping, box, 0) * dampedSpan(damping, box, 1) *
         dampedSpan(damping, box, 2);
}
constexpr int64_t dampedCount(const StencilDamping &damping) {
  int64_t count = 0;
  for (uint32_t box = 0; box < 6; ++box)
    count += dampedCount(damping, box);
  return count;
}

/// Damps cell `index` of the layers: 0 to `dampedCount` - 1.
inline void dampCell(const StencilDamping &damping, int64_t index) {
  uint32_t box = 0;
  for (; box < 5; ++box) {
    const int64_t count = dampedCount(damping, box);
    if (index < count)
      break;
    index -= count;
  }
  int64_t element = damping.origin;
  double factor = 1;
  for (uint32_t axis = 0; axis < 3; ++axis) {
    const int64_t span = dampedSpan(damping, box, axis);
    const int64_t place = dampedBegin(damping, box, axis) + index % span;
    index /= span;
    element += place * damping.stride[axis];
    factor = factor * loadAs<double>(damping.factors[axis], place);
  }
  scaleNumber(damping.scalar, damping.address, element, factor);
}

} // namespace rk::abi
