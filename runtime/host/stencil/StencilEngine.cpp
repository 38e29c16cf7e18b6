//===- StencilEngine.cpp - The steps of a stencil -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace rk::runtime {

using modfile::StencilArrayView;

namespace {

Status invalid(std::string text) {
  return Status(StatusCode::InvalidArgument, std::move(text));
}

std::string text(std::int64_t number) { return std::to_string(number); }

/// The bits of a value at a fixed face, as an array holds them.
std::uint64_t fixedBits(const StencilArrayView &array, double value) {
  switch (scalarOf(array)) {
  case abi::StencilScalar::F16:
    return abi::encodeHalf(float(value));
  case abi::StencilScalar::Bf16:
    return abi::encodeFloat(float(value), abi::FloatFormat::Bf16);
  case abi::StencilScalar::F32:
    return std::bit_cast<std::uint32_t>(float(value));
  case abi::StencilScalar::F64:
    return std::bit_cast<std::uint64_t>(value);
  default:
    return std::uint64_t(std::int64_t(value));
  }
}

} // namespace

abi::StencilScalar scalarOf(const StencilArrayView &array) {
  if (!array.isFloat)
    return abi::StencilScalar::Bytes;
  if (array.elementBytes == 2)
    return array.isBrain ? abi::StencilScalar::Bf16 : abi::StencilScalar::F16;
  return array.elementBytes == 4 ? abi::StencilScalar::F32
                                 : abi::StencilScalar::F64;
}

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

std::uint32_t StencilEngine::firstEntry(const StencilArrayView &array) const {
  std::uint32_t first = 0;
  for (const StencilArrayView &before : stencil_.arrays) {
    if (&before == &array)
      break;
    first += before.entries;
  }
  return first;
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
  const std::uint32_t entry = firstEntry(array) + level;
  Status status =
      backend_->copyIn(launch_.entries[entry], padded.data(), padded.size());
  if (status.isOk())
    status = fillHalos(array, entry, true);
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
      padded.data(), launch_.entries[firstEntry(array) + level], padded.size());
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

/// How the halo is filled. Beyond a fixed face, coefficients continue as at the
/// face: mirrored.
static Boundary boundaryOf(const StencilArrayView &array, Boundary face) {
  if (face == Boundary::Absorbing)
    face = Boundary::Fixed;
  return array.isCoefficient && face == Boundary::Fixed ? Boundary::Reflecting
                                                        : face;
}

Status StencilEngine::fillHalos(const StencilArrayView &array,
                                std::uint32_t entry, bool writesFixed) {
  abi::StencilHalo halo{};
  halo.address = launch_.entries[entry];
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
// Steps
//===----------------------------------------------------------------------===//

/// What was written becomes level 0.
void StencilEngine::turn(const StencilArrayView &array) {
  auto first = launch_.entries + firstEntry(array);
  std::rotate(first, first + array.entries - 1, first + array.entries);
}

/// Fills what the step changed: level 0, and the levels that were damped with
/// it, unless nobody reads beside the cell there.
Status StencilEngine::fillHalos(const StencilArrayView &array) {
  const std::uint32_t first = firstEntry(array);
  const std::uint32_t beside =
      array.entries == array.levels ? array.levels - 1 : array.levels;
  const std::uint32_t levels = factors_ ? std::max(1u, beside) : 1;
  for (std::uint32_t level = 0; level < levels; ++level)
    if (Status status = fillHalos(array, first + level, false); !status.isOk())
      return status;
  return {};
}

/// Whether something is done between two steps that only the host starts.
bool StencilEngine::needsEachStep() const {
  return factors_ || checksFinite_ || !feeds_.empty() || !probes_.empty();
}

Status StencilEngine::makeStep(std::int64_t stepInSlice) {
  if (Status status = feedCells(); !status.isOk())
    return status;
  launch_.steps = 1;
  if (Status status = backend_->launch(launch_); !status.isOk())
    return status;
  ++launch_.firstStep;
  for (const StencilArrayView &array : stencil_.arrays)
    if (array.isWritten)
      turn(array);
  if (Status status = damp(); !status.isOk())
    return status;
  for (const StencilArrayView &array : stencil_.arrays)
    if (array.isWritten)
      if (Status status = fillHalos(array); !status.isOk())
        return status;
  if (Status status = recordProbes(); !status.isOk())
    return status;
  return checksFinite_ ? searchFields(stepInSlice) : Status();
}

/// What is between steps is prepared for many of them at a time.
std::int64_t StencilEngine::mostStepsOfSlice() const {
  constexpr std::size_t MostBytes = std::size_t(1) << 24;
  constexpr std::int64_t MostUnsearched = 64;
  std::int64_t most =
      checksFinite_ ? MostUnsearched : std::numeric_limits<std::int64_t>::max();
  for (const std::vector<Series> *all : {&feeds_, &probes_})
    for (const Series &series : *all)
      most =
          std::min(most, std::max<std::int64_t>(
                             1, std::int64_t(MostBytes / series.stepBytes())));
  // Steps after the last value of a source need no host.
  std::int64_t fed = 0;
  for (const Series &series : feeds_)
    fed = std::max(fed, std::int64_t((series.values.size() - series.used) /
                                     series.stepBytes()));
  return feeds_.empty() ? most : std::min(most, std::max<std::int64_t>(fed, 1));
}

Status StencilEngine::runSlice(std::int64_t steps) {
  const std::int64_t firstStep = step();
  Status status = prepareSeries(steps);
  if (status.isOk() && checksFinite_)
    status = beginSearch();
  for (std::int64_t made = 0; made < steps && status.isOk(); ++made)
    status = makeStep(made);
  const Status collected = collectProbes();
  if (!status.isOk())
    return status;
  if (!collected.isOk())
    return collected;
  return checksFinite_ ? reportSearch(firstStep) : Status();
}

Status StencilEngine::run(std::int64_t steps) {
  if (steps < 0)
    return invalid("run is asked for " + text(steps) + " steps");
  Status status;
  for (std::int64_t made = 0; made < steps && status.isOk();) {
    dropFinished();
    const std::int64_t slice = std::min(steps - made, mostStepsOfSlice());
    status = runSlice(slice);
    made += slice;
  }
  const Status ended = backend_->wait();
  return status.isOk() ? ended : status;
}

} // namespace rk::runtime
