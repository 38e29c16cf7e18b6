//===- ReduceKernels.cpp - One value of all cells -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "IndexKernel.h"

#include "rk/abi/StencilFold.h"

#include "mlir/IR/IRMapping.h"

#include <cstddef>

using namespace mlir;
using rk::abi::StencilFold;

namespace rkc::conversion {
namespace {

/// Builds the kernels of one reduction.
class ReduceKernels {
public:
  ReduceKernels(OpBuilder &builder, StencilReduceOp reduction, bool isGpu)
      : builder(builder), location(UnknownLoc::get(builder.getContext())),
        reduction(reduction), stencil(reduction->getParentOfType<StencilOp>()),
        program(stencil->getParentOfType<ModuleOp>()), isGpu(isGpu),
        pointer(LLVM::LLVMPointerType::get(builder.getContext())) {}

  /// An index is a lane of a chunk of cells: see `foldIndex`, of which this is
  /// the part that makes lanes, with cells for values.
  void buildCells() {
    IndexKernel kernel(builder, program, *reduction.getEntry(),
                       sizeof(StencilFold), isGpu);
    LaunchView launch(builder, location,
                      kernel.argumentAt(offsetof(StencilFold, launch)), stencil,
                      isGpu ? 1 : 0);
    all = kernel.local(size(), alignment());
    one = kernel.local(size(), alignment());
    Type word = builder.getI64Type();
    Value cells =
        kernel.load(word, kernel.argument, offsetof(StencilFold, values));
    Value to = kernel.load(word, kernel.argument, offsetof(StencilFold, to));
    kernel.begin();
    Value lanes = number(rk::abi::ReductionLanes);
    Value chunk = LLVM::UDivOp::create(builder, location, kernel.index, lanes);
    Value lane = LLVM::URemOp::create(builder, location, kernel.index, lanes);
    Value start =
        multiply(builder, location, chunk, number(rk::abi::ReductionChunk));
    Value limit =
        add(builder, location, start, number(rk::abi::ReductionChunk));
    Value isWhole = isLess(builder, location, limit, cells);
    Value end =
        LLVM::SelectOp::create(builder, location, isWhole, limit, cells);
    Value begin = add(builder, location, start, lane);
    kernel.continueIf(isLess(builder, location, begin, end));
    combineCells(launch, begin, end);
    Value address =
        add(builder, location, to,
            multiply(builder, location, kernel.index, number(size())));
    copy(LLVM::IntToPtrOp::create(builder, location, pointer, address), all);
    kernel.end();
  }

  void buildFold() {
    IndexKernel kernel(builder, program, reduction.getFoldEntry(),
                       sizeof(StencilFold), isGpu);
    kernel.begin();
    call(reduction.getFold(), {kernel.argument, kernel.index});
    kernel.end();
  }

private:
  int64_t size() { return int64_t(reduction.getSize()); }
  int64_t alignment() { return int64_t(reduction.getAlign()); }
  Value number(int64_t value) { return constant(builder, location, value); }

  void copy(Value to, Value from) {
    LLVM::MemcpyOp::create(builder, location, to, from, number(size()),
                           /*isVolatile=*/false);
  }

  void call(StringRef name, ArrayRef<Value> arguments) {
    SmallVector<Type> types = llvm::to_vector(ValueRange(arguments).getTypes());
    LLVM::LLVMFuncOp function =
        functionNamed(builder, program, name,
                      LLVM::LLVMVoidType::get(builder.getContext()), types);
    if (!function.isExternal()) {
      function.setLinkage(LLVM::Linkage::Internal);
      function.removeNoInlineAttr();
      function.setAlwaysInline(true);
    }
    LLVM::CallOp::create(builder, location, function, arguments);
  }

  /// Combines the values of every 32nd cell from `begin` up to `end`.
  void combineCells(const LaunchView &launch, Value begin, Value end) {
    Region *body = builder.getInsertionBlock()->getParent();
    Block *before = builder.getInsertionBlock();
    Block *loop = builder.createBlock(body, body->end(), {builder.getI64Type()},
                                      {location});
    Block *first = builder.createBlock(body, body->end());
    Block *later = builder.createBlock(body, body->end());
    Block *latch = builder.createBlock(body, body->end());
    Block *done = builder.createBlock(body, body->end());
    builder.setInsertionPointToEnd(before);
    LLVM::BrOp::create(builder, location, begin, loop);

    builder.setInsertionPointToEnd(loop);
    Value cell = loop->getArgument(0);
    cloneTerm(launch, cell);
    Value isFirst = LLVM::ICmpOp::create(builder, location,
                                         LLVM::ICmpPredicate::eq, cell, begin);
    LLVM::CondBrOp::create(builder, location, isFirst, first, later);

    builder.setInsertionPointToEnd(first);
    copy(all, one);
    LLVM::BrOp::create(builder, location, latch);
    builder.setInsertionPointToEnd(later);
    call(reduction.getCombine(), {all, one});
    LLVM::BrOp::create(builder, location, latch);

    builder.setInsertionPointToEnd(latch);
    Value next = add(builder, location, cell, number(rk::abi::ReductionLanes));
    LLVM::CondBrOp::create(builder, location,
                           isLess(builder, location, next, end), loop,
                           ValueRange(next), done, ValueRange());
    builder.setInsertionPointToEnd(done);
  }

  /// Computes the value of cell number `cell` into `one`.
  void cloneTerm(const LaunchView &launch, Value cell) {
    Value row = LLVM::UDivOp::create(builder, location, cell, launch.extent[0]);
    Value x = LLVM::URemOp::create(builder, location, cell, launch.extent[0]);
    Value z = LLVM::UDivOp::create(builder, location, row, launch.extent[1]);
    Value y = LLVM::URemOp::create(builder, location, row, launch.extent[1]);
    Value element =
        add(builder, location, rowElement(builder, location, launch, y, z), x);
    Block &block = reduction.getBody().front();
    IRMapping values;
    values.map(block.getArguments(),
               ValueRange{launch.parameters, one, x, y, z});
    for (Operation &op : block) {
      auto access = dyn_cast<StencilAccessOp>(op);
      if (!access) {
        builder.clone(op, values)->setLoc(location);
        continue;
      }
      Type type = access.getValue().getType();
      Value address = elementAddress(builder, location, launch,
                                     launch.entries[entryOf(access)], type,
                                     element, access.getOffset());
      values.map(access.getValue(),
                 LLVM::LoadOp::create(builder, location, type, address,
                                      type.getIntOrFloatBitWidth() / 8));
    }
  }

  OpBuilder &builder;
  Location location;
  StencilReduceOp reduction;
  StencilOp stencil;
  ModuleOp program;
  bool isGpu;
  Type pointer;
  /// What is combined, and the value of the next cell.
  Value all, one;
};

} // namespace

LogicalResult lowerReduction(StencilReduceOp reduction, bool isGpu) {
  if (!reduction.getEntry())
    return reduction.emitOpError("has no entry; run rk-plan-stencils first");
  OpBuilder builder(reduction.getContext());
  ReduceKernels kernels(builder, reduction, isGpu);
  kernels.buildCells();
  kernels.buildFold();
  return success();
}

} // namespace rkc::conversion
