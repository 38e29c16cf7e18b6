//===- PhysicsTest.cpp - Against solutions that are known
//------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How errors fall with the size of the cells, and what an equation conserves:
/// what a reference in plain C++ would get wrong in the same way.
///
/// Orders. With cells of h and an error of C h^p + D h^(p+2), halving h
/// measures the order p - log2(1 + 3/4 D/C h^2) or so. For these modes, with at
/// most two half waves on the coarse grid's 15 cells or more, D/C h^2 is below
/// 0.1, so an order lies within 0.15 of p. A scheme of another order, a face in
/// the wrong place by half a cell (order 1) or a wrong coefficient (order 0)
/// does not.
///
//===----------------------------------------------------------------------===//

#include "Physics.h"
#include "ForcedPlan.h"
#include "Reference.h"
#include "Testing.h"

#include <cmath>
#include <functional>
#include <numbers>

using namespace physics;
using namespace reference;
using std::numbers::pi;
using stencils::isOk;

namespace {

constexpr double OrderTolerance = 0.15;

Faces allFaces(rk::Boundary boundary) {
  Faces faces;
  for (rk::Face &face : faces)
    face.boundary = boundary;
  return faces;
}

/// Fills a grid from the places of its cells.
template <class Function>
std::vector<double> fill(Grid<double> grid, Function value) {
  forEachCell(grid, [&](auto x, auto y, auto z) {
    grid.cell(x, y, z) = value(double(x), double(y), double(z));
  });
  return grid.values;
}

double largestDifference(const std::vector<double> &a,
                         const std::vector<double> &b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::fabs(a[i] - b[i]));
  return most;
}

/// Requires the error to fall with order `order` from each size to the next,
/// which has cells of half the size.
void expectOrder(double order, const std::vector<double> &errors) {
  for (std::size_t i = 1; i < errors.size(); ++i)
    EXPECT_NEAR(std::log2(errors[i - 1] / errors[i]), order, OrderTolerance)
        << "error " << errors[i - 1] << ", then " << errors[i];
}

//===----------------------------------------------------------------------===//
// Waves
//===----------------------------------------------------------------------===//

class Waves : public ForcedPlan {};
RK_FOR_EACH_PLAN(Waves);

/// A standing wave in a box of edge 1 with fixed walls: cell i lies at
/// (i + 1) h, and the walls at cells -1 and n.
TEST_P(Waves, haveSecondOrder) {
  std::vector<double> errors;
  for (const std::int64_t n : {15, 31, 63}) {
    const double h = 1.0 / double(n + 1), step = h / 2;
    const rk::GridPoint size = {n, n, n};
    const Grid<double> grid(size, {});
    auto made = make(Sound(), size, {});
    if (!made)
      GTEST_SKIP() << "the CPU refuses the plan " << GetParam();
    auto exact = [&](double time) {
      const double frequency = pi * std::sqrt(6.0);
      return fill(grid, [&](double x, double y, double z) {
        return std::sin(pi * (x + 1) * h) * std::sin(2 * pi * (y + 1) * h) *
               std::sin(pi * (z + 1) * h) * std::cos(frequency * time);
      });
    };
    isOk(made->set(&Sound::courant2,
                   std::vector<double>(grid.values.size(), 0.25)));
    isOk(made->set(&Sound::pressure, exact(0)));
    isOk(made->set(&Sound::pressure, exact(-step), 1));
    const std::int64_t steps = n + 1; // half a second
    isOk(made->run(steps));
    std::vector<double> found(grid.values.size());
    isOk(made->get(&Sound::pressure, found));
    errors.push_back(largestDifference(found, exact(double(steps) * step)));
  }
  expectOrder(2, errors);
}

/// The sum over all cells of (u - v)^2 / k - u L(v), where u is the newest
/// level, v the one before, k the coefficient and L the sum of the neighbours
/// minus six times the cell.
///
/// That is twice the discrete energy. A step makes w with w - 2u + v = k L(u);
/// times (w - v) / k, summed over the cells, that is the difference of this sum
/// before and after, as L is symmetric with fixed walls at 0, with reflecting
/// and with periodic ones.
double energyOf(const Grid<double> &u, const Grid<double> &v,
                const Grid<double> &courant2) {
  double sum = 0;
  forEachCell(u, [&](auto x, auto y, auto z) {
    const double change = u.at(x, y, z) - v.at(x, y, z);
    const double around = v.at(x + 1, y, z) + v.at(x - 1, y, z) +
                          v.at(x, y + 1, z) + v.at(x, y - 1, z) +
                          v.at(x, y, z + 1) + v.at(x, y, z - 1);
    sum += change * change / courant2.at(x, y, z) -
           u.at(x, y, z) * (around - 6 * v.at(x, y, z));
  });
  return sum;
}

