//===- StencilInternal.h - Parts of rk-lower-stencils ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/dialect/Rk.h"

#include "rk/abi/Stencil.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace rkc::conversion {

/// The fields of a `rk::abi::StencilLaunch` as values.
class LaunchView {
public:
  /// Reads all fields at the builder's place. `addressSpace` is that of the
  /// arrays: 1 on a GPU, 0 on the host. The table has `entryCount` addresses.
  LaunchView(mlir::OpBuilder &builder, mlir::Location location,
             mlir::Value launch, StencilOp stencil, unsigned addressSpace,
             uint32_t entryCount);
  LaunchView(mlir::OpBuilder &builder, mlir::Location location,
             mlir::Value launch, StencilOp stencil, unsigned addressSpace)
      : LaunchView(builder, location, launch, stencil, addressSpace,
                   stencil.getEntryCount()) {}

  mlir::Value extent[3];
  mlir::Value pitch, plane, origin;
  /// Pointers, by number in the launch's table.
  llvm::SmallVector<mlir::Value> entries;
  /// A pointer to the parameters, in the launch.
  mlir::Value parameters;
};

/// Returns the entry that an access reads, or that a store writes.
uint32_t entryOf(StencilAccessOp access);
uint32_t entryOf(StencilStoreOp store);
/// Whether no store of the update writes the entry that `access` reads.
bool readsUnwritten(StencilAccessOp access);

/// Copies the update to the builder's place. `load` gives the value of each
/// access, `store` takes what is stored.
void cloneUpdate(mlir::OpBuilder &builder, StencilApplyOp apply,
                 mlir::Value parameters, llvm::ArrayRef<mlir::Value> place,
                 llvm::function_ref<mlir::Value(StencilAccessOp)> load,
                 llvm::function_ref<void(StencilStoreOp, mlir::Value)> store);

/// Returns the address of `element` plus the distance of `offset`.
mlir::Value elementAddress(mlir::OpBuilder &builder, mlir::Location location,
                           const LaunchView &launch, mlir::Value array,
                           mlir::Type type, mlir::Value element,
                           llvm::ArrayRef<int64_t> offset);

/// Makes an empty function with these arguments; the builder stands in it.
mlir::LLVM::LLVMFuncOp makeFunction(mlir::OpBuilder &builder,
                                    mlir::ModuleOp program,
                                    llvm::StringRef name,
                                    llvm::ArrayRef<mlir::Type> arguments);
/// Makes the first argument, a pointer, one to `bytes` bytes passed by value.
void passByValue(mlir::OpBuilder &builder, mlir::LLVM::LLVMFuncOp kernel,
                 size_t bytes);
/// Makes a kernel of a plan for a GPU: one argument, the launch by value.
/// `suffix`: of its name.
mlir::LLVM::LLVMFuncOp makeGpuKernel(mlir::OpBuilder &builder,
                                     StencilPlanOp plan,
                                     llvm::StringRef suffix = "");

/// Make the kernels of a boundary, or of a reduction.
mlir::LogicalResult lowerBoundary(StencilBoundaryOp boundary, bool isGpu);
mlir::LogicalResult lowerReduction(StencilReduceOp reduction, bool isGpu);

mlir::LogicalResult lowerGlobalToGpu(StencilPlanOp plan);
mlir::LogicalResult lowerGlobalToHost(StencilPlanOp plan);
mlir::LogicalResult lowerStreamingToGpu(StencilPlanOp plan);
mlir::LogicalResult lowerTemporalToGpu(StencilPlanOp plan);
mlir::LogicalResult lowerResidentToGpu(StencilPlanOp plan);

} // namespace rkc::conversion
