// wave-3d: sound in a room with a pillar, over a hard floor; pictures of a
// slice of it, and a comparison of the ways to compute them.
#include "../common/WaveProgram.h"
#include "stencil.h"

namespace {

using example::Room;

/// The pressure moves with a speed, and pushes on its neighbours: the sum over
/// all cells of both kinds of energy, with which the scheme can keep house. In
/// a box whose faces reflect, it stays as it is.
double energyOf(rk::Stencil<Wave3d> &grid, std::int64_t n) {
  const std::vector<float> now = example::valuesOf(grid, &Wave3d::pressure);
  std::vector<float> before(now.size());
  example::require(grid.get(&Wave3d::pressure, before, 1));
  const std::int64_t strides[] = {1, n, n * n};
  double moving = 0, pushing = 0;
  for (std::size_t cell = 0; cell < now.size(); ++cell) {
    const double change = double(now[cell]) - double(before[cell]);
    moving += change * change;
    for (const std::int64_t stride : strides) {
      if (std::int64_t(cell) / stride % n == n - 1)
        continue; // no neighbour beyond the face
      const auto next = cell + std::size_t(stride);
      pushing += (double(now[next]) - double(now[cell])) *
                 (double(before[next]) - double(before[cell]));
    }
  }
  return moving + double(grid.parameters().courant2) * pushing;
}

/// A pulse in a box without losses.
void checkEnergy(const rk::StencilOptions &options, example::Result &result) {
  constexpr std::int64_t Size = 40, Steps = 400;
  const rk::GridPoint extent = {Size, Size, Size};
  const Room room(extent, 3);
  auto grid = example::gridOf(Wave3d(), room, extent, options);
  const std::vector<float> signal = example::sourceSignal(1, 12, Steps);
  example::require(grid.drive(&Wave3d::pressure, {13, 20, 17}, signal));
  example::require(grid.run(std::int64_t(signal.size())));
  const double before = energyOf(grid, Size);
  example::require(grid.run(Steps));
  result.check("a closed room keeps its energy",
               std::abs(energyOf(grid, Size) / before - 1) < 1e-5);
}

/// Two microphones hear a pulse one after the other, as far apart as the speed
/// of sound says.
void checkSpeed(const rk::StencilOptions &options, example::Result &result) {
  constexpr std::int64_t Size = 56, Near = 10, Far = 22;
  const rk::GridPoint extent = {Size, Size, Size};
  Room room(extent, 3);
  for (unsigned face = 0; face < 6; ++face)
    room.addAbsorber(face, 12);
  const Wave3d parameters;
  auto grid = example::gridOf(parameters, room, extent, options);
  example::require(grid.drive(&Wave3d::pressure, {14, 28, 28},
                              example::sourceSignal(1, 24, 1)));
  const auto near = grid.probe(&Wave3d::pressure, {14 + Near, 28, 28}).value();
  const auto far = grid.probe(&Wave3d::pressure, {14 + Far, 28, 28}).value();
  example::require(grid.run(80));
  const auto peak = [&](std::size_t probe) {
    const auto heard = grid.series(&Wave3d::pressure, probe);
    return std::max_element(heard.begin(), heard.end()) - heard.begin();
  };
  const double expected =
      double(Far - Near) / std::sqrt(double(parameters.courant2));
  result.line("heard %lld cells farther away %lld steps later, expected %.1f",
              static_cast<long long>(Far - Near),
              static_cast<long long>(peak(far) - peak(near)), expected);
  result.check("the speed of sound",
               std::abs(double(peak(far) - peak(near)) - expected) < 1);
}

/// A small scene with all that there is, in a grid that no number divides.
void checkSmallScene(const rk::StencilOptions &options,
                     example::Result &result) {
  const rk::GridPoint extent = {41, 29, 23};
  Room room(extent, 3);
  room.addWall({{20, 0, 0}, {23, 17, 23}}, 0.7);
  room.addAbsorber(0, 8);
  room.setFace(3, -0.25);
  example::checkAgainstPlain<3>(
      example::Scene<Wave3d>{{},
                             extent,
                             &room,
                             {9, 13, 11},
                             example::sourceSignal(0, 9, 120),
                             120},
      options, result);
}

struct Settings {
  std::int64_t size = 64, steps = 240;
  double period = 12, reflection = 0.9;
  std::size_t source = 1, walls = 0;
  bool compares = false;

  void addTo(example::Options &options) {
    options.number("--size", size, 24, 1024, "cells along each axis");
    options.number("--steps", steps, 1, 100000000, "time steps");
    options.choice("--source", source, example::SourceNames,
                   "what makes the sound");
    options.number("--period", period, 4.0, 1000.0,
                   "steps of a wave of the source");
    options.number("--reflection", reflection, -0.999, 1.0,
                   "what floor and pillar give back of a wave");
    options.choice("--walls", walls, {"absorbing", "reflecting"},
                   "what the walls and the ceiling do");
    options.flag("--compare", compares,
                 "compare all ways to compute this here");
  }
};

int simulate(int count, char **arguments) {
  Settings settings;
  example::Options options("wave-3d", "Sound in a room with a pillar.");
  settings.addTo(options);
  example::Film film(options, 48);
  options.parse(count, arguments);
  film.look = {
      example::divergingPalette(),           -0.02,          0.02,
      "Sound in a room, seen from the side", "low pressure", "high pressure",
  };

  const std::int64_t n = settings.size;
  const rk::GridPoint extent = {n, n, n};
  Room room(extent, 3);
  room.addWall({{n * 5 / 8, n * 7 / 16, 0}, {n * 3 / 4, n * 9 / 16, n * 5 / 8}},
               settings.reflection);
  for (unsigned face = 0; face < 6; ++face)
    if (face != 4 && settings.walls == 0)
      room.addAbsorber(face, n / 6);
    else
      room.setFace(face, settings.reflection);
  film.walls = room.wallsOf({{0, n / 2, 0}, {n, n / 2 + 1, n}});
  const example::Scene<Wave3d> scene{
      {},
      extent,
      &room,
      {n / 3, n / 2, n / 3},
      example::sourceSignal(settings.source, settings.period, settings.steps),
      settings.steps};

  example::Result result;
  example::checkEchoes<Wave3d>(3, options.stencil(), result);
  checkSpeed(options.stencil(), result);
  checkEnergy(options.stencil(), result);
  checkSmallScene(options.stencil(), result);

  auto air = example::gridOf(scene.parameters, room, extent, options.stencil());
  example::require(air.drive(&Wave3d::pressure, scene.source, scene.signal));
  const auto side = std::uint32_t(n);
  const double seconds = example::runFilmed(
      air, settings.steps, film, &Wave3d::pressure, {1, n / 2, side, side});
  result.line("%lld cells along each axis, %lld steps, the loudest %.5f",
              static_cast<long long>(n), static_cast<long long>(settings.steps),
              air.maximum(&Wave3d::pressure).value());
  if (settings.compares)
    result.check("all ways give the same bits",
                 example::compareModels<3>(scene, options.stencil()));
  return example::finish(options, result, film, air, seconds, settings.steps);
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("wave-3d",
                          [&] { return simulate(count, arguments); });
}
