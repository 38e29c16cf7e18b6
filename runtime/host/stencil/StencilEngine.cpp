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

std::span<const StencilArrayView> partsOf(const modfile::StencilView &stencil,
                                          const StencilArrayView &first) {
  const std::span all(stencil.arrays);
  const auto begin = std::size_t(&first - all.data());
  std::size_t end = begin + 1;
  while (end < all.size() && all[end].offset == first.offset)
    ++end;
  return all.subspan(begin, end - begin);
}

std::string memberName(const StencilArrayView &array) {
  return std::string(array.name.substr(0, array.name.find('.')));
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

Result<const StencilArrayView *>
StencilEngine::findTransfer(std::size_t member, std::uint32_t level,
                            std::size_t bytes) const {
  auto found = findArray(member);
  if (!found.isOk())
    return found;
  const StencilArrayView &array = **found;
  if (level >= array.levels)
    return invalid("field '" + memberName(array) + "' has " +
                   text(array.levels) + " time levels, and level " +
                   text(level) + " is asked for; the last is " +
                   text(array.levels - 1));
  const std::size_t value = valueBytes(partsOf(stencil_, array));
  if (bytes != std::size_t(cells()) * value)
    return invalid("field '" + memberName(array) + "' has " + text(cells()) +
                   " values of " + std::to_string(value) + " bytes, and " +
                   std::to_string(bytes) + " bytes are given");
  return found;
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

/// Calls `move(cell, element)` for the first cell of each row, and says how
/// many cells follow it: rows of the grid lie apart in memory.
template <class Move>
static void forEachRow(const abi::StencilLaunch &launch, Move move) {
  std::int64_t cell = 0;
  for (std::int64_t z = 0; z < launch.extent[2]; ++z)
    for (std::int64_t y = 0; y < launch.extent[1]; ++y) {
      move(std::size_t(cell),
           std::size_t(launch.origin + y * launch.pitch + z * launch.plane));
      cell += launch.extent[0];
    }
}

/// Copies `count` words that lie `toStride` and `fromStride` bytes apart.
static void copyWords(std::byte *to, std::size_t toStride,
                      const std::byte *from, std::size_t fromStride,
                      std::size_t bytes, std::size_t count) {
  if (toStride == bytes && fromStride == bytes) {
    std::memcpy(to, from, bytes * count);
    return;
  }
  for (std::size_t word = 0; word < count; ++word)
    std::memcpy(to + word * toStride, from + word * fromStride, bytes);
}

/// An array travels as a whole: one copy, whatever the grid's shape.
Status StencilEngine::set(std::size_t member, std::uint32_t level,
                          std::span<const std::byte> values) {
  auto found = findTransfer(member, level, values.size());
  if (!found.isOk())
    return found.status();
  const auto parts = partsOf(stencil_, **found);
  const std::size_t value = valueBytes(parts);
  const auto count = std::size_t(launch_.extent[0]);
  for (const StencilArrayView &array : parts) {
    const std::size_t bytes = array.elementBytes;
    std::vector<std::byte> padded(arrayBytes(array));
    forEachRow(launch_, [&](std::size_t cell, std::size_t element) {
      copyWords(padded.data() + element * bytes, bytes,
                values.data() + cell * value + array.part * bytes, value, bytes,
                count);
    });
    const std::uint64_t address = memoryOf(array).levels[level];
    Status status = backend_->copyIn(address, padded.data(), padded.size());
    if (status.isOk() && !leavesFaces())
      status = fillHalos(array, address, true);
    if (status.isOk())
      status = backend_->wait();
    if (!status.isOk())
      return status;
  }
  if (!leavesFaces())
    return {};
  Status status = fillLevels(level);
  return status.isOk() ? backend_->wait() : status;
}

Status StencilEngine::get(std::size_t member, std::uint32_t level,
                          std::span<std::byte> values) {
  auto found = findTransfer(member, level, values.size());
  if (!found.isOk())
    return found.status();
  const auto parts = partsOf(stencil_, **found);
  const std::size_t value = valueBytes(parts);
  const auto count = std::size_t(launch_.extent[0]);
  for (const StencilArrayView &array : parts) {
    const std::size_t bytes = array.elementBytes;
    std::vector<std::byte> padded(arrayBytes(array));
    Status status = backend_->copyOut(
        padded.data(), memoryOf(array).levels[level], padded.size());
    if (status.isOk())
      status = backend_->wait();
    if (!status.isOk())
      return status;
    forEachRow(launch_, [&](std::size_t cell, std::size_t element) {
      copyWords(values.data() + cell * value + array.part * bytes, value,
                padded.data() + element * bytes, bytes, bytes, count);
    });
  }
  return {};
}

Status StencilEngine::slice(std::size_t member, std::uint32_t axis,
                            std::int64_t place, std::span<std::byte> values) {
  auto found = findArray(member);
  if (!found.isOk())
    return found.status();
  const auto parts = partsOf(stencil_, **found);
  const std::size_t value = valueBytes(parts);
  if (axis > 2 || place < 0 || place >= launch_.extent[axis])
    return invalid("there is no slice " + text(place) + " along axis " +
                   text(axis));
  const auto count = std::size_t(cells() / launch_.extent[axis]);
  if (values.size() != count * value)
    return invalid("the slice has " + std::to_string(count) + " values of " +
                   std::to_string(value) + " bytes, and " +
                   std::to_string(values.size()) + " bytes are given");
  if (parts.size() == 1)
    return sliceArray(parts.front(), axis, place, values);
  for (const StencilArrayView &array : parts) {
    const std::size_t bytes = array.elementBytes;
    std::vector<std::byte> words(count * bytes);
    if (Status status = sliceArray(array, axis, place, words); !status.isOk())
      return status;
    copyWords(values.data() + array.part * bytes, value, words.data(), bytes,
              bytes, count);
  }
  return {};
}

/// A slice along z lies in one piece; of others the device gathers the cells.
Status StencilEngine::sliceArray(const StencilArrayView &array,
                                 std::uint32_t axis, std::int64_t place,
                                 std::span<std::byte> values) {
  const std::size_t bytes = array.elementBytes;
  if (axis != 2)
    return gatherSlice(array, axis, place, values);
  const std::int64_t first = launch_.origin + place * launch_.plane;
  std::vector<std::byte> rows(
      std::size_t((launch_.extent[1] - 1) * launch_.pitch + launch_.extent[0]) *
      bytes);
  Status status = backend_->copyOut(
      rows.data(), memoryOf(array).levels[0] + std::uint64_t(first) * bytes,
      rows.size());
  if (status.isOk())
    status = backend_->wait();
  if (!status.isOk())
    return status;
  const std::size_t row = std::size_t(launch_.extent[0]) * bytes;
  for (std::int64_t y = 0; y < launch_.extent[1]; ++y)
    std::memcpy(values.data() + std::size_t(y) * row,
                rows.data() + std::size_t(y * launch_.pitch) * bytes, row);
  return {};
}

Status StencilEngine::gatherSlice(const StencilArrayView &array,
                                  std::uint32_t axis, std::int64_t place,
                                  std::span<std::byte> values) {
  Series series;
  series.parts = {&array, 1};
  series.elements.reserve(values.size() / array.elementBytes);
  std::int64_t first[3] = {}, last[3];
  std::copy_n(launch_.extent, 3, last);
  first[axis] = place;
  last[axis] = place + 1;
  for (std::int64_t z = first[2]; z < last[2]; ++z)
    for (std::int64_t y = first[1]; y < last[1]; ++y)
      for (std::int64_t x = first[0]; x < last[0]; ++x)
        series.elements.push_back(launch_.origin + x + y * launch_.pitch +
                                  z * launch_.plane);
  Status status = prepare(series, 1);
  if (status.isOk())
    status = move(series);
  if (status.isOk())
    status = backend_->copyOut(values.data(), series.valueBuffer.address,
                               values.size());
  if (status.isOk())
    status = backend_->wait();
  letGo(series);
  return status;
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
                                std::uint64_t address, bool writesFixed) {
  for (std::uint32_t axis = 0; axis < stencil_.dimensions; ++axis)
    if (Status status = fillAxis(array, address, axis, writesFixed, true);
        !status.isOk())
      return status;
  return {};
}

/// Fills the halo along one axis. `mirrorsFunction`: also what is left to the
/// stencil's boundary, as at a reflecting face.
Status StencilEngine::fillAxis(const StencilArrayView &array,
                               std::uint64_t address, std::uint32_t axis,
                               bool writesFixed, bool mirrorsFunction) {
  if (width_[axis] == 0)
    return {};
  abi::StencilHalo halo{};
  halo.address = address;
  halo.origin = launch_.origin;
  halo.elementBytes = array.elementBytes;
  halo.writesFixed = writesFixed;
  halo.axis = axis;
  const std::int64_t strides[] = {1, launch_.pitch, launch_.plane};
  for (unsigned other = 0; other < 3; ++other) {
    halo.extent[other] = launch_.extent[other];
    halo.stride[other] = strides[other];
    halo.width[other] = width_[other];
  }
  bool changes = writesFixed;
  for (unsigned side = 0; side < 2; ++side) {
    const Face &face = faces_[2 * axis + side];
    Boundary boundary = boundaryOf(array, face.boundary);
    if (boundary == Boundary::Function)
      boundary = mirrorsFunction || !isSetByBoundary(array)
                     ? Boundary::Reflecting
                     : Boundary::Function;
    halo.boundary[side] = std::uint32_t(boundary);
    halo.fixed[side] = fixedBits(array, face.value);
    changes |= boundary != Boundary::Fixed && boundary != Boundary::Function;
  }
  return changes ? backend_->fillHalo(halo) : Status();
}

//===----------------------------------------------------------------------===//
// What is done at each step
//===----------------------------------------------------------------------===//

/// The levels whose halos a launch of `steps` steps leaves to be filled: what
/// was written, and what was damped with it, unless nobody reads beside the
/// cell there: an update does not where the oldest level is overwritten in
/// place, but a reduction or a boundary may.
std::uint32_t StencilEngine::changedLevels(const StencilArrayView &array,
                                           std::int64_t steps) const {
  const auto made = std::min<std::int64_t>(steps, array.levels);
  if (!factors_)
    return std::uint32_t(made);
  // A launch of several steps updates cells of the halo too.
  const bool readsOldest = array.entries > array.levels || plan_->steps > 1 ||
                           !stencil_.reductions.empty() ||
                           !stencil_.boundary.entry.empty();
  const std::uint32_t beside = readsOldest ? array.levels : array.levels - 1;
  return std::max(std::uint32_t(made), beside);
}

} // namespace rk::runtime