/// Random media, random fields and all walls that lose nothing. A step rounds
/// eleven operations, so it changes a cell by some 10 * 2^-53 of the values
/// about, and the energy by 20 * 2^-53 / 0.05 of itself if all of them had one
/// sign and met the smallest coefficient; over 4000 steps that is 2e-10. They
/// have not: what is found is below 1e-13, and the bound lies between.
/// A loss of 1e-15 in each step would be found.
TEST_P(Waves, keepTheirEnergy) {
#ifdef RK_FEWER_CELLS
  constexpr int Runs = 2, Steps = 400;
#else
  constexpr int Runs = 10, Steps = 400;
#endif
  const rk::GridPoint size = {70, 37, 41};
  Faces faces = allFaces(rk::Boundary::Reflecting);
  faces[2].boundary = faces[3].boundary = rk::Boundary::Periodic;
  faces[5].boundary = rk::Boundary::Fixed;
  std::mt19937_64 random(31);
  Grid<double> now(size, faces), before(size, faces), courant2(size, faces);
  randomize(now, random);
  randomize(before, random);
  randomize(courant2, random);
  for (double &value : courant2.values)
    value = 0.18 + 0.13 * value; // stable below 1/3
  auto made = make(Sound(), size, faces);
  if (!made)
    GTEST_SKIP() << "the CPU refuses the plan " << GetParam();
  isOk(made->set(&Sound::courant2, courant2.values));
  isOk(made->set(&Sound::pressure, now.values));
  isOk(made->set(&Sound::pressure, before.values, 1));
  const double start = energyOf(now, before, courant2);
  double most = 0;
  for (int run = 0; run < Runs; ++run) {
    isOk(made->run(Steps));
    isOk(made->get(&Sound::pressure, now.values));
    isOk(made->get(&Sound::pressure, before.values, 1));
    most =
        std::max(most, std::fabs(energyOf(now, before, courant2) / start - 1));
  }
  RecordProperty("relativeChange", std::to_string(most * 1e15) + "e-15");
  EXPECT_GT(start, 0);
  EXPECT_LT(most, 4e-12);
}

/// Fourth order in space on a ring: with time steps of h^2 the error of second
/// order in time falls as the fourth power too.
TEST(Strings, haveFourthOrder) {
  std::vector<double> errors;
  for (const std::int64_t n : {16, 32, 64}) {
    const double h = 1.0 / double(n), step = h * h;
    auto exact = [&](double time) {
      return fill(Grid<double>({n, 0, 0}, {}), [&](double x, double, double) {
        return std::sin(2 * pi * (x * h - time));
      });
    };
    rk::StencilOptions options;
    options.faces = allFaces(rk::Boundary::Periodic);
    String string;
    string.courant2 = step * step / (h * h);
    auto made = rk::Stencil<String>::create(string, {n, 0, 0}, options);
    ASSERT_TRUE(made.isOk()) << made.status().message();
    isOk(made->set(&String::height, exact(0)));
    isOk(made->set(&String::height, exact(-step), 1));
    isOk(made->run(n * n)); // once around
    std::vector<double> found(std::size_t(n), 0.0);
    isOk(made->get(&String::height, found));
    errors.push_back(largestDifference(found, exact(1)));
  }
  expectOrder(4, errors);
}

//===----------------------------------------------------------------------===//
// Heat and potentials
//===----------------------------------------------------------------------===//

/// A mode that decays between insulating walls, which lie between cells: cell i
/// at (i + 1/2) h. The heat of all cells stays.
TEST(Heat, hasSecondOrderAndStays) {
  std::vector<double> errors;
  for (const std::int64_t n : {16, 32, 64}) {
    const double h = 1.0 / double(n), rate = 0.2;
    const Grid<double> grid({n, n, 0}, {});
    auto exact = [&](double time) {
      return fill(grid, [&](double x, double y, double) {
        return 1 + std::cos(pi * (x + 0.5) * h) *
                       std::cos(2 * pi * (y + 0.5) * h) *
                       std::exp(-5 * pi * pi * time);
      });
    };
    rk::StencilOptions options;
    options.faces = allFaces(rk::Boundary::Reflecting);
    Conduction conduction;
    conduction.rate = rate;
    auto made = rk::Stencil<Conduction>::create(conduction, {n, n, 0}, options);
    ASSERT_TRUE(made.isOk()) << made.status().message();
    isOk(made->set(&Conduction::heat, exact(0)));
    const std::int64_t steps = n * n / 8; // 0.025 seconds
    isOk(made->run(steps));
    std::vector<double> found(grid.values.size());
    isOk(made->get(&Conduction::heat, found));
    errors.push_back(
        largestDifference(found, exact(double(steps) * rate * h * h)));
    // Each step rounds each cell by 2^-52 or less, of values of about 1.
    const double all = double(n * n);
    EXPECT_NEAR(made->sum(&Conduction::heat).value(), all,
                all * double(steps) * 0x1p-52);
  }
  expectOrder(2, errors);
}

/// A solution that was chosen first, between walls at 0.
TEST(Potentials, haveSecondOrder) {
  std::vector<double> errors;
  for (const std::int64_t n : {15, 31, 63}) {
    const double h = 1.0 / double(n + 1);
    const Grid<double> grid({n, n, 0}, {});
    const std::vector<double> exact =
        fill(grid, [&](double x, double y, double) {
          return std::sin(pi * (x + 1) * h) * std::sin(2 * pi * (y + 1) * h);
        });
    std::vector<double> charge = exact;
    for (double &value : charge)
      value *= 5 * pi * pi * h * h;
    auto made = rk::Stencil<Potential>::create({}, {n, n, 0});
    ASSERT_TRUE(made.isOk()) << made.status().message();
    isOk(made->set(&Potential::charge, charge));
    // What is left is at most the change over (1 - cos(pi h)), 800 times here.
    auto isDone = [](rk::Stencil<Potential> &field) {
      return field.change(&Potential::value).value() < 1e-12;
    };
    const auto reached = made->runUntil(isDone, 500, 100'000);
    ASSERT_TRUE(reached.isOk() && *reached);
    std::vector<double> found(grid.values.size());
    isOk(made->get(&Potential::value, found));
    errors.push_back(largestDifference(found, exact));
  }
  expectOrder(2, errors);
}

} // namespace
