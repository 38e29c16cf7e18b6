//===- CpuModel.cpp - Plans of stencils on the CPU ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilModelInternal.h"

#include "rk/modfile/CpuPlans.h"

#include <algorithm>

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
constexpr double LeastUnitCells = 16384;
constexpr std::int64_t MostSteps = 16;
/// Streams of memory end at the rows of a tile, so these are not too few.
constexpr std::int64_t LeastTileRows = 8;

constexpr std::int64_t up(double value) {
  const auto whole = std::int64_t(value);
  return double(whole) < value ? whole + 1 : whole;
}

std::int64_t divideUp(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// How a plan cuts the grid, and what a step takes.
struct CpuShape {
  std::int64_t steps = 1, tile = 0, unit = 1;
  double moving = 0, computing = 0, waiting = 0;

  [[nodiscard]] double seconds() const {
    return std::max(moving, computing) + waiting;
  }
};

class CpuModel {
public:
  CpuModel(const StencilView &stencil, const StencilExtent &extent,
           const StencilFaces &faces, const DeviceFigures &device)
      : stencil(stencil), extent(extent), faces(faces), device(device),
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
  /// Bytes a second of what is kept in `bytes` all together.
  [[nodiscard]] double rateOf(double bytes) const {
    if (bytes < CacheShare * double(device.coreCacheBytes) * threads())
      return 4 * device.cacheRate;
    return bytes < CacheShare * double(device.cacheBytes) ? device.cacheRate
                                                          : device.memoryRate;
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

  [[nodiscard]] CpuShape global() const {
    CpuShape shape;
    shape.tile = extent[across];
    shape.computing = computing();
    // Planes that do not stay in the cache come again for each that reads them.
    const double planes = held * double(extent[0]) *
                          (last == 2 ? double(extent[1]) : 1) *
                          double(2 * halo[last] + 1) * threads();
    const double again = last != 0 && planes > double(device.cacheBytes)
                             ? moved + held * double(2 * halo[last]) / 2
                             : moved;
    shape.moving = cells * again / rateOf(cells * held);
    shape.waiting = device.launchSeconds;
    return shape;
  }

  [[nodiscard]] CpuShape streaming() const {
    CpuShape shape = global();
    shape.tile = std::max(tileFor(2 * halo[last] + 2),
                          std::min(LeastTileRows, extent[across]));
    shape.moving = cells * moved / rateOf(cells * held);
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
    const double row = last == 2 ? double(extent[0]) : 1;
    shape.unit = std::clamp<std::int64_t>(
        up(LeastUnitCells / (double(shape.tile) * row * double(steps))), 1,
        extent[last]);
    const double units =
        last == 0 ? double(steps)
                  : double(divideUp(leaningExtent(last, steps), shape.unit));
    const double rounds = double(divideUp(tiles, team));
    // Threads that wait for the first of them, and cells beyond the grid.
    const double idle = (rounds * units + double(team) - 1) / (rounds * units) *
                        double(length) / double(extent[across]);
    const double edges = 1 + double(2 * halo[across]) /
                                 double(std::max(shape.tile, std::int64_t(1)));
    shape.computing = computing() * idle;
    const double between = passed * double(halo[across] * steps) /
                           double(shape.tile) / double(steps) /
                           device.cacheRate;
    shape.moving =
        cells *
        (passed / double(steps) * edges / rateOf(cells * held) + between) *
        idle;
    shape.waiting =
        (device.launchSeconds + rounds * units * device.exchangeSeconds / 4) /
        double(steps);
    return shape;
  }

  [[nodiscard]] CpuShape temporal() const {
    CpuShape best = temporalOf(2);
    for (std::int64_t steps = 3; steps <= MostSteps; ++steps)
      if (const CpuShape shape = temporalOf(steps);
          shape.seconds() < best.seconds())
        best = shape;
    return best;
  }

  const StencilView &stencil;
  const StencilExtent &extent;
  const StencilFaces &faces;
  const DeviceFigures &device;
  std::uint32_t last, across;
  double cells;
  std::int64_t halo[3] = {};
  std::uint32_t widest = 1;
};

} // namespace

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
