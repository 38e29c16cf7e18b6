//===- RaiseInternal.h - Parts of rk-raise-markers --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

namespace rkc::frontend {

/// Replaces every `llvm.atomicrmw` of `program` whose order or scope the NVPTX
/// back end would drop.
mlir::LogicalResult raiseAtomics(mlir::ModuleOp program);

/// Makes the updates of stencils `rk.stencil.apply` ops.
mlir::LogicalResult raiseStencils(mlir::ModuleOp program);

} // namespace rkc::frontend
