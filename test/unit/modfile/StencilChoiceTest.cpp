//===- StencilChoiceTest.cpp - The plan that is taken on a GPU ------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Lays the cost model beside the record of an H200: for each grid of it, the
/// plan that the model takes has to be within a twentieth of the fastest that
/// was measured.
///
//===----------------------------------------------------------------------===//

#include "rk/modfile/StencilModel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>

using namespace rk;
using namespace rk::modfile;

namespace {

/// What the runtime reads of the H200 of the record.
DeviceFigures h200() {
  DeviceFigures device = referenceDevice();
  device.memoryRate = copyRate(3135e6, 6144);
  device.clock = 1980e6;
  device.cacheBytes = 50u << 20;
  const std::uint32_t clusters[] = {132, 66, 30, 15, 7};
  std::copy_n(clusters, 5, device.clusters);
  device.sharedBytes = 228u << 10;
  return device;
}

struct Kernel {
  std::uint32_t dimensions, radius, elementBytes;
};

StencilPlanView plan(const char *name, std::array<std::uint32_t, 3> block,
                     std::array<std::uint32_t, 3> tile, std::uint32_t steps = 1,
                     std::uint32_t shared = 0) {
  StencilPlanView made;
  made.name = name;
  std::copy_n(block.begin(), 3, made.block);
  std::copy_n(tile.begin(), 3, made.tile);
  made.steps = steps;
  made.sharedBytes = shared;
  return made;
}

/// As rkc makes the stencils of bench/stencils.
StencilView waveOf(const Kernel &kernel) {
  StencilView stencil;
  stencil.dimensions = kernel.dimensions;
  stencil.radius = kernel.radius;
  stencil.operations = kernel.radius == 4 ? 33 : 2 * kernel.dimensions + 5;
  StencilArrayView array;
  array.elementBytes = kernel.elementBytes;
  array.isFloat = array.isWritten = true;
  array.levels = array.entries = 2;
  std::fill_n(array.halo, kernel.dimensions, kernel.radius);
  stencil.arrays.push_back(array);
  const std::uint32_t width = kernel.elementBytes == 4 ? 4 : 2;
  stencil.plans.push_back(plan("global", {64, 4, 1}, {64, 4, 1}));
  if (kernel.dimensions == 2) {
    stencil.plans.push_back(plan("streaming", {32, 1, 1}, {32 * width, 16, 1}));
    stencil.plans.push_back(
        plan("temporal", {32, 1, 1}, {32 * width - 8, 16, 1}, 4, 1024));
  } else if (kernel.radius == 4) {
    stencil.plans.push_back(
        plan("streaming", {32, 4, 1},
             {128, kernel.elementBytes == 4 ? 8u : 4u, 16}));
  } else {
    stencil.plans.push_back(
        plan("streaming", {32, 4, 1}, {32 * width, 16, 16}));
    stencil.plans.push_back(
        plan("temporal", {32, 32, 1}, {32 * width - 8, 26, 16}, 3, 98304));
  }
  stencil.plans.push_back(plan("resident", {640, 1, 1}, {0, 0, 0}));
  return stencil;
}

/// 10^9 cells a second by plan; 0: the plan refuses the grid, or there is none.
struct Row {
  Kernel kernel;
  std::int64_t n;
  double global, streaming, temporal, resident;
};

/// bench/trials/2026-11-27-nvidia-h200-stencil-choice/, where depths of walks
/// are those of this model, but for squares; `resident` on cubes from
/// 2026-11-27-nvidia-h200-stencil-threads/; and what is not in it of
/// 2026-11-27-nvidia-h200/record.json as it was made of commit c87210d, which a
/// later record of that day has replaced.
constexpr Row Record[] = {
    {{3, 1, 4}, 64, 129.889, 43.6136, 30.9114, 250.84},
    {{3, 1, 8}, 64, 106.082, 33.7303, 33.1313, 218.23},
    {{3, 1, 4}, 96, 207.357, 138.423, 100.788, 381.68},
    {{3, 1, 8}, 96, 179.921, 99.2489, 99.9343, 266.24},
    {{3, 1, 4}, 128, 300.525, 323.877, 163.034, 625.63},
    {{3, 1, 8}, 128, 164.499, 144.18, 121.049, 0},
    {{3, 1, 4}, 192, 222.13, 233.133, 257.008, 0},
    {{3, 1, 8}, 192, 148.078, 114.743, 160.105, 0},
    {{3, 1, 4}, 256, 234.792, 282.914, 277.051, 0},
    {{3, 1, 8}, 256, 154.005, 129.746, 175.984, 0},
    {{3, 1, 4}, 512, 245.305, 313.906, 340.958, 0},
    {{3, 1, 8}, 512, 158.371, 144.241, 181.794, 0},
    {{3, 1, 4}, 1024, 246.614, 296.884, 358.698, 0}, // record.json
    {{2, 1, 4}, 1024, 266.466, 244.728, 422.004, 207.9},
    {{2, 1, 8}, 1024, 219.023, 208.478, 268.58, 160.463},
    {{2, 1, 4}, 4096, 242.033, 252.94, 684.793, 0},
    {{2, 1, 8}, 4096, 167.152, 150.434, 243.668, 0},
    {{2, 1, 4}, 16384, 251.036, 271.936, 788.847, 0}, // record.json
    {{2, 1, 8}, 16384, 170.977, 158.421, 361.491, 0}, // record.json
    {{2, 1, 4}, 32768, 251.645, 308.162, 665.57, 0},  // record.json
    {{3, 4, 4}, 128, 146.485, 146.525, 0, 0},         // record.json
    {{3, 4, 8}, 128, 86.9854, 50.2549, 0, 0},         // record.json
    {{3, 4, 4}, 512, 135.93, 137.985, 0, 0},
    {{3, 4, 8}, 512, 90.378, 61.5008, 0, 0},
};

StencilExtent extentOf(const Row &row) {
  return {row.n, row.n, row.kernel.dimensions == 3 ? row.n : 1};
}

double measured(const Row &row, std::string_view plan) {
  return plan == "global"      ? row.global
         : plan == "streaming" ? row.streaming
         : plan == "temporal"  ? row.temporal
                               : row.resident;
}

TEST(StencilChoice, isWithinATwentiethOfTheBestOfTheRecord) {
  const DeviceFigures device = h200();
  for (const Row &row : Record) {
    const StencilView stencil = waveOf(row.kernel);
    const std::string name =
        std::to_string(row.n) + (row.kernel.dimensions == 3 ? "^3" : "^2") +
        (row.kernel.radius == 4 ? ", radius 4" : "") +
        (row.kernel.elementBytes == 4 ? ", float" : ", double");
    const StencilExtent extent = extentOf(row);
    const double cells =
        double(extent[0]) * double(extent[1]) * double(extent[2]);
    double best = 0;
    std::string said;
    for (const StencilPlanView &plan : stencil.plans) {
      const double rate = measured(row, plan.name);
      best = std::max(best, rate);
      const PlanForecast made = forecast(stencil, plan, extent, {}, device);
      char text[128] = "";
      if (made.refusal.empty())
        std::snprintf(text, sizeof(text), "%s %.0f for %.0f, ",
                      std::string(plan.name).c_str(),
                      cells / made.stepSeconds * 1e-9, rate);
      EXPECT_EQ(made.refusal.empty(), rate > 0)
          << name << ": " << plan.name << ": " << made.refusal;
      said += text;
    }
    const std::size_t taken =
        fastestPlan(stencil, stencil.plans, extent, {}, device);
    EXPECT_GE(measured(row, stencil.plans[taken].name), 0.95 * best)
        << name << " takes " << stencil.plans[taken].name << ": " << said;
  }
}

std::string refusalOf(const StencilView &stencil, std::string_view name,
                      const StencilExtent &extent, const StencilFaces &faces) {
  for (const StencilPlanView &plan : stencil.plans)
    if (plan.name == name)
      return forecast(stencil, plan, extent, faces, h200()).refusal;
  return "there is no such plan";
}

TEST(StencilChoice, gridsThatDoNotSuitAPlanAreRefused) {
  const StencilView stencil = waveOf({3, 1, 4});
  StencilFaces faces;
  faces.boundary[4] = faces.boundary[5] = rk::abi::StencilBoundary::Periodic;
  EXPECT_EQ(refusalOf(stencil, "temporal", {3, 3, 1}, faces),
            "it needs 3 cells along axis z, and there are 1");
  EXPECT_EQ(refusalOf(stencil, "temporal", {3, 3, 3}, faces), "");
  EXPECT_EQ(refusalOf(stencil, "resident", {512, 512, 512}, {}),
            "the fields do not fit the shared memory of 132 multiprocessors");
  EXPECT_EQ(refusalOf(stencil, "resident", {64, 64, 64}, {}), "");
}

/// A layer alone does not prevent launches of several steps; beside a face that
/// is left to the boundary it does, as that may read earlier levels.
TEST(StencilChoice, layersAreDampedWithinLaunches) {
  StencilView stencil = waveOf({3, 1, 4});
  stencil.boundary.entry = "boundary";
  stencil.boundary.reach = 1;
  StencilFaces faces;
  faces.absorbs = true;
  for (const char *plan : {"global", "streaming", "temporal", "resident"})
    EXPECT_EQ(refusalOf(stencil, plan, {64, 64, 64}, faces), "") << plan;
  faces.boundary[0] = rk::abi::StencilBoundary::Function;
  EXPECT_EQ(refusalOf(stencil, "global", {64, 64, 64}, faces), "");
  EXPECT_EQ(refusalOf(stencil, "resident", {64, 64, 64}, faces),
            "a face is left to a function of the stencil, which may read "
            "earlier levels, and a face absorbs, for which these are damped "
            "after a launch only; take the plan 'global' or 'streaming'");
  stencil.arrays[0].levels = 1;
  EXPECT_EQ(refusalOf(stencil, "resident", {64, 64, 64}, faces), "");
}

} // namespace
