//===- StencilRemarks.h - What is said of a stencil -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/dialect/Rk.h"

#include <string>
#include <vector>

namespace rkc::transforms {

/// Returns what is to be said of a stencil: what it moves and computes, then a
/// line for each plan, with what is predicted for a small and a large grid on a
/// reference device, or with what prevented it. The device is a GPU, or with
/// `onCpu` a CPU. Nothing before `rk-plan-stencils` has run.
std::vector<std::string> stencilRemarks(StencilOp stencil, bool onCpu);

} // namespace rkc::transforms
