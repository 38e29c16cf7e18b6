//===- Passes.h - Passes from rk to rk --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes and registers the passes of `Passes.td`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/dialect/Rk.h"

#include "mlir/Pass/Pass.h"

namespace rkc::transforms {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "rkc/transforms/Passes.h.inc"

} // namespace rkc::transforms
