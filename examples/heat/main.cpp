// heat: hot spots on a plate with a cold edge spread and fade; the slowest wave
// of heat fades as fast as the exact solution says.
#include "../common/StencilProgram.h"
#include "stencil.h"

#include <cmath>
#include <numbers>

namespace {

using Plate = rk::Stencil<Heat>;

/// Two hot discs and a bar, of heat 1.
std::vector<double> hotSpots(std::int64_t n) {
  std::vector<double> heat;
  for (std::int64_t y = 0; y < n; ++y)
    for (std::int64_t x = 0; x < n; ++x) {
      const double right = double(x) / double(n), up = double(y) / double(n);
      const bool isHot = std::hypot(right - 0.3, up - 0.65) < 0.15 ||
                         std::hypot(right - 0.75, up - 0.7) < 0.08 ||
                         (right > 0.25 && right < 0.8 && up > 0.2 && up < 0.3);
      heat.push_back(isHot ? 1 : 0);
    }
  return heat;
}

/// Lets half a wave along each axis fade until a tenth is left. The exact
/// solution fades by exp(-2 π² conductivity time / side²), where the side is
/// n + 1 cells, as the edge is cold one cell beyond the grid.
void checkDecay(const rk::StencilOptions &options, std::int64_t n,
                example::Result &result) {
  const Heat parameters;
  const double wave = std::numbers::pi / double(n + 1);
  std::vector<double> heat;
  for (std::int64_t y = 1; y <= n; ++y)
    for (std::int64_t x = 1; x <= n; ++x)
      heat.push_back(std::sin(wave * double(x)) * std::sin(wave * double(y)));
  const double rate = 2 * wave * wave * parameters.spread;
  const auto steps = std::int64_t(std::log(10.0) / rate);

  Plate plate = Plate::create(parameters, {n, n, 1}, options).value();
  example::require(plate.set(&Heat::heat, heat));
  const double before = plate.sum(&Heat::heat).value();
  example::require(plate.run(steps));
  const double left = plate.sum(&Heat::heat).value() / before;
  const double exact = std::exp(-rate * double(steps));
  result.line("half a wave on %lld x %lld cells: %.5f left after %lld steps, "
              "exactly %.5f",
              static_cast<long long>(n), static_cast<long long>(n), left,
              static_cast<long long>(steps), exact);
  result.check("it fades as the exact solution does",
               std::abs(left / exact - 1) < 1e-3);
}

int simulate(int count, char **arguments) {
  std::int64_t size = 128, steps = 2000;
  example::Options options("heat", "Heat spreads on a plate with a cold edge.");
  options.number("--size", size, 8, 16384, "cells along each side");
  options.number("--steps", steps, 1, 100000000, "time steps");
  example::Film film(options, 60);
  options.parse(count, arguments);
  film.look = {
      example::sequentialPalette(), 0,      1,
      "Heat spreads on a plate",    "cold", "hot",
  };

  example::Result result;
  checkDecay(options.stencil(), 63, result);

  Plate plate = Plate::create({}, {size, size, 1}, options.stencil()).value();
  example::require(plate.set(&Heat::heat, hotSpots(size)));
  const double before = plate.sum(&Heat::heat).value();
  const auto side = std::uint32_t(size);
  const double seconds =
      example::runFilmed(plate, steps, film, &Heat::heat, {2, 0, side, side});
  const double after = plate.sum(&Heat::heat).value();
  result.line("hot spots on %lld x %lld cells, %lld steps: %.1f %% of the heat "
              "left, %.4f at the hottest cell",
              static_cast<long long>(size), static_cast<long long>(size),
              static_cast<long long>(steps), 100 * after / before,
              plate.maximum(&Heat::heat).value());
  result.check("no heat came from nowhere",
               after < before && plate.maximum(&Heat::heat).value() < 1);
  return example::finish(options, result, film, plate, seconds, steps);
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("heat", [&] { return simulate(count, arguments); });
}
