//===- IndexKernel.h - Kernels that do one thing for each index -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "PlanBlocks.h"

namespace rkc::conversion {

/// A kernel whose argument begins with a count: any number of threads handle
/// the indices below it. On the host it takes the argument's address, and the
/// first index and the end of a range.
///
/// What is built before `begin` runs once for each thread, what is built
/// between `begin` and `end` once for each index.
class IndexKernel {
public:
  IndexKernel(mlir::OpBuilder &builder, mlir::ModuleOp program,
              llvm::StringRef name, size_t argumentBytes, bool isGpu);
  void begin();
  void end();

  /// Returns the address of byte `offset` of the argument.
  mlir::Value argumentAt(size_t offset);
  mlir::Value load(mlir::Type type, mlir::Value pointer, size_t offset);
  /// Returns the address of `bytes` bytes of the thread's own.
  mlir::Value local(int64_t bytes, int64_t alignment);
  /// Goes on in a new block if `condition`, else with the next index.
  void continueIf(mlir::Value condition);

  mlir::OpBuilder &builder;
  mlir::Location location;
  bool isGpu;
  mlir::LLVM::LLVMFuncOp function;
  mlir::Value argument;
  /// Between `begin` and `end`.
  mlir::Value index;

private:
  mlir::Value first, past, stride;
  mlir::Block *head = nullptr, *next = nullptr;
};

/// Returns the function of that name, or declares it.
mlir::LLVM::LLVMFuncOp functionNamed(mlir::OpBuilder &builder,
                                     mlir::ModuleOp program,
                                     llvm::StringRef name, mlir::Type result,
                                     llvm::ArrayRef<mlir::Type> arguments);

} // namespace rkc::conversion
