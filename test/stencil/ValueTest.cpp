//===- ValueTest.cpp - Fields of short numbers and of structures ----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "FunctionStencils.h"
#include "Reference.h"
#include "Testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

using namespace reference;
using namespace stencils;

namespace {

constexpr rk::GridPoint Sizes[] = {{1, 1, 0},  {2, 3, 0},  {7, 35, 0},
                                   {33, 2, 0}, {64, 8, 0}, {65, 17, 0}};

//===----------------------------------------------------------------------===//
// Numbers of two bytes
//===----------------------------------------------------------------------===//

/// What absorbing faces do, computed in float.
template <class T> void absorbShort(Grid<T> &grid) {
  const Faces &faces = grid.faces;
  forEachCell(grid, [&](auto x, auto y, auto) {
    const double factor = 1.0 *
                          layerFactor(faces[0], faces[1], x, grid.size[0]) *
                          layerFactor(faces[2], faces[3], y, grid.size[1]);
    T &cell = grid.cell(x, y, 0);
    cell = T(float(cell) * float(factor));
  });
}

TEST(Halves, haveFacesAndLayers) {
  std::mt19937_64 random(26);
  for (int round = 0; round < 6; ++round)
    for (const rk::GridPoint size : Sizes) {
      rk::StencilOptions options;
      options.faces = randomFaces(random, round % 2 == 1);
      Grid<_Float16> half(size, options.faces);
      Grid<float> brainValues(size, options.faces);
      Grid<rk::bf16> brain(size, options.faces);
      Grid<std::int16_t> whole(size, options.faces);
      for (auto &value : half.values)
        value = _Float16(float(random() % 1000) / 256);
      for (auto &value : brain.values)
        value = rk::bf16(float(random() % 1000) / 256);
      for (auto &value : whole.values)
        value = std::int16_t(random() % 1000);
      auto made = make(Halves(), size, options);
      isOk(made.set(&Halves::half, half.values));
      isOk(made.set(&Halves::brain, brain.values));
      isOk(made.set(&Halves::whole, whole.values));
      const bool absorbs =
          std::any_of(options.faces.begin(), options.faces.begin() + 4,
                      [](const rk::Face &face) {
                        return face.boundary == rk::Boundary::Absorbing;
                      });
      for (int step = 0; step < 4; ++step) {
        Grid<_Float16> nextHalf = half;
        Grid<rk::bf16> nextBrain = brain;
        Grid<std::int16_t> nextWhole = whole;
        forEachCell(half, [&](auto x, auto y, auto) {
          const float around = float(half.at(x + 1, y)) +
                               float(half.at(x - 1, y)) +
                               float(half.at(x, y + 1));
          nextHalf.cell(x, y, 0) = _Float16(around * 0.3f);
          nextBrain.cell(x, y, 0) = rk::bf16(0.75f * float(brain.at(x, y - 1)) +
                                             float(half.at(x, y)));
          nextWhole.cell(x, y, 0) = std::int16_t(whole.at(x - 1, y) + 1);
        });
        half = nextHalf;
        brain = nextBrain;
        whole = nextWhole;
        if (absorbs) {
          absorbShort(half);
          absorbShort(brain);
        }
      }
      isOk(made.run(4));
      expectField(made, &Halves::half, half);
      expectField(made, &Halves::brain, brain);
      expectField(made, &Halves::whole, whole);
      double sum = 0;
      for (const rk::bf16 value : brain.values)
        sum = std::max(sum, double(float(value)));
      EXPECT_EQ(made.maximum(&Halves::brain).value(), sum);
    }
}

/// A value that is set in a branch: one of two bf16 is taken.
TEST(Halves, haveBoundaries) {
  rk::StencilOptions options;
  options.faces[2].boundary = rk::Boundary::Function;
  auto made = make(Halves(), {5, 2, 0}, options);
  std::vector<_Float16> half(10);
  std::vector<rk::bf16> brain(10);
  for (std::size_t i = 0; i < 10; ++i) {
    half[i] = _Float16(float(i));
    brain[i] = rk::bf16(float(16 + i));
  }
  isOk(made.set(&Halves::half, half));
  isOk(made.set(&Halves::brain, brain));
  isOk(made.run(1));
  std::vector<rk::bf16> found(10);
  isOk(made.get(&Halves::brain, found));
  for (std::size_t x = 0; x < 5; ++x) {
    const float beyond = x % 2 == 0 ? 0.5f * float(x) : float(16 + x);
    EXPECT_EQ(float(found[x]), float(rk::bf16(0.75f * beyond + float(x))));
  }
}

//===----------------------------------------------------------------------===//
// Structures
//===----------------------------------------------------------------------===//

TEST(Structures, equalTheReference) {
  std::mt19937_64 random(27);
  for (const rk::GridPoint size : Sizes) {
    rk::StencilOptions options;
    options.faces[0].boundary = rk::Boundary::Function;
    options.faces[3].boundary = rk::Boundary::Reflecting;
    options.faces[1].value = 0;
    Grid<Vector> speed(size, options.faces), before = speed, drift = speed;
    Grid<Mixed> load(size, options.faces);
    auto number = [&] { return float(random() % 4096) / 1024 - 2; };
    for (Grid<Vector> *grid : {&speed, &before, &drift})
      for (Vector &value : grid->values)
        value = {number(), number(), number()};
    for (Mixed &value : load.values)
      value = {number(),
               std::int32_t(random() % 99),
               {std::uint16_t(random() % 9), std::uint16_t(random() % 9)}};
    auto made = make(Flow(), size, options);
    isOk(made.set(&Flow::speed, before.values, 1));
    isOk(made.set(&Flow::speed, speed.values));
    isOk(made.set(&Flow::drift, drift.values));
    isOk(made.set(&Flow::load, load.values));
    for (int step = 0; step < 5; ++step) {
      Grid<Vector> next = speed;
      Grid<Mixed> nextLoad = load;
      forEachCell(speed, [&](auto x, auto y, auto) {
        const Vector here = speed.cell(x, y, 0), along = drift.cell(x, y, 0),
                     old = before.cell(x, y, 0);
        const Vector left =
            x > 0 ? speed.cell(x - 1, y, 0) : Vector{-here.x, here.z, 1};
        next.cell(x, y, 0) = {0.5f * (here.x + left.y) + along.z,
                              here.y - 0.25f * old.x, left.z + along.x};
        Mixed value = load.cell(x, std::min(y + 1, load.size[1] - 1), 0);
        value.weight += double(here.x);
        value.count -= 1;
        value.kinds[1] = std::uint16_t(value.kinds[0] + 1);
        nextLoad.cell(x, y, 0) = value;
      });
      before = speed;
      speed = next;
      load = nextLoad;
    }
    isOk(made.run(5));
    expectField(made, &Flow::speed, speed);
    expectField(made, &Flow::speed, before, 1);
    expectField(made, &Flow::load, load);
    std::vector<double> weights;
    for (const Mixed &value : load.values)
      weights.push_back(value.weight);
    EXPECT_EQ(made.reduce<&Flow::weight>().value(),
              foldInOrder(weights, [](double a, double b) { return a + b; }));
    std::vector<Vector> slice(std::size_t(speed.size[0]));
    isOk(made.slice(&Flow::speed, 1, speed.size[1] - 1, slice));
    for (std::int64_t x = 0; x < speed.size[0]; ++x)
      EXPECT_EQ(slice[std::size_t(x)].y, speed.cell(x, speed.size[1] - 1, 0).y);
  }
}

/// Cells of one step lie side by side by words on the device, in more than one
/// slice of steps.
TEST(Structures, areFedAndRecorded) {
  constexpr rk::GridPoint Cells[] = {{3, 0, 0}, {0, 2, 0}, {6, 4, 0}};
  auto made = make(Flow(), {7, 5, 0});
  std::vector<Mixed> load;
  std::vector<Vector> speed;
  for (int i = 0; i < 9; ++i) {
    load.push_back({double(i), 100 + i, {std::uint16_t(i), 7}});
    speed.push_back({float(i), float(i) / 2, float(-i)});
  }
  isOk(made.drive(&Flow::load, Cells, load));
  isOk(made.inject(&Flow::speed, Cells, speed));
  isOk(made.inject(&Flow::speed, Cells, speed));
  const auto loads = made.probe(&Flow::load, Cells).value();
  const auto one = made.probe(&Flow::speed, {3, 0, 0}, 2).value();
  isOk(made.run(1));
  isOk(made.run(2));
  const std::vector<Mixed> recorded = made.series(&Flow::load, loads);
  ASSERT_EQ(recorded.size(), 9u);
  std::vector<Mixed> field(35);
  std::vector<Vector> fast(35);
  isOk(made.get(&Flow::load, field));
  isOk(made.get(&Flow::speed, fast));
  const std::size_t places[] = {3, 14, 34};
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(std::memcmp(&recorded[6 + i], &field[places[i]], sizeof(Mixed)),
              0)
        << i;
  // A cell takes its load from below, which nobody feeds but in cell 0, 2.
  EXPECT_EQ(recorded[0].count, -1);
  EXPECT_EQ(made.series(&Flow::speed, one).size(), 1u);
  // What was set is there for one step: cells move up by one row a step.
  auto still = make(Flow(), {7, 5, 0});
  isOk(still.drive(&Flow::load, {2, 3, 0}, {{load[5]}}));
  isOk(still.inject(&Flow::speed, {2, 3, 0}, {{speed[4]}}));
  isOk(still.run(1));
  isOk(still.get(&Flow::load, field));
  isOk(still.get(&Flow::speed, fast));
  EXPECT_EQ(field[2 * 7 + 2].weight, 5);
  EXPECT_EQ(field[2 * 7 + 2].count, 104);
  EXPECT_EQ(field[2 * 7 + 2].kinds[1], load[5].kinds[0] + 1);
  EXPECT_EQ(fast[3 * 7 + 2].x, 0.5f * speed[4].x);
  EXPECT_EQ(fast[3 * 7 + 2].y, speed[4].y);
}

TEST(Structures, areRefusedWhereTheyCannotBe) {
  rk::StencilOptions options;
  auto made = make(Flow(), {4, 4, 0}, options);
  const std::vector<Mixed> load(1);
  EXPECT_EQ(made.inject(&Flow::load, {1, 1, 0}, load).detail(),
            "nothing can be added to field 'load', which has words that are no "
            "numbers; set them with drive");
  const std::vector<Mixed> two(2);
  constexpr rk::GridPoint Cells[] = {{0, 0, 0}, {1, 1, 0}, {2, 1, 0}};
  EXPECT_EQ(made.drive(&Flow::load, Cells, two).detail(),
            "a source of field 'load' has 2 values for 3 cells; give one for "
            "each cell and step");
  std::vector<Vector> few(3);
  EXPECT_EQ(made.set(&Flow::speed, few).detail(),
            "field 'speed' has 16 values of 12 bytes, and 36 bytes are given");
  options.faces[0].value = 2;
  EXPECT_EQ(rk::Stencil<Flow>::create({}, {4, 4, 0}, options).status().detail(),
            "the face low x has the value 2.000000, and 'load.1' is a word of "
            "a structure that is no floating-point number; leave Face::value "
            "at 0, or give the stencil a boundary and choose "
            "rk::Boundary::Function");
}

} // namespace
