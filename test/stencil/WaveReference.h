//===- WaveReference.h - A step of the wave in plain C++ --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Reference.h"
#include "Stencils.h"

namespace reference {

/// Makes the step that `Wave` makes, cell by cell: afterwards `now` is the new
/// level and `before` what `now` was.
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
}

} // namespace reference
