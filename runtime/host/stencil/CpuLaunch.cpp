//===- CpuLaunch.cpp - Plans of stencils on threads -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/CpuLaunch.h"

#include <algorithm>
#include <numeric>

namespace rk::runtime {

using abi::StencilBox;
using abi::StencilLaunch;
using modfile::StencilArrayView;

namespace {

/// What is worth a thread of its own: some microseconds of work.
constexpr std::int64_t LeastCells = 4096;

std::int64_t strideOf(const StencilLaunch &launch, std::uint32_t axis) {
  return axis == 0 ? 1 : axis == 1 ? launch.pitch : launch.plane;
}

} // namespace

bool LeaningTiles::cut(StencilBox &box, std::uint32_t axis, std::int64_t number,
                       std::int64_t step) const {
  const std::int64_t begin = number * size - beyond(0) - step * lag;
  box.begin[axis] = std::max(begin, -beyond(step));
  box.end[axis] = std::min(begin + size, extent + beyond(step));
  return box.begin[axis] < box.end[axis];
}

CpuLaunch::CpuLaunch(ThreadTeam &team, const modfile::StencilView &stencil,
                     const modfile::StencilPlanView &plan,
                     const CpuKernels &kernels, CpuFunction *boundary,
                     const StencilLaunch &launch)
    : team_(team), stencil_(stencil), plan_(plan), kernels_(kernels),
      launch_(launch), lastAxis_(stencil.dimensions - 1),
      outside_(stencil, launch, boundary, plan.steps) {}

StencilBox CpuLaunch::whole() const {
  StencilBox box{};
  std::copy_n(launch_.extent, 3, box.end);
  box.origin = launch_.origin;
  return box;
}

/// How far away along an axis anything is read, of a cell or of a face.
std::int64_t CpuLaunch::lagOf(std::uint32_t axis) const {
  std::int64_t farthest = std::max<std::int64_t>(outside_.reach()[axis], 0);
  for (const StencilArrayView &array : stencil_.arrays)
    farthest = std::max(farthest, std::int64_t(array.halo[axis]));
  return farthest;
}

bool CpuLaunch::isPeriodic(std::uint32_t axis) const {
  return abi::StencilBoundary(launch_.boundary[2 * axis]) ==
         abi::StencilBoundary::Periodic;
}

/// Makes the tables of the steps: after each, the entries of a field turn by
/// one place, and the one behind the last comes first.
void CpuLaunch::prepareSteps(std::uint32_t repeatedAxes) {
  faces_.emplace(stencil_, launch_, outside_.reach(), repeatedAxes);
  std::int64_t period = 1;
  for (const StencilArrayView &array : stencil_.arrays)
    if (array.isWritten)
      period = std::lcm(period, std::int64_t(array.entries));
  // One more, as what lies beyond faces is found for the next step.
  tables_.assign(std::size_t(std::min(period, launch_.steps + 1)), launch_);
  std::uint32_t first = 0;
  for (const StencilArrayView &array : stencil_.arrays) {
    if (array.isWritten) {
      for (std::size_t step = 1; step < tables_.size(); ++step) {
        const std::uint64_t *before = tables_[step - 1].entries + first;
        std::rotate_copy(before, before + array.entries - 1,
                         before + array.entries, tables_[step].entries + first);
      }
      const auto number = std::size_t(&array - stencil_.arrays.data());
      DerivedHalo halo(array, launch_, ~repeatedAxes,
                       (stencil_.boundary.sets >> number & 1) == 0);
      if (!halo.isEmpty())
        written_.push_back({first + array.entries - 1, std::move(halo)});
      listMoved(std::uint32_t(number), first + array.entries - 1);
    }
    first += array.entries;
  }
}

/// Calls `then(part)` for the parts of a box that may reach beyond periodic
/// faces: with places of the grid, and an origin by which they lie there.
template <class Then>
void CpuLaunch::forEachInside(const StencilBox &box, std::uint32_t axis,
                              Then then) const {
  if (axis == 3)
    return then(box);
  const std::int64_t extent = launch_.extent[axis];
  if (box.begin[axis] >= 0 && box.end[axis] <= extent)
    return forEachInside(box, axis + 1, then);
  forEachTurn({box.begin[axis], box.end[axis]}, extent,
              [&](const Span &inside, std::int64_t away) {
                StencilBox part = box;
                part.begin[axis] = inside.begin;
                part.end[axis] = inside.end;
                part.origin += away * strideOf(launch_, axis);
                forEachInside(part, axis + 1, then);
              });
}

/// Notes the cells of an array that are fed or recorded.
void CpuLaunch::listMoved(std::uint32_t array, std::uint32_t newest) {
  const auto *const moves =
      reinterpret_cast<const abi::StencilMove *>(std::uintptr_t(launch_.moves));
  for (std::uint64_t number = 0; number < launch_.moveCount; ++number) {
    const abi::StencilMove &move = moves[number];
    if (move.array != array)
      continue;
    StencilBox around{};
    for (std::int64_t index = 0; index < move.cells.count; ++index)
      for (std::uint32_t axis = 0; axis < 3; ++axis) {
        const auto place =
            abi::loadAs<std::int64_t>(move.places, 3 * index + axis);
        around.begin[axis] =
            index == 0 ? place : std::min(around.begin[axis], place);
        around.end[axis] = std::max(around.end[axis], place + 1);
      }
    moved_.push_back({move, newest, around});
  }
}

/// Records and feeds the cells of a box, all of which are in the grid, or what
/// repeats cells of it `box.origin` - `launch_.origin` elements away.
void CpuLaunch::moveCells(std::int64_t step, const StencilBox &box) const {
  const auto isIn = [&](auto placeOf) {
    for (std::uint32_t axis = 0; axis < 3; ++axis)
      if (const std::int64_t place = placeOf(axis);
          place < box.begin[axis] || place >= box.end[axis])
        return false;
    return true;
  };
  const std::int64_t away = box.origin - launch_.origin;
  for (const auto &[move, newest, around] : moved_) {
    bool isApart = false;
    for (std::uint32_t axis = 0; axis < 3; ++axis)
      isApart |= around.end[axis] <= box.begin[axis] ||
                 around.begin[axis] >= box.end[axis];
    const bool records = move.cells.transfer == abi::StencilTransfer::Record;
    if (isApart || (records && away != 0))
      continue;
    abi::StencilCells cells = abi::moveAfter(move, std::uint32_t(step + 1));
    cells.array = tableOf(step).entries[newest];
    for (std::int64_t index = 0; index < cells.count; ++index)
      if (isIn([&](std::uint32_t axis) {
            return abi::loadAs<std::int64_t>(move.places, 3 * index + axis);
          }))
        abi::moveElement(cells, index,
                         abi::loadAs<std::int64_t>(cells.elements, index) +
                             away);
  }
}

/// What follows from a box that was updated, by the thread that did so.
void CpuLaunch::finishBox(std::int64_t step, const StencilBox &box) const {
  if (!moved_.empty())
    forEachInside(box, 0,
                  [&](const StencilBox &part) { moveCells(step, part); });
  const StencilLaunch &table = tableOf(step);
  for (std::uint32_t axis = 0; axis <= lastAxis_; ++axis) {
    for (const Written &field : written_)
      field.halo.derive(axis, table.entries[field.newest], box, *faces_);
    if (outside_.reach()[axis] >= 0)
      setOutside(step, axis, box);
  }
}

/// As the launch after `step` sees them, the newest level is the first entry.
void CpuLaunch::setOutside(std::int64_t step, std::uint32_t axis,
                           const StencilBox &box) const {
  StencilLaunch next = tableOf(step + 1);
  next.firstStep = launch_.firstStep + step + 1;
  outside_.set(next, axis, box, *faces_);
}

//===----------------------------------------------------------------------===//
// One step a launch
//===----------------------------------------------------------------------===//

/// Updates a box. Its cells in layers, at both ends of axis `axes` - 1 and of
/// those before it, are damped; the others take the code that does not ask.
void CpuLaunch::update(const StencilLaunch &table, const StencilBox &box,
                       std::uint32_t axes) const {
  if (launch_.factors[0] == 0 || axes == 0)
    return kernels_.plain(&table, &box);
  const std::uint32_t axis = axes - 1;
  const std::int64_t begin = box.begin[axis], end = box.end[axis];
  const std::int64_t low = std::clamp(launch_.clearBegin[axis], begin, end),
                     high = std::clamp(launch_.clearEnd[axis], low, end);
  StencilBox part = box;
  const auto take = [&](std::int64_t first, std::int64_t last) {
    part.begin[axis] = first;
    part.end[axis] = last;
    return first < last;
  };
  if (take(begin, low))
    kernels_.damped(&table, &part);
  if (take(low, high))
    update(table, part, axis);
  if (take(high, end))
    kernels_.damped(&table, &part);
}

/// Updates rows `y + z * extent[1]`: what is left of a plane, planes, what is
/// left.
void CpuLaunch::updateRows(std::int64_t first, std::int64_t last) const {
  const std::int64_t rows = launch_.extent[1];
  while (first < last) {
    StencilBox box = whole();
    const std::int64_t y = first % rows, z = first / rows;
    const std::int64_t planes = y == 0 ? (last - first) / rows : 0;
    box.begin[2] = z;
    box.end[2] = z + std::max<std::int64_t>(planes, 1);
    if (planes == 0) {
      box.begin[1] = y;
      box.end[1] = std::min(rows, y + last - first);
    }
    update(launch_, box);
    first += (box.end[1] - box.begin[1]) * (box.end[2] - box.begin[2]);
  }
}

void CpuLaunch::runGlobal() {
  if (lastAxis_ == 0)
    return team_.runRanges(launch_.extent[0], LeastCells,
                           [&](std::int64_t first, std::int64_t last) {
                             StencilBox box = whole();
                             box.begin[0] = first;
                             box.end[0] = last;
                             update(launch_, box);
                           });
  const std::int64_t least = std::max<std::int64_t>(
      (LeastCells + launch_.extent[0] - 1) / launch_.extent[0], 1);
  team_.runRanges(
      launch_.extent[1] * launch_.extent[2], least,
      [&](std::int64_t first, std::int64_t last) { updateRows(first, last); });
}

/// Updates a box tile by tile; a tile is walked over along the last axis.
void CpuLaunch::updateTiles(const StencilLaunch &table,
                            const StencilBox &box) const {
  if (lastAxis_ == 0)
    return update(table, box);
  const std::uint32_t axis = lastAxis_ - 1;
  const auto size = std::max<std::int64_t>(std::int64_t(plan_.tile[axis]), 1);
  StencilBox tile = box;
  for (; tile.begin[axis] < box.end[axis]; tile.begin[axis] = tile.end[axis]) {
    tile.end[axis] = std::min(box.end[axis], tile.begin[axis] + size);
    update(table, tile);
  }
}

void CpuLaunch::runStreaming() {
  const std::int64_t extent = launch_.extent[lastAxis_];
  const std::int64_t across =
      launch_.extent[0] * launch_.extent[1] * launch_.extent[2] / extent;
  team_.runRanges(extent,
                  std::max<std::int64_t>((LeastCells + across - 1) / across, 1),
                  [&](std::int64_t first, std::int64_t last) {
                    StencilBox box = whole();
                    box.begin[lastAxis_] = first;
                    box.end[lastAxis_] = last;
                    updateTiles(launch_, box);
                  });
}

//===----------------------------------------------------------------------===//
// Several steps a launch
//===----------------------------------------------------------------------===//

void CpuLaunch::runTemporal() {
  const std::int64_t steps = launch_.steps;
  // A line has no axis to walk along: its tiles take step after step.
  const bool walks = lastAxis_ != 0;
  const std::uint32_t across = walks ? lastAxis_ - 1 : 0;
  auto tilesAlong = [&](std::uint32_t axis) {
    return LeaningTiles{
        launch_.extent[axis], lagOf(axis),
        std::max<std::int64_t>(std::int64_t(plan_.tile[axis]), 1), steps,
        isPeriodic(axis)};
  };
  const LeaningTiles tiles = tilesAlong(across);
  const LeaningTiles units = tilesAlong(lastAxis_);
  std::uint32_t repeated = 0;
  for (const std::uint32_t axis : {across, lastAxis_})
    if (isPeriodic(axis))
      repeated |= 1u << axis;
  prepareSteps(repeated);

  const std::int64_t unitCount = walks ? units.count() : steps;
  auto advance = [&](std::int64_t tile, std::int64_t unit) {
    const std::int64_t first = walks ? 0 : unit;
    const std::int64_t last = walks ? steps : unit + 1;
    for (std::int64_t step = first; step < last; ++step) {
      StencilBox box = whole();
      box.stepsBefore = step;
      if (!tiles.cut(box, across, tile, step) ||
          (walks && !units.cut(box, lastAxis_, unit, step)))
        continue;
      // Cells beyond periodic faces are updated as those that they repeat.
      forEachInside(
          box, 0, [&](const StencilBox &part) { update(tableOf(step), part); });
      finishBox(step, box);
    }
  };
  std::vector<Progress> progress(std::size_t(tiles.count()));
  team_.run([&](std::uint32_t member) {
    for (std::size_t tile = member; tile < progress.size();
         tile += team_.size())
      for (std::int64_t unit = 0; unit < unitCount; ++unit) {
        // What this unit reads of the tile before was written by its units up
        // to this one, and what it overwrites there is read by these only.
        if (tile != 0)
          progress[tile - 1].await(unit + 1);
        advance(std::int64_t(tile), unit);
        progress[tile].reach(unit + 1);
      }
  });
}

/// All steps of one part. A step reads what the neighbours wrote in the step
/// before, and overwrites what they read in it.
void CpuLaunch::keepPart(std::vector<Progress> &progress,
                         std::uint32_t part) const {
  const std::size_t parts = progress.size();
  const std::int64_t extent = launch_.extent[lastAxis_];
  StencilBox box = whole();
  box.begin[lastAxis_] = shareBegin(extent, part, std::int64_t(parts));
  box.end[lastAxis_] = shareBegin(extent, part + 1, std::int64_t(parts));
  const bool isRing = isPeriodic(lastAxis_);
  const Progress *before =
      part > 0 || isRing ? &progress[(part + parts - 1) % parts] : nullptr;
  const Progress *behind =
      part + 1 < parts || isRing ? &progress[(part + 1) % parts] : nullptr;
  for (std::int64_t step = 0; step < launch_.steps; ++step) {
    for (const Progress *neighbour : {before, behind})
      if (neighbour)
        neighbour->await(step);
    box.stepsBefore = step;
    updateTiles(tableOf(step), box);
    finishBox(step, box);
    progress[part].reach(step + 1);
  }
}

void CpuLaunch::runResident() {
  prepareSteps(0);
  const std::int64_t cells =
      launch_.extent[0] * launch_.extent[1] * launch_.extent[2];
  // Whoever is read is a neighbour: a part is no thinner than a halo, and has
  // all that a boundary reads inside of its face.
  const std::int64_t thin = std::max<std::int64_t>(
      lagOf(lastAxis_),
      std::max<std::int64_t>(outside_.reach()[lastAxis_], 0) + 1);
  const std::int64_t most =
      std::min(launch_.extent[lastAxis_] / thin, cells / LeastCells);
  std::vector<Progress> progress(std::size_t(
      std::clamp<std::int64_t>(most, 1, std::int64_t(team_.size()))));
  if (progress.size() == 1)
    return keepPart(progress, 0);
  team_.run([&](std::uint32_t member) {
    if (member < progress.size())
      keepPart(progress, member);
  });
}

} // namespace rk::runtime
