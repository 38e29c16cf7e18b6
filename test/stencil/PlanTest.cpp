//===- PlanTest.cpp - Plans that are asked for, with all kinds of faces ---===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ForcedPlan.h"
#include "Reference.h"
#include "Stencils.h"
#include "Testing.h"
#include "WaveReference.h"

using namespace reference;
using namespace stencils;

namespace {

/// Large enough for all plans with every kind of face, and no multiple of a
/// tile.
constexpr rk::GridPoint Sizes[] = {
    {70, 37, 41},
    {33, 50, 25},
#ifndef RK_FEWER_CELLS
    {129, 26, 30},
    {64, 32, 32},
#endif
};
/// Some launches of several steps and a rest, then single steps.
constexpr int Runs[] = {13, 1, 8, 2};

RK_FOR_EACH_PLAN(ForcedPlan);

/// Makes `next` the newest level and damps all of them.
template <class T> void advance(std::vector<Grid<T>> &levels, Grid<T> next) {
  std::rotate(levels.begin(), levels.end() - 1, levels.end());
  levels[0] = std::move(next);
  for (Grid<T> &level : levels)
    absorb(level, 2);
}

void stepLagged(std::vector<Grid<float>> &value,
                std::vector<Grid<double>> &wide) {
  Grid<float> newValue = value[0];
  Grid<double> newWide = wide[0];
  forEachCell(newValue, [&](auto x, auto y, auto z) {
    newValue.cell(x, y, z) =
        0.5f * value[0].at(x - 1, y + 1) + 0.25f * value[1].at(x + 2, y) -
        0.375f * value[2].at(x, y - 1) + 0.125f * value[2].at(x, y) +
        float(wide[1].at(x, y + 2));
    newWide.cell(x, y, z) = 0.5 * wide[1].at(x, y) +
                            0.125 * wide[0].at(x + 1, y) -
                            double(value[1].at(x, y)) * 0.25;
  });
  advance(value, std::move(newValue));
  advance(wide, std::move(newWide));
}

/// Compares a wave's runs with plain loops; skips the test if the plan is
/// refused.
void compareRuns(const ForcedPlan &test, rk::GridPoint size,
                 RandomWave expected) {
  auto made = test.make(expected.wave, size, expected.faces);
  if (!made)
    GTEST_SKIP() << "the CPU refuses the plan " << test.GetParam();
  expected.give(*made);
  for (const int steps : Runs) {
    expected.run(*made, steps);
    if (testing::Test::HasFatalFailure())
      return;
  }
}

TEST_P(ForcedPlan, wave) {
  std::mt19937_64 random(21);
  for (const rk::GridPoint size : Sizes)
    compareRuns(*this, size, RandomWave(size, random, 9));
}

/// Cells in layers are damped between the steps of a launch, whatever lies
/// beyond the other faces.
TEST_P(ForcedPlan, wavesInLayers) {
  std::mt19937_64 random(23);
  for (const rk::GridPoint size : Sizes)
    for (int round = 0; round < 2; ++round)
      compareRuns(*this, size, RandomWave(size, random, 9, /*absorbs=*/true));
}

TEST_P(ForcedPlan, earlierLevelsInLayers) {
  std::mt19937_64 random(24);
  for (const rk::GridPoint size :
       {rk::GridPoint{70, 37, 0}, {150, 61, 0}, {33, 90, 0}}) {
    const Faces faces = randomFaces(random, /*absorbs=*/true);
    std::vector<Grid<float>> value(3, Grid<float>(size, faces));
    std::vector<Grid<double>> wide(2, Grid<double>(size, faces));
    auto made = make(Lagged(), size, faces);
    if (!made)
      GTEST_SKIP() << "the CPU refuses the plan " << GetParam();
    for (unsigned level = 0; level < 3; ++level) {
      randomize(value[level], random);
      isOk(made->set(&Lagged::value, value[level].values, level));
    }
    for (unsigned level = 0; level < 2; ++level) {
      randomize(wide[level], random);
      isOk(made->set(&Lagged::wide, wide[level].values, level));
    }
    for (const int steps : Runs) {
      for (int step = 0; step < steps; ++step)
        stepLagged(value, wide);
      isOk(made->run(steps));
      for (unsigned level = 0; level < 3; ++level)
        expectField(*made, &Lagged::value, value[level], level);
      for (unsigned level = 0; level < 2; ++level)
        expectField(*made, &Lagged::wide, wide[level], level);
      if (HasFatalFailure())
        return;
    }
  }
}

TEST_P(ForcedPlan, drift) {
  std::mt19937_64 random(22);
  for (const rk::GridPoint size : Sizes) {
    const Faces faces = randomFaces(random);
    Grid<double> heat(size, faces);
    Grid<float> trace(size, faces), before(size, faces);
    randomize(heat, random);
    randomize(trace, random);
    randomize(before, random);
    auto made = make(Drift(), size, faces);
    if (!made)
      GTEST_SKIP() << "the CPU refuses the plan " << GetParam();
    isOk(made->set(&Drift::heat, heat.values));
    isOk(made->set(&Drift::trace, trace.values));
    isOk(made->set(&Drift::trace, before.values, 1));
    for (const int steps : Runs) {
      for (int step = 0; step < steps; ++step) {
        Grid<double> newHeat = heat;
        Grid<float> newTrace = trace;
        forEachCell(heat, [&](auto x, auto y, auto z) {
          const double around = heat.at(x - 2, y, z) + heat.at(x, y + 1, z) -
                                heat.at(x, y, z + 2) + heat.at(x, y, z - 1);
          newHeat.cell(x, y, z) = 0.5 * heat.at(x, y, z) + 0.125 * around;
          newTrace.cell(x, y, z) = 0.5f * trace.at(x, y - 2, z) -
                                   0.25f * before.at(x, y, z) +
                                   float(heat.at(x, y, z));
        });
        before = trace;
        trace = newTrace;
        heat = newHeat;
      }
      isOk(made->run(steps));
      expectField(*made, &Drift::heat, heat);
      expectField(*made, &Drift::trace, trace);
      expectField(*made, &Drift::trace, before, 1);
      if (HasFatalFailure())
        return;
    }
  }
}

//===----------------------------------------------------------------------===//
// Faces that cannot be
//===----------------------------------------------------------------------===//

TEST(Faces, refuseUnknownBoundaries) {
  rk::StencilOptions options;
  options.faces[1].boundary = rk::Boundary(5);
  EXPECT_EQ(rk::Stencil<Far>::create({}, {5, 0, 0}, options).status().detail(),
            "the boundary of the face high x is number 5; take Fixed, "
            "Reflecting, Periodic, Absorbing or Function of rk::Boundary");
}

} // namespace
