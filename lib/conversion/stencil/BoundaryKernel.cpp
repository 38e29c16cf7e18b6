//===- BoundaryKernel.cpp - What lies beyond faces, by a function ---------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "IndexKernel.h"
#include "OutsideBody.h"

#include "rk/abi/StencilOutside.h"

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
    Value place = kernel.local(sizeof(OutsidePlace), alignof(OutsidePlace));
    kernel.begin();
    Type pointer = place.getType(), flag = builder.getI1Type();
    auto locate = boundaryHelper(builder, program, "rk_stencil_locate", flag,
                                 {pointer, builder.getI64Type(), pointer});
    kernel.continueIf(
        LLVM::CallOp::create(builder, location, locate,
                             ValueRange{kernel.argument, kernel.index, place})
            .getResult());
    OutsideBody(builder, boundary, place)
        .clone(launch.parameters,
               [&](StencilArrayOp array, uint32_t level, Value element) {
                 const uint32_t entry = stencil.getFirstEntry(array) + level;
                 return elementAddress(builder, location, launch,
                                       launch.entries[entry], array.getType(),
                                       element, {0, 0, 0});
               });
    kernel.end();
  }

private:
  OpBuilder &builder;
  StencilBoundaryOp boundary;
  StencilOp stencil;
  ModuleOp program;
  IndexKernel kernel;
  Location location;
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
