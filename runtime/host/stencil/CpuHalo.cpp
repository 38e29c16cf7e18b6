//===- CpuHalo.cpp - Values beyond faces, by rows -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/CpuHalo.h"

#include <algorithm>
#include <cstring>

namespace rk::runtime {

using abi::StencilBoundary;

namespace {

char *bytesAt(std::uint64_t address) {
  return reinterpret_cast<char *>(std::uintptr_t(address));
}

void copyValue(char *to, const char *from, std::int64_t bytes) {
  switch (bytes) {
  case 4:
    std::memcpy(to, from, 4);
    break;
  case 8:
    std::memcpy(to, from, 8);
    break;
  default:
    std::memcpy(to, from, std::size_t(bytes));
  }
}

} // namespace

void fillHaloRow(const abi::StencilHalo &halo, std::int64_t row) {
  const std::int64_t span = abi::haloSpan(halo, 0);
  // Values at faces along x, and fixed ones, are few: cell by cell.
  if (halo.axis == 0) {
    for (std::int64_t index = 0; index < span; ++index)
      abi::fillHalo(halo, row * span + index);
    return;
  }
  const std::int64_t along = halo.axis == 1 ? row % abi::haloSpan(halo, 1)
                                            : row / abi::haloSpan(halo, 1);
  const std::int64_t width = halo.width[halo.axis],
                     extent = halo.extent[halo.axis];
  const std::uint32_t face = along < width ? 0 : 1;
  const auto boundary = StencilBoundary(halo.boundary[face]);
  if (boundary == StencilBoundary::Function)
    return;
  if (!abi::isCopied(boundary)) {
    if (halo.writesFixed)
      for (std::int64_t index = 0; index < span; ++index)
        abi::fillHalo(halo, row * span + index);
    return;
  }
  const std::int64_t place = face == 0 ? -1 - along : extent + along - width;
  const std::int64_t source = abi::haloSource(boundary, place, extent);
  std::int64_t other = halo.axis == 1 ? row / abi::haloSpan(halo, 1)
                                      : row % abi::haloSpan(halo, 1);
  const std::uint32_t otherAxis = 3 - halo.axis;
  other += abi::haloBegin(halo, otherAxis);
  const std::int64_t start =
      halo.origin + abi::haloBegin(halo, 0) + other * halo.stride[otherAxis];
  const std::int64_t bytes = halo.elementBytes;
  std::memcpy(
      bytesAt(halo.address) + (start + place * halo.stride[halo.axis]) * bytes,
      bytesAt(halo.address) + (start + source * halo.stride[halo.axis]) * bytes,
      std::size_t(span * bytes));
}

//===----------------------------------------------------------------------===//
// What follows from a box
//===----------------------------------------------------------------------===//

CpuFaces::CpuFaces(const modfile::StencilView &stencil,
                   const abi::StencilLaunch &launch,
                   const std::int64_t (&reach)[3], std::uint32_t repeated)
    : repeated_(repeated) {
  for (const modfile::StencilArrayView &array : stencil.arrays)
    for (std::uint32_t axis = 0; axis < 3; ++axis)
      width_[axis] = std::max(width_[axis], std::int64_t(array.halo[axis]));
  for (std::uint32_t axis = 0; axis < 3; ++axis) {
    extent_[axis] = launch.extent[axis];
    // Cells before the last one were updated earlier, so high faces wait for
    // that one alone; low faces for the innermost that is read.
    std::int64_t innermost = extent_[axis] - 1;
    switch (StencilBoundary(launch.boundary[2 * axis])) {
    case StencilBoundary::Periodic:
      break;
    case StencilBoundary::Reflecting:
    case StencilBoundary::Function:
      innermost = std::min(innermost, std::max(width_[axis] - 1, reach[axis]));
      break;
    default:
      innermost = 0;
    }
    last_[2 * axis] = innermost;
    last_[2 * axis + 1] = extent_[axis] - 1;
  }
}

std::vector<Span> CpuFaces::spans(std::uint32_t axis,
                                  const abi::StencilBox &box) const {
  std::vector<Span> all = {{box.begin[axis], box.end[axis]}};
  if ((repeated_ >> axis & 1) != 0 || width_[axis] == 0)
    return all;
  if (finds(axis, 0, box)) {
    if (box.begin[axis] == 0)
      all.front().begin = -width_[axis];
    else
      all.push_back({-width_[axis], 0});
  }
  if (finds(axis, 1, box))
    all.front().end += width_[axis];
  return all;
}

DerivedHalo::DerivedHalo(const modfile::StencilArrayView &array,
                         const abi::StencilLaunch &launch, std::uint32_t axes,
                         bool mirrors)
    : bytes_(array.elementBytes), origin_(launch.origin), pitch_(launch.pitch),
      plane_(launch.plane) {
  for (std::uint32_t axis = 0; axis < 3; ++axis) {
    if ((axes >> axis & 1) == 0)
      continue;
    const std::int64_t extent = launch.extent[axis];
    for (std::int64_t away = 0; away < array.halo[axis]; ++away)
      for (std::uint32_t side = 0; side < 2; ++side) {
        auto boundary = StencilBoundary(launch.boundary[2 * axis + side]);
        if (boundary == StencilBoundary::Function && mirrors)
          boundary = StencilBoundary::Reflecting;
        if (!abi::isCopied(boundary))
          continue;
        const std::int64_t place = side == 0 ? -1 - away : extent + away;
        places_[axis].push_back(
            {place, abi::haloSource(boundary, place, extent)});
      }
  }
}

void DerivedHalo::deriveRow(char *row, const abi::StencilBox &box) const {
  for (const auto &[place, source] : places_[0])
    if (source >= box.begin[0] && source < box.end[0])
      copyValue(row + place * bytes_, row + source * bytes_, bytes_);
}

void DerivedHalo::copyRow(char *array, const std::vector<Span> &spans,
                          std::int64_t toY, std::int64_t toZ,
                          std::int64_t fromY, std::int64_t fromZ) const {
  const std::int64_t from = origin_ + fromY * pitch_ + fromZ * plane_;
  const std::int64_t to = origin_ + toY * pitch_ + toZ * plane_;
  for (const Span &span : spans)
    std::memcpy(array + (to + span.begin) * bytes_,
                array + (from + span.begin) * bytes_,
                std::size_t((span.end - span.begin) * bytes_));
}

void DerivedHalo::derive(std::uint32_t axis, std::uint64_t address,
                         const abi::StencilBox &box,
                         const CpuFaces &faces) const {
  if (places_[axis].empty())
    return;
  char *array = bytesAt(address);
  if (axis == 0) {
    for (std::int64_t z = box.begin[2]; z < box.end[2]; ++z)
      for (std::int64_t y = box.begin[1]; y < box.end[1]; ++y)
        deriveRow(array + (origin_ + y * pitch_ + z * plane_) * bytes_, box);
    return;
  }
  const std::vector<Span> alongX = faces.spans(0, box);
  const std::vector<Span> alongY =
      axis == 2 ? faces.spans(1, box) : std::vector<Span>();
  for (const auto &[place, source] : places_[axis]) {
    if (source < box.begin[axis] || source >= box.end[axis])
      continue;
    if (axis == 1)
      for (std::int64_t z = box.begin[2]; z < box.end[2]; ++z)
        copyRow(array, alongX, place, z, source, z);
    for (const Span &rows : alongY)
      for (std::int64_t y = rows.begin; y < rows.end; ++y)
        copyRow(array, alongX, y, place, y, source);
  }
}

} // namespace rk::runtime
