//===- StencilModel.cpp - How fast each plan of a stencil is --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/modfile/StencilModel.h"

#include "StencilModelInternal.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace rk::modfile {

namespace {

/// What an update is taken for if the module does not say.
constexpr double UnknownOperations = 12;
/// Threads of a multiprocessor.
constexpr double ResidentThreads = 2048;
/// How long a block of plan `global` lives in which each thread updates a cell:
/// its loads wait for the cache, or for memory, there the longer the more
/// planes it reads beside its own.
constexpr double CacheLife = 0.6e-6, MemoryLife = 0.66e-6, PlaneLife = 0.137e-6;

struct PlanModel {
  std::string_view name;
  PlanForecast (*forecast)(const PlanQuestion &);
};

std::int64_t divideUp(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// Whether absorbing layers damp an array.
bool isDamped(const StencilArrayView &array) {
  return array.isWritten && array.isFloat;
}

/// Values of each cell that blocks load and store: what neighbours along x are
/// read comes with them, rows above and below are shared by the rows of a
/// block, and planes are shared with nobody.
double blockBytes(const PlanQuestion &question) {
  double bytes = question.bytesOfStep();
  for (const StencilArrayView &array : question.stencil.arrays)
    for (std::uint32_t axis = 1; axis < 3; ++axis)
      bytes += 2.0 * array.elementBytes * array.halo[axis] /
               std::max(1u, question.plan.block[axis]);
  return bytes;
}

PlanForecast forecastGlobal(const PlanQuestion &question) {
  PlanForecast result;
  const DeviceFigures &device = question.device;
  result.bytes = question.bytesOfStep();
  result.instructions = question.operations();
  const double share = question.shareOfMemory();
  double blocks = 1, threads = 1;
  for (std::uint32_t axis = 0; axis < 3; ++axis) {
    const std::uint32_t size = std::max(1u, question.plan.block[axis]);
    blocks *= double(divideUp(question.extent[axis], size));
    threads *= size;
  }
  LaunchTimes times;
  times.memory = question.cells() * result.bytes * share / device.memoryRate;
  times.cache = question.cells() * blockBytes(question) / device.cacheRate;
  const std::uint32_t last = question.stencil.dimensions - 1;
  // Neighbours in a line come with the cell.
  const double planes = last == 0 ? 2 : 2.0 * double(question.reach(last));
  const double memoryLife = MemoryLife + PlaneLife * planes;
  times.waiting = blocks * threads / ResidentThreads / device.multiprocessors *
                  (CacheLife + share * (memoryLife - CacheLife));
  times.arithmetic =
      question.cells() * result.instructions / device.instructionRate;
  finish(question, result, times, 1, question.haloLaunches(1));
  return result;
}

/// Of a CPU's `temporal`: cells beyond periodic faces along the two last axes
/// are updated like those that they repeat, and places beyond a face along the
/// last axis have a number of their own there.
std::string refusalOfRepeats(const PlanQuestion &question,
                             const std::string &other) {
  const std::uint32_t last = question.stencil.dimensions - 1;
  if (last == 0 || !question.leavesFaces(last) ||
      question.faces.boundary[2 * last - 2] != abi::StencilBoundary::Periodic)
    return "";
  const std::string before(1, "xyz"[last - 1]), along(1, "xyz"[last]);
  return "a face along " + along +
         " is left to the boundary, and faces along " + before +
         " are periodic: a place beyond both is one for the boundary, "
         "and another for cells that are repeated" +
         other + ", or exchange " + before + " and " + along;
}

/// Why a plan of several steps a launch cannot call the boundary between them;
/// empty if it can, or need not.
std::string refusalOfBoundary(const PlanQuestion &question) {
  const StencilPlanKind kind = stencilPlanKind(question.plan.name);
  const StencilBoundaryView &boundary = question.stencil.boundary;
  if ((kind != StencilPlanKind::Temporal &&
       kind != StencilPlanKind::Resident) ||
      !question.leavesFaces())
    return "";
  const std::string other = "; take the plan 'global' or 'streaming'";
  if (boundary.reach == 0)
    return "a face is left to a function of the stencil, and its module does "
           "not say how far that reads; compile it with this rkc";
  for (std::size_t number = 0; number < question.stencil.arrays.size();
       ++number)
    if (const StencilArrayView &array = question.stencil.arrays[number];
        (boundary.sets >> number & 1) != 0 && !array.isWritten)
      return "the boundary sets '" + std::string(array.name) +
             "', which no update does, so what lies beyond a face cannot be "
             "kept for two steps" +
             other;
  if (question.faces.absorbs && std::any_of(question.stencil.arrays.begin(),
                                            question.stencil.arrays.end(),
                                            [](const StencilArrayView &array) {
                                              return isDamped(array) &&
                                                     array.levels > 1;
                                            }))
    return "a face is left to a function of the stencil, which may read "
           "earlier levels, and a face absorbs, for which these are damped "
           "after a launch only" +
           other;
  if (question.device.isCpu)
    return kind == StencilPlanKind::Temporal ? refusalOfRepeats(question, other)
                                             : "";
  if (kind == StencilPlanKind::Temporal)
    return "a face is left to a function of the stencil, and on a GPU this "
           "plan keeps between its steps only the cells of a tile" +
           other;
  for (std::uint32_t axis = 0; axis < question.stencil.dimensions; ++axis) {
    const std::int64_t reach = question.reach(axis);
    const std::int64_t inside = std::int64_t(boundary.reach) - 1;
    if (question.leavesFaces(axis) && reach != 0 && inside > reach)
      return "the boundary reads " + std::to_string(inside) +
             " cells inside of a face along " + "xyz"[axis] +
             ", and blocks have those of others only as far as an update "
             "reads, " +
             std::to_string(reach) + other;
  }
  return "";
}

constexpr PlanModel Models[] = {
    {"global", forecastGlobal},
    {"streaming", forecastStreaming},
    {"temporal", forecastTemporal},
    {"resident", forecastResident},
};

} // namespace

double PlanQuestion::bytesOfStep() const {
  double bytes = 0;
  for (const StencilArrayView &array : stencil.arrays)
    bytes +=
        double(array.elementBytes) * (array.levels + (array.isWritten ? 1 : 0));
  return bytes;
}

bool PlanQuestion::leavesFaces(std::uint32_t axis) const {
  using abi::StencilBoundary;
  return faces.boundary[2 * axis] == StencilBoundary::Function ||
         faces.boundary[2 * axis + 1] == StencilBoundary::Function;
}

bool PlanQuestion::leavesFaces() const {
  for (std::uint32_t axis = 0; axis < stencil.dimensions; ++axis)
    if (leavesFaces(axis))
      return true;
  return false;
}

double PlanQuestion::cells() const {
  return double(extent[0]) * double(extent[1]) * double(extent[2]);
}

bool PlanQuestion::fitsCache(double bytesPerCell) const {
  // The cache also holds what other stencils, and the driver, left in it.
  constexpr double Usable = 0.7;
  return cells() * bytesPerCell < Usable * double(device.cacheBytes);
}

double PlanQuestion::shareOfMemory() const {
  // The cache is of two halves, and the lines of one are held by the other too.
  constexpr double Full = 0.3, None = 0.8;
  double resting = 0;
  for (const StencilArrayView &array : stencil.arrays)
    resting += double(array.elementBytes) *
               entriesOf(stencilPlanKind(plan.name), plan.steps, array);
  const double used = cells() * resting / double(device.cacheBytes);
  return std::clamp((used - Full) / (None - Full), 0.0, 1.0);
}

double PlanQuestion::operations() const {
  return stencil.operations != 0 ? stencil.operations : UnknownOperations;
}

double PlanQuestion::haloLaunches(std::uint32_t steps) const {
  double axes = 0, levels = 0;
  for (std::uint32_t axis = 0; axis < stencil.dimensions; ++axis)
    axes += faces.boundary[2 * axis] != abi::StencilBoundary::Fixed ||
            faces.boundary[2 * axis + 1] != abi::StencilBoundary::Fixed;
  for (const StencilArrayView &array : stencil.arrays)
    levels += array.isWritten ? std::min(steps, array.levels) : 0;
  double damped = 0;
  for (const StencilArrayView &array : stencil.arrays)
    for (std::uint32_t level = 1; level < array.levels; ++level)
      damped += faces.absorbs && isDamped(array) ? std::min(steps, level) : 0;
  return axes * levels + damped;
}

std::int64_t PlanQuestion::reach(std::uint32_t axis) const {
  std::int64_t farthest = 0;
  for (const StencilArrayView &array : stencil.arrays)
    farthest = std::max(farthest, std::int64_t(array.halo[axis]));
  return farthest;
}

double LaunchTimes::together() const {
  double sum = 0;
  for (const double time : {memory, cache, arithmetic, waiting})
    sum += time * time * time * time;
  return std::sqrt(std::sqrt(sum));
}

void finish(const PlanQuestion &question, PlanForecast &result,
            const LaunchTimes &times, double steps, double haloLaunches) {
  const DeviceFigures &device = question.device;
  const double working = times.together();
  const double launching = device.launchSeconds * (1 + haloLaunches);
  result.stepSeconds = (working + launching) / steps;
  result.possibleSeconds =
      question.cells() * question.bytesOfStep() / device.memoryRate;
  const std::pair<double, std::string_view> limits[] = {
      {launching, "launches"},
      {times.memory, "memory"},
      {times.cache, "cache"},
      {times.arithmetic, "arithmetic"},
      {times.waiting, times.wait}};
  result.limit = std::max_element(std::begin(limits), std::end(limits))->second;
}

double copyRate(double memoryClock, double busBits) {
  // Data move at both edges. An H200 copies 3.85 of 4.81 TB/s.
  constexpr double Copied = 0.8;
  return Copied * 2 * memoryClock * busBits / 8;
}

void setMultiprocessors(DeviceFigures &device, std::uint32_t count,
                        double clock) {
  constexpr double Lanes = 128;
  // Of the last cache, for each multiprocessor and cycle: fitted.
  constexpr double CacheBytes = 36;
  device.multiprocessors = count;
  device.clock = clock;
  device.instructionRate = Lanes * count * clock;
  device.cacheRate = CacheBytes * count * clock;
}

DeviceFigures referenceDevice() {
  DeviceFigures device;
  device.memoryRate = copyRate(2619e6, 5120);
  setMultiprocessors(device, 132, 1980e6);
  device.launchSeconds = 1.2e-6;
  device.callSeconds = 5e-6;
  device.exchangeSeconds = 1.0e-6;
  device.cacheBytes = 50u << 20;
  // How many clusters of 1, 2, 4, 8 and 16 blocks run at once.
  constexpr std::uint32_t Clusters[] = {132, 66, 30, 15, 7};
  std::copy_n(Clusters, std::size(Clusters), device.clusters);
  device.hasDirect = true;
  device.sharedBytes = 228u << 10;
  device.registerBytes = 256u << 10;
  return device;
}

StencilPlanKind stencilPlanKind(std::string_view name) {
  for (std::size_t kind = 0; kind < std::size(Models); ++kind)
    if (Models[kind].name == name)
      return StencilPlanKind(kind);
  return StencilPlanKind::Unknown;
}

PlanForecast forecast(const StencilView &stencil, const StencilPlanView &plan,
                      const StencilExtent &extent, const StencilFaces &faces,
                      const DeviceFigures &device) {
  const PlanQuestion question = {stencil, plan, extent, faces, device};
  PlanForecast result;
  result.refusal = refusalOfBoundary(question);
  if (!result.refusal.empty())
    return result;
  for (const PlanModel &model : Models)
    if (model.name == plan.name)
      return (device.isCpu ? forecastCpu : model.forecast)(question);
  result.refusal = "this version does not know it";
  return result;
}

std::size_t fastestPlan(const StencilView &stencil,
                        std::span<const StencilPlanView> plans,
                        const StencilExtent &extent, const StencilFaces &faces,
                        const DeviceFigures &device) {
  const double leastGain = device.isCpu ? 0.95 : 0.98;
  std::size_t fastest = 0;
  double least = -1;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const PlanForecast made =
        forecast(stencil, plans[i], extent, faces, device);
    if (!made.refusal.empty() ||
        (least >= 0 && made.stepSeconds >= leastGain * least))
      continue;
    least = made.stepSeconds;
    fastest = i;
  }
  return fastest;
}

std::uint32_t entriesOf(StencilPlanKind kind, std::uint32_t steps,
                        const StencilArrayView &array) {
  if (kind != StencilPlanKind::Temporal)
    return array.entries;
  return array.levels + (array.isWritten ? std::min(steps, array.levels) : 0);
}

} // namespace rk::modfile
