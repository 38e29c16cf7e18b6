//===- FunctionTest.cpp - Boundaries and reductions of the source ---------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "FunctionStencils.h"
#include "Reference.h"
#include "Stencils.h"
#include "Testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

using namespace reference;
using namespace stencils;

namespace {

constexpr rk::GridPoint Sizes[] = {{1, 1, 0},  {2, 3, 0},  {7, 35, 0},
                                   {33, 2, 0}, {64, 8, 0}, {65, 17, 0}};

//===----------------------------------------------------------------------===//
// Boundaries
//===----------------------------------------------------------------------===//

/// Plate, from the rules: what is beyond a face is found place by place, with y
/// resolved before x.
class PlateReference {
public:
  PlateReference(rk::GridPoint size, const Faces &faces)
      : heat(size, faces), trace(size, faces), loss(size, faces) {
    loss.continues = true;
  }

  double heatAt(std::int64_t x, std::int64_t y) const {
    const int axis = outside(x, y);
    if (axis < 0)
      return cellOf(heat, x, y);
    const Place place = locate(axis, x, y);
    switch (place.boundary) {
    case rk::Boundary::Function:
      switch (place.face) {
      case 0:
        return 0.25 * double(step) + 0.5 * double(y);
      case 1:
        return heatAt(place.mirrorX, place.mirrorY) +
               parameters.gradient * double(2 * place.depth - 1);
      case 2: {
        const double rate = lossAt(x, 0);
        return (1 - heatAt(x, 0) * (0.5 * rate - 1)) / (0.5 * rate + 1);
      }
      default:
        return heatAt(place.mirrorX, place.mirrorY);
      }
    case rk::Boundary::Fixed:
      return heat.faces[std::size_t(place.face)].value;
    default:
      return heatAt(place.mirrorX, place.mirrorY);
    }
  }

  float traceAt(std::int64_t x, std::int64_t y) const {
    const int axis = outside(x, y);
    if (axis < 0)
      return cellOf(trace, x, y);
    const Place place = locate(axis, x, y);
    switch (place.boundary) {
    case rk::Boundary::Function:
      return float(heatAt(place.secondX, place.secondY)) - float(place.depth);
    case rk::Boundary::Fixed:
      return float(trace.faces[std::size_t(place.face)].value);
    default:
      return traceAt(place.mirrorX, place.mirrorY);
    }
  }

  void makeStep() {
    Grid<double> nextHeat = heat;
    Grid<float> nextTrace = trace;
    forEachCell(heat, [&](auto x, auto y, auto) {
      const double corners = heatAt(x - 1, y - 1) + heatAt(x + 1, y - 1) +
                             heatAt(x - 2, y + 1) + heatAt(x + 1, y + 2);
      nextHeat.cell(x, y, 0) = 0.5 * heatAt(x, y) + 0.125 * corners;
      nextTrace.cell(x, y, 0) = 0.5f * traceAt(x, y - 2) +
                                0.25f * traceAt(x + 2, y) + float(heatAt(x, y));
    });
    heat = nextHeat;
    trace = nextTrace;
    ++step;
  }

  Plate parameters;
  Grid<double> heat;
  Grid<float> trace;
  Grid<double> loss;
  std::int64_t step = 0;

private:
  struct Place {
    int face;
    std::int64_t depth;
    rk::Boundary boundary;
    std::int64_t mirrorX, mirrorY, secondX, secondY;
  };

