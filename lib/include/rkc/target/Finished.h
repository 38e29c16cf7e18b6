//===- Finished.h - Functions that are optimised already -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the build of the device library (`tools/rk-finish`) and the optimiser
/// of `rkc` agree on: the mark of functions that come out the same in each
/// program.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/Any.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Analysis/LazyCallGraph.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/PassInstrumentation.h"

namespace rkc {

inline constexpr llvm::StringLiteral finishedMark = "rk.finished";

inline bool isFinished(const llvm::Function &function) {
  return function.hasFnAttribute(finishedMark);
}

/// Whether `code`, what a pass is about to change, is finished.
inline bool isFinishedCode(const llvm::Any &code) {
  if (const auto *function = llvm::any_cast<const llvm::Function *>(&code))
    return isFinished(**function);
  if (const auto *loop = llvm::any_cast<const llvm::Loop *>(&code))
    return isFinished(*(*loop)->getHeader()->getParent());
  if (const auto *component =
          llvm::any_cast<const llvm::LazyCallGraph::SCC *>(&code))
    return llvm::all_of(**component, [](llvm::LazyCallGraph::Node &node) {
      return isFinished(node.getFunction());
    });
  return false;
}

/// Lets no pass that can be left out touch finished functions.
inline void skipFinished(llvm::PassInstrumentationCallbacks &callbacks) {
  callbacks.registerShouldRunOptionalPassCallback(
      [](llvm::StringRef, llvm::Any code) { return !isFinishedCode(code); });
}

} // namespace rkc
