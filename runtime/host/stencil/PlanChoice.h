//===- PlanChoice.h - In which order plans are tried ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/StencilModel.h"
#include "rk/status.h"
#include "rk/stencil_choice.h"

#include <cstdint>
#include <string>
#include <vector>

namespace rk::runtime {

/// What the choice depends on beside the stencil and the device.
struct PlanRequest {
  std::string asked; ///< empty: none
  modfile::StencilExtent extent;
  modfile::StencilFaces faces;
  /// Why something is done after every step, so that launches of several are
  /// never made; empty: nothing is.
  std::string looksAtSteps;
};

/// A plan that can be tried, and what its launches and runs need.
struct PlanCandidate {
  const modfile::StencilPlanView *plan = nullptr;
  std::uint32_t depth = 0;
  std::int64_t leastSteps = 1;
};

struct PlanOrder {
  /// The plan that is asked for; or all that can run, what is predicted to be
  /// the fastest first.
  std::vector<PlanCandidate> candidates;
  PlanCandidate single; ///< the fastest for single steps
  StencilChoice choice; ///< but for what is taken
};

/// Asks the cost model about `plans`, which live on.
///
/// Errors    `InvalidArgument`: there is no such plan, or it cannot run.
Result<PlanOrder> orderPlans(const modfile::StencilView &stencil,
                             const std::vector<modfile::StencilPlanView> &plans,
                             const PlanRequest &request,
                             const modfile::DeviceFigures &device);

} // namespace rk::runtime
