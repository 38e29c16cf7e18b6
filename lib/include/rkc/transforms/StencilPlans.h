//===- StencilPlans.h - Which plans suit a stencil --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What `rk-plan-stencils` adds, and why it does not add the rest: remarks ask
/// here too.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/dialect/Rk.h"

#include <array>
#include <string>

namespace rkc::transforms {

/// A plan of a stencil, or the reason why the stencil has none of that name.
struct PlanOffer {
  llvm::StringRef name;
  /// Empty if the plan suits.
  std::string refusal;
  std::array<int32_t, 3> block = {1, 1, 1}, tile = {1, 1, 1};
  int32_t steps = 1;
  int32_t shared = 0;
};

/// Returns an offer for each plan that this compiler knows, `global` first,
/// which suits every stencil.
///
/// Errors    none: `rk-infer-halos` has run.
llvm::SmallVector<PlanOffer> offerPlans(StencilOp stencil);

} // namespace rkc::transforms
