//===- Environment.h - What the environment says about a run ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Checks the options of a system and lets the environment fill what they leave
/// open. `docs/environment.md` lists the variables.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/options.h"
#include "rk/status.h"

#include <functional>
#include <string>

namespace rk::runtime {

/// Returns the value of an environment variable, or null.
using GetVariable = std::function<const char *(const char *)>;

struct Choice {
  BackendKind backend = BackendKind::Automatic;
  int device = 0;
  LaneMemory laneMemory = LaneMemory::Automatic;
  /// Who decided on the back end: "asked for by RK_BACKEND=cpu".
  std::string reason;
};

/// Returns where to run, and where lanes lie.
///
/// Errors    `InvalidArgument`: a variable or option has no meaning.
Result<Choice> chooseBackend(const SystemOptions &options,
                             const GetVariable &variable);

/// Returns whether each stencil says, on the standard error output, why it runs
/// as it does: RK_STENCIL_REMARKS is 1.
///
/// Errors    `InvalidArgument`: it is neither 0 nor 1.
Result<bool> asksForRemarks(const GetVariable &variable);

/// Returns `Ok` if every number in `options` is in its range.
Status checkOptions(const SystemOptions &options);

} // namespace rk::runtime
