// wave-2d: waves on water, among walls and before absorbing shores; pictures of
// them, and a comparison of the ways to compute them.
#include "../common/WaveProgram.h"
#include "stencil.h"

namespace {

using example::Box;
using example::Room;

const std::vector<std::string> SceneNames = {"slits", "harbour", "pool"};

/// The walls of a scene in a square of n cells: two slits in a breakwater, a
/// harbour with a narrow mouth, or none.
void addWalls(Room &room, std::size_t scene, std::int64_t n,
              double reflection) {
  const auto wall = [&](std::int64_t left, std::int64_t low, std::int64_t right,
                        std::int64_t high) {
    room.addWall({{left, low, 0}, {right, high, 1}}, reflection);
  };
  const std::int64_t thick = std::max<std::int64_t>(2, n / 64);
  if (scene == 0) {
    const std::int64_t at = n / 3, half = n / 2, gap = n / 40, apart = n / 9;
    wall(at, 0, at + thick, half - apart - gap);
    wall(at, half - apart + gap, at + thick, half + apart - gap);
    wall(at, half + apart + gap, at + thick, n);
  } else if (scene == 1) {
    wall(n / 2, n / 5, n / 2 + thick, n * 9 / 20);
    wall(n / 2, n * 11 / 20, n / 2 + thick, n * 4 / 5);
    wall(n / 2, n / 5, n * 9 / 10, n / 5 + thick);
    wall(n / 2, n * 4 / 5 - thick, n * 9 / 10, n * 4 / 5);
  }
}

/// A small scene with all that there is, in a grid that no number divides.
void checkSmallScene(const rk::StencilOptions &options,
                     example::Result &result) {
  const rk::GridPoint extent = {101, 67, 1};
  Room room(extent, 2);
  room.addWall({{40, 0, 0}, {43, 30, 1}}, 0.7);
  room.addAbsorber(0, 16);
  room.setFace(3, -0.25);
  example::checkAgainstPlain<2>(
      example::Scene<Wave2d>{{},
                             extent,
                             &room,
                             {20, 30, 0},
                             example::sourceSignal(0, 9, 300),
                             300},
      options, result);
}

struct Settings {
  std::int64_t size = 256, steps = 700;
  double period = 20, reflection = 0.9;
  std::size_t scene = 0, source = 0, edges = 0;
  bool compares = false;

  void addTo(example::Options &options) {
    options.number("--size", size, 48, 16384, "cells along each side");
    options.number("--steps", steps, 1, 100000000, "time steps");
    options.choice("--scene", scene, SceneNames, "which walls there are");
    options.choice("--source", source, example::SourceNames,
                   "what makes the waves");
    options.number("--period", period, 4.0, 1000.0,
                   "steps of a wave of the source");
    options.number("--reflection", reflection, -0.999, 1.0,
                   "what a wall gives back of a wave");
    options.choice("--edges", edges, {"absorbing", "reflecting"},
                   "what the edges of the water do");
    options.flag("--compare", compares,
                 "compare all ways to compute this here");
  }
};

int simulate(int count, char **arguments) {
  Settings settings;
  example::Options options("wave-2d", "Waves on water.");
  settings.addTo(options);
  example::Film film(options, 70);
  options.parse(count, arguments);
  film.look = {
      example::divergingPalette(),
      -0.15,
      0.15,
      "Waves on water: " + SceneNames[settings.scene],
      "trough",
      "crest",
  };

  const std::int64_t n = settings.size;
  const rk::GridPoint extent = {n, n, 1};
  Room room(extent, 2);
  addWalls(room, settings.scene, n, settings.reflection);
  for (unsigned face = 0; face < 4; ++face)
    if (settings.edges == 0)
      room.addAbsorber(face, std::min<std::int64_t>(n / 8, 40));
    else
      room.setFace(face, settings.reflection);
  film.walls = room.wallsOf({{0, 0, 0}, extent});
  const example::Scene<Wave2d> scene{
      {},
      extent,
      &room,
      {n / 5, n / 2, 0},
      example::sourceSignal(settings.source, settings.period, settings.steps),
      settings.steps};

  example::Result result;
  example::checkEchoes<Wave2d>(2, options.stencil(), result);
  checkSmallScene(options.stencil(), result);

  auto water =
      example::gridOf(scene.parameters, room, extent, options.stencil());
  example::require(water.drive(&Wave2d::pressure, scene.source, scene.signal));
  const auto side = std::uint32_t(n);
  const double seconds = example::runFilmed(
      water, settings.steps, film, &Wave2d::pressure, {2, 0, side, side});
  result.line("%s: %lld x %lld cells, %lld steps, the highest wave %.4f",
              SceneNames[settings.scene].c_str(), static_cast<long long>(n),
              static_cast<long long>(n), static_cast<long long>(settings.steps),
              water.maximum(&Wave2d::pressure).value());
  if (settings.compares)
    result.check("all ways give the same bits",
                 example::compareModels<2>(scene, options.stencil()));
  return example::finish(options, result, film, water, seconds, settings.steps);
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("wave-2d",
                          [&] { return simulate(count, arguments); });
}
