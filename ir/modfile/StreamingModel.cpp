//===- StreamingModel.cpp - Plans that walk along the last axis -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilModelInternal.h"

#include <algorithm>
#include <cmath>

namespace rk::modfile {

namespace {

/// Cycles of a warp that updates a line of cells, for each operation of the
/// update: they stand for its loads and shuffles too. A line has 16 bytes for
/// each lane, and twice as many of doubles that are read far away along x.
constexpr double StreamingCycles = 6.7, StreamingCyclesOfDouble = 9.4;
constexpr double TemporalCycles = 4.87, TemporalCyclesInPlane = 3.9;
/// Cycles from one plane to the next if nobody else is in the way: a load, and
/// what each byte of a thread's line adds; of plan `temporal`, for each step;
/// and what it adds there if all loads are from memory.
constexpr double TurnLatency = 480, TurnLatencyOfByte = 30, StageLatency = 300,
                 MemoryLatency = 1000;
/// The parts of a multiprocessor, to each of which its warps belong.
constexpr double Schedulers = 4;
/// Threads of a multiprocessor with the registers that a walk takes.
constexpr double ThreadsOfMultiprocessor = 1024;
constexpr std::int64_t MostBlocks = 16;
/// Below that, a walk is mostly its beginning.
constexpr std::int64_t LeastDepth = 8;
/// So much longer a launch of plan `temporal` may take with shorter walks.
constexpr double Near = 1.01;

std::int64_t divideUp(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// How a plan covers the grid with blocks that walk.
class Walk {
public:
  explicit Walk(const PlanQuestion &question);
  /// Takes the depth with which the launch takes the least time.
  PlanForecast forecast();

private:
  [[nodiscard]] LaunchTimes timesOf(std::int64_t depth) const;
  /// Planes that a block loads beside those that it leaves behind.
  [[nodiscard]] std::int64_t leadPlanes() const {
    return isTemporal ? 2 * (steps - 1) * lag : 2 * lag;
  }

  const PlanQuestion &question;
  bool isTemporal;
  std::int64_t steps;
  std::uint32_t last; ///< the axis of the walk
  std::int64_t lag;
  std::int64_t tiles = 1; ///< blocks beside each other
  std::int64_t together;  ///< blocks of a multiprocessor at a time
  double warps, rows, elementBytes = 1;
  double lineCycles = 0, turnLatency = 0;
  double bytes = 0;      ///< of a cell and launch, by blocks that share nothing
  double firstBytes = 0; ///< of those, what a plane before the first costs
};

Walk::Walk(const PlanQuestion &question)
    : question(question), isTemporal(question.plan.steps > 1),
      steps(question.plan.steps), last(question.stencil.dimensions - 1),
      lag(std::max<std::int64_t>(1, question.reach(last))) {
  const StencilPlanView &plan = question.plan;
  for (std::uint32_t axis = 0; axis < last; ++axis)
    tiles *= divideUp(question.extent[axis],
                      std::max<std::int64_t>(plan.tile[axis], 1));
  const double threads = double(plan.block[0]) * plan.block[1] * plan.block[2];
  auto fitting = std::int64_t(ThreadsOfMultiprocessor / threads);
  if (plan.sharedBytes != 0)
    fitting = std::min<std::int64_t>(fitting, question.device.sharedBytes /
                                                  plan.sharedBytes);
  together = std::clamp<std::int64_t>(fitting, 1, MostBlocks);
  double read = 0;
  for (const StencilArrayView &array : question.stencil.arrays) {
    elementBytes = std::max<double>(elementBytes, array.elementBytes);
    read += double(array.elementBytes) * array.levels;
    firstBytes += array.halo[last] != 0 ? array.elementBytes : 0;
    if (isTemporal)
      bytes += double(array.elementBytes) *
               entriesOf(StencilPlanKind::Temporal, plan.steps, array);
  }
  const double height = last == 2 ? plan.tile[1] : 1;
  const double overlapY =
      isTemporal && last == 2 ? 2.0 * double(steps * question.reach(1)) : 0;
  warps = threads / 32;
  rows = std::max(1.0, (height + overlapY) / plan.block[1]);
  if (isTemporal) {
    const double width = 32 * 16 / elementBytes;
    const double share =
        width / plan.tile[0] * (height + overlapY) / std::max(1.0, height);
    // Most of what tiles share comes from the cache.
    bytes += 0.15 * (share - 1) * read;
    firstBytes = read;
    lineCycles = (last == 2 ? TemporalCycles : TemporalCyclesInPlane) *
                 question.operations() * double(steps);
    turnLatency = StageLatency * double(steps);
  } else {
    bytes = question.bytesOfStep();
    const double lineBytes = plan.tile[0] / 32.0 * elementBytes;
    lineCycles = question.operations() * lineBytes / 16 *
                 (elementBytes > 4 ? StreamingCyclesOfDouble : StreamingCycles);
    turnLatency = TurnLatency + TurnLatencyOfByte * rows * elementBytes;
  }
}

LaunchTimes Walk::timesOf(std::int64_t depth) const {
  const DeviceFigures &device = question.device;
  const std::int64_t blocks = tiles * divideUp(question.extent[last], depth);
  const std::int64_t each = divideUp(blocks, device.multiprocessors);
  const double turns = double(depth + leadPlanes());
  LaunchTimes times;
  const double moved =
      question.cells() *
      (bytes + firstBytes * double(leadPlanes()) / double(depth));
  times.memory = moved * question.shareOfMemory() / device.memoryRate;
  times.cache = moved / device.cacheRate;
  // Planes before the first are loaded only, where a launch makes one step.
  // A part with a warp more than others makes them wait half of the time.
  const double all = double(each) * warps;
  const double busy =
      (all + std::ceil(all / Schedulers) * Schedulers) / 2 * rows;
  times.arithmetic =
      busy * (isTemporal ? turns : double(depth)) * lineCycles / device.clock;
  const double latency =
      turnLatency +
      (isTemporal ? std::pow(question.shareOfMemory(), 4) * MemoryLatency : 0);
  times.waiting =
      double(divideUp(each, together)) * turns * latency / device.clock;
  // What a warp waits for is hidden by the instructions of the others.
  if (isTemporal)
    (times.waiting > times.arithmetic ? times.arithmetic : times.waiting) = 0;
  return times;
}

PlanForecast Walk::forecast() {
  PlanForecast result;
  const std::int64_t planes = question.extent[last];
  const std::int64_t most = std::max<std::int64_t>(planes / LeastDepth, 1);
  LaunchTimes least = timesOf(planes);
  for (std::int64_t chunks = 2; chunks <= most; ++chunks)
    if (const LaunchTimes times = timesOf(divideUp(planes, chunks));
        times.together() < least.together())
      least = times;
  // Of walks that take nearly as long, the shortest: more blocks are busy.
  for (std::int64_t chunks = most;; --chunks) {
    const std::int64_t depth = divideUp(planes, chunks);
    const LaunchTimes times = timesOf(depth);
    if (times.together() > (isTemporal ? Near : 1) * least.together())
      continue;
    least = times;
    result.depth = std::uint32_t(depth);
    break;
  }
  result.bytes = bytes / double(steps);
  result.instructions = question.operations();
  finish(question, result, least, double(steps),
         question.haloLaunches(question.plan.steps));
  return result;
}

} // namespace

PlanForecast forecastStreaming(const PlanQuestion &question) {
  return Walk(question).forecast();
}

PlanForecast forecastTemporal(const PlanQuestion &question) {
  const auto steps = std::int64_t(question.plan.steps);
  for (std::uint32_t axis = 0; axis < question.stencil.dimensions; ++axis) {
    const std::int64_t farthest = question.reach(axis);
    std::int64_t least = 1;
    for (std::uint32_t side = 0; side < 2; ++side) {
      const auto boundary = question.faces.boundary[2 * axis + side];
      if (boundary == abi::StencilBoundary::Reflecting)
        least = std::max(least, farthest);
      if (boundary == abi::StencilBoundary::Periodic)
        least = std::max(least, farthest * steps);
    }
    if (question.extent[axis] >= least)
      continue;
    PlanForecast result;
    result.refusal = "it needs " + std::to_string(least) +
                     " cells along axis " + "xyz"[axis] + ", and there are " +
                     std::to_string(question.extent[axis]);
    return result;
  }
  return Walk(question).forecast();
}

} // namespace rk::modfile
