//===- CpuPlansTest.cpp - Plans, tiles and steps on the CPU ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/modfile/CpuPlans.h"

#include <gtest/gtest.h>

#include <string>

using namespace rk::modfile;

namespace {

/// Two levels that are read one cell away, in place.
StencilView wave(std::uint32_t dimensions) {
  StencilView stencil;
  stencil.dimensions = dimensions;
  StencilArrayView array;
  array.elementBytes = 4;
  array.isFloat = array.isWritten = true;
  array.levels = array.entries = 2;
  for (std::uint32_t axis = 0; axis < dimensions; ++axis)
    array.halo[axis] = 1;
  stencil.arrays.push_back(array);
  StencilPlanView plan;
  plan.name = "global";
  plan.entry = "kernel";
  stencil.plans.push_back(plan);
  return stencil;
}

std::string fastest(std::uint32_t dimensions, const StencilExtent &extent,
                    const DeviceFigures &device = referenceCpu()) {
  const StencilView stencil = wave(dimensions);
  const auto plans = cpuPlans(stencil, extent, {}, device);
  return std::string(
      plans[fastestPlan(stencil, plans, extent, {}, device)].name);
}

TEST(CpuPlans, allHaveTheKernelOfGlobal) {
  const StencilView stencil = wave(3);
  const auto plans = cpuPlans(stencil, {64, 64, 64}, {}, referenceCpu());
  ASSERT_EQ(plans.size(), 4u);
  EXPECT_EQ(plans[0].name, "global");
  for (const StencilPlanView &plan : plans)
    EXPECT_EQ(plan.entry, "kernel");
  EXPECT_TRUE(
      cpuPlans(StencilView(), {64, 64, 64}, {}, referenceCpu()).empty());
}

/// As measured: docs/rationale/cpu-plans.md.
TEST(CpuPlans, keepWhatFitsAndBlockWhatDoesNot) {
  EXPECT_EQ(fastest(3, {64, 64, 64}), "resident");
  EXPECT_EQ(fastest(3, {256, 256, 256}), "resident");
  EXPECT_EQ(fastest(3, {512, 512, 512}), "temporal");
  EXPECT_EQ(fastest(2, {16384, 16384, 1}), "temporal");
}

TEST(CpuPlans, tilesFitTheCacheOfACore) {
  const DeviceFigures device = referenceCpu();
  for (const std::int64_t n : {100, 300, 512, 1024}) {
    const StencilView stencil = wave(3);
    for (const StencilPlanView &plan :
         cpuPlans(stencil, {n, n, n}, {}, device)) {
      if (plan.name == "global")
        continue;
      const std::uint64_t planes = plan.name == "temporal" ? plan.steps + 2 : 4;
      EXPECT_GT(plan.tile[1], 0u);
      EXPECT_LE(8 * std::uint64_t(n) * plan.tile[1] * planes,
                device.coreCacheBytes)
          << plan.name << " at " << n;
    }
  }
}

TEST(CpuPlans, oneThreadHasNobodyToWaitFor) {
  DeviceFigures device = referenceCpu();
  device.multiprocessors = 1;
  device.memoryRate = 20e9;
  device.cacheRate = 30e9;
  device.instructionRate = 4e9;
  EXPECT_EQ(fastest(3, {8, 8, 8}, device), "resident");
  EXPECT_EQ(fastest(3, {512, 512, 512}, device), "temporal");
}

} // namespace
