//===- StencilTest.cpp - Stencils against a plain reference --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Reference.h"
#include "Stencils.h"
#include "WaveReference.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>

using namespace reference;
using namespace stencils;

namespace {

/// Sizes that divide nothing, one cell, and some that fill blocks.
constexpr rk::GridPoint Sizes[] = {{1, 1, 1},  {2, 1, 3},  {7, 5, 35},
                                   {33, 2, 9}, {64, 8, 4}, {65, 17, 1}};

template <class S> rk::StencilOptions optionsOf(const Faces &faces) {
  rk::StencilOptions options;
  options.faces = faces;
  return options;
}

template <class T>
void expectSame(const std::vector<T> &found, const std::vector<T> &expected,
                const char *what) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t cell = 0; cell < found.size(); ++cell)
    ASSERT_EQ(std::memcmp(&found[cell], &expected[cell], sizeof(T)), 0)
        << what << ", cell " << cell << ": " << +found[cell] << " instead of "
        << +expected[cell];
}

template <class S, class Member, class T>
void expectField(rk::Stencil<S> &stencil, Member member,
                 const Grid<T> &expected, const char *what,
                 std::uint32_t level = 0) {
  std::vector<T> found(expected.values.size());
  const rk::Status status = stencil.get(member, found, level);
  ASSERT_TRUE(status.isOk()) << status.message();
  expectSame(found, expected.values, what);
}

class StencilPlan : public ::testing::TestWithParam<const char *> {};
INSTANTIATE_TEST_SUITE_P(Plans, StencilPlan,
                         ::testing::Values("global", "streaming"));

TEST_P(StencilPlan, wave) {
  std::mt19937_64 random(1);
  for (const rk::GridPoint size : Sizes) {
    const Faces faces = randomFaces(random);
    Grid<float> now(size, faces), before(size, faces), speed(size, faces);
    speed.continues = true;
    randomize(now, random);
    randomize(before, random);
    randomize(speed, random);
    Wave wave;
    wave.damping = 0.9f;
    wave.firstCell = std::int64_t(random() % 3);
    rk::StencilOptions options = optionsOf<Wave>(faces);
    options.plan = GetParam();
    auto made = rk::Stencil<Wave>::create(wave, size, options);
    ASSERT_TRUE(made.isOk()) << made.status().message();
    EXPECT_EQ(made->plan(), GetParam());
    ASSERT_TRUE(made->set(&Wave::pressure, now.values).isOk());
    ASSERT_TRUE(made->set(&Wave::pressure, before.values, 1).isOk());
    ASSERT_TRUE(made->set(&Wave::speed, speed.values).isOk());
    for (int step = 0; step < 6; ++step) {
      stepWave(now, before, speed, wave);
      ASSERT_TRUE(made->run(1).isOk());
      expectField(*made, &Wave::pressure, now, "pressure");
      expectField(*made, &Wave::pressure, before, "pressure before", 1);
    }
    EXPECT_EQ(made->step(), 6);
  }
}

TEST(Stencil, smoothInTwoDimensions) {
  std::mt19937_64 random(2);
  for (rk::GridPoint size : Sizes) {
    size.z = 0;
    const Faces faces = randomFaces(random);
    Grid<double> now(size, faces);
    randomize(now, random);
    Smooth smooth;
    auto made =
        rk::Stencil<Smooth>::create(smooth, size, optionsOf<Smooth>(faces));
    ASSERT_TRUE(made.isOk()) << made.status().message();
    ASSERT_TRUE(made->set(&Smooth::heat, now.values).isOk());
    for (int step = 0; step < 5; ++step) {
      Grid<double> next = now;
      forEachCell(now, [&](auto x, auto y, auto) {
        const double corners = now.at(x - 1, y - 1) + now.at(x + 1, y - 1) +
                               (now.at(x - 1, y + 1) + now.at(x + 1, y + 1));
        next.cell(x, y, 0) =
            now.at(x, y) + smooth.rate * (corners - 4 * now.at(x, y));
      });
      now = next;
    }
    ASSERT_TRUE(made->run(5).isOk());
    expectField(*made, &Smooth::heat, now, "heat");
  }
}

