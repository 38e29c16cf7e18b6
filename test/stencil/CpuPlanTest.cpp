//===- CpuPlanTest.cpp - Plans on threads of the CPU ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Plans of the CPU back end with more threads than rows, tiles that are a few
/// cells wide, and steps that fill no launch: with all kinds of faces, against
/// plain C++, bit for bit.
///
//===----------------------------------------------------------------------===//

#include "ForcedPlan.h"
#include "Reference.h"
#include "Stencils.h"
#include "Testing.h"
#include "WaveReference.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

using namespace reference;
using namespace stencils;

namespace {

/// A plan, and how many threads run it.
class CpuPlan
    : public ::testing::TestWithParam<std::tuple<const char *, unsigned>> {
protected:
  template <class S>
  rk::Stencil<S> make(const S &parameters, rk::GridPoint size,
                      const Faces &faces) {
    rk::StencilOptions options;
    options.backend = rk::BackendKind::Cpu;
    options.faces = faces;
    std::tie(options.plan, options.threads) = GetParam();
    auto made = rk::Stencil<S>::create(parameters, size, options);
    EXPECT_TRUE(made.isOk()) << made.status().message();
    return std::move(*made);
  }
};
INSTANTIATE_TEST_SUITE_P(
    Plans, CpuPlan,
    ::testing::Combine(::testing::Values("global", "streaming", "temporal",
                                         "resident"),
                       ::testing::Values(1u, 3u, 8u)),
    [](const auto &test) {
      return std::string(std::get<0>(test.param)) + "By" +
             std::to_string(std::get<1>(test.param));
    });

/// Runs that are no multiple of a launch's steps.
constexpr int Runs[] = {11, 1, 18};

/// Faces, values and parameters are drawn anew so often.
#ifdef RK_FEWER_CELLS
constexpr int Rounds = 1;
#else
constexpr int Rounds = 3;
#endif

TEST_P(CpuPlan, wave) {
  std::mt19937_64 random(31);
  for (const rk::GridPoint size : {rk::GridPoint{1, 1, 1},
                                   {5, 3, 2},
                                   {40, 9, 7},
                                   {33, 21, 40},
                                   {7, 64, 3}})
    for (int round = 0; round < Rounds; ++round) {
      RandomWave expected(size, random, 4);
      auto stencil = make(expected.wave, size, expected.faces);
      expected.give(stencil);
      for (const int steps : Runs) {
        SCOPED_TRACE("round " + std::to_string(round));
        expected.run(stencil, steps);
        if (HasFatalFailure())
          return;
      }
    }
}

TEST_P(CpuPlan, layers) {
  std::mt19937_64 random(34);
  for (const rk::GridPoint size :
       {rk::GridPoint{5, 3, 2}, {40, 19, 27}, {7, 64, 3}})
    for (int round = 0; round < Rounds; ++round) {
      RandomWave expected(size, random, 4, /*absorbs=*/true);
      auto stencil = make(expected.wave, size, expected.faces);
      expected.give(stencil);
      for (const int steps : Runs) {
        SCOPED_TRACE("round " + std::to_string(round));
        expected.run(stencil, steps);
        if (HasFatalFailure())
          return;
      }
    }
}

TEST_P(CpuPlan, far) {
  std::mt19937_64 random(32);
  for (const rk::GridPoint size :
       {rk::GridPoint{1, 0, 0}, {5, 0, 0}, {100, 0, 0}, {30011, 0, 0}})
    for (int round = 0; round < Rounds; ++round) {
      const Faces faces = randomFaces(random);
      Grid<float> now(size, faces), before(size, faces), first(size, faces);
      for (Grid<float> *grid : {&now, &before, &first})
        randomize(*grid, random);
      auto stencil = make(Far(), size, faces);
      isOk(stencil.set(&Far::value, now.values));
      isOk(stencil.set(&Far::value, before.values, 1));
      isOk(stencil.set(&Far::value, first.values, 2));
      for (const int steps : Runs) {
        for (int step = 0; step < steps; ++step) {
          Grid<float> next = now;
          forEachCell(now, [&](auto x, auto, auto) {
            next.cell(x, 0, 0) = 0.25f * now.at(x - 4) + 0.5f * now.at(x + 3) -
                                 0.125f * first.at(x + 1);
          });
          first = before;
          before = now;
          now = next;
        }
        SCOPED_TRACE("round " + std::to_string(round));
        isOk(stencil.run(steps));
        expectField(stencil, &Far::value, now);
        expectField(stencil, &Far::value, first, 2);
        if (HasFatalFailure())
          return;
      }
    }
}

TEST_P(CpuPlan, corners) {
  std::mt19937_64 random(33);
  for (const rk::GridPoint size :
       {rk::GridPoint{1, 7, 0}, {70, 33, 0}, {300, 41, 0}})
    for (int round = 0; round < Rounds; ++round) {
      const Faces faces = randomFaces(random);
      Grid<double> heat(size, faces);
      randomize(heat, random);
      auto stencil = make(Smooth(), size, faces);
      isOk(stencil.set(&Smooth::heat, heat.values));
      for (const int steps : Runs) {
        for (int step = 0; step < steps; ++step) {
          Grid<double> next = heat;
          forEachCell(heat, [&](auto x, auto y, auto) {
            const double corners =
                heat.at(x - 1, y - 1) + heat.at(x + 1, y - 1) +
                (heat.at(x - 1, y + 1) + heat.at(x + 1, y + 1));
            next.cell(x, y, 0) =
                heat.at(x, y) + 0.1 * (corners - 4 * heat.at(x, y));
          });
          heat = next;
        }
        SCOPED_TRACE("round " + std::to_string(round));
        isOk(stencil.run(steps));
        expectField(stencil, &Smooth::heat, heat);
        if (HasFatalFailure())
          return;
      }
    }
}

/// The model chooses, and says so.
TEST(CpuPlans, aPlanIsTakenByItself) {
  rk::StencilOptions options;
  options.backend = rk::BackendKind::Cpu;
  auto small = rk::Stencil<Wave>::create({}, {16, 16, 16}, options);
  ASSERT_TRUE(small.isOk()) << small.status().message();
  EXPECT_EQ(small->plan(), "resident");
  options.plan = "resting";
  EXPECT_EQ(
      rk::Stencil<Wave>::create({}, {16, 16, 16}, options).status().detail(),
      "stencil 'stencils::Wave' has no plan 'resting'; it has global, "
      "streaming, temporal, resident");
}

} // namespace
