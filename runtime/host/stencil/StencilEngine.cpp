//===- StencilEngine.cpp - The steps of a stencil -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace rk::runtime {

using modfile::StencilArrayView;

namespace {

Status invalid(std::string text) {
  return Status(StatusCode::InvalidArgument, std::move(text));
}

std::string text(std::int64_t number) { return std::to_string(number); }

/// The bits of a value at a fixed face, as an array holds them.
std::uint64_t fixedBits(const StencilArrayView &array, double value) {
  std::uint64_t bits = 0;
  if (array.isFloat && array.elementBytes == 4) {
    const auto narrow = float(value);
    std::memcpy(&bits, &narrow, sizeof(narrow));
  } else if (array.isFloat) {
    std::memcpy(&bits, &value, sizeof(value));
  } else {
    bits = std::uint64_t(std::int64_t(value));
  }
  return bits;
}

bool isFinite(const StencilArrayView &array, const std::byte *value) {
  if (array.elementBytes == 4) {
    float number;
    std::memcpy(&number, value, sizeof(number));
    return std::isfinite(number);
  }
  double number;
  std::memcpy(&number, value, sizeof(number));
  return std::isfinite(number);
}

} // namespace

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

Result<const StencilArrayView *>
StencilEngine::findArray(std::size_t member) const {
  for (const StencilArrayView &array : stencil_.arrays)
    if (array.offset == member)
      return &array;
  return Status(StatusCode::NotFound,
                "stencil '" + std::string(stencil_.name) +
                    "' has no field at byte " + std::to_string(member) +
                    " of its class; compile host and device code from the same "
                    "source");
}

Status StencilEngine::checkTransfer(const StencilArrayView &array,
                                    std::uint32_t level,
                                    std::size_t bytes) const {
  if (level >= array.levels)
    return invalid("field '" + std::string(array.name) + "' has " +
                   text(array.levels) + " time levels, and level " +
                   text(level) + " is asked for; the last is " +
                   text(array.levels - 1));
  const auto expected = std::size_t(cells()) * array.elementBytes;
  if (bytes != expected)
    return invalid("field '" + std::string(array.name) + "' has " +
                   text(cells()) + " values of " + text(array.elementBytes) +
                   " bytes, and " + std::to_string(bytes) + " bytes are given");
  return {};
}

Result<std::int64_t> StencilEngine::elementOf(GridPoint cell) const {
  const std::int64_t place[] = {cell.x, cell.y, cell.z};
  for (unsigned axis = 0; axis < 3; ++axis)
    if (place[axis] < 0 || place[axis] >= launch_.extent[axis])
      return invalid("cell (" + text(cell.x) + ", " + text(cell.y) + ", " +
                     text(cell.z) + ") is outside of the grid of " +
                     text(launch_.extent[0]) + " x " + text(launch_.extent[1]) +
                     " x " + text(launch_.extent[2]) + " cells");
  return launch_.origin + cell.x + cell.y * launch_.pitch +
         cell.z * launch_.plane;
}

/// An array travels as a whole: one copy, whatever the grid's shape.
Status StencilEngine::set(std::size_t member, std::uint32_t level,
                          std::span<const std::byte> values) {
  auto found = findArray(member);
  if (!found.isOk())
    return found.status();
  const StencilArrayView &array = **found;
  if (Status status = checkTransfer(array, level, values.size());
      !status.isOk())
    return status;
  std::vector<std::byte> padded(arrayBytes(array));
  const std::size_t row = std::size_t(launch_.extent[0]) * array.elementBytes;
  const std::byte *from = values.data();
  for (std::int64_t z = 0; z < launch_.extent[2]; ++z)
    for (std::int64_t y = 0; y < launch_.extent[1]; ++y, from += row)
      std::memcpy(padded.data() +
                      std::size_t(launch_.origin + y * launch_.pitch +
                                  z * launch_.plane) *
                          array.elementBytes,
                  from, row);
  const std::uint64_t address = memoryOf(array).levels[level];
  Status status = backend_->copyIn(address, padded.data(), padded.size());
  if (status.isOk())
    status = fillHalos(array, address, true);
  return status.isOk() ? backend_->wait() : status;
}

Status StencilEngine::get(std::size_t member, std::uint32_t level,
                          std::span<std::byte> values) {
  auto found = findArray(member);
  if (!found.isOk())
    return found.status();
  const StencilArrayView &array = **found;
  if (Status status = checkTransfer(array, level, values.size());
      !status.isOk())
    return status;
  std::vector<std::byte> padded(arrayBytes(array));
  Status status = backend_->copyOut(
      padded.data(), memoryOf(array).levels[level], padded.size());
  if (status.isOk())
    status = backend_->wait();
  if (!status.isOk())
    return status;
  const std::size_t row = std::size_t(launch_.extent[0]) * array.elementBytes;
  std::byte *to = values.data();
  for (std::int64_t z = 0; z < launch_.extent[2]; ++z)
    for (std::int64_t y = 0; y < launch_.extent[1]; ++y, to += row)
      std::memcpy(to,
                  padded.data() +
                      std::size_t(launch_.origin + y * launch_.pitch +
                                  z * launch_.plane) *
                          array.elementBytes,
                  row);
  return {};
}

