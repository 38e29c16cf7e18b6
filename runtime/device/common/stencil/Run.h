//===- Run.h - A launch of a resident stencil -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// All that a block does in a launch.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "common/stencil/Direct.h"
#include "common/stencil/Inlets.h"
#include "common/stencil/Steps.h"

namespace rk::device::stencil {

/// Runs the launch in a block of `Machine::threads()` threads.
template <class Machine>
__attribute__((always_inline)) inline void
runResident(const ResidentLaunch &resident, const ResidentShape &shape,
            unsigned char *shared, const Functions &functions) {
  // One for each part, so that the one of the steps can stay in registers.
  Brick<Machine>(resident, shape, shared).begin();
  if (shape.isDirect) {
    listInlets(Brick<Machine>(resident, shape, shared, Begun()));
    Machine::sync();
  }
  const Brick<Machine> brick(resident, shape, shared, Begun());
  const auto steps = uint32_t(resident.launch.steps);
  ThreadValues values;
  if (!shape.isDirect) {
    Stepper<Machine>(brick, functions, values).run(steps);
  } else {
    if (Machine::computes())
      DirectStepper<Machine>(brick, functions, values).run(steps);
    Machine::sync();
  }
  Brick<Machine>(resident, shape, shared, Begun()).end();
}

} // namespace rk::device::stencil
