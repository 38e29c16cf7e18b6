//===- ResidentUpdate.h - A few cells from shared memory --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Layers.h"

namespace rkc::conversion {

/// Returns how many cells along x a call of the update computes: as many as one
/// access of 16 bytes moves, or one if their values would not fit registers.
uint32_t residentVector(StencilOp stencil);

/// What `rk_stencil_resident` calls: see `Functions` in
/// runtime/device/common/stencil/Update.h.
struct ResidentFunctions {
  mlir::LLVM::LLVMFuncOp update, prime, updateSingle, primeSingle;
};

/// Makes the functions for `vector` cells. `damps`: those in layers.
ResidentFunctions makeResidentFunctions(mlir::OpBuilder &builder,
                                        StencilPlanOp plan, uint32_t vector,
                                        bool damps);

/// Makes the function that sets a place beyond a face, see `SetOutside` in
/// runtime/device/common/stencil/Update.h; none if there is no boundary.
mlir::LLVM::LLVMFuncOp makeResidentOutside(mlir::OpBuilder &builder,
                                           StencilPlanOp plan);

} // namespace rkc::conversion