  template <class T>
  static T cellOf(const Grid<T> &grid, std::int64_t x, std::int64_t y) {
    return grid.values[std::size_t(y * grid.size[0] + x)];
  }
  double lossAt(std::int64_t x, std::int64_t y) const {
    Grid<double> mirrored = loss;
    for (rk::Face &face : mirrored.faces)
      if (face.boundary == rk::Boundary::Function)
        face.boundary = rk::Boundary::Reflecting;
    return mirrored.at(x, y);
  }
  int outside(std::int64_t x, std::int64_t y) const {
    if (y < 0 || y >= heat.size[1])
      return 1;
    return x < 0 || x >= heat.size[0] ? 0 : -1;
  }
  /// Where the mirrored cell is, and the second one inside of the face.
  Place locate(int axis, std::int64_t x, std::int64_t y) const {
    const std::int64_t size = heat.size[axis];
    const std::int64_t at = axis == 0 ? x : y;
    Place place{};
    const bool high = at >= size;
    place.face = 2 * axis + (high ? 1 : 0);
    place.depth = high ? at - size + 1 : -at;
    place.boundary = heat.faces[std::size_t(place.face)].boundary;
    auto reflected = [&](std::int64_t cell) {
      while (cell < 0 || cell >= size)
        cell = cell < 0 ? -1 - cell : 2 * size - 1 - cell;
      return cell;
    };
    std::int64_t mirror = reflected(at);
    if (place.boundary == rk::Boundary::Periodic) {
      mirror = at % size;
      mirror += mirror < 0 ? size : 0;
    }
    const std::int64_t second = reflected(high ? size - 2 : 1);
    place.mirrorX = axis == 0 ? mirror : x;
    place.mirrorY = axis == 1 ? mirror : y;
    place.secondX = axis == 0 ? second : x;
    place.secondY = axis == 1 ? second : y;
    return place;
  }
};

/// Random faces, most of them left to the stencil.
Faces functionFaces(std::mt19937_64 &random) {
  Faces faces = randomFaces(random);
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::size_t side = 0; side < 2; ++side)
      if (rk::Face &face = faces[2 * axis + side];
          face.boundary != rk::Boundary::Periodic && random() % 4 != 0)
        face.boundary = rk::Boundary::Function;
  return faces;
}

class FunctionPlan : public ::testing::TestWithParam<const char *> {};
INSTANTIATE_TEST_SUITE_P(Plans, FunctionPlan,
                         ::testing::Values("global", "streaming", "temporal",
                                           "resident"));

/// What plans say of grids that they cannot run.
constexpr std::string_view Refusals[] = {
    "plan keeps between its steps only the cells of a tile; take",
    "blocks have those of others only as far as an update reads",
    "a place beyond both is one for the boundary, and another for cells that",
    "it needs ", "has no plan 'temporal'"};

/// Makes the stencil; nothing where the plan is refused for these faces.
template <class S>
std::optional<rk::Stencil<S>> makeBy(const char *plan, const S &parameters,
                                     rk::GridPoint size, const Faces &faces,
                                     unsigned threads = 0) {
  rk::StencilOptions options;
  options.plan = plan;
  options.faces = faces;
  options.threads = threads;
  auto made = rk::Stencil<S>::create(parameters, size, options);
  if (made.isOk())
    return std::move(*made);
  EXPECT_TRUE(std::any_of(std::begin(Refusals), std::end(Refusals),
                          [&](std::string_view refusal) {
                            return made.status().detail().find(refusal) !=
                                   std::string::npos;
                          }))
      << made.status().message();
  return {};
}

TEST_P(FunctionPlan, equalsTheReference) {
  std::mt19937_64 random(21);
  for (int round = 0; round < 4; ++round)
    for (const rk::GridPoint size : Sizes) {
      const Faces faces = functionFaces(random);
      PlateReference expected(size, faces);
      randomize(expected.heat, random);
      randomize(expected.trace, random);
      randomize(expected.loss, random);
      auto made = makeBy(GetParam(), expected.parameters, size, faces);
      if (!made)
        continue;
      isOk(made->set(&Plate::heat, expected.heat.values));
      isOk(made->set(&Plate::trace, expected.trace.values));
      isOk(made->set(&Plate::loss, expected.loss.values));
      for (int step = 0; step < 12; ++step)
        expected.makeStep();
      isOk(made->run(2));
      isOk(made->run(10));
      expectField(*made, &Plate::heat, expected.heat);
      expectField(*made, &Plate::trace, expected.trace);
    }
}

