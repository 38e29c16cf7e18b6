// poisson: the potential of charges in a grounded box, by Jacobi's iteration
// until the residual is small; the error falls by the square of the cell size.
#include "../common/StencilProgram.h"
#include "stencil.h"

#include <cmath>
#include <numbers>

namespace {

using Solver = rk::Stencil<Poisson>;

constexpr std::int64_t StepsBetweenLooks = 200, MostSteps = 10000000;

/// Iterates until the root of the sum of the squared residuals is `tolerance`
/// of that of the sources; returns how many steps that took.
std::int64_t solve(Solver &solver, const std::vector<double> &source,
                   double tolerance) {
  double sources = 0;
  for (const double one : source)
    sources += one * one;
  example::require(solver.set(&Poisson::source, source));
  const auto isDone = [&](Solver &now) {
    return now.sumOfSquares(&Poisson::residual).value() <=
           tolerance * tolerance * sources;
  };
  if (!solver.runUntil(isDone, StepsBetweenLooks, MostSteps).value())
    throw example::Failure("the residual does not fall to " +
                           std::to_string(tolerance));
  return solver.step();
}

/// Solves for f = 2 π² sin(π x) sin(π y), whose solution is sin(π x) sin(π y);
/// returns the largest error.
double errorOf(const rk::StencilOptions &options, std::int64_t n,
               example::Result &result) {
  const double size = 1.0 / double(n + 1);
  std::vector<double> exact, source;
  for (std::int64_t y = 1; y <= n; ++y)
    for (std::int64_t x = 1; x <= n; ++x) {
      exact.push_back(std::sin(std::numbers::pi * size * double(x)) *
                      std::sin(std::numbers::pi * size * double(y)));
      source.push_back(2 * std::numbers::pi * std::numbers::pi * exact.back() *
                       size * size);
    }
  Solver solver = Solver::create({}, {n, n, 1}, options).value();
  const std::int64_t steps = solve(solver, source, 1e-8);
  const auto found = example::valuesOf(solver, &Poisson::potential);
  double error = 0;
  for (std::size_t i = 0; i < exact.size(); ++i)
    error = std::max(error, std::abs(found[i] - exact[i]));
  result.line("%3lld x %3lld cells: error %.3e after %lld steps",
              static_cast<long long>(n), static_cast<long long>(n), error,
              static_cast<long long>(steps));
  return error;
}

/// A positive charge and a negative one.
std::vector<double> charges(std::int64_t n) {
  std::vector<double> source(std::size_t(n * n), 0);
  source[std::size_t(n / 2 * n + n / 3)] = 1;
  source[std::size_t(n / 2 * n + 2 * n / 3)] = -1;
  return source;
}

int simulate(int count, char **arguments) {
  std::int64_t size = 64;
  double tolerance = 1e-4;
  example::Options options("poisson", "The potential of charges in a box.");
  options.number("--size", size, 8, 4096, "cells along each side");
  options.number("--tolerance", tolerance, 1e-12, 1.0,
                 "the residual at which to stop, of that at first");
  example::Film film(options, 50);
  options.parse(count, arguments);
  film.look = {
      example::divergingPalette(),
      -0.35,
      0.35,
      "Jacobi's iteration: the potential of two charges",
      "negative",
      "positive",
  };

  example::Result result;
  double errors[3];
  for (int i = 0; i < 3; ++i)
    errors[i] = errorOf(options.stencil(), (8 << i) - 1, result);
  const double ratio = errors[1] / errors[2];
  result.line("half the cell size makes the error %.2f and %.2f times smaller",
              errors[0] / errors[1], ratio);
  result.check("the error falls by the square of the cell size",
               std::abs(ratio - 4) < 0.05);

  const example::StopWatch watch;
  Solver box = Solver::create({}, {size, size, 1}, options.stencil()).value();
  const std::int64_t steps = solve(box, charges(size), tolerance);
  const double seconds = watch.seconds();
  result.line("two charges in %lld x %lld cells: %lld steps, potential %.4f at "
              "the positive one",
              static_cast<long long>(size), static_cast<long long>(size),
              static_cast<long long>(steps),
              box.maximum(&Poisson::potential).value());
  if (film.isWanted()) { // once more, to see how it came about
    Solver again =
        Solver::create({}, {size, size, 1}, options.stencil()).value();
    example::require(again.set(&Poisson::source, charges(size)));
    const auto side = std::uint32_t(size);
    example::runFilmed(again, steps, film, &Poisson::potential,
                       {2, 0, side, side});
  }
  return example::finish(options, result, film, box, seconds, steps);
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("poisson",
                          [&] { return simulate(count, arguments); });
}