Status StencilEngine::slice(std::size_t member, std::uint32_t axis,
                            std::int64_t place, std::span<std::byte> values) {
  auto found = findArray(member);
  if (!found.isOk())
    return found.status();
  const std::size_t bytes = (*found)->elementBytes;
  if (axis > 2 || place < 0 || place >= launch_.extent[axis])
    return invalid("there is no slice " + text(place) + " along axis " +
                   text(axis));
  if (values.size() != std::size_t(cells() / launch_.extent[axis]) * bytes)
    return invalid("the slice has " + text(cells() / launch_.extent[axis]) +
                   " values of " + std::to_string(bytes) + " bytes, and " +
                   std::to_string(values.size()) + " bytes are given");
  std::vector<std::byte> all(std::size_t(cells()) * bytes);
  if (Status status = get(member, 0, all); !status.isOk())
    return status;
  const std::byte *from = all.data();
  std::byte *to = values.data();
  std::int64_t at[3];
  for (at[2] = 0; at[2] < launch_.extent[2]; ++at[2])
    for (at[1] = 0; at[1] < launch_.extent[1]; ++at[1])
      for (at[0] = 0; at[0] < launch_.extent[0]; ++at[0], from += bytes)
        if (at[axis] == place) {
          std::memcpy(to, from, bytes);
          to += bytes;
        }
  return {};
}

//===----------------------------------------------------------------------===//
// Boundaries
//===----------------------------------------------------------------------===//

/// Beyond a fixed face, coefficients continue as at the face: mirrored.
static Boundary boundaryOf(const StencilArrayView &array, Boundary face) {
  return array.isCoefficient && face == Boundary::Fixed ? Boundary::Reflecting
                                                        : face;
}

Status StencilEngine::fillHalos(const StencilArrayView &array,
                                std::uint64_t address, bool writesFixed) {
  abi::StencilHalo halo{};
  halo.address = address;
  halo.origin = launch_.origin;
  halo.elementBytes = array.elementBytes;
  halo.writesFixed = writesFixed;
  const std::int64_t strides[] = {1, launch_.pitch, launch_.plane};
  for (unsigned axis = 0; axis < 3; ++axis) {
    halo.extent[axis] = launch_.extent[axis];
    halo.stride[axis] = strides[axis];
    halo.width[axis] = width_[axis];
  }
  for (std::uint32_t axis = 0; axis < stencil_.dimensions; ++axis) {
    if (width_[axis] == 0)
      continue;
    halo.axis = axis;
    bool changes = writesFixed;
    for (unsigned side = 0; side < 2; ++side) {
      const Face &face = faces_[2 * axis + side];
      const Boundary boundary = boundaryOf(array, face.boundary);
      halo.boundary[side] = std::uint32_t(boundary);
      halo.fixed[side] = fixedBits(array, face.value);
      changes |= boundary != Boundary::Fixed;
    }
    if (!changes)
      continue;
    if (Status status = backend_->fillHalo(halo); !status.isOk())
      return status;
  }
  return {};
}

//===----------------------------------------------------------------------===//
// What is done at each step
//===----------------------------------------------------------------------===//

Status StencilEngine::drive(std::size_t member, GridPoint cell,
                            std::vector<std::byte> values) {
  auto found = findArray(member);
  if (!found.isOk())
    return found.status();
  auto element = elementOf(cell);
  if (!element.isOk())
    return element.status();
  drives_.push_back({*found, *element, std::move(values), 0});
  return {};
}

Result<std::size_t> StencilEngine::probe(std::size_t member, GridPoint cell) {
  auto found = findArray(member);
  if (!found.isOk())
    return found.status();
  auto element = elementOf(cell);
  if (!element.isOk())
    return element.status();
  probes_.push_back({*found, *element, {}, 0});
  return probes_.size() - 1;
}

Status StencilEngine::checkFinite() {
  for (const StencilArrayView &array : stencil_.arrays) {
    if (!array.isFloat || !array.isWritten)
      continue;
    std::vector<std::byte> values(std::size_t(cells()) * array.elementBytes);
    if (Status status = get(array.offset, 0, values); !status.isOk())
      return status;
    for (std::int64_t cell = 0; cell < cells(); ++cell) {
      if (isFinite(array,
                   values.data() + std::size_t(cell) * array.elementBytes))
        continue;
      const std::int64_t row = cell / launch_.extent[0];
      return Status(StatusCode::InvalidArgument,
                    "field '" + std::string(array.name) +
                        "' is not finite in cell (" +
                        text(cell % launch_.extent[0]) + ", " +
                        text(row % launch_.extent[1]) + ", " +
                        text(row / launch_.extent[1]) + ") after step " +
                        text(step()) + ", for the first time");
    }
  }
  return {};
}

} // namespace rk::runtime
