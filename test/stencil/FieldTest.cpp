//===- FieldTest.cpp - Layers, sources, probes and reductions -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Reference.h"
#include "Stencils.h"
#include "Testing.h"
#include "WaveReference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace reference;
using namespace stencils;

namespace {

//===----------------------------------------------------------------------===//
// Absorbing layers
//===----------------------------------------------------------------------===//

TEST(Absorbing, equalsTheReference) {
  std::mt19937_64 random(11);
  for (const rk::GridPoint size :
       {rk::GridPoint{1, 1, 1}, {9, 5, 31}, {40, 3, 9}, {33, 17, 2}}) {
    const Faces faces = randomFaces(random, true);
    Grid<float> now(size, faces), before(size, faces);
    randomize(now, random);
    randomize(before, random);
    rk::StencilOptions options;
    options.faces = faces;
    auto made = make(Wave(), size, options);
    Grid<float> speed(size, faces);
    std::fill(speed.values.begin(), speed.values.end(), 0.125f);
    isOk(made.set(&Wave::pressure, now.values));
    isOk(made.set(&Wave::pressure, before.values, 1));
    isOk(made.set(&Wave::speed, speed.values));
    for (int step = 0; step < 5; ++step)
      stepWave(now, before, speed, Wave());
    isOk(made.run(5));
    expectField(made, &Wave::pressure, now);
    expectField(made, &Wave::pressure, before, 1);
  }
}

/// A pulse of some 18 cells goes to the face at high x; returns the largest
/// pressure that comes back, of a pulse of height 1.
double reflected(const rk::Face &face) {
  constexpr std::int64_t Cells = 600, Start = 300;
  constexpr double Courant = 0.5, Width = 4;
  rk::StencilOptions options;
  for (rk::Face &side : options.faces)
    side.boundary = rk::Boundary::Reflecting;
  options.faces[1] = face;
  auto made = make(Wave(), {Cells, 1, 1}, options);
  std::vector<float> now(Cells), before(Cells), speed(Cells, 0.25f);
  for (std::int64_t x = 0; x < Cells; ++x) {
    auto pulse = [&](double shift) {
      const double u = (double(x - Start) - shift) / Width;
      return (1 - 2 * u * u) * std::exp(-u * u);
    };
    now[std::size_t(x)] = float(pulse(0));
    before[std::size_t(x)] = float(pulse(-Courant));
  }
  EXPECT_TRUE(made.set(&Wave::pressure, now).isOk());
  EXPECT_TRUE(made.set(&Wave::pressure, before, 1).isOk());
  EXPECT_TRUE(made.set(&Wave::speed, speed).isOk());
  EXPECT_TRUE(made.run(std::int64_t((Cells - Start) * 1.6 / Courant)).isOk());
  EXPECT_TRUE(made.get(&Wave::pressure, now).isOk());
  double most = 0;
  for (std::int64_t x = 0; x < Cells - 60; ++x)
    most = std::max(most, std::fabs(double(now[std::size_t(x)])));
  return most;
}

TEST(Absorbing, reflectsLittle) {
  EXPECT_GT(reflected({rk::Boundary::Fixed}), 0.6);
  EXPECT_LT(reflected({rk::Boundary::Absorbing}), 0.05); // 20 cells
  EXPECT_LT(reflected({rk::Boundary::Absorbing, 0, 30}), 0.015);
  EXPECT_LT(reflected({rk::Boundary::Absorbing, 0, 40}), 0.005);
}

TEST(Absorbing, refusesWhatCannotBe) {
  rk::StencilOptions options;
  options.faces[1] = {rk::Boundary::Absorbing, 0, 0};
  EXPECT_EQ(rk::Stencil<Far>::create({}, {5, 0, 0}, options).status().detail(),
            "the absorbing layer at the face high x is 0 cells wide and has "
            "the strength 0.300000; give at least 1 cell, and no negative "
            "strength");
  options.faces[1] = {rk::Boundary::Absorbing};
  EXPECT_EQ(rk::Stencil<Life>::create({}, {5, 5, 0}, options).status().detail(),
            "stencil 'stencils::Life' has no field of floating-point numbers "
            "that an absorbing layer could damp; choose another boundary");
}

//===----------------------------------------------------------------------===//
// Sources and probes
//===----------------------------------------------------------------------===//

TEST(Sources, addAtManyCells) {
  std::mt19937_64 random(12);
  const rk::GridPoint size = {19, 12, 0};
  rk::StencilOptions options;
  options.faces = randomFaces(random);
  Grid<double> now(size, options.faces);
  randomize(now, random);
  auto made = make(Smooth(), size, options);
  isOk(made.set(&Smooth::heat, now.values));
  std::vector<rk::GridPoint> cells, probed;
  for (std::int64_t y = 0; y < size.y; ++y)
    for (std::int64_t x = 0; x < size.x; ++x) {
      if ((x + y) % 3 == 0)
        cells.push_back({x, y, 0});
      if (x % 2 == 0)
        probed.push_back({x, y, 0});
    }
  constexpr std::size_t Fed = 4, Steps = 7;
  std::vector<double> each(Fed * cells.size()), shared = {1, -2, 0.5};
  for (double &value : each)
    value = double(random() % 64) / 64;
  isOk(made.inject(&Smooth::heat, cells, each));
  isOk(made.inject(&Smooth::heat, probed, shared, rk::Series::Shared));
  auto probe = made.probe(&Smooth::heat, probed);
  ASSERT_TRUE(probe.isOk());
  std::vector<double> record;
  for (std::size_t step = 0; step < Steps; ++step) {
    for (std::size_t i = 0; i < cells.size() && step < Fed; ++i)
      now.cell(cells[i].x, cells[i].y, 0) += each[step * cells.size() + i];
    for (const rk::GridPoint &cell : probed)
      if (step < shared.size())
        now.cell(cell.x, cell.y, 0) += shared[step];
    Grid<double> next = now;
    forEachCell(now, [&](auto x, auto y, auto) {
      const double corners = now.at(x - 1, y - 1) + now.at(x + 1, y - 1) +
                             (now.at(x - 1, y + 1) + now.at(x + 1, y + 1));
      next.cell(x, y, 0) = now.at(x, y) + 0.1 * (corners - 4 * now.at(x, y));
    });
    now = next;
    for (const rk::GridPoint &cell : probed)
      record.push_back(now.cell(cell.x, cell.y, 0));
  }
  isOk(made.run(2));
  isOk(made.run(Steps - 2));
  expectField(made, &Smooth::heat, now);
  EXPECT_EQ(made.series(&Smooth::heat, *probe), record);
}

TEST(Sources, addIntegersAndSet) {
  auto made = make(Life(), {8, 8, 0});
  const std::vector<std::uint8_t> one = {1};
  for (std::int64_t x = 2; x < 5; ++x)
    isOk(made.inject(&Life::alive, {x, 3, 0}, one));
  auto probe = made.probe(&Life::alive, {3, 2, 0});
  isOk(made.run(2));
  EXPECT_EQ(made.series(&Life::alive, *probe),
            (std::vector<std::uint8_t>{1, 0}));
}

TEST(Sources, refuseWhatCannotBe) {
  auto made = make(Smooth(), {8, 8, 0});
  const std::vector<double> three = {1, 2, 3};
  const std::vector<rk::GridPoint> twice = {{1, 1, 0}, {1, 1, 0}}, none;
  EXPECT_EQ(made.inject(&Smooth::heat, twice, three).detail(),
            "a source of field 'heat' has the same cell twice; add up what "
            "they give, or make two sources");
  const std::vector<rk::GridPoint> two = {{1, 1, 0}, {1, 2, 0}};
  EXPECT_EQ(made.inject(&Smooth::heat, two, three).detail(),
            "a source of field 'heat' has 3 values for 2 cells; give one for "
            "each cell and step");
  EXPECT_EQ(made.inject(&Smooth::heat, none, three).detail(),
            "a source or probe of field 'heat' has no cell");
  EXPECT_EQ(made.inject(&Smooth::heat, {1, 9, 0}, three).detail(),
            "cell (1, 9, 0) is outside of the grid of 8 x 8 x 1 cells");
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// The order of `abi/StencilReduction.h`, in other words.
template <class Combine>
double reduceInOrder(std::vector<double> numbers, double start,
                     Combine combine) {
  do {
    std::vector<double> results;
    for (std::size_t first = 0; first < numbers.size(); first += 1024) {
      std::vector<double> lanes(32, start);
      for (std::size_t i = first; i < std::min(first + 1024, numbers.size());
           ++i)
        lanes[i % 32] = combine(lanes[i % 32], numbers[i]);
      for (std::size_t half = 16; half > 0; half /= 2)
        for (std::size_t lane = 0; lane < half; ++lane)
          lanes[lane] = combine(lanes[lane], lanes[lane + half]);
      results.push_back(lanes[0]);
    }
    numbers = results;
  } while (numbers.size() > 1);
  return numbers[0];
}

TEST(Reductions, haveOneOrder) {
  std::mt19937_64 random(13);
  auto add = [](double a, double b) { return a + b; };
  for (const rk::GridPoint size :
       {rk::GridPoint{1, 1, 1}, {33, 31, 1}, {70, 40, 60}})
    for (const std::uint32_t threads : {1u, 3u}) {
      rk::StencilOptions options;
      options.threads = threads;
      auto made = make(Wave(), size, options);
      Grid<float> now(size, options.faces), before = now;
      randomize(now, random);
      randomize(before, random);
      isOk(made.set(&Wave::pressure, now.values));
      isOk(made.set(&Wave::pressure, before.values, 1));
      std::vector<double> values(now.values.begin(), now.values.end());
      std::vector<double> squares, changes;
      for (std::size_t i = 0; i < values.size(); ++i) {
        squares.push_back(values[i] * values[i]);
        changes.push_back(std::fabs(values[i] - double(before.values[i])));
      }
      EXPECT_EQ(made.sum(&Wave::pressure).value(),
                reduceInOrder(values, 0, add));
      EXPECT_EQ(made.sumOfSquares(&Wave::pressure).value(),
                reduceInOrder(squares, 0, add));
      EXPECT_EQ(made.maximum(&Wave::pressure).value(),
                *std::max_element(values.begin(), values.end()));
      EXPECT_EQ(made.minimum(&Wave::pressure).value(),
                *std::min_element(values.begin(), values.end()));
      EXPECT_EQ(made.change(&Wave::pressure).value(),
                *std::max_element(changes.begin(), changes.end()));
    }
}

TEST(Reductions, passOverNaN) {
  auto made = make(Smooth(), {3, 1, 0});
  isOk(made.set(&Smooth::heat, std::vector<double>{1, std::nan(""), -3}));
  EXPECT_EQ(made.maximum(&Smooth::heat).value(), 1);
  EXPECT_EQ(made.minimum(&Smooth::heat).value(), -3);
  EXPECT_EQ(made.change(&Smooth::heat).status().detail(),
            "field 'heat' does not keep the values of the step before; write "
            "'rk::Field<T, 2>', which takes no more memory if only level 0 is "
            "read beside the cell");
}

//===----------------------------------------------------------------------===//
// Fields that no step sets
//===----------------------------------------------------------------------===//

/// Such a field keeps its values, and they become those of its earlier levels.
TEST(Levels, moveOnWhereNoStepSets) {
  const rk::GridPoint size = {5, 0, 0};
  auto made = make(Kept(), size);
  const auto all = [](float value) { return std::vector<float>(5, value); };
  for (std::uint32_t level = 0; level < 3; ++level)
    isOk(made.set(&Kept::never, all(float(1 << level)), level));
  isOk(made.set(&Kept::unreachable, all(8), 0));
  isOk(made.set(&Kept::unreachable, all(32), 1));
  // Levels 1 and 2 of `never`, and 1 of `unreachable`, before each step.
  const float expected[] = {2 + 4 * 4 + 16 * 32, 1 + 4 * 2 + 16 * 8,
                            1 + 4 * 1 + 16 * 8};
  for (const float sum : expected) {
    isOk(made.run(1));
    std::vector<float> found(5);
    isOk(made.get(&Kept::sum, found));
    EXPECT_EQ(found, all(sum));
  }
}

} // namespace
