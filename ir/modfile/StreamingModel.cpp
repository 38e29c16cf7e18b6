//===- StreamingModel.cpp - Plans that walk along the last axis -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilModelInternal.h"

#include <algorithm>

namespace rk::modfile {

namespace {

/// Beside the update's own, for each cell and step: shuffles, exchange of rows,
/// a part of the addresses of vectors.
constexpr double StageOverhead = 9;
/// The share of the instruction rate that is left by barriers and dependencies.
constexpr double Issued = 0.62;
/// Blocks that share a multiprocessor hide each other's barriers.
constexpr double ThreadsOfMultiprocessor = 2048;
/// Below that, a step of a streaming plan waits for memory.
constexpr std::int64_t LeastDepth = 8;

std::int64_t divideUp(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

/// How a plan covers the grid with blocks that walk.
struct Walk {
  std::uint32_t last = 2;   ///< the axis of the walk
  std::int64_t tiles = 1;   ///< blocks beside each other
  std::int64_t slots = 1;   ///< blocks that run at a time
  std::int64_t overlap = 0; ///< planes that a block walks over in addition
  std::int64_t depth = 1;
  double turns = 0; ///< planes that a slot walks over, all together
};

std::int64_t lag(const PlanQuestion &question, std::uint32_t axis) {
  std::int64_t farthest = 0;
  for (const StencilArrayView &array : question.stencil.arrays)
    farthest = std::max(farthest, std::int64_t(array.halo[axis]));
  return farthest;
}

/// Takes the depth with the least turns of the last multiprocessor to end.
Walk walkOf(const PlanQuestion &question) {
  Walk walk;
  walk.last = question.stencil.dimensions - 1;
  for (std::uint32_t axis = 0; axis < walk.last; ++axis)
    walk.tiles *= divideUp(question.extent[axis],
                           std::max<std::int64_t>(question.plan.tile[axis], 1));
  const std::uint32_t *block = question.plan.block;
  const double threads = double(block[0]) * block[1] * block[2];
  const double byThreads = ThreadsOfMultiprocessor / 2 / threads;
  std::int64_t together = std::int64_t(byThreads);
  if (question.plan.sharedBytes != 0)
    together = std::min<std::int64_t>(together, question.device.sharedBytes /
                                                    question.plan.sharedBytes);
  walk.slots = question.device.multiprocessors *
               std::clamp<std::int64_t>(together, 1, 16);
  walk.overlap = 2 * (question.plan.steps - 1) *
                 std::max<std::int64_t>(1, lag(question, walk.last));
  const std::int64_t planes = question.extent[walk.last];
  double least = 0;
  for (std::int64_t chunks = 1;
       chunks <= std::max<std::int64_t>(planes / LeastDepth, 1); ++chunks) {
    const std::int64_t depth = divideUp(planes, chunks);
    const double turns =
        double(divideUp(walk.tiles * divideUp(planes, depth), walk.slots)) *
        double(depth + walk.overlap);
    if (chunks > 1 && turns >= least)
      continue;
    least = turns;
    walk.depth = depth;
    walk.turns = turns;
  }
  return walk;
}

} // namespace

PlanForecast forecastStreaming(const PlanQuestion &question) {
  PlanForecast result;
  const Walk walk = walkOf(question);
  result.depth = std::uint32_t(walk.depth);
  const double again = double(walk.overlap) / double(walk.depth);
  result.bytes = question.bytesOfStep();
  result.instructions = (question.stencil.operations + StageOverhead) / Issued;
  finish(question, result, 1, result.bytes * (1 + 0.1 * again),
         result.instructions * (1 + again), 0);
  return result;
}

PlanForecast forecastTemporal(const PlanQuestion &question) {
  PlanForecast result;
  const auto steps = std::int64_t(question.plan.steps);
  const std::uint32_t last = question.stencil.dimensions - 1;
  for (std::uint32_t axis = 0; axis <= last; ++axis) {
    const std::int64_t farthest = lag(question, axis);
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
    result.refusal = "it needs " + std::to_string(least) +
                     " cells along axis " + "xyz"[axis] + ", and there are " +
                     std::to_string(question.extent[axis]);
    return result;
  }
  double moved = 0;
  for (const StencilArrayView &array : question.stencil.arrays)
    moved += double(array.elementBytes) *
             entriesOf(StencilPlanKind::Temporal, question.plan.steps, array);
  result.bytes = moved / double(steps);
  result.instructions = question.stencil.operations + StageOverhead;
  const Walk walk = walkOf(question);
  result.depth = std::uint32_t(walk.depth);
  // What a block computes for each cell that is valid after all steps.
  std::uint32_t widest = 1;
  for (const StencilArrayView &array : question.stencil.arrays)
    widest = std::max(widest, array.elementBytes);
  double computed = 32.0 * (widest <= 4 ? 4 : 2);
  for (std::uint32_t axis = 1; axis < last; ++axis)
    computed *= double(question.plan.tile[axis]) +
                2.0 * double(steps * lag(question, axis));
  const double stages = walk.turns * double(walk.slots) * computed;
  const double share = stages / question.cells();
  finish(question, result, double(steps),
         result.bytes * (1 + 0.15 * (share - 1)),
         result.instructions / Issued * share, 0);
  return result;
}

} // namespace rk::modfile
