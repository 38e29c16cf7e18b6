//===- StencilRecord.h - What a module says of a stencil --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/dialect/Rk.h"

#include "rk/modfile/Module.h"

namespace rkc::transforms {

/// Returns what the module says of a stencil, but for the line it stands in.
///
/// Errors    none: `rk-plan-stencils` has run.
rk::modfile::Stencil recordOf(StencilOp stencil);

/// Returns where the neighbours are that the update reads.
rk::abi::StencilNeighbours neighboursOf(StencilOp stencil);

/// Returns the arithmetic instructions of the update of one cell, as far as
/// they can be told before it is optimised: those of a loop count once, a
/// division or root counts as eight, and a call to what is not here as twenty;
/// and 1 at least.
uint32_t countOperations(StencilOp stencil);

} // namespace rkc::transforms