/// What lies beyond faces at earlier levels, which Shore reads there, is as
/// `global` makes it, after launches of any number of steps.
TEST_P(FunctionPlan, keepsEarlierLevels) {
  std::mt19937_64 random(24);
  for (const rk::GridPoint size : {rk::GridPoint{1, 1, 1},
                                   {5, 3, 2},
                                   {40, 9, 7},
                                   {33, 21, 24},
                                   {7, 60, 3}})
    for (int round = 0; round < 4; ++round) {
      const Faces faces = functionFaces(random);
      const unsigned threads = unsigned(random() % 4 + 1);
      auto expected = makeBy("global", Shore(), size, faces);
      auto made = makeBy(GetParam(), Shore(), size, faces, threads);
      if (!made)
        continue;
      Grid<float> wave(size, faces), depth(size, faces);
      for (std::uint32_t level = 0; level < 3; ++level) {
        randomize(wave, random);
        isOk(made->set(&Shore::wave, wave.values, level));
        isOk(expected->set(&Shore::wave, wave.values, level));
      }
      for (const int steps : {2, 3, 1, 9}) {
        isOk(made->run(steps));
        isOk(expected->run(steps));
        for (std::uint32_t level = 0; level < 3; ++level) {
          std::vector<float> values(wave.values.size()), other(values.size());
          isOk(made->get(&Shore::wave, values, level));
          isOk(expected->get(&Shore::wave, other, level));
          ASSERT_EQ(std::memcmp(values.data(), other.data(),
                                values.size() * sizeof(float)),
                    0)
              << size.x << " x " << size.y << " x " << size.z << ", level "
              << level << ", " << steps << " steps, " << threads << " threads";
        }
        isOk(made->get(&Shore::depth, depth.values));
        expectField(*expected, &Shore::depth, depth);
        EXPECT_EQ(made->reduce<&Shore::slope>().value(),
                  expected->reduce<&Shore::slope>().value());
      }
    }
}

/// Farther inside of a face than an update reads away from a cell.
TEST_P(FunctionPlan, readsFarInside) {
  std::mt19937_64 random(25);
  for (const rk::GridPoint size : Sizes)
    for (int round = 0; round < 4; ++round) {
      const Faces faces = functionFaces(random);
      auto expected = makeBy("global", Deep(), size, faces);
      auto made =
          makeBy(GetParam(), Deep(), size, faces, unsigned(random() % 4 + 1));
      if (!made)
        continue;
      Grid<float> value(size, faces);
      randomize(value, random);
      isOk(made->set(&Deep::value, value.values));
      isOk(expected->set(&Deep::value, value.values));
      isOk(made->run(21));
      isOk(expected->run(21));
      isOk(expected->get(&Deep::value, value.values));
      expectField(*made, &Deep::value, value);
    }
}

/// More steps than are recorded as a graph on a GPU.
TEST(Functions, knowTheStepInLongRuns) {
  std::mt19937_64 random(22);
  rk::StencilOptions options;
  for (rk::Face &face : options.faces)
    face.boundary = rk::Boundary::Function;
  PlateReference expected({9, 6, 0}, options.faces);
  randomize(expected.heat, random);
  auto made = make(expected.parameters, {9, 6, 0}, options);
  isOk(made.set(&Plate::heat, expected.heat.values));
  for (int step = 0; step < 300; ++step)
    expected.makeStep();
  isOk(made.run(300));
  expectField(made, &Plate::heat, expected.heat);
  expectField(made, &Plate::trace, expected.trace);
}

