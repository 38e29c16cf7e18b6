//===- DeviceCalls.h - Device calls as LLVM functions -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// `rk/abi/DeviceCalls.def` for lowering and its verifier: names and types of
/// the device library's functions.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace rkc {

/// Returns the type of the device call `name`; null if it is not in the list.
/// The calls that only the host's library has count if `onHost` is set.
mlir::LLVM::LLVMFunctionType getDeviceCallType(mlir::MLIRContext *context,
                                               llvm::StringRef name,
                                               bool onHost);

/// Returns the declaration of the device call `name` in `program`, made if it
/// is not there yet. The name must be in the list.
mlir::LLVM::LLVMFuncOp getDeviceCall(mlir::ModuleOp program,
                                     llvm::StringRef name);

} // namespace rkc
