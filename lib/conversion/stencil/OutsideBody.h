//===- OutsideBody.h - What a boundary does at one place --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "PlanBlocks.h"

namespace rkc::conversion {

/// The body of a boundary at a place that an `abi::OutsidePlace` describes,
/// wherever the arrays lie.
class OutsideBody {
public:
  using Value = mlir::Value;
  /// Returns where `element` of a level of an array lies.
  using AddressOf = llvm::function_ref<Value(StencilArrayOp array,
                                             uint32_t level, Value element)>;

  /// `place` points to the description.
  OutsideBody(mlir::OpBuilder &builder, StencilBoundaryOp boundary,
              Value place);

  /// Copies the body to the builder's place.
  void clone(Value parameters, AddressOf addressOf);
  /// Mirrors an array that the body does not set.
  void mirror(StencilArrayOp array, AddressOf addressOf);
  [[nodiscard]] bool sets(StencilArrayOp array);

private:
  Value word(size_t offset);
  Value elementOf(StencilInsideOp access);
  Value load(mlir::Type type, Value address);
  void store(Value value, Value address);

  mlir::OpBuilder &builder;
  StencilBoundaryOp boundary;
  StencilOp stencil;
  mlir::Location location;
  Value place;
};

/// A function that `rk/stencil.h` defines for boundaries; nobody else needs it.
mlir::LLVM::LLVMFuncOp boundaryHelper(mlir::OpBuilder &builder,
                                      mlir::ModuleOp program,
                                      llvm::StringRef name, mlir::Type result,
                                      llvm::ArrayRef<mlir::Type> types);

} // namespace rkc::conversion
