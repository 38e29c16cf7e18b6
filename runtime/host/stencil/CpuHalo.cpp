//===- CpuHalo.cpp - Values beyond faces, by rows -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/CpuHalo.h"

#include <cstring>

namespace rk::runtime {

using abi::StencilBoundary;

namespace {

char *bytesAt(std::uint64_t address) {
  return reinterpret_cast<char *>(std::uintptr_t(address));
}

/// Whether what lies beyond a face are copies of cells.
bool isCopied(StencilBoundary boundary) {
  return boundary == StencilBoundary::Reflecting ||
         boundary == StencilBoundary::Periodic;
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
  if (!isCopied(boundary)) {
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

DerivedHalo::DerivedHalo(const modfile::StencilArrayView &array,
                         const abi::StencilLaunch &launch, std::uint32_t axes)
    : bytes_(array.elementBytes), origin_(launch.origin), pitch_(launch.pitch),
      plane_(launch.plane), extentX_(launch.extent[0]), reachX_(array.halo[0]) {
  for (std::uint32_t axis = 0; axis < 3; ++axis) {
    if ((axes >> axis & 1) == 0)
      continue;
    const std::int64_t extent = launch.extent[axis];
    for (std::int64_t away = 0; away < array.halo[axis]; ++away)
      for (std::uint32_t side = 0; side < 2; ++side) {
        const auto boundary = StencilBoundary(launch.boundary[2 * axis + side]);
        if (!isCopied(boundary))
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

void DerivedHalo::copyRow(char *array, const Span &span, std::int64_t toY,
                          std::int64_t toZ, std::int64_t fromY,
                          std::int64_t fromZ) const {
  const std::int64_t from = origin_ + fromY * pitch_ + fromZ * plane_;
  const std::int64_t to = origin_ + toY * pitch_ + toZ * plane_;
  std::memcpy(array + (to + span.begin) * bytes_,
              array + (from + span.begin) * bytes_,
              std::size_t((span.end - span.begin) * bytes_));
}

void DerivedHalo::derive(std::uint64_t address,
                         const abi::StencilBox &box) const {
  char *array = bytesAt(address);
  if (!places_[0].empty())
    for (std::int64_t z = box.begin[2]; z < box.end[2]; ++z)
      for (std::int64_t y = box.begin[1]; y < box.end[1]; ++y)
        deriveRow(array + (origin_ + y * pitch_ + z * plane_) * bytes_, box);
  // What was derived along an axis is a source along the axes behind it.
  Span span = {box.begin[0], box.end[0]};
  if (!places_[0].empty()) {
    if (span.begin == 0)
      span.begin = -reachX_;
    if (span.end == extentX_)
      span.end += reachX_;
  }
  std::vector<MirroredPlace> rows;
  for (const MirroredPlace &row : places_[1])
    if (row.source >= box.begin[1] && row.source < box.end[1])
      rows.push_back(row);
  for (const auto &[place, source] : rows)
    for (std::int64_t z = box.begin[2]; z < box.end[2]; ++z)
      copyRow(array, span, place, z, source, z);
  for (const auto &[place, source] : places_[2]) {
    if (source < box.begin[2] || source >= box.end[2])
      continue;
    for (std::int64_t y = box.begin[1]; y < box.end[1]; ++y)
      copyRow(array, span, y, place, y, source);
    for (const MirroredPlace &row : rows)
      copyRow(array, span, row.place, place, row.place, source);
  }
}

} // namespace rk::runtime