TEST(Stencil, farNeighboursAndLevels) {
  std::mt19937_64 random(3);
  for (rk::GridPoint size : Sizes) {
    size.y = size.z = 0;
    const Faces faces = randomFaces(random);
    std::vector<Grid<float>> levels(3, Grid<float>(size, faces));
    auto made = rk::Stencil<Far>::create({}, size, optionsOf<Far>(faces));
    ASSERT_TRUE(made.isOk()) << made.status().message();
    for (std::uint32_t level = 0; level < 3; ++level) {
      randomize(levels[level], random);
      ASSERT_TRUE(made->set(&Far::value, levels[level].values, level).isOk());
    }
    for (int step = 0; step < 7; ++step) {
      Grid<float> next = levels[0];
      forEachCell(next, [&](auto x, auto, auto) {
        next.cell(x, 0, 0) = 0.25f * levels[0].at(x - 4) +
                             0.5f * levels[0].at(x + 3) -
                             0.125f * levels[2].at(x + 1);
      });
      levels = {next, levels[0], levels[1]};
    }
    ASSERT_TRUE(made->run(7).isOk());
    for (std::uint32_t level = 0; level < 3; ++level)
      expectField(*made, &Far::value, levels[level], "value", level);
  }
}

TEST(Stencil, twoFields) {
  std::mt19937_64 random(4);
  for (rk::GridPoint size : Sizes) {
    size.z = 1;
    const Faces faces = randomFaces(random);
    Grid<float> u(size, faces), v(size, faces), feed(size, faces);
    feed.continues = true;
    for (Grid<float> *grid : {&u, &v, &feed})
      randomize(*grid, random);
    auto made =
        rk::Stencil<Reaction>::create({}, size, optionsOf<Reaction>(faces));
    ASSERT_TRUE(made.isOk()) << made.status().message();
    ASSERT_TRUE(made->set(&Reaction::u, u.values).isOk());
    ASSERT_TRUE(made->set(&Reaction::v, v.values).isOk());
    ASSERT_TRUE(made->set(&Reaction::feed, feed.values).isOk());
    auto spread = [](const Grid<float> &g, auto x, auto y) {
      return g.at(x + 1, y) + g.at(x - 1, y) + g.at(x, y + 1) + g.at(x, y - 1) -
             4 * g.at(x, y);
    };
    for (int step = 0; step < 4; ++step) {
      Grid<float> nextU = u, nextV = v;
      forEachCell(u, [&](auto x, auto y, auto) {
        const float a = u.at(x, y), b = v.at(x, y);
        const float reacted = a * b * b;
        nextU.cell(x, y, 0) =
            a + 0.16f * spread(u, x, y) - reacted + feed.at(x + 1, y) * (1 - a);
        nextV.cell(x, y, 0) =
            b + 0.08f * spread(v, x, y) + reacted - (feed.at(x, y) + 0.06f) * b;
      });
      u = nextU;
      v = nextV;
    }
    ASSERT_TRUE(made->run(4).isOk());
    expectField(*made, &Reaction::u, u, "u");
    expectField(*made, &Reaction::v, v, "v");
  }
}

TEST(Stencil, life) {
  std::mt19937_64 random(5);
  for (rk::GridPoint size : Sizes) {
    size.z = 0;
    Faces faces = randomFaces(random);
    for (rk::Face &face : faces)
      face.value = 1;
    Grid<std::uint8_t> now(size, faces);
    randomize(now, random);
    auto made = rk::Stencil<Life>::create({}, size, optionsOf<Life>(faces));
    ASSERT_TRUE(made.isOk()) << made.status().message();
    ASSERT_TRUE(made->set(&Life::alive, now.values).isOk());
    for (int step = 0; step < 8; ++step) {
      Grid<std::uint8_t> next = now;
      forEachCell(now, [&](auto x, auto y, auto) {
        int around = -now.at(x, y);
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx)
            around += now.at(x + dx, y + dy);
        next.cell(x, y, 0) = around == 3 || (around == 2 && now.at(x, y));
      });
      now = next;
    }
    ASSERT_TRUE(made->run(8).isOk());
    expectField(*made, &Life::alive, now, "alive");
  }
}

TEST(Stencil, drivesAndProbes) {
  auto made = rk::Stencil<Far>::create({}, {9, 0, 0});
  ASSERT_TRUE(made.isOk()) << made.status().message();
  const std::vector<float> driven = {8, 16, 32};
  ASSERT_TRUE(made->drive(&Far::value, {5, 0, 0}, driven).isOk());
  auto probe = made->probe(&Far::value, {2, 0, 0});
  ASSERT_TRUE(probe.isOk());
  ASSERT_TRUE(made->run(2).isOk());
  ASSERT_TRUE(made->run(2).isOk());
  EXPECT_EQ(made->series(&Far::value, *probe),
            (std::vector<float>{4, 8, 16, 0}));
  EXPECT_EQ(made->drive(&Far::value, {9, 0, 0}, driven).detail(),
            "cell (9, 0, 0) is outside of the grid of 9 x 1 x 1 cells");
}

