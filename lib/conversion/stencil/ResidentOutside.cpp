//===- ResidentOutside.cpp - A boundary in shared memory ------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "OutsideBody.h"
#include "ResidentUpdate.h"

using namespace mlir;

namespace rkc::conversion {

LLVM::LLVMFuncOp makeResidentOutside(OpBuilder &builder, StencilPlanOp plan) {
  MLIRContext *context = builder.getContext();
  Location location = UnknownLoc::get(context);
  Type pointer = LLVM::LLVMPointerType::get(context);
  auto stencil = plan->getParentOfType<StencilOp>();
  StencilBoundaryOp boundary = stencil.getOutside();
  if (!boundary)
    return {};
  LLVM::LLVMFuncOp function =
      makeFunction(builder, plan->getParentOfType<ModuleOp>(),
                   (plan.getEntry() + "_outside").str(),
                   {pointer, pointer, pointer, pointer});
  function.setLinkage(LLVM::Linkage::Internal);
  function.setAlwaysInline(true);
  enum : unsigned { Shared, Slots, Parameters, Place };
  auto shift = [&](Value address, Type type, LLVM::GEPArg count) -> Value {
    return LLVM::GEPOp::create(builder, location, pointer, type, address,
                               count);
  };
  auto addressOf = [&](StencilArrayOp array, uint32_t level, Value element) {
    const auto entry = int32_t(stencil.getFirstEntry(array) + level);
    Type narrow = builder.getI32Type();
    Value slot = LLVM::LoadOp::create(
        builder, location, narrow,
        shift(function.getArgument(Slots), narrow, LLVM::GEPArg(entry)), 4);
    Value bytes =
        LLVM::ZExtOp::create(builder, location, builder.getI64Type(), slot);
    return shift(shift(function.getArgument(Shared), builder.getI8Type(),
                       LLVM::GEPArg(bytes)),
                 array.getType(), LLVM::GEPArg(element));
  };
  OutsideBody body(builder, boundary, function.getArgument(Place));
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    if (array.getWritten() && !body.sets(array))
      body.mirror(array, addressOf);
  body.clone(function.getArgument(Parameters), addressOf);
  LLVM::ReturnOp::create(builder, location, ValueRange());
  return function;
}

} // namespace rkc::conversion