TEST(Functions, goOnFromACheckpoint) {
  std::mt19937_64 random(23);
  rk::StencilOptions options;
  for (rk::Face &face : options.faces)
    face.boundary = rk::Boundary::Function;
  auto first = make(Plate(), {17, 9, 0}, options);
  Grid<double> heat({17, 9, 0}, options.faces);
  randomize(heat, random);
  isOk(first.set(&Plate::heat, heat.values));
  isOk(first.run(7));
  const std::string path = ::testing::TempDir() + "rk-function-checkpoint";
  isOk(first.save(path));
  auto second = make(Plate(), {17, 9, 0}, options);
  isOk(second.load(path));
  std::remove(path.c_str());
  isOk(first.run(5));
  isOk(second.run(5));
  isOk(first.get(&Plate::heat, heat.values));
  expectField(second, &Plate::heat, heat);
}

TEST(Functions, seeWhatSourcesSet) {
  rk::StencilOptions options;
  for (rk::Face &face : options.faces)
    face.boundary = rk::Boundary::Function;
  PlateReference expected({6, 6, 0}, options.faces);
  auto made = make(expected.parameters, {6, 6, 0}, options);
  const std::vector<double> values = {8, -4};
  isOk(made.inject(&Plate::heat, {4, 1, 0}, values));
  for (int step = 0; step < 4; ++step) {
    if (step < 2)
      expected.heat.cell(4, 1, 0) += values[std::size_t(step)];
    expected.makeStep();
  }
  isOk(made.run(4));
  expectField(made, &Plate::heat, expected.heat);
}

/// A source changes what is mirrored at faces, of a field that no step changes.
TEST(Functions, seeSourcesOfFieldsThatNoStepChanges) {
  rk::StencilOptions options;
  options.faces[0].boundary = rk::Boundary::Reflecting;
  options.faces[2].boundary = rk::Boundary::Function;
  auto fed = make(Deep(), {6, 5, 0}, options);
  auto set = make(Deep(), {6, 5, 0}, options);
  std::vector<float> bed(30);
  const std::vector<float> one = {1};
  isOk(fed.run(2));
  isOk(set.run(2));
  isOk(fed.inject(&Deep::bed, {0, 3, 0}, one));
  bed[18] = 1;
  isOk(set.set(&Deep::bed, bed));
  isOk(fed.run(3));
  isOk(set.run(3));
  std::vector<float> expected(30), found(30);
  isOk(set.get(&Deep::value, expected));
  isOk(fed.get(&Deep::value, found));
  EXPECT_EQ(found, expected);
}

/// The condition of Mur, with what is beyond the ends as numbers of their own.
TEST(Functions, readTheStepBefore) {
  constexpr std::int64_t Cells = 200;
  Open open;
  rk::StencilOptions options;
  for (rk::Face &face : options.faces)
    face.boundary = rk::Boundary::Function;
  auto made = make(open, {Cells, 0, 0}, options);
  std::vector<float> now(Cells), before(Cells);
  for (std::int64_t x = 0; x < Cells; ++x) {
    auto pulse = [&](double at) { return std::exp(-at * at / 50); };
    now[std::size_t(x)] = float(pulse(double(x) - 100));
    before[std::size_t(x)] = float(pulse(double(x) - 100 + 0.5));
  }
  isOk(made.set(&Open::wave, before, 1));
  isOk(made.set(&Open::wave, now));
  const float share = (open.courant - 1) / (open.courant + 1);
  // Low and high: mirrored at the older level, by the rule at the newer one.
  float old[] = {before.front(), before.back()}, next[2];
  auto atEnd = [&](const std::vector<float> &newer,
                   const std::vector<float> &older, int side) {
    const float inside = side == 0 ? newer.front() : newer.back();
    const float was = side == 0 ? older.front() : older.back();
    return was + share * (inside - old[side]);
  };
  for (int side = 0; side < 2; ++side)
    next[side] = atEnd(now, before, side);
  for (int step = 0; step < 400; ++step) {
    std::vector<float> made(Cells);
    for (std::size_t x = 0; x < Cells; ++x) {
      const float left = x == 0 ? next[0] : now[x - 1];
      const float right = x + 1 == Cells ? next[1] : now[x + 1];
      made[x] = 2 * now[x] - before[x] +
                open.courant * open.courant * (right + left - 2 * now[x]);
    }
    before = now;
    now = made;
    for (int side = 0; side < 2; ++side) {
      old[side] = next[side];
      next[side] = atEnd(now, before, side);
    }
  }
  isOk(made.run(400));
  std::vector<float> found(Cells);
  isOk(made.get(&Open::wave, found));
  float most = 0;
  for (std::size_t x = 0; x < Cells; ++x) {
    ASSERT_EQ(found[x], now[x]) << x;
    most = std::max(most, std::fabs(found[x]));
  }
  EXPECT_LT(most, 0.02f); // of a pulse of height 1
}