TEST(Stencil, reductionsAndSlices) {
  auto made = rk::Stencil<Smooth>::create({}, {3, 2, 0});
  ASSERT_TRUE(made.isOk()) << made.status().message();
  const std::vector<double> values = {1, 2, 3, 4, 5, 6};
  ASSERT_TRUE(made->set(&Smooth::heat, values).isOk());
  EXPECT_EQ(made->sum(&Smooth::heat).value(), 21);
  EXPECT_EQ(made->sumOfSquares(&Smooth::heat).value(), 91);
  EXPECT_EQ(made->maximum(&Smooth::heat).value(), 6);
  std::vector<double> row(3), column(2);
  ASSERT_TRUE(made->slice(&Smooth::heat, 1, 1, row).isOk());
  EXPECT_EQ(row, (std::vector<double>{4, 5, 6}));
  ASSERT_TRUE(made->slice(&Smooth::heat, 0, 2, column).isOk());
  EXPECT_EQ(column, (std::vector<double>{3, 6}));
  auto cooled = made->runUntil(
      [](rk::Stencil<Smooth> &s) {
        return s.maximum(&Smooth::heat).value() < 1;
      },
      4, 1000);
  ASSERT_TRUE(cooled.isOk());
  EXPECT_TRUE(*cooled);
  EXPECT_EQ(made->step() % 4, 0);
}

TEST(Stencil, checkpoints) {
  const std::string path = ::testing::TempDir() + "rk-stencil-checkpoint";
  std::mt19937_64 random(6);
  auto first = rk::Stencil<Far>::create({}, {20, 0, 0});
  auto second = rk::Stencil<Far>::create({}, {20, 0, 0});
  auto other = rk::Stencil<Far>::create({}, {21, 0, 0});
  auto another = rk::Stencil<Stiff>::create({{}, 0.5}, {20, 0, 0});
  ASSERT_TRUE(first.isOk() && second.isOk() && other.isOk() && another.isOk());
  Grid<float> values({20, 0, 0}, {});
  randomize(values, random);
  ASSERT_TRUE(first->set(&Far::value, values.values).isOk());
  ASSERT_TRUE(first->run(3).isOk());
  ASSERT_TRUE(first->save(path).isOk());
  ASSERT_TRUE(second->load(path).isOk());
  EXPECT_EQ(second->step(), 3);
  ASSERT_TRUE(first->run(3).isOk());
  ASSERT_TRUE(second->run(3).isOk());
  Grid<float> expected({20, 0, 0}, {});
  ASSERT_TRUE(first->get(&Far::value, expected.values).isOk());
  expectField(*second, &Far::value, expected, "value");
  EXPECT_EQ(other->load(path).detail(),
            path + " has a grid of 20 x 1 x 1 cells, and this one has 21 x 1 "
                   "x 1");
  EXPECT_EQ(another->load(path).detail(),
            path + " is of another stencil than 'stencils::Stiff'");
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file.put('x');
  }
  EXPECT_EQ(second->load(path).code(), rk::StatusCode::CorruptModule);
  std::remove(path.c_str());
  EXPECT_EQ(second->load(path).code(), rk::StatusCode::IoError);
}

TEST(Stencil, refusals) {
  EXPECT_EQ(rk::Stencil<Stiff>::create({}, {5, 0, 0}).status().detail(),
            "the time step is unstable: courant() is 2.000000, and must be at "
            "most 1; take a shorter step");
  EXPECT_EQ(rk::Stencil<Far>::create({}, {5, 2, 0}).status().detail(),
            "the grid has 2 cells along y, and stencil 'stencils::Far' has 1 "
            "dimensions: give at least 1 for each, and 0 or 1 for the others");
  rk::StencilOptions options;
  options.plan = "magic";
  // Which there are depends on the device.
  EXPECT_TRUE(rk::Stencil<Far>::create({}, {5, 0, 0}, options)
                  .status()
                  .detail()
                  .starts_with("stencil 'stencils::Far' has no plan 'magic'; "
                               "it has global, "));
  options = {};
  options.faces[1].boundary = rk::Boundary::Periodic;
  EXPECT_EQ(rk::Stencil<Far>::create({}, {5, 0, 0}, options).status().detail(),
            "only one of the faces low x and high x is periodic; an axis is "
            "so at both");
  auto made = rk::Stencil<Far>::create({}, {5, 0, 0});
  ASSERT_TRUE(made.isOk());
  const std::vector<float> short_(4);
  EXPECT_EQ(made->set(&Far::value, short_).detail(),
            "field 'value' has 5 values of 4 bytes, and 16 bytes are given");
  const std::vector<float> five(5);
  EXPECT_EQ(made->set(&Far::value, five, 3).detail(),
            "field 'value' has 3 time levels, and level 3 is asked for; the "
            "last is 2");
}

} // namespace
