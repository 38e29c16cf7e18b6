//===- WaveReference.h - A step of the wave in plain C++ --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Reference.h"
#include "Stencils.h"
#include "Testing.h"

namespace reference {

/// Makes the step that `Wave` makes, cell by cell: afterwards `now` is the new
/// level and `before` what `now` was. Both are damped where a face absorbs.
inline void stepWave(Grid<float> &now, Grid<float> &before,
                     const Grid<float> &speed, const stencils::Wave &wave) {
  Grid<float> next = now;
  forEachCell(now, [&](auto x, auto y, auto z) {
    const float here = now.at(x, y, z);
    const float around = now.at(x + 1, y, z) + now.at(x - 1, y, z) +
                         now.at(x, y + 1, z) + now.at(x, y - 1, z) +
                         now.at(x, y, z + 1) + now.at(x, y, z - 1);
    const float value =
        2 * here - before.at(x, y, z) + speed.at(x, y, z) * (around - 6 * here);
    if (x >= wave.firstCell)
      next.cell(x, y, z) = value * wave.damping;
  });
  before = now;
  now = next;
  absorb(now, 3);
  absorb(before, 3);
}

/// A wave of random levels in a random medium between random faces: what a
/// stencil is set to, and what it has to give afterwards.
struct RandomWave {
  /// `firstCells`: up to where the first cell that moves may lie.
  RandomWave(rk::GridPoint size, std::mt19937_64 &random,
             std::uint64_t firstCells, bool absorbs = false)
      : faces(randomFaces(random, absorbs)), now(size, faces),
        before(size, faces), speed(size, faces) {
    speed.continues = true;
    for (Grid<float> *grid : {&now, &before, &speed})
      randomize(*grid, random);
    wave.damping = 0.5f;
    wave.firstCell = std::int64_t(random() % firstCells);
  }

  void give(rk::Stencil<stencils::Wave> &stencil) const {
    using stencils::Wave, stencils::isOk;
    isOk(stencil.set(&Wave::pressure, now.values));
    isOk(stencil.set(&Wave::pressure, before.values, 1));
    isOk(stencil.set(&Wave::speed, speed.values));
  }

  /// Makes steps in both, and compares.
  void run(rk::Stencil<stencils::Wave> &stencil, int steps) {
    using stencils::Wave;
    for (int step = 0; step < steps; ++step)
      stepWave(now, before, speed, wave);
    stencils::isOk(stencil.run(steps));
    stencils::expectField(stencil, &Wave::pressure, now);
    stencils::expectField(stencil, &Wave::pressure, before, 1);
  }

  Faces faces;
  Grid<float> now, before, speed;
  stencils::Wave wave;
};

} // namespace reference
