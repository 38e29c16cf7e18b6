//===- PlanBlocks.h - What kernels of plans are built of ------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "StencilInternal.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include <array>

namespace rkc::conversion {

/// A cell: x, y, z.
using Place = std::array<mlir::Value, 3>;

inline mlir::Value constant(mlir::OpBuilder &builder, mlir::Location location,
                            int64_t value) {
  return mlir::LLVM::ConstantOp::create(builder, location, builder.getI64Type(),
                                        value);
}

inline mlir::Value add(mlir::OpBuilder &builder, mlir::Location location,
                       mlir::Value a, mlir::Value b) {
  return mlir::LLVM::AddOp::create(builder, location, a, b);
}

inline mlir::Value multiply(mlir::OpBuilder &builder, mlir::Location location,
                            mlir::Value a, mlir::Value b) {
  return mlir::LLVM::MulOp::create(builder, location, a, b);
}

inline mlir::Value isLess(mlir::OpBuilder &builder, mlir::Location location,
                          mlir::Value a, mlir::Value b) {
  return mlir::LLVM::ICmpOp::create(builder, location,
                                    mlir::LLVM::ICmpPredicate::slt, a, b);
}

/// Returns `origin + y * pitch + z * plane`.
inline mlir::Value rowElement(mlir::OpBuilder &builder, mlir::Location location,
                              const LaunchView &launch, mlir::Value y,
                              mlir::Value z) {
  mlir::Value row = add(builder, location, launch.origin,
                        multiply(builder, location, y, launch.pitch));
  return add(builder, location, row,
             multiply(builder, location, z, launch.plane));
}

/// The index of a block or a thread, as 64 bits.
template <class Index>
mlir::Value indexOf(mlir::OpBuilder &builder, mlir::Location location) {
  return mlir::LLVM::ZExtOp::create(
      builder, location, builder.getI64Type(),
      Index::create(builder, location, builder.getI32Type()));
}

/// The thread's place along an axis: block * size + thread.
template <class BlockId, class ThreadId>
mlir::Value placeOf(mlir::OpBuilder &builder, mlir::Location location,
                    int32_t size) {
  return add(builder, location,
             multiply(builder, location, indexOf<BlockId>(builder, location),
                      constant(builder, location, size)),
             indexOf<ThreadId>(builder, location));
}

/// A copy of the parameters that no store to a field can change.
mlir::Value copyParameters(mlir::OpBuilder &builder, mlir::Location location,
                           const LaunchView &launch, StencilOp stencil);

/// Calls `then` in a branch that is taken if `condition`, and makes `values`
/// what it leaves in them.
void whenTrue(mlir::OpBuilder &builder, mlir::Location location,
              mlir::Value condition, llvm::SmallVectorImpl<mlir::Value> &values,
              llvm::function_ref<void()> then);

} // namespace rkc::conversion
