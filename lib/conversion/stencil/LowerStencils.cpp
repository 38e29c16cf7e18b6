//===- LowerStencils.cpp - Kernels of the plans ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/conversion/Passes.h"

#include "StencilInternal.h"

#include "rk/abi/Stencil.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/IRMapping.h"

#include <cstddef>

using namespace mlir;
using rk::abi::StencilLaunch;

namespace rkc::conversion {

#define GEN_PASS_DEF_LOWERSTENCILSPASS
#include "rkc/conversion/Passes.h.inc"

LaunchView::LaunchView(OpBuilder &builder, Location location, Value launch,
                       StencilOp, unsigned addressSpace, uint32_t entryCount) {
  MLIRContext *context = builder.getContext();
  Type byte = builder.getI8Type(), word = builder.getI64Type();
  Type pointer = LLVM::LLVMPointerType::get(context);
  Type arrayPointer = LLVM::LLVMPointerType::get(context, addressSpace);
  auto at = [&](size_t offset) -> Value {
    return LLVM::GEPOp::create(builder, location, pointer, byte, launch,
                               LLVM::GEPArg(int32_t(offset)));
  };
  auto read = [&](size_t offset) -> Value {
    return LLVM::LoadOp::create(builder, location, word, at(offset), 8);
  };
  for (unsigned axis = 0; axis < 3; ++axis)
    extent[axis] = read(offsetof(StencilLaunch, extent) + 8 * axis);
  pitch = read(offsetof(StencilLaunch, pitch));
  plane = read(offsetof(StencilLaunch, plane));
  origin = read(offsetof(StencilLaunch, origin));
  for (uint32_t entry = 0; entry < entryCount; ++entry)
    entries.push_back(LLVM::IntToPtrOp::create(
        builder, location, arrayPointer,
        read(offsetof(StencilLaunch, entries) + 8 * entry)));
  parameters = at(offsetof(StencilLaunch, parameters));
}

static StencilArrayOp arrayOf(Operation *op, StringRef name) {
  return op->getParentOfType<StencilOp>().getArray(name);
}

uint32_t entryOf(StencilAccessOp access) {
  StencilOp stencil = access->getParentOfType<StencilOp>();
  return stencil.getFirstEntry(arrayOf(access, access.getArray())) +
         access.getLevel();
}

uint32_t entryOf(StencilStoreOp store) {
  StencilOp stencil = store->getParentOfType<StencilOp>();
  StencilArrayOp array = arrayOf(store, store.getArray());
  return stencil.getFirstEntry(array) + *array.getEntries() - 1;
}

bool readsUnwritten(StencilAccessOp access) {
  auto apply = access->getParentOfType<StencilApplyOp>();
  return llvm::none_of(
      apply.getBody().getOps<StencilStoreOp>(),
      [&](StencilStoreOp store) { return entryOf(store) == entryOf(access); });
}

void cloneUpdate(OpBuilder &builder, StencilApplyOp apply, Value parameters,
                 ArrayRef<Value> place,
                 llvm::function_ref<Value(StencilAccessOp)> load,
                 llvm::function_ref<void(StencilStoreOp, Value)> store) {
  Block &block = apply.getBody().front();
  IRMapping values;
  values.map(block.getArgument(0), parameters);
  for (unsigned axis = 0; axis < 3; ++axis)
    values.map(block.getArgument(1 + axis), place[axis]);
  for (Operation &op : block) {
    if (auto access = dyn_cast<StencilAccessOp>(op))
      values.map(access.getValue(), load(access));
    else if (auto written = dyn_cast<StencilStoreOp>(op))
      store(written, values.lookup(written.getValue()));
    else
      // Lines are of the function that the source wrote, which is called.
      builder.clone(op, values)->setLoc(UnknownLoc::get(builder.getContext()));
  }
}

Value elementAddress(OpBuilder &builder, Location location,
                     const LaunchView &launch, Value array, Type type,
                     Value element, ArrayRef<int64_t> offset) {
  auto add = [&](Value distance, int64_t count) {
    if (count == 0)
      return;
    Value factor = LLVM::ConstantOp::create(builder, location,
                                            builder.getI64Type(), count);
    Value product =
        distance ? LLVM::MulOp::create(builder, location, distance, factor)
                       .getResult()
                 : factor;
    element = LLVM::AddOp::create(builder, location, element, product);
  };
  add(launch.plane, offset[2]);
  add(launch.pitch, offset[1]);
  add({}, offset[0]);
  return LLVM::GEPOp::create(builder, location, array.getType(), type, array,
                             LLVM::GEPArg(element));
}

LLVM::LLVMFuncOp makeFunction(OpBuilder &builder, ModuleOp program,
                              StringRef name, ArrayRef<Type> arguments) {
  builder.setInsertionPointToEnd(program.getBody());
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(builder.getContext()), arguments);
  // No location of its own: a function with lines needs a scope for them.
  auto kernel = LLVM::LLVMFuncOp::create(
      builder, UnknownLoc::get(builder.getContext()), name, type);
  builder.setInsertionPointToStart(kernel.addEntryBlock(builder));
  return kernel;
}

