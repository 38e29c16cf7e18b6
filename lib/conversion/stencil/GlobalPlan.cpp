//===- GlobalPlan.cpp - One launch for each step --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "PlanBlocks.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace rkc::conversion {
namespace {

/// Updates the cell at `element` from memory to memory. `group` marks accesses
/// that no other cell of the loop touches; `invariant` says that what is only
/// read stays as it is while the kernel runs.
void updateCell(OpBuilder &builder, StencilApplyOp apply,
                const LaunchView &launch, Value parameters, const Place &place,
                Value element, LLVM::AccessGroupAttr group, bool invariant) {
  Location location = UnknownLoc::get(builder.getContext());
  ArrayAttr groups =
      group ? builder.getArrayAttr({Attribute(group)}) : ArrayAttr();
  auto load = [&](StencilAccessOp access) -> Value {
    Type type = access.getValue().getType();
    Value address = elementAddress(builder, location, launch,
                                   launch.entries[entryOf(access)], type,
                                   element, access.getOffset());
    auto op = LLVM::LoadOp::create(
        builder, location, type, address, type.getIntOrFloatBitWidth() / 8,
        /*isVolatile=*/false, /*isNonTemporal=*/false,
        /*isInvariant=*/invariant && readsUnwritten(access));
    if (groups)
      op.setAccessGroupsAttr(groups);
    return op;
  };
  auto store = [&](StencilStoreOp op, Value value) {
    Type type = value.getType();
    Value address =
        elementAddress(builder, location, launch, launch.entries[entryOf(op)],
                       type, element, {0, 0, 0});
    auto written = LLVM::StoreOp::create(builder, location, value, address,
                                         type.getIntOrFloatBitWidth() / 8);
    if (groups)
      written.setAccessGroupsAttr(groups);
  };
  cloneUpdate(builder, apply, parameters, place, load, store);
}

} // namespace

Value copyParameters(OpBuilder &builder, Location location,
                     const LaunchView &launch, StencilOp stencil) {
  auto bytes = LLVM::LLVMArrayType::get(builder.getI8Type(), stencil.getSize());
  Value one =
      LLVM::ConstantOp::create(builder, location, builder.getI32Type(), 1);
  auto copy = LLVM::AllocaOp::create(
      builder, location, LLVM::LLVMPointerType::get(builder.getContext()),
      bytes, one, /*alignment=*/16);
  LLVM::MemcpyOp::create(
      builder, location, copy, launch.parameters,
      constant(builder, location, int64_t(stencil.getSize())),
      /*isVolatile=*/false);
  return copy;
}

LogicalResult lowerGlobalToGpu(StencilPlanOp plan) {
  auto stencil = plan->getParentOfType<StencilOp>();
  OpBuilder builder(plan.getContext());
  LLVM::LLVMFuncOp kernel = makeGpuKernel(builder, plan);
  Location location = kernel.getLoc();
  LaunchView launch(builder, location, kernel.getArgument(0), stencil, 1);
  ArrayRef<int32_t> block = plan.getBlock();
  Place place = {
      placeOf<NVVM::BlockIdXOp, NVVM::ThreadIdXOp>(builder, location, block[0]),
      placeOf<NVVM::BlockIdYOp, NVVM::ThreadIdYOp>(builder, location, block[1]),
      placeOf<NVVM::BlockIdZOp, NVVM::ThreadIdZOp>(builder, location,
                                                   block[2])};
  Value inside;
  for (unsigned axis = 0; axis < 3; ++axis) {
    Value less = isLess(builder, location, place[axis], launch.extent[axis]);
    inside =
        inside
            ? LLVM::AndOp::create(builder, location, inside, less).getResult()
            : less;
  }
  Block *entry = builder.getInsertionBlock();
  Block *work = builder.createBlock(&kernel.getBody());
  Block *end = builder.createBlock(&kernel.getBody());
  LLVM::ReturnOp::create(builder, location, ValueRange());
  builder.setInsertionPointToEnd(entry);
  LLVM::CondBrOp::create(builder, location, inside, work, end);
  builder.setInsertionPointToEnd(work);
  Value element =
      add(builder, location,
          rowElement(builder, location, launch, place[1], place[2]), place[0]);
  updateCell(builder, stencil.getApply(), launch, launch.parameters, place,
             element, {}, /*invariant=*/true);
  LLVM::BrOp::create(builder, location, end);
  return success();
}

/// Rows of cells whose updates do not touch each other: LLVM may vectorise.
LogicalResult lowerGlobalToHost(StencilPlanOp plan) {
  auto stencil = plan->getParentOfType<StencilOp>();
  OpBuilder builder(plan.getContext());
  MLIRContext *context = builder.getContext();
  Type word = builder.getI64Type();
  LLVM::LLVMFuncOp kernel = makeKernel(
      builder, plan, {LLVM::LLVMPointerType::get(context), word, word});
  Location location = kernel.getLoc();
  LaunchView launch(builder, location, kernel.getArgument(0), stencil, 0);
  Value parameters = copyParameters(builder, location, launch, stencil);
  Value zero = constant(builder, location, 0);
  Value one = constant(builder, location, 1);
  Block *entry = builder.getInsertionBlock();
  Region *body = &kernel.getBody();
  Block *head = builder.createBlock(body, {}, {word}, {location});
  Block *rowStart = builder.createBlock(body);
  Block *cell = builder.createBlock(body, {}, {word}, {location});
  Block *rowEnd = builder.createBlock(body);
  Block *end = builder.createBlock(body);
  LLVM::ReturnOp::create(builder, location, ValueRange());

  builder.setInsertionPointToEnd(entry);
  LLVM::BrOp::create(builder, location, kernel.getArgument(1), head);
  builder.setInsertionPointToEnd(head);
  Value row = head->getArgument(0);
  LLVM::CondBrOp::create(builder, location,
                         isLess(builder, location, row, kernel.getArgument(2)),
                         rowStart, end);

  builder.setInsertionPointToEnd(rowStart);
  Value y = LLVM::URemOp::create(builder, location, row, launch.extent[1]);
  Value z = LLVM::UDivOp::create(builder, location, row, launch.extent[1]);
  Value start = rowElement(builder, location, launch, y, z);
  LLVM::BrOp::create(builder, location, zero, cell);

  builder.setInsertionPointToEnd(cell);
  Value x = cell->getArgument(0);
  auto group = LLVM::AccessGroupAttr::get(context);
  updateCell(builder, stencil.getApply(), launch, parameters, {x, y, z},
             add(builder, location, start, x), group, /*invariant=*/false);
  Value next = add(builder, location, x, one);
  auto latch = LLVM::CondBrOp::create(
      builder, location, isLess(builder, location, next, launch.extent[0]),
      cell, ValueRange(next), rowEnd, ValueRange());
  latch.setLoopAnnotationAttr(
      LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, {}, {}, {}, {}, {}, {},
                                    {}, {}, {}, {}, {}, {group}));

  builder.setInsertionPointToEnd(rowEnd);
  LLVM::BrOp::create(builder, location, add(builder, location, row, one), head);
  return success();
}

} // namespace rkc::conversion