TEST(Functions, areRefusedWhereTheyCannotBe) {
  rk::StencilOptions options;
  options.faces[1].boundary = rk::Boundary::Function;
  EXPECT_EQ(
      rk::Stencil<Smooth>::create({}, {5, 5, 0}, options).status().detail(),
      "the face high x is left to a function, and stencil "
      "'stencils::Smooth' has none: give it '[[rk::boundary]] void "
      "boundary(rk::Outside<2> &place) const', or choose another "
      "boundary");
  const bool isCpu = make(Plate(), {5, 5, 0}, options).device() == "cpu";
  for (const std::string plan : {"temporal", "resident"}) {
    options.plan = plan;
    const std::string begin = "plan '" + plan + "' cannot run stencil ";
    const rk::Status status =
        rk::Stencil<Tide>::create({}, {5, 5, 0}, options).status();
    // On a GPU some stencils have no plan `temporal` at all.
    if (status.detail().find("has no plan") == std::string::npos) {
      EXPECT_EQ(status.detail(),
                begin +
                    "'stencils::Tide' on this grid: the boundary sets 'level', "
                    "which no update does, so what lies beyond a face cannot "
                    "be kept for two steps; take the plan 'global' or "
                    "'streaming'");
    }
    const rk::Status deep =
        rk::Stencil<Deep>::create({}, {5, 5, 0}, options).status();
    if (isCpu) {
      EXPECT_TRUE(deep.isOk()) << deep.message();
    } else if (plan == "resident") {
      EXPECT_EQ(deep.detail(),
                begin +
                    "'stencils::Deep' on this grid: the boundary reads 3 cells "
                    "inside of a face along x, and blocks have those of others "
                    "only as far as an update reads, 1; take the plan 'global' "
                    "or 'streaming'");
    } else {
      EXPECT_EQ(deep.detail(),
                begin +
                    "'stencils::Deep' on this grid: a face is left to a "
                    "function of the stencil, and on a GPU this plan keeps "
                    "between its steps only the cells of a tile; take the plan "
                    "'global' or 'streaming'");
    }
  }
  if (!isCpu)
    return;
  options.plan = "temporal";
  options.faces[0].boundary = options.faces[1].boundary =
      rk::Boundary::Periodic;
  options.faces[2].boundary = rk::Boundary::Function;
  EXPECT_EQ(
      rk::Stencil<Plate>::create({}, {5, 5, 0}, options).status().detail(),
      "plan 'temporal' cannot run stencil 'stencils::Plate' on this grid: a "
      "face along y is left to the boundary, and faces along x are periodic: a "
      "place beyond both is one for the boundary, and another for cells that "
      "are repeated; take the plan 'global' or 'streaming', or exchange x and "
      "y");
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// Layers damp the oldest level too, and what is mirrored of it.
TEST(Reductions, seeWhatLayersLeaveAtTheOldestLevel) {
  rk::StencilOptions options;
  options.faces[0] = {rk::Boundary::Absorbing, 0, 8, 0.5};
  options.faces[1].boundary = rk::Boundary::Reflecting;
  auto made = make(Fading(), {4, 0, 0}, options);
  std::vector<float> values = {1, 2, 3, 4};
  isOk(made.set(&Fading::value, values));
  isOk(made.set(&Fading::value, values, 1));
  for (int step = 0; step < 3; ++step) {
    isOk(made.run(1));
    isOk(made.get(&Fading::value, values, 1));
    EXPECT_EQ(made.reduce<&Fading::most>().value(),
              *std::max_element(values.begin() + 1, values.end()));
  }
}

TEST(UserReductions, haveOneOrder) {
  std::mt19937_64 random(24);
  for (const rk::GridPoint size :
       {rk::GridPoint{1, 1, 1}, {5, 1, 1}, {33, 31, 1}, {70, 40, 60}})
    for (const std::uint32_t threads : {1u, 3u}) {
      rk::StencilOptions options;
      options.threads = threads;
      auto made = make(Cloud(), size, options);
      Grid<double> density(size, options.faces);
      randomize(density, random);
      isOk(made.set(&Cloud::density, density.values));
      std::vector<Peak> peaks;
      std::vector<Map> maps;
      std::vector<Rounded> rounded;
      forEachCell(density, [&](auto x, auto y, auto z) {
        const double value = density.cell(x, y, z);
        peaks.push_back({value, x, y, z});
        maps.push_back({std::uint64_t(x + 2), std::uint64_t(y + 3 * z + 1)});
        rounded.push_back({float(value) * 1.1f + 0.1f});
      });
      const Peak peak = made.reduce<&Cloud::peak>().value();
      const Peak expected = foldInOrder(peaks, Peak::combine);
      EXPECT_EQ(peak.value, expected.value);
      EXPECT_EQ(peak.x, expected.x);
      EXPECT_EQ(peak.y, expected.y);
      EXPECT_EQ(peak.z, expected.z);
      const Map map = made.reduce<&Cloud::order>().value();
      EXPECT_EQ(map.factor, foldInOrder(maps, Map::combine).factor);
      EXPECT_EQ(map.shift, foldInOrder(maps, Map::combine).shift);
      EXPECT_EQ(made.reduce<&Cloud::rounded>().value().value,
                foldInOrder(rounded, Rounded::combine).value);
    }
}

TEST(UserReductions, readNeighboursAndCombineNumbers) {
  std::mt19937_64 random(25);
  for (const rk::GridPoint size : Sizes) {
    rk::StencilOptions options;
    options.faces = functionFaces(random);
    PlateReference expected(size, options.faces);
    randomize(expected.heat, random);
    randomize(expected.trace, random);
    auto made = make(expected.parameters, size, options);
    isOk(made.set(&Plate::heat, expected.heat.values));
    isOk(made.set(&Plate::trace, expected.trace.values));
    expected.makeStep();
    isOk(made.run(1));
    double steepest = 0;
    std::int64_t coldest = std::numeric_limits<std::int64_t>::max();
    forEachCell(expected.heat, [&](auto x, auto y, auto) {
      steepest =
          std::max(steepest, double(std::fabs(expected.traceAt(x + 1, y) -
                                              expected.traceAt(x - 1, y))));
      coldest = std::min(
          coldest, std::int64_t(expected.heat.cell(x, y, 0) * 1024) + x - y);
    });
    EXPECT_EQ(made.reduce<&Plate::total>().value(),
              made.sum(&Plate::heat).value());
    EXPECT_EQ(double(made.reduce<&Plate::steepest>().value()), steepest);
    EXPECT_EQ(made.reduce<&Plate::coldest>().value(), coldest);
  }
}

TEST(UserReductions, passOverNaN) {
  auto made = make(Plate(), {3, 1, 0});
  isOk(made.set(&Plate::trace, std::vector<float>{std::nanf(""), 4, -3}));
  // The slopes are 4, NaN and 4.
  EXPECT_EQ(made.reduce<&Plate::steepest>().value(), 4);
}

} // namespace
