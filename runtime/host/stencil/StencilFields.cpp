//===- StencilFields.cpp - What is done to, and asked of, whole fields ----===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rk::runtime {

using modfile::StencilArrayView;

namespace {

std::string text(std::int64_t number) { return std::to_string(number); }

Status invalid(std::string text) {
  return Status(StatusCode::InvalidArgument, std::move(text));
}

bool isDamped(const StencilArrayView &array) {
  return array.isWritten && abi::isFloatingPoint(scalarOf(array));
}

/// What a place that is `distance` cells from a face is multiplied by.
double factorAt(const Face &face, std::int64_t distance) {
  if (face.boundary != Boundary::Absorbing || distance >= face.width)
    return 1;
  const double depth =
      face.strength * double(face.width - distance) / double(face.width);
  return std::exp(-(depth * depth));
}

constexpr const char *FaceNames[] = {"low x",  "high x", "low y",
                                     "high y", "low z",  "high z"};

constexpr std::uint64_t NotFound = ~std::uint64_t(0);

} // namespace

//===----------------------------------------------------------------------===//
// Absorbing layers
//===----------------------------------------------------------------------===//

Status StencilEngine::checkFaces(const StencilOptions &options) const {
  for (std::uint32_t face = 0; face < 2 * stencil_.dimensions; ++face) {
    const Face &asked = options.faces[face];
    if (std::uint32_t(asked.boundary) >= abi::StencilBoundaryCount)
      return invalid(std::string("the boundary of the face ") +
                     FaceNames[face] + " is number " +
                     std::to_string(std::uint32_t(asked.boundary)) +
                     "; take Fixed, Reflecting, Periodic, Absorbing or "
                     "Function of rk::Boundary");
    if (asked.boundary == Boundary::Function && stencil_.boundary.entry.empty())
      return invalid(std::string("the face ") + FaceNames[face] +
                     " is left to a function, and stencil '" +
                     std::string(stencil_.name) +
                     "' has none: give it '[[rk::boundary]] void "
                     "boundary(rk::Outside<" +
                     std::to_string(stencil_.dimensions) +
                     "> &place) const', or choose another boundary");
    if (Status status = checkWords(asked, FaceNames[face]); !status.isOk())
      return status;
    if (asked.boundary != Boundary::Absorbing)
      continue;
    if (asked.width < 1 || !(asked.strength >= 0))
      return invalid(std::string("the absorbing layer at the face ") +
                     FaceNames[face] + " is " + text(asked.width) +
                     " cells wide and has the strength " +
                     std::to_string(asked.strength) +
                     "; give at least 1 cell, and no negative strength");
    if (std::none_of(stencil_.arrays.begin(), stencil_.arrays.end(), isDamped))
      return invalid("stencil '" + std::string(stencil_.name) +
                     "' has no field of floating-point numbers that an "
                     "absorbing layer could damp; choose another boundary");
  }
  return {};
}

/// A value is for numbers: a word of a structure that is none has no use for
/// it.
Status StencilEngine::checkWords(const Face &face, const char *name) const {
  if (face.value == 0 || (face.boundary != Boundary::Absorbing &&
                          face.boundary != Boundary::Fixed))
    return {};
  for (const StencilArrayView &array : stencil_.arrays)
    if (isPart(array) && !array.isFloat && !array.isCoefficient)
      return invalid(std::string("the face ") + name + " has the value " +
                     std::to_string(face.value) + ", and '" +
                     std::string(array.name) +
                     "' is a word of a structure that is no floating-point "
                     "number; leave Face::value at 0, or give the stencil a "
                     "boundary and choose rk::Boundary::Function");
  return {};
}

bool StencilEngine::absorbs() const {
  return std::any_of(
      faces_.begin(), faces_.begin() + 2 * stencil_.dimensions,
      [](const Face &face) { return face.boundary == Boundary::Absorbing; });
}

/// The factor of a place along an axis, which may lie in the halo: that of the
/// cell that is seen there, infinity if none is.
double StencilEngine::factorOf(std::uint32_t axis, std::int64_t place) const {
  const std::int64_t extent = launch_.extent[axis];
  const Face &low = faces_[2 * axis], &high = faces_[2 * axis + 1];
  if (place < 0 || place >= extent) {
    const Boundary boundary = (place < 0 ? low : high).boundary;
    if (!abi::isCopied(boundary))
      return std::numeric_limits<double>::infinity();
    place = abi::haloSource(boundary, place, extent);
  }
  return factorAt(low, place) * factorAt(high, extent - 1 - place);
}