void passByValue(OpBuilder &builder, LLVM::LLVMFuncOp kernel, size_t bytes) {
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes);
  kernel.setArgAttr(0, LLVM::LLVMDialect::getByValAttrName(),
                    TypeAttr::get(type));
  kernel.setArgAttr(0, LLVM::LLVMDialect::getAlignAttrName(),
                    builder.getI64IntegerAttr(alignof(StencilLaunch)));
}

LLVM::LLVMFuncOp makeGpuKernel(OpBuilder &builder, StencilPlanOp plan,
                               StringRef suffix) {
  LLVM::LLVMFuncOp kernel =
      makeFunction(builder, plan->getParentOfType<ModuleOp>(),
                   (plan.getEntry() + suffix).str(),
                   LLVM::LLVMPointerType::get(builder.getContext()));
  passByValue(builder, kernel, sizeof(StencilLaunch));
  return kernel;
}

namespace {

/// How a plan becomes a kernel.
struct PlanLowering {
  StringLiteral name;
  LogicalResult (*toGpu)(StencilPlanOp);
  /// Null: the CPU back end runs the plan with the kernel of `global`.
  LogicalResult (*toHost)(StencilPlanOp);
};

constexpr PlanLowering Plans[] = {
    {"global", lowerGlobalToGpu, lowerGlobalToHost},
    {"streaming", lowerStreamingToGpu, nullptr},
    {"temporal", lowerTemporalToGpu, nullptr},
    {"resident", lowerResidentToGpu, nullptr},
};

struct LowerStencils : impl::LowerStencilsPassBase<LowerStencils> {
  using Base::Base;

  void runOnOperation() override {
    for (auto stencil : getOperation().getOps<StencilOp>()) {
      for (auto plan : stencil.getBody().getOps<StencilPlanOp>())
        if (failed(lower(plan)))
          return signalPassFailure();
      if (StencilBoundaryOp boundary = stencil.getOutside())
        if (failed(lowerBoundary(boundary, target != "host")))
          return signalPassFailure();
      for (auto reduction : stencil.getBody().getOps<StencilReduceOp>())
        if (failed(lowerReduction(reduction, target != "host")))
          return signalPassFailure();
    }
    for (auto stencil :
         llvm::make_early_inc_range(getOperation().getOps<StencilOp>()))
      stencil.erase();
  }

  LogicalResult lower(StencilPlanOp plan) {
    for (const PlanLowering &known : Plans) {
      if (plan.getName() != known.name)
        continue;
      auto *make = target == "host" ? known.toHost : known.toGpu;
      return make ? make(plan) : success();
    }
    return plan.emitOpError("is of a kind that this compiler does not know");
  }
};

} // namespace
} // namespace rkc::conversion
