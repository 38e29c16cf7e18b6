//===- GlobalPlan.cpp - One launch for each step --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "PlanBlocks.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using rk::abi::StencilBox;

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

namespace {

/// The fields of a `rk::abi::StencilBox` as values.
struct BoxView {
  BoxView(OpBuilder &builder, Location location, Value box) {
    auto read = [&](size_t offset) -> Value {
      Value address = LLVM::GEPOp::create(builder, location, box.getType(),
                                          builder.getI8Type(), box,
                                          LLVM::GEPArg(int32_t(offset)));
      return LLVM::LoadOp::create(builder, location, builder.getI64Type(),
                                  address, 8);
    };
    for (unsigned axis = 0; axis < 3; ++axis) {
      begin[axis] = read(offsetof(StencilBox, begin) + 8 * axis);
      end[axis] = read(offsetof(StencilBox, end) + 8 * axis);
    }
    origin = read(offsetof(StencilBox, origin));
  }

  Value begin[3], end[3], origin;
};

/// A loop over the places of an axis in a box. What is built after this is its
/// body; `finish` ends it, and what is built then comes after the loop.
class PlaceLoop {
public:
  PlaceLoop(OpBuilder &builder, Location location, const BoxView &box,
            unsigned axis)
      : builder(builder), location(location), end(box.end[axis]) {
    Block *before = builder.getInsertionBlock();
    body = builder.createBlock(before->getParent(), {}, {builder.getI64Type()},
                               {location});
    builder.setInsertionPointToEnd(before);
    LLVM::BrOp::create(builder, location, box.begin[axis], body);
    builder.setInsertionPointToEnd(body);
  }

  Value place() const { return body->getArgument(0); }

  LLVM::CondBrOp finish() {
    Value next =
        add(builder, location, place(), constant(builder, location, 1));
    Block *last = builder.getInsertionBlock();
    Block *after = builder.createBlock(last->getParent());
    builder.setInsertionPointToEnd(last);
    auto latch = LLVM::CondBrOp::create(
        builder, location, isLess(builder, location, next, end), body,
        ValueRange(next), after, ValueRange());
    builder.setInsertionPointToEnd(after);
    return latch;
  }

private:
  OpBuilder &builder;
  Location location;
  Value end;
  Block *body;
};

} // namespace

/// Rows of cells whose updates do not touch each other: LLVM may vectorise.
LogicalResult lowerGlobalToHost(StencilPlanOp plan) {
  auto stencil = plan->getParentOfType<StencilOp>();
  OpBuilder builder(plan.getContext());
  MLIRContext *context = builder.getContext();
  Type pointer = LLVM::LLVMPointerType::get(context);
  LLVM::LLVMFuncOp kernel = makeKernel(builder, plan, {pointer, pointer});
  Location location = kernel.getLoc();
  LaunchView launch(builder, location, kernel.getArgument(0), stencil, 0);
  BoxView box(builder, location, kernel.getArgument(1));
  launch.origin = box.origin;
  Value parameters = copyParameters(builder, location, launch, stencil);
  PlaceLoop planes(builder, location, box, 2);
  PlaceLoop rows(builder, location, box, 1);
  Value start =
      rowElement(builder, location, launch, rows.place(), planes.place());
  PlaceLoop cells(builder, location, box, 0);
  auto group = LLVM::AccessGroupAttr::get(context);
  updateCell(builder, stencil.getApply(), launch, parameters,
             {cells.place(), rows.place(), planes.place()},
             add(builder, location, start, cells.place()), group,
             /*invariant=*/false);
  cells.finish().setLoopAnnotationAttr(
      LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, {}, {}, {}, {}, {}, {},
                                    {}, {}, {}, {}, {}, {group}));
  rows.finish();
  planes.finish();
  LLVM::ReturnOp::create(builder, location, ValueRange());
  return success();
}

} // namespace rkc::conversion
