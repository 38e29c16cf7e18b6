//===- PlanTest.cpp - Plans that are asked for, with all kinds of faces ---===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ForcedPlan.h"
#include "Reference.h"
#include "Stencils.h"
#include "WaveReference.h"

#include <cstring>

using namespace reference;
using namespace stencils;

namespace {

/// Large enough for all plans with every kind of face, and no multiple of a
/// tile.
constexpr rk::GridPoint Sizes[] = {
    {70, 37, 41}, {33, 50, 25}, {129, 26, 30}, {64, 32, 32}};
/// Some launches of several steps and a rest, then single steps.
constexpr int Runs[] = {13, 1, 8, 2};

RK_FOR_EACH_PLAN(ForcedPlan);

template <class S, class Member, class T>
void expectField(rk::Stencil<S> &stencil, Member member,
                 const Grid<T> &expected, std::uint32_t level = 0) {
  std::vector<T> found(expected.values.size());
  const rk::Status status = stencil.get(member, found, level);
  ASSERT_TRUE(status.isOk()) << status.message();
  for (std::size_t cell = 0; cell < found.size(); ++cell)
    ASSERT_EQ(std::memcmp(&found[cell], &expected.values[cell], sizeof(T)), 0)
        << "cell " << cell << " of " << expected.size[0] << " x "
        << expected.size[1] << " x " << expected.size[2] << ", level " << level
        << ", after step " << stencil.step() << ": " << found[cell]
        << " instead of " << expected.values[cell];
}

TEST_P(ForcedPlan, wave) {
  std::mt19937_64 random(21);
  for (const rk::GridPoint size : Sizes) {
    const Faces faces = randomFaces(random);
    Grid<float> now(size, faces), before(size, faces), speed(size, faces);
    speed.continues = true;
    for (Grid<float> *grid : {&now, &before, &speed})
      randomize(*grid, random);
    Wave wave;
    wave.damping = 0.5f;
    wave.firstCell = std::int64_t(random() % 9);
    auto made = make(wave, size, faces);
    if (!made)
      GTEST_SKIP() << "the CPU refuses the plan " << GetParam();
    ASSERT_TRUE(made->set(&Wave::pressure, now.values).isOk());
    ASSERT_TRUE(made->set(&Wave::pressure, before.values, 1).isOk());
    ASSERT_TRUE(made->set(&Wave::speed, speed.values).isOk());
    for (const int steps : Runs) {
      for (int step = 0; step < steps; ++step)
        stepWave(now, before, speed, wave);
      const rk::Status ran = made->run(steps);
      ASSERT_TRUE(ran.isOk()) << ran.message();
      expectField(*made, &Wave::pressure, now);
      expectField(*made, &Wave::pressure, before, 1);
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
    ASSERT_TRUE(made->set(&Drift::heat, heat.values).isOk());
    ASSERT_TRUE(made->set(&Drift::trace, trace.values).isOk());
    ASSERT_TRUE(made->set(&Drift::trace, before.values, 1).isOk());
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
      const rk::Status ran = made->run(steps);
      ASSERT_TRUE(ran.isOk()) << ran.message();
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
