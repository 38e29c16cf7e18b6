//===- BoundaryKernel.cpp - What lies beyond faces, by a function ---------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "IndexKernel.h"

#include "rk/abi/StencilOutside.h"

#include "mlir/IR/IRMapping.h"

#include <cstddef>

using namespace mlir;
using rk::abi::OutsidePlace;
using rk::abi::StencilOutside;

namespace rkc::conversion {
namespace {

/// Builds the kernel of one boundary.
class BoundaryKernel {
public:
  BoundaryKernel(OpBuilder &builder, StencilBoundaryOp boundary, bool isGpu)
      : builder(builder), boundary(boundary),
        stencil(boundary->getParentOfType<StencilOp>()),
        program(stencil->getParentOfType<ModuleOp>()),
        kernel(builder, program, *boundary.getEntry(), sizeof(StencilOutside),
               isGpu),
        location(kernel.location) {}

  void build() {
    Value launched = kernel.argumentAt(offsetof(StencilOutside, launch));
    LaunchView launch(builder, location, launched, stencil,
                      kernel.isGpu ? 1 : 0);
    place = kernel.local(sizeof(OutsidePlace), alignof(OutsidePlace));
    kernel.begin();
    Type pointer = place.getType(), flag = builder.getI1Type();
    auto locate = helper("rk_stencil_locate", flag,
                         {pointer, builder.getI64Type(), pointer});
    kernel.continueIf(
        LLVM::CallOp::create(builder, location, locate,
                             ValueRange{kernel.argument, kernel.index, place})
            .getResult());
    cloneBody(launch);
    kernel.end();
  }

private:
  /// A function that `rk/stencil.h` defines; nobody else needs it.
  LLVM::LLVMFuncOp helper(StringRef name, Type result, ArrayRef<Type> types) {
    LLVM::LLVMFuncOp function =
        functionNamed(builder, program, name, result, types);
    if (!function.isExternal()) {
      function.setLinkage(LLVM::Linkage::Internal);
      function.removeNoInlineAttr();
      function.setAlwaysInline(true);
    }
    return function;
  }

  Value word(size_t offset) {
    return kernel.load(builder.getI64Type(), place, offset);
  }

  /// Returns the element that an access reads.
  Value elementOf(StencilInsideOp access) {
    switch (access.getFrom()) {
    case StencilFrom::Place:
      return word(offsetof(OutsidePlace, element));
    case StencilFrom::Mirror:
      return word(offsetof(OutsidePlace, mirror));
    case StencilFrom::Face:
      break;
    }
    Type index = builder.getI64Type();
    auto inward = helper("rk_stencil_inward", index, {place.getType(), index});
    Value distance = constant(builder, location, int64_t(access.getDistance()));
    return LLVM::CallOp::create(builder, location, inward,
                                ValueRange{place, distance})
        .getResult();
  }

  void cloneBody(const LaunchView &launch) {
    Block &block = boundary.getBody().front();
    IRMapping values;
    values.map(block.getArgument(0), launch.parameters);
    // The place along three axes, the face, the depth and the step.
    for (unsigned number = 0; number < 6; ++number)
      values.map(block.getArgument(1 + number), word(8 * number));
    auto address = [&](StringRef name, uint32_t level, Type type,
                       Value element) {
      const uint32_t entry =
          stencil.getFirstEntry(stencil.getArray(name)) + level;
      return elementAddress(builder, location, launch, launch.entries[entry],
                            type, element, {0, 0, 0});
    };
    for (Operation &op : block) {
      if (auto access = dyn_cast<StencilInsideOp>(op)) {
        Type type = access.getValue().getType();
        values.map(access.getValue(),
                   kernel.load(type,
                               address(access.getArray(), access.getLevel(),
                                       type, elementOf(access)),
                               0));
      } else if (auto store = dyn_cast<StencilStoreOp>(op)) {
        Value value = values.lookup(store.getValue());
        LLVM::StoreOp::create(builder, location, value,
                              address(store.getArray(), 0, value.getType(),
                                      word(offsetof(OutsidePlace, element))),
                              value.getType().getIntOrFloatBitWidth() / 8);
      } else {
        builder.clone(op, values)->setLoc(location);
      }
    }
  }

  OpBuilder &builder;
  StencilBoundaryOp boundary;
  StencilOp stencil;
  ModuleOp program;
  IndexKernel kernel;
  Location location;
  Value place;
};

} // namespace

LogicalResult lowerBoundary(StencilBoundaryOp boundary, bool isGpu) {
  if (!boundary.getEntry())
    return boundary.emitOpError("has no entry; run rk-plan-stencils first");
  OpBuilder builder(boundary.getContext());
  BoundaryKernel(builder, boundary, isGpu).build();
  return success();
}

} // namespace rkc::conversion
