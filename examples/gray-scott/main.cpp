// gray-scott: spots and mazes grow from a chemical reaction, which starts in a
// few squares on a torus.
#include "../common/StencilProgram.h"
#include "stencil.h"

#include <cmath>

namespace {

using Dish = rk::Stencil<GrayScott>;

/// The known names of regions of feed and kill.
const std::vector<std::string> PatternNames = {"mazes", "spots", "waves"};
constexpr float Patterns[][2] = {
    {0.037f, 0.06f}, {0.03f, 0.062f}, {0.014f, 0.045f}};

/// Food everywhere, and squares of eaters at places that a generator chooses.
void fill(Dish &dish, std::int64_t n) {
  std::vector<float> food(std::size_t(n * n), 1), eater(std::size_t(n * n), 0);
  std::uint32_t random = 7;
  const auto next = [&](std::int64_t limit) {
    random = random * 1664525 + 1013904223;
    return std::int64_t(random >> 8) % limit;
  };
  for (int square = 0; square < 20; ++square) {
    const std::int64_t left = next(n), low = next(n);
    for (std::int64_t y = low; y < low + 8; ++y)
      for (std::int64_t x = left; x < left + 8; ++x) {
        food[std::size_t(y % n * n + x % n)] = 0.5f;
        eater[std::size_t(y % n * n + x % n)] = 0.25f;
      }
  }
  example::require(dish.set(&GrayScott::food, food));
  example::require(dish.set(&GrayScott::eater, eater));
}

rk::StencilOptions torus(rk::StencilOptions options) {
  for (unsigned face = 0; face < 4; ++face)
    options.faces[face].boundary = rk::Boundary::Periodic;
  return options;
}

/// Without feeding and washing out, the reaction keeps the sum of both.
void checkConservation(const rk::StencilOptions &options,
                       example::Result &result) {
  constexpr std::int64_t Size = 64, Steps = 500;
  GrayScott closed;
  closed.feed = closed.kill = 0;
  Dish dish = Dish::create(closed, {Size, Size, 1}, options).value();
  fill(dish, Size);
  const auto all = [&] {
    return dish.sum(&GrayScott::food).value() +
           dish.sum(&GrayScott::eater).value();
  };
  const double before = all();
  const double eaters = dish.sum(&GrayScott::eater).value();
  example::require(dish.run(Steps));
  result.check("in a closed dish food becomes eaters",
               dish.sum(&GrayScott::eater).value() > 2 * eaters);
  result.check("and nothing is lost", std::abs(all() / before - 1) < 1e-5);
}

int simulate(int count, char **arguments) {
  std::int64_t size = 192, steps = 4000;
  std::size_t pattern = 0;
  example::Options options("gray-scott", "Patterns grow from a reaction.");
  options.number("--size", size, 16, 16384, "cells along each side");
  options.number("--steps", steps, 1, 100000000, "time steps");
  options.choice("--pattern", pattern, PatternNames, "what grows");
  example::Film film(options, 80);
  options.parse(count, arguments);
  film.look = {
      example::sequentialPalette(),           0,      0.4,
      "Gray-Scott: " + PatternNames[pattern], "none", "many eaters",
  };

  example::Result result;
  const rk::StencilOptions where = torus(options.stencil());
  checkConservation(where, result);

  GrayScott parameters;
  parameters.feed = Patterns[pattern][0];
  parameters.kill = Patterns[pattern][1];
  Dish dish = Dish::create(parameters, {size, size, 1}, where).value();
  fill(dish, size);
  const auto side = std::uint32_t(size);
  const double seconds = example::runFilmed(
      dish, steps, film, &GrayScott::eater, {2, 0, side, side});

  std::size_t eaten = 0;
  bool isBounded = true;
  const std::vector<float> food = example::valuesOf(dish, &GrayScott::food);
  const std::vector<float> eater = example::valuesOf(dish, &GrayScott::eater);
  for (std::size_t i = 0; i < food.size(); ++i) {
    eaten += eater[i] > 0.1f;
    isBounded = isBounded && food[i] >= 0 && food[i] <= 1 && eater[i] >= 0 &&
                eater[i] <= 1;
  }
  result.line("%s: %lld x %lld cells, %lld steps, eaters in %zu cells",
              PatternNames[pattern].c_str(), static_cast<long long>(size),
              static_cast<long long>(size), static_cast<long long>(steps),
              eaten);
  result.check("every value is between 0 and 1", isBounded);
  return example::finish(options, result, film, dish, seconds, steps);
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("gray-scott",
                          [&] { return simulate(count, arguments); });
}
