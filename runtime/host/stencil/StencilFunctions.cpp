//===- StencilFunctions.cpp - Boundaries and reductions of the source -----===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include "rk/abi/StencilFold.h"
#include "rk/abi/StencilOutside.h"

#include <algorithm>

namespace rk::runtime {

using modfile::StencilArrayView;

//===----------------------------------------------------------------------===//
// Boundaries
//===----------------------------------------------------------------------===//

/// Whether a face is left to the stencil's boundary.
bool StencilEngine::leavesFaces() const {
  return std::any_of(faces_.begin(), faces_.begin() + 2 * stencil_.dimensions,
                     [](const Face &face) {
                       return face.boundary == Boundary::Function;
                     });
}

bool StencilEngine::isSetByBoundary(const StencilArrayView &array) const {
  return stencil_.boundary.sets >>
             std::size_t(&array - stencil_.arrays.data()) &
         1;
}

/// Fills the halos of all fields at a time level, one axis after the other, as
/// a boundary may read any field. `isNew`: values came from the host; where
/// then is no earlier level that the boundary reads, cells are mirrored. What a
/// boundary set in earlier steps stays.
Status StencilEngine::fillLevel(std::uint32_t level, bool isNew) {
  const bool finds =
      level < stencil_.boundary.levels && (isNew || level == 0);
  for (std::uint32_t axis = 0; axis < stencil_.dimensions; ++axis) {
    for (const StencilArrayView &array : stencil_.arrays) {
      const bool changes = isNew || array.isWritten || isSetByBoundary(array);
      if (level >= array.levels || !changes)
        continue;
      if (Status status = fillAxis(array, memoryOf(array).levels[level], axis,
                                   isNew, isNew && !finds);
          !status.isOk())
        return status;
    }
    if (!finds)
      continue;
    if (Status status = runBoundary(level, axis); !status.isOk())
      return status;
  }
  return {};
}

/// Fills the levels from `last` down to 0 with values of the host.
Status StencilEngine::fillLevels(std::uint32_t last) {
  for (std::uint32_t level = last + 1; level-- > 0;)
    if (Status status = fillLevel(level, true); !status.isOk())
      return status;
  return {};
}

Status StencilEngine::runBoundary(std::uint32_t level, std::uint32_t axis) {
  abi::StencilOutside outside{};
  for (std::uint32_t side = 0; side < 2; ++side)
    if (faces_[2 * axis + side].boundary == Boundary::Function)
      outside.sides |= 1u << side;
  if (outside.sides == 0 || width_[axis] == 0)
    return {};
  if (!boundary_) {
    auto loaded = backend_->loadFunction(stencil_.boundary.entry);
    if (!loaded.isOk())
      return loaded.status();
    boundary_ = *loaded;
  }
  outside.axis = axis;
  outside.count = 2 * width_[axis];
  std::copy_n(width_, 3, outside.width);
  for (std::uint32_t other = 0; other < 3; ++other)
    if (other != axis)
      outside.count *= launch_.extent[other] +
                       (other < axis ? 2 * width_[other] : 0);
  outside.launch = launch_;
  outside.launch.firstStep -= level;
  std::uint64_t *entry = outside.launch.entries;
  for (const StencilArrayView &array : stencil_.arrays) {
    const std::vector<std::uint64_t> &levels = memoryOf(array).levels;
    const std::uint32_t start = array.isCoefficient ? 0 : level;
    for (std::uint32_t place = 0; place < array.entries; ++place)
      *entry++ = levels[std::min<std::size_t>(start + place, levels.size() - 1)];
  }
  return backend_->launchFunction(*boundary_, &outside, outside.count);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

Status StencilEngine::reduce(std::uint64_t hash, std::span<std::byte> value) {
  const auto &all = stencil_.reductions;
  const auto found = std::find_if(
      all.begin(), all.end(),
      [&](const auto &reduction) { return reduction.hash == hash; });
  if (found == all.end() || found->size != value.size())
    return Status(StatusCode::NotFound,
                  "stencil '" + std::string(stencil_.name) +
                      "' has no such reduction in its module; mark the method "
                      "with [[rk::reduce]], and compile host and device code "
                      "from the same source");
  reductions_.resize(all.size());
  auto &loaded = reductions_[std::size_t(found - all.begin())];
  if (!loaded) {
    auto cells = backend_->loadFunction(found->entry);
    if (!cells.isOk())
      return cells.status();
    auto fold = backend_->loadFunction(found->foldEntry);
    if (!fold.isOk())
      return fold.status();
    loaded = {*cells, *fold};
  }
  // Lanes of the largest stage, and its results; later stages are smaller.
  const std::int64_t chunks = abi::reductionChunks(cells());
  const auto lanes =
      std::size_t(chunks * abi::ReductionLanes) * value.size();
  auto lanesBuffer = take(lanes);
  if (!lanesBuffer.isOk())
    return lanesBuffer.status();
  auto resultBuffer = take(std::size_t(chunks) * value.size());
  if (!resultBuffer.isOk()) {
    spare_.push_back(*lanesBuffer);
    return resultBuffer.status();
  }
  abi::StencilFold stage{};
  stage.launch = launch_;
  std::uint64_t *entry = stage.launch.entries;
  for (const StencilArrayView &array : stencil_.arrays) {
    const std::vector<std::uint64_t> &levels = memoryOf(array).levels;
    for (std::uint32_t place = 0; place < array.entries; ++place)
      *entry++ = levels[std::min<std::size_t>(place, levels.size() - 1)];
  }
  Status status;
  std::uint32_t function = loaded->cells;
  for (stage.values = cells(); status.isOk();) {
    const std::int64_t results = abi::reductionChunks(stage.values);
    stage.count = results * abi::ReductionLanes;
    stage.makesResults = 0;
    stage.from = resultBuffer->address;
    stage.to = lanesBuffer->address;
    status = backend_->launchFunction(function, &stage, stage.count);
    function = loaded->fold;
    stage.count = results;
    stage.makesResults = 1;
    std::swap(stage.from, stage.to);
    if (status.isOk())
      status = backend_->launchFunction(function, &stage, stage.count);
    stage.values = results;
    if (results == 1)
      break;
  }
  if (status.isOk())
    status = backend_->copyOut(value.data(), resultBuffer->address,
                               value.size());
  if (const Status ended = backend_->wait(); status.isOk())
    status = ended;
  spare_.push_back(*lanesBuffer);
  spare_.push_back(*resultBuffer);
  return status;
}

} // namespace rk::runtime
