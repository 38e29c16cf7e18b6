// game-of-life: what becomes of an r-pentomino or of random cells; a glider and
// the r-pentomino must do what they are known for.
#include "../common/StencilProgram.h"
#include "stencil.h"

namespace {

using World = rk::Stencil<Life>;
using Cells = std::vector<std::int8_t>;

/// `rows` of a pattern, the upper first; '#' lives.
Cells withPattern(std::int64_t n, std::int64_t left, std::int64_t low,
                  const std::vector<std::string> &rows) {
  Cells cells(std::size_t(n * n), 0);
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (std::size_t x = 0; x < rows[row].size(); ++x) {
      const std::int64_t y = low + std::int64_t(rows.size() - 1 - row);
      cells[std::size_t(y * n + left) + x] = rows[row][x] == '#';
    }
  return cells;
}

const std::vector<std::string> Glider = {".#.", "..#", "###"};
const std::vector<std::string> RPentomino = {".##", "##.", ".#."};

/// A glider moves by one cell along both axes in four steps.
void checkGlider(rk::StencilOptions options, example::Result &result) {
  constexpr std::int64_t Size = 32;
  for (unsigned face = 0; face < 4; ++face)
    options.faces[face].boundary = rk::Boundary::Periodic;
  World world = World::create({}, {Size, Size, 1}, options).value();
  example::require(world.set(&Life::alive, withPattern(Size, 8, 20, Glider)));
  example::require(world.run(20));
  result.check("a glider is five cells on after 20 steps",
               example::valuesOf(world, &Life::alive) ==
                   withPattern(Size, 13, 15, Glider));
  example::require(world.run(4 * Size - 20));
  result.check("and on a torus of 32 cells back after 128",
               example::valuesOf(world, &Life::alive) ==
                   withPattern(Size, 8, 20, Glider));
}

/// It lives for 1103 steps, which leave 116 cells.
void checkRPentomino(const rk::StencilOptions &options,
                     example::Result &result) {
  constexpr std::int64_t Size = 640; // its gliders do not reach the faces
  World world = World::create({}, {Size, Size, 1}, options).value();
  example::require(
      world.set(&Life::alive, withPattern(Size, 320, 320, RPentomino)));
  const auto population = [&] { return world.sum(&Life::alive).value(); };
  std::string sizes = "5";
  for (int step = 1; step <= 10; ++step) {
    example::require(world.run(1));
    sizes += ", " + std::to_string(int(population()));
  }
  result.line("r-pentomino: %s cells in the first steps", sizes.c_str());
  example::require(world.run(1102 - world.step()));
  const double almost = population();
  example::require(world.run(1));
  result.line("after 1102 steps %.0f, after 1103 steps %.0f", almost,
              population());
  bool isSettled = population() == 116;
  example::require(world.run(30)); // of two periods of what is left
  isSettled = isSettled && population() == 116;
  result.check("it settles at 116 cells", isSettled);
}

Cells randomCells(std::int64_t n) {
  Cells cells;
  std::uint32_t random = 1;
  for (std::int64_t i = 0; i < n * n; ++i) {
    random = random * 1664525 + 1013904223;
    cells.push_back(random >> 24 < 80);
  }
  return cells;
}

int simulate(int count, char **arguments) {
  std::int64_t size = 256, steps = 500;
  std::size_t start = 0;
  example::Options options("game-of-life", "Conway's Game of Life.");
  options.number("--size", size, 8, 32768, "cells along each side");
  options.number("--steps", steps, 1, 100000000, "generations");
  options.choice("--start", start, {"random", "r-pentomino"},
                 "what lives at first");
  example::Film film(options, 100);
  options.parse(count, arguments);
  film.look = {
      example::binaryPalette(), 0, 1, "Game of Life", "dead", "alive",
  };

  example::Result result;
  checkGlider(options.stencil(), result);
  checkRPentomino(options.stencil(), result);

  World world = World::create({}, {size, size, 1}, options.stencil()).value();
  example::require(world.set(
      &Life::alive, start == 0
                        ? randomCells(size)
                        : withPattern(size, size / 2, size / 2, RPentomino)));
  const auto side = std::uint32_t(size);
  const double seconds =
      example::runFilmed(world, steps, film, &Life::alive, {2, 0, side, side});
  result.line("%s on %lld x %lld cells: %.0f live after %lld steps",
              start == 0 ? "random cells" : "r-pentomino",
              static_cast<long long>(size), static_cast<long long>(size),
              world.sum(&Life::alive).value(), static_cast<long long>(steps));
  return example::finish(options, result, film, world, seconds, steps);
}

} // namespace

int main(int count, char **arguments) {
  return example::guarded("game-of-life",
                          [&] { return simulate(count, arguments); });
}
