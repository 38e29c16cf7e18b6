//===- CpuOutside.cpp - A stencil's boundary between steps ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/CpuOutside.h"

#include <algorithm>

namespace rk::runtime {

using abi::StencilBox;
using abi::StencilLaunch;

/// The places beyond one face.
struct CpuOutside::Call {
  abi::StencilOutside outside{};
  std::uint32_t side = 0;
  std::vector<Span> before[2]; ///< along the axes before that of the face
};

CpuOutside::CpuOutside(const modfile::StencilView &stencil,
                       const StencilLaunch &launch, CpuFunction *boundary,
                       std::int64_t steps)
    : boundary_(boundary), steps_(steps) {
  if (!boundary)
    return;
  for (std::uint32_t face = 0; face < 2 * stencil.dimensions; ++face)
    if (abi::StencilBoundary(launch.boundary[face]) ==
        abi::StencilBoundary::Function) {
      leftFaces_ |= 1u << face;
      reach_[face / 2] = std::int64_t(stencil.boundary.reach) - 1;
    }
}

void CpuOutside::set(const StencilLaunch &launch, std::uint32_t axis,
                     const StencilBox &box, const CpuFaces &faces) const {
  for (std::uint32_t side = 0; side < 2; ++side) {
    if ((leftFaces_ >> (2 * axis + side) & 1) == 0 || faces.width(axis) == 0 ||
        !faces.finds(axis, side, box))
      continue;
    Call call;
    call.side = side;
    abi::StencilOutside &outside = call.outside;
    outside.axis = axis;
    outside.sides = 1u << side;
    outside.launch = launch;
    outside.width[axis] = faces.width(axis);
    for (std::uint32_t other = 0; other < axis; ++other) {
      outside.width[other] = faces.width(other) * steps_;
      call.before[other] = faces.spans(other, box);
    }
    callParts(call, box, axis + 1);
  }
}

/// Along the axes behind that of the face, places are those of the grid, also
/// where the box reaches beyond periodic faces.
void CpuOutside::callParts(Call &call, const StencilBox &box,
                           std::uint32_t other) const {
  if (other == 3)
    return callRows(call, box);
  StencilLaunch &launch = call.outside.launch;
  const std::int64_t stride = other == 1 ? launch.pitch : launch.plane;
  forEachTurn({box.begin[other], box.end[other]}, launch.extent[other],
              [&](const Span &inside, std::int64_t away) {
                StencilBox part = box;
                part.begin[other] = inside.begin;
                part.end[other] = inside.end;
                launch.origin += away * stride;
                callParts(call, part, other + 1);
                launch.origin -= away * stride;
              });
}

/// Calls the boundary for places that follow each other, in the order in which
/// `abi::locateOutside` counts them.
void CpuOutside::callRows(const Call &call, const StencilBox &box) const {
  const abi::StencilOutside &outside = call.outside;
  const std::int64_t *extent = outside.launch.extent, *width = outside.width;
  const std::int64_t deep = width[outside.axis];
  if (outside.axis == 0) {
    for (std::int64_t z = box.begin[2]; z < box.end[2]; ++z)
      boundary_(&outside, 2 * deep * (box.begin[1] + extent[1] * z),
                2 * deep * (box.end[1] + extent[1] * z));
    return;
  }
  const std::int64_t row = extent[0] + 2 * width[0];
  auto callRow = [&](std::int64_t rows) {
    const std::int64_t begin = rows * row + width[0];
    for (const Span &span : call.before[0])
      boundary_(&outside, begin + span.begin, begin + span.end);
  };
  for (std::int64_t away = call.side * deep; away < (call.side + 1) * deep;
       ++away) {
    if (outside.axis == 1)
      for (std::int64_t z = box.begin[2]; z < box.end[2]; ++z)
        callRow(away + 2 * deep * z);
    for (const Span &rows : call.before[1])
      for (std::int64_t y = rows.begin; y < rows.end; ++y)
        callRow(y + width[1] + (extent[1] + 2 * width[1]) * away);
  }
}

} // namespace rk::runtime