/// Makes the factors, and tells launches where they are and where they need not
/// look for them.
Status StencilEngine::uploadFactors() {
  // A vector of cells may reach over the end of a row.
  constexpr std::int64_t MostBeside = 8;
  constexpr std::int64_t Far = std::int64_t(1) << 60;
  std::fill_n(launch_.factors, 3, 0);
  std::fill_n(launch_.clearBegin, 3, -Far);
  std::fill_n(launch_.clearEnd, 3, Far);
  if (!absorbs())
    return {};
  std::array<Buffer, 3> buffers;
  for (unsigned axis = 0; axis < 3; ++axis) {
    const std::int64_t extent = launch_.extent[axis];
    const std::int64_t beside = width_[axis] + MostBeside;
    std::vector<double> factors;
    for (std::int64_t place = -beside; place < extent + beside; ++place)
      factors.push_back(axis < stencil_.dimensions ? factorOf(axis, place) : 1);
    auto taken = take(factors.size() * sizeof(double));
    if (!taken.isOk())
      return taken.status();
    buffers[axis] = *taken;
    if (Status status = backend_->copyIn(taken->address, factors.data(),
                                         factors.size() * sizeof(double));
        !status.isOk())
      return status;
    launch_.factors[axis] =
        taken->address + std::uint64_t(beside) * sizeof(double);
    std::int64_t reach = 0;
    for (const StencilArrayView &array : stencil_.arrays)
      if (isDamped(array) && array.levels > 1)
        reach = std::max(reach, std::int64_t(array.halo[axis]));
    if (axis >= stencil_.dimensions)
      continue;
    if (const Face &face = faces_[2 * axis];
        face.boundary == Boundary::Absorbing)
      launch_.clearBegin[axis] = std::min(face.width, extent) + reach;
    if (const Face &face = faces_[2 * axis + 1];
        face.boundary == Boundary::Absorbing)
      launch_.clearEnd[axis] = extent - std::min(face.width, extent) - reach;
  }
  factors_ = buffers;
  return {};
}

