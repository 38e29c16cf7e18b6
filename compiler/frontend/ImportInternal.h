//===- ImportInternal.h - From LLVM IR and records to rk -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "frontend/ProgramInternal.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/IR/Module.h"

#include <memory>
#include <string>

namespace rkc::frontend {

/// Gives each call the type of the function that it names, where the two differ
/// only in the names of structs. Part of `importProgram`.
void matchCalls(llvm::Module &code);

/// Makes the MLIR module of a program: the code of its handlers, and one
/// declaration for each message and actor. On failure the result is null and
/// `error` says why.
mlir::OwningOpRef<mlir::ModuleOp>
importProgram(std::unique_ptr<llvm::Module> code, const Program &program,
              mlir::MLIRContext &context, std::string &error);

} // namespace rkc::frontend
