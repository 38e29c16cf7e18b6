//===- wave.h - The wave equation for one cell -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <cstdint>

namespace example {

/// The next pressure of a cell. `around` is the sum over its neighbours, of
/// which walls hold 0; `open` says how many are none, or 0 for a wall itself;
/// `loss` is what walls and absorbers take; `courant2` is (speed * time step /
/// cell size)². The stencils and the plain loops that they are compared with
/// both call it.
inline float nextPressure(float here, float before, float around,
                          std::int8_t open, float loss, float courant2) {
  const float kept = (2 - float(open) * courant2) * here;
  const float next =
      (kept + courant2 * around + (loss - 1) * before) / (1 + loss);
  return open == 0 ? 0.0f : next;
}

} // namespace example
