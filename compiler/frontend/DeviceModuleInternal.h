//===- DeviceModuleInternal.h - From host and device to device -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reduces the LLVM IR of whole source files to what handlers reach, and
/// simplifies it enough that dead branches count as unreachable. What is found
/// does not depend on the user's optimisation level.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "frontend/ProgramInternal.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/Module.h"

namespace llvm {
class DISubprogram;
}

namespace rkc::frontend {

/// Names of functions by their debug information, which outlives inlining.
using FunctionNames = llvm::DenseMap<const llvm::DISubprogram *, std::string>;

/// Returns the readable name of every function that has debug information.
FunctionNames nameFunctions(const llvm::Module &code);

/// Keeps the thunks of `program` and what they reach, lowers exceptions to
/// calls that are left to be refused, and simplifies.
///
/// `isInitializedAtRunTime` tells of which global variables the optimiser must
/// not believe the initial value.
void reduceToDevice(
    llvm::Module &code, const Program &program,
    llvm::function_ref<bool(llvm::StringRef)> isInitializedAtRunTime);

/// Makes functions of this module that return large structures write them
/// through a pointer.
void returnInMemory(llvm::Module &code);

/// Removes what ties the code to the target that it was parsed for.
void makeTargetIndependent(llvm::Module &code, bool sanitizeThread);

} // namespace rkc::frontend
