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

/// Makes all functions ready: beside a system, a GPU loads no code later.
Status StencilEngine::loadFunctions() {
  auto load = [this](std::string_view entry, std::uint32_t &number) {
    auto loaded = backend_->loadFunction(entry);
    if (loaded.isOk())
      number = *loaded;
    return loaded.status();
  };
  Status status;
  if (!stencil_.boundary.entry.empty())
    status = load(stencil_.boundary.entry, boundary_);
  reductions_.resize(stencil_.reductions.size());
  for (std::size_t i = 0; i < reductions_.size() && status.isOk(); ++i) {
    status = load(stencil_.reductions[i].entry, reductions_[i].cells);
    if (status.isOk())
      status = load(stencil_.reductions[i].foldEntry, reductions_[i].fold);
  }
  return status;
}

//===----------------------------------------------------------------------===//
// Boundaries
//===----------------------------------------------------------------------===//

/// Whether a face is left to the stencil's boundary.
bool StencilEngine::leavesFaces() const {
  return std::any_of(
      faces_.begin(), faces_.begin() + 2 * stencil_.dimensions,
      [](const Face &face) { return face.boundary == Boundary::Function; });
}

bool StencilEngine::isSetByBoundary(const StencilArrayView &array) const {
  return stencil_.boundary.sets >>
             std::size_t(&array - stencil_.arrays.data()) &
         1;
}

/// Fills the halos of all fields at a time level, one axis after the other, as
/// a boundary may read any field. `isNew`: values came from the host; where
/// then is no earlier level that the boundary reads, cells are mirrored. What a
/// boundary set in earlier steps stays. `fed` has changed too, though no step
/// may change it.
Status StencilEngine::fillLevel(std::uint32_t level, bool isNew,
                                std::span<const StencilArrayView> fed) {
  const bool finds = level < stencil_.boundary.levels && (isNew || level == 0);
  for (std::uint32_t axis = 0; axis < stencil_.dimensions; ++axis) {
    for (const StencilArrayView &array : stencil_.arrays) {
      const bool changes =
          isNew || array.isWritten || isSetByBoundary(array) ||
          std::any_of(fed.begin(), fed.end(),
                      [&](const auto &part) { return &part == &array; });
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
  outside.axis = axis;
  outside.count = 2 * width_[axis];
  std::copy_n(width_, 3, outside.width);
  for (std::uint32_t other = 0; other < 3; ++other)
    if (other != axis)
      outside.count *=
          launch_.extent[other] + (other < axis ? 2 * width_[other] : 0);
  outside.launch = launch_;
  outside.launch.firstStep -= level;
  if (records_)
    outside.clock = recordedClock_.address;
  listLevels(level, outside.launch);
  return backend_->launchFunction(boundary_, &outside, outside.count);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// The addresses of all levels, from `level` on.
void StencilEngine::listLevels(std::uint32_t level,
                               abi::StencilLaunch &launch) const {
  std::uint64_t *entry = launch.entries;
  for (const StencilArrayView &array : stencil_.arrays) {
    const std::vector<std::uint64_t> &levels = memoryOf(array).levels;
    const std::uint32_t start = array.isCoefficient ? 0 : level;
    for (std::uint32_t place = 0; place < array.entries; ++place)
      *entry++ =
          levels[std::min<std::size_t>(start + place, levels.size() - 1)];
  }
}

/// Reduces all cells to one value at `results`, by way of `lanes`.
Status StencilEngine::runStages(const Reduction &functions, std::uint64_t lanes,
                                std::uint64_t results) {
  abi::StencilFold stage{};
  stage.launch = launch_;
  listLevels(0, stage.launch);
  std::uint32_t makesLanes = functions.cells;
  for (stage.values = cells();;) {
    const std::int64_t chunks = abi::reductionChunks(stage.values);
    stage.makesResults = 0;
    stage.count = chunks * abi::ReductionLanes;
    stage.from = results;
    stage.to = lanes;
    if (Status status =
            backend_->launchFunction(makesLanes, &stage, stage.count);
        !status.isOk())
      return status;
    stage.makesResults = 1;
    stage.count = chunks;
    std::swap(stage.from, stage.to);
    if (Status status =
            backend_->launchFunction(functions.fold, &stage, stage.count);
        !status.isOk() || chunks == 1)
      return status;
    stage.values = chunks;
    makesLanes = functions.fold;
  }
}

Status StencilEngine::reduce(std::uint64_t hash, std::span<std::byte> value) {
  const auto &all = stencil_.reductions;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto &reduction) {
        return reduction.hash == hash;
      });
  if (found == all.end() || found->size != value.size())
    return Status(StatusCode::NotFound,
                  "stencil '" + std::string(stencil_.name) +
                      "' has no such reduction in its module; mark the method "
                      "with [[rk::reduce]], and compile host and device code "
                      "from the same source");
  const Reduction &functions = reductions_[std::size_t(found - all.begin())];
  // The first stage has the most lanes and results.
  const auto chunks = std::size_t(abi::reductionChunks(cells()));
  auto lanes = take(chunks * std::size_t(abi::ReductionLanes) * value.size());
  if (!lanes.isOk())
    return lanes.status();
  auto results = take(chunks * value.size());
  Status status = results.status();
  if (status.isOk())
    status = runStages(functions, lanes->address, results->address);
  if (status.isOk())
    status = backend_->copyOut(value.data(), results->address, value.size());
  if (const Status ended = backend_->wait(); status.isOk())
    status = ended;
  spare_.push_back(*lanes);
  if (results.isOk())
    spare_.push_back(*results);
  return status;
}

} // namespace rk::runtime
