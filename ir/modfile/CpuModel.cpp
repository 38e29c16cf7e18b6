//===- CpuModel.cpp - Plans of stencils on the CPU ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilModelInternal.h"

#include "rk/modfile/CpuPlans.h"

#include <algorithm>
#include <cmath>

namespace rk::modfile {

namespace {

/// Of a vector of the x86-64-v3 that modules are compiled for.
constexpr double VectorBytes = 32;
/// Loads, a store and addresses, beside the update's own; and what an update is
/// taken for if the module does not say.
constexpr double CellOverhead = 10, UnknownOperations = 12;
/// What a tile may take of a core's own cache.
constexpr double CacheShare = 0.5;
/// Cells that a thread updates between two looks at the thread before it.
constexpr std::int64_t LeastUnitCells = 16384;
constexpr std::int64_t MostSteps = 8;
/// Streams of memory end at the rows of a tile, so these are not too few.
constexpr std::int64_t LeastTileRows = 8;
/// By how much of a step the slowest of many threads is late, where all wait
/// for it.
constexpr double Lateness = 0.1;
/// Of a copy's rate, what rows of several arrays reach.
constexpr double RowsShare = 0.75;

std::int64_t divideUp(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// How a plan cuts the grid, and what a step takes.
struct CpuShape {
  std::int64_t steps = 1, tile = 0, unit = 1;
  double moving = 0, computing = 0, waiting = 0;

  /// Memory and arithmetic hide each other in part: measured, see
  /// docs/rationale/cpu-plans.md.
  [[nodiscard]] double seconds() const {
    return std::hypot(moving, computing) + waiting;
  }
};

class CpuModel {
public:
  CpuModel(const StencilView &stencil, const StencilExtent &extent,
           const StencilFaces &faces, const DeviceFigures &device)
      : extent(extent), faces(faces), device(device),
        last(stencil.dimensions - 1), across(last == 0 ? 0 : last - 1),
        cells(double(extent[0]) * double(extent[1]) * double(extent[2])) {
    for (const StencilArrayView &array : stencil.arrays) {
      widest = std::max(widest, array.elementBytes);
      const double bytes = array.elementBytes;
      held += bytes * array.entries;
      // An array that is not overwritten in place comes to the cache before
      // its new values go.
      moved += bytes * (array.levels + (array.isWritten ? 1 : 0) +
                        (array.entries > array.levels ? 1 : 0));
      passed += bytes * array.entries * (array.isWritten ? 2 : 1);
      for (unsigned axis = 0; axis < 3; ++axis)
        halo[axis] = std::max<std::int64_t>(halo[axis], array.halo[axis]);
    }
    const double operations =
        stencil.operations != 0 ? stencil.operations : UnknownOperations;
    instructions = (operations + CellOverhead) * widest / VectorBytes;
  }

  [[nodiscard]] CpuShape shapeOf(StencilPlanKind kind) const {
    switch (kind) {
    case StencilPlanKind::Streaming:
      return streaming();
    case StencilPlanKind::Temporal:
      return temporal();
    case StencilPlanKind::Resident:
      return resident();
    default:
      return global();
    }
  }

  double instructions = 0;
  double held = 0, moved = 0, passed = 0;

private:
  [[nodiscard]] double threads() const { return device.multiprocessors; }
  [[nodiscard]] double computing() const {
    return cells * instructions / device.instructionRate;
  }
  /// Bytes a second out of where all arrays together lie.
  [[nodiscard]] double rate() const {
    const double bytes = cells * held;
    if (bytes < CacheShare * double(device.coreCacheBytes) * threads())
      return 4 * device.cacheRate;
    return bytes < CacheShare * double(device.cacheBytes)
               ? device.cacheRate
               : RowsShare * device.memoryRate;
  }
  /// Bytes of all arrays in one cell of a tile's axis, and of the last axis.
  [[nodiscard]] double rowBytes() const {
    return held * (last == 2 ? double(extent[0]) : 1);
  }
  /// Cells along the tile's axis whose `planes` planes a core's cache holds.
  [[nodiscard]] std::int64_t tileFor(std::int64_t planes) const {
    const double bytes = rowBytes() * double(planes);
    const double most = CacheShare * double(device.coreCacheBytes) / bytes -
                        2 * double(halo[across]);
    return std::clamp<std::int64_t>(std::int64_t(most), 1, extent[across]);
  }

  [[nodiscard]] double late(const CpuShape &shape) const {
    return Lateness * (1 - 1 / threads()) *
           std::hypot(shape.moving, shape.computing);
  }

  [[nodiscard]] CpuShape global() const {
    CpuShape shape = streaming();
    shape.tile = extent[across];
    // Planes that a core's own cache does not hold until they are read again
    // come from the cache that all share.
    const double across3 = last == 2 ? double(extent[1]) : 1;
    const double planes = rowBytes() * across3 * double(2 * halo[last] + 2) / 2;
    if (last != 0 && planes > CacheShare * double(device.coreCacheBytes))
      shape.moving += cells * held * double(halo[last]) / device.cacheRate;
    return shape;
  }

  [[nodiscard]] CpuShape streaming() const {
    CpuShape shape;
    shape.tile = std::max(tileFor(2 * halo[last] + 2),
                          std::min(LeastTileRows, extent[across]));
    shape.computing = computing();
    shape.moving = cells * moved / rate();
    shape.waiting = device.launchSeconds + late(shape);
    return shape;
  }

  [[nodiscard]] CpuShape resident() const {
    CpuShape shape = streaming();
    shape.waiting = device.exchangeSeconds;
    const double parts =
        std::min(threads(), double(extent[last]) /
                                double(std::max<std::int64_t>(halo[last], 1)));
    shape.moving *= threads() / std::max(parts, 1.0);
    shape.computing *= threads() / std::max(parts, 1.0);
    return shape;
  }

  [[nodiscard]] std::int64_t leaningExtent(std::uint32_t axis,
                                           std::int64_t steps) const {
    const bool repeats =
        faces.boundary[2 * axis] == abi::StencilBoundary::Periodic;
    return extent[axis] + (steps - 1) * halo[axis] * (repeats ? 3 : 1);
  }

  [[nodiscard]] CpuShape temporalOf(std::int64_t steps) const {
    CpuShape shape;
    shape.steps = steps;
    const auto team = std::int64_t(device.multiprocessors);
    const std::int64_t length = leaningExtent(across, steps);
    const std::int64_t planes = last == 0 ? 1 : (steps + 1) * halo[last] + 1;
    // A whole number of tiles for each thread.
    const std::int64_t tiles =
        divideUp(divideUp(length, tileFor(planes)), team) * team;
    shape.tile = divideUp(length, tiles);
    const std::int64_t row = shape.tile * (last == 2 ? extent[0] : 1) * steps;
    shape.unit = std::clamp<std::int64_t>(divideUp(LeastUnitCells, row), 1,
                                          extent[last]);
    const double units =
        last == 0 ? double(steps)
                  : double(divideUp(leaningExtent(last, steps), shape.unit));
    const double turns = double(divideUp(tiles, team)) * units;
    // Threads that wait for the first of them, and cells beyond the grid.
    const double more = (turns + double(team) - 1) / turns * double(length) /
                        double(extent[across]);
    shape.computing = computing() * more;
    // Each tile reads what the tile before it left at its edge.
    const double edge = double((steps + 1) * halo[across]) / double(shape.tile);
    shape.moving = cells * passed / double(steps) * more *
                   (1 / rate() + edge / device.cacheRate);
    shape.waiting = (device.launchSeconds + turns * device.exchangeSeconds) /
                        double(steps) +
                    late(shape);
    return shape;
  }

  [[nodiscard]] CpuShape temporal() const {
    CpuShape best = temporalOf(2);
    for (std::int64_t steps = 3; steps <= MostSteps; ++steps)
      if (const CpuShape shape = temporalOf(steps);
          shape.seconds() < best.seconds() &&
          shape.tile >= steps * halo[across])
        best = shape;
    return best;
  }

  const StencilExtent &extent;
  const StencilFaces &faces;
  const DeviceFigures &device;
  std::uint32_t last, across;
  double cells;
  std::int64_t halo[3] = {};
  std::uint32_t widest = 1;
};

} // namespace

DeviceFigures referenceCpu() {
  DeviceFigures device;
  device.isCpu = true;
  device.multiprocessors = 16;
  device.memoryRate = 125e9;
  device.cacheRate = 480e9;
  device.instructionRate = 64e9;
  device.launchSeconds = 4e-6;
  device.exchangeSeconds = 0.5e-6;
  device.cacheBytes = 300u << 20;
  device.coreCacheBytes = 2u << 20;
  return device;
}

std::vector<StencilPlanView> cpuPlans(const StencilView &stencil,
                                      const StencilExtent &extent,
                                      const StencilFaces &faces,
                                      const DeviceFigures &device) {
  std::vector<StencilPlanView> plans;
  const auto known = std::find_if(
      stencil.plans.begin(), stencil.plans.end(),
      [](const StencilPlanView &plan) { return plan.name == "global"; });
  if (known == stencil.plans.end())
    return plans;
  const CpuModel model(stencil, extent, faces, device);
  for (const char *name : {"global", "streaming", "temporal", "resident"}) {
    StencilPlanView plan = *known;
    plan.name = name;
    const CpuShape shape = model.shapeOf(stencilPlanKind(name));
    const std::uint32_t last = stencil.dimensions - 1;
    std::copy_n(extent.begin(), 3, plan.tile);
    plan.tile[last] = std::uint32_t(shape.unit);
    plan.tile[last == 0 ? 0 : last - 1] = std::uint32_t(shape.tile);
    plan.steps = std::uint32_t(shape.steps);
    plans.push_back(plan);
  }
  return plans;
}

PlanForecast forecastCpu(const PlanQuestion &question) {
  const CpuModel model(question.stencil, question.extent, question.faces,
                       question.device);
  const CpuShape shape = model.shapeOf(stencilPlanKind(question.plan.name));
  PlanForecast result;
  result.bytes =
      shape.steps == 1 ? model.moved : model.passed / double(shape.steps);
  result.instructions = model.instructions;
  result.stepSeconds = shape.seconds();
  result.possibleSeconds =
      question.cells() * model.moved / question.device.memoryRate;
  if (shape.waiting > std::max(shape.moving, shape.computing))
    result.limit = shape.steps == 1 && question.plan.name != "resident"
                       ? "launches"
                       : "exchange";
  else if (shape.computing > shape.moving)
    result.limit = "arithmetic";
  else
    result.limit = question.fitsCache(model.held) ? "cache" : "memory";
  return result;
}

} // namespace rk::modfile
