//===- ConversionInternal.h - Patterns by op group --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the two lowerings are made of: one function per op group and target.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/dialect/Rk.h"
#include "rkc/transforms/DeviceCalls.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/DialectConversion.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace rkc::conversion {

/// What patterns know about the program around an op.
struct ProgramInfo {
  mlir::ModuleOp program;
  /// Numbers of messages and of actors, by symbol name.
  llvm::DenseMap<mlir::StringAttr, int32_t> messages;
  llvm::DenseMap<mlir::StringAttr, int32_t> actors;
  /// Whose group ops are of more than one lane; in all other functions a group
  /// is a lane.
  llvm::DenseMap<mlir::Operation *, Lanes> groupFunctions;
};

/// Fills `info.groupFunctions`. A function with group ops that handlers of
/// several kinds run is copied, so that afterwards each is run by one kind.
///
/// Errors    a table of functions, or a handler, that several kinds reach and
///           that leads to a group op: these cannot be copied.
mlir::LogicalResult findGroupFunctions(ProgramInfo &info);

void addMessagingPatterns(mlir::RewritePatternSet &patterns,
                          const ProgramInfo &info);
void addRingPatterns(mlir::RewritePatternSet &patterns,
                     const ProgramInfo &info);
void addGroupPatterns(mlir::RewritePatternSet &patterns,
                      const ProgramInfo &info);
/// Loads, stores, compare-and-swap and fences, the same but for `withScopes`.
void addAtomicPatterns(mlir::RewritePatternSet &patterns, bool withScopes);

void addNvvmAtomicPatterns(mlir::RewritePatternSet &patterns);
void addNvvmClockPatterns(mlir::RewritePatternSet &patterns);
void addNvvmFloatPatterns(mlir::RewritePatternSet &patterns);

void addHostAtomicPatterns(mlir::RewritePatternSet &patterns);
void addHostClockPatterns(mlir::RewritePatternSet &patterns);
void addHostFloatPatterns(mlir::RewritePatternSet &patterns);

/// Lowers the program with `patterns` and those that both targets share, and
/// drops the declarations.
mlir::LogicalResult lowerProgram(ProgramInfo &info,
                                 mlir::RewritePatternSet &&patterns);

/// Numbers the program's declarations for `info`.
mlir::LogicalResult collectProgram(ProgramInfo &info);

/// Returns the LLVM ordering of an order.
mlir::LLVM::AtomicOrdering toLlvm(Order order);
/// Returns the name that LLVM's NVPTX back end has for a scope.
llvm::StringRef toSyncScope(Scope scope);

mlir::Value makeConstant(mlir::OpBuilder &builder, mlir::Location location,
                         mlir::Type type, int64_t value);

/// Replaces `op` by a call of the device call `name`.
mlir::LLVM::CallOp callDevice(mlir::OpBuilder &builder, mlir::Operation *op,
                              llvm::StringRef name, mlir::ValueRange arguments);

/// Calls the LLVM intrinsic `name`; `result` may be null.
mlir::Value callIntrinsic(mlir::OpBuilder &builder, mlir::Location location,
                          llvm::StringRef name, mlir::Type result,
                          mlir::ValueRange arguments);

} // namespace rkc::conversion
