//===- Passes.h - Passes from rk to a target --------------------*- C++ -*-===//
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

namespace rkc::conversion {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "rkc/conversion/Passes.h.inc"

} // namespace rkc::conversion
