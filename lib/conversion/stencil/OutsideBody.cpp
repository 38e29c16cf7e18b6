//===- OutsideBody.cpp - What a boundary does at one place ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "OutsideBody.h"

#include "IndexKernel.h"

#include "rk/abi/StencilOutside.h"

#include "mlir/IR/IRMapping.h"

#include <cstddef>

using namespace mlir;
using rk::abi::OutsidePlace;

namespace rkc::conversion {

LLVM::LLVMFuncOp boundaryHelper(OpBuilder &builder, ModuleOp program,
                                StringRef name, Type result,
                                ArrayRef<Type> types) {
  LLVM::LLVMFuncOp function =
      functionNamed(builder, program, name, result, types);
  if (!function.isExternal()) {
    function.setLinkage(LLVM::Linkage::Internal);
    function.removeNoInlineAttr();
    function.setAlwaysInline(true);
  }
  return function;
}

OutsideBody::OutsideBody(OpBuilder &builder, StencilBoundaryOp boundary,
                         Value place)
    : builder(builder), boundary(boundary),
      stencil(boundary->getParentOfType<StencilOp>()),
      location(UnknownLoc::get(builder.getContext())), place(place) {}

Value OutsideBody::load(Type type, Value address) {
  return LLVM::LoadOp::create(builder, location, type, address,
                              type.getIntOrFloatBitWidth() / 8);
}

void OutsideBody::store(Value value, Value address) {
  LLVM::StoreOp::create(builder, location, value, address,
                        value.getType().getIntOrFloatBitWidth() / 8);
}

/// Returns one of the description's numbers.
Value OutsideBody::word(size_t offset) {
  return load(builder.getI64Type(),
              LLVM::GEPOp::create(builder, location, place.getType(),
                                  builder.getI8Type(), place,
                                  LLVM::GEPArg(int32_t(offset))));
}

/// Returns the element that an access reads.
Value OutsideBody::elementOf(StencilInsideOp access) {
  switch (access.getFrom()) {
  case StencilFrom::Place:
    return word(offsetof(OutsidePlace, element));
  case StencilFrom::Mirror:
    return word(offsetof(OutsidePlace, mirror));
  case StencilFrom::Face:
    break;
  }
  Type index = builder.getI64Type();
  auto inward =
      boundaryHelper(builder, stencil->getParentOfType<ModuleOp>(),
                     "rk_stencil_inward", index, {place.getType(), index});
  Value distance = constant(builder, location, int64_t(access.getDistance()));
  return LLVM::CallOp::create(builder, location, inward,
                              ValueRange{place, distance})
      .getResult();
}

void OutsideBody::clone(Value parameters, AddressOf addressOf) {
  Block &block = boundary.getBody().front();
  IRMapping values;
  values.map(block.getArgument(0), parameters);
  // The place along three axes, the face, the depth and the step.
  for (unsigned number = 0; number < 6; ++number)
    values.map(block.getArgument(1 + number), word(8 * number));
  for (Operation &op : block) {
    if (auto access = dyn_cast<StencilInsideOp>(op)) {
      values.map(access.getValue(),
                 load(access.getValue().getType(),
                      addressOf(stencil.getArray(access.getArray()),
                                access.getLevel(), elementOf(access))));
    } else if (auto made = dyn_cast<StencilStoreOp>(op)) {
      store(values.lookup(made.getValue()),
            addressOf(stencil.getArray(made.getArray()), 0,
                      word(offsetof(OutsidePlace, element))));
    } else {
      builder.clone(op, values)->setLoc(location);
    }
  }
}

bool OutsideBody::sets(StencilArrayOp array) {
  return llvm::any_of(boundary.getBody().getOps<StencilStoreOp>(),
                      [&](StencilStoreOp store) {
                        return store.getArray() == array.getName();
                      });
}

void OutsideBody::mirror(StencilArrayOp array, AddressOf addressOf) {
  Value from = addressOf(array, 0, word(offsetof(OutsidePlace, mirror)));
  store(load(array.getType(), from),
        addressOf(array, 0, word(offsetof(OutsidePlace, element))));
}

} // namespace rkc::conversion