/// Damps the levels before the newest after a launch of so many steps, which
/// has damped what it wrote once.
Status StencilEngine::damp(std::int64_t steps) {
  if (!factors_)
    return {};
  abi::StencilDamping damping{};
  damping.origin = launch_.origin;
  const std::int64_t strides[] = {1, launch_.pitch, launch_.plane};
  for (unsigned axis = 0; axis < 3; ++axis) {
    const std::int64_t extent = launch_.extent[axis];
    damping.extent[axis] = extent;
    damping.stride[axis] = strides[axis];
    damping.factors[axis] = launch_.factors[axis];
    if (axis >= stencil_.dimensions)
      continue;
    auto width = [&](const Face &face) -> std::int64_t {
      return face.boundary == Boundary::Absorbing ? face.width : 0;
    };
    damping.low[axis] = std::min(width(faces_[2 * axis]), extent);
    damping.high[axis] =
        std::min(width(faces_[2 * axis + 1]), extent - damping.low[axis]);
  }
  for (const StencilArrayView &array : stencil_.arrays) {
    if (!isDamped(array))
      continue;
    damping.scalar = scalarOf(array);
    for (std::uint32_t level = 1; level < array.levels; ++level) {
      damping.address = memoryOf(array).levels[level];
      for (std::int64_t made = 0; made < std::min<std::int64_t>(level, steps);
           ++made)
        if (Status status = backend_->damp(damping); !status.isOk())
          return status;
    }
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

abi::StencilReduction StencilEngine::wholeField(const StencilArrayView &array,
                                                std::uint32_t level) const {
  abi::StencilReduction reduction{};
  reduction.array = memoryOf(array).levels[level];
  reduction.origin = launch_.origin;
  std::copy_n(launch_.extent, 3, reduction.extent);
  reduction.pitch = launch_.pitch;
  reduction.plane = launch_.plane;
  reduction.scalar = scalarOf(array);
  return reduction;
}

/// Makes one number, in as many stages as it takes.
Result<double> StencilEngine::finishReduction(abi::StencilReduction reduction) {
  const std::int64_t chunks =
      abi::reductionChunks(abi::reductionCount(reduction));
  // The first stage's results, and behind them the second's, and so on.
  const std::size_t bytes =
      std::size_t(chunks + chunks / 512 + 8) * sizeof(double);
  if (partials_.bytes < bytes) {
    if (partials_.bytes != 0)
      spare_.push_back(partials_);
    partials_ = {};
    auto taken = take(bytes);
    if (!taken.isOk())
      return taken.status();
    partials_ = *taken;
  }
  reduction.results = partials_.address;
  while (true) {
    if (Status status = backend_->reduce(reduction); !status.isOk())
      return status;
    const std::int64_t count =
        abi::reductionChunks(abi::reductionCount(reduction));
    if (count == 1)
      break;
    const std::uint64_t made = reduction.results;
    reduction = {made,
                 0,
                 made + std::uint64_t(count) * sizeof(double),
                 0,
                 {count, 1, 1},
                 count,
                 count,
                 abi::StencilScalar::F64,
                 abi::StencilTerm::Value,
                 reduction.combine,
                 0};
  }
  double result = 0;
  Status status = backend_->copyOut(&result, reduction.results, sizeof(result));
  if (status.isOk())
    status = backend_->wait();
  if (!status.isOk())
    return status;
  return result;
}

Result<double> StencilEngine::reduce(std::size_t member,
                                     abi::StencilScalar scalar,
                                     abi::StencilTerm term,
                                     abi::StencilCombine combine) {
  auto found = findArray(member);
  if (!found.isOk())
    return found.status();
  const StencilArrayView &array = **found;
  if (term == abi::StencilTerm::Change && array.levels < 2)
    return invalid("field '" + std::string(array.name) +
                   "' does not keep the values of the step before; write "
                   "'rk::Field<T, 2>', which takes no more memory if only "
                   "level 0 is read beside the cell");
  abi::StencilReduction reduction = wholeField(array, 0);
  reduction.scalar = scalar;
  reduction.term = term;
  reduction.combine = combine;
  if (term == abi::StencilTerm::Change)
    reduction.before = memoryOf(array).levels[1];
  return finishReduction(reduction);
}

//===----------------------------------------------------------------------===//
// Numbers that are not finite
//===----------------------------------------------------------------------===//

/// A word for each array, in which the device notes the first such cell.
Status StencilEngine::beginSearch() {
  const std::vector<std::uint64_t> words(stencil_.arrays.size(), NotFound);
  const std::size_t bytes = words.size() * sizeof(std::uint64_t);
  if (found_.bytes == 0) {
    auto taken = take(bytes);
    if (!taken.isOk())
      return taken.status();
    found_ = *taken;
  }
  return backend_->copyIn(found_.address, words.data(), bytes);
}

Status StencilEngine::searchFields(std::int64_t stepInSlice) {
  std::uint64_t word = found_.address;
  for (const StencilArrayView &array : stencil_.arrays) {
    abi::StencilSearch search{};
    search.found = word;
    word += sizeof(std::uint64_t);
    if (!isDamped(array))
      continue;
    search.field = wholeField(array, 0);
    search.key = std::uint64_t(stepInSlice) << abi::SearchCellBits;
    if (Status status = backend_->search(search); !status.isOk())
      return status;
  }
  return {};
}

/// Fails with the first cell that was found since step `firstStep`.
Status StencilEngine::reportSearch(std::int64_t firstStep) {
  std::vector<std::uint64_t> words(stencil_.arrays.size());
  Status status = backend_->copyOut(words.data(), found_.address,
                                    words.size() * sizeof(std::uint64_t));
  if (status.isOk())
    status = backend_->wait();
  if (!status.isOk())
    return status;
  const auto first = std::min_element(words.begin(), words.end());
  if (first == words.end() || *first == NotFound)
    return {};
  const StencilArrayView &array =
      stencil_.arrays[std::size_t(first - words.begin())];
  const auto cell =
      std::int64_t(*first & ((std::uint64_t(1) << abi::SearchCellBits) - 1));
  const std::int64_t row = cell / launch_.extent[0];
  return invalid(
      "field '" + std::string(array.name) + "' is not finite in cell (" +
      text(cell % launch_.extent[0]) + ", " + text(row % launch_.extent[1]) +
      ", " + text(row / launch_.extent[1]) + ") after step " +
      text(firstStep + 1 + std::int64_t(*first >> abi::SearchCellBits)) +
      ", for the first time");
}

} // namespace rk::runtime
