//===- Reachability.h - What running a function can come to -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Follows functions to whatever they mention.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace rkc {

/// Functions, and the variables and aliases that lead to functions.
using Functions = llvm::DenseSet<mlir::Operation *>;

/// Follows every mention of a symbol, so calls through tables and pointers are
/// covered: whoever can take an address counts as calling it.
class Reachability {
public:
  explicit Reachability(mlir::ModuleOp program) : symbols(program) {}

  /// Adds everything that `root` can reach, `root` included.
  void add(mlir::Operation *root, Functions &reached);

  mlir::SymbolTable &getSymbols() { return symbols; }

private:
  llvm::ArrayRef<mlir::Operation *> mentions(mlir::Operation *op);

  mlir::SymbolTable symbols;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Operation *>> edges;
};

} // namespace rkc
