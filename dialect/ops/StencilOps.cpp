//===- StencilOps.cpp - Rules of stencils ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/dialect/Rk.h"

#include "rk/abi/Stencil.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace rk::abi;

namespace rkc {

//===----------------------------------------------------------------------===//
// rk.stencil
//===----------------------------------------------------------------------===//

StencilArrayOp StencilOp::getArray(StringRef name) {
  for (auto array : getBody().getOps<StencilArrayOp>())
    if (array.getName() == name)
      return array;
  return {};
}

StencilApplyOp StencilOp::getApply() {
  auto found = getBody().getOps<StencilApplyOp>();
  return found.empty() ? StencilApplyOp() : *found.begin();
}

/// Before the halos are known, an array may need one more than its levels.
static uint32_t entriesOf(StencilArrayOp array) {
  if (array.getEntries())
    return *array.getEntries();
  return array.getLevels() + (array.getCoefficient() ? 0 : 1);
}

uint32_t StencilOp::getFirstEntry(StencilArrayOp array) {
  uint32_t first = 0;
  for (auto before : getBody().getOps<StencilArrayOp>()) {
    if (before == array)
      break;
    first += entriesOf(before);
  }
  return first;
}

uint32_t StencilOp::getEntryCount() {
  uint32_t count = 0;
  for (auto array : getBody().getOps<StencilArrayOp>())
    count += entriesOf(array);
  return count;
}

LogicalResult StencilOp::verify() {
  if (int32_t dimensions = getDimensions(); dimensions < 1 || dimensions > 3)
    return emitOpError("dimensions must be 1 to 3, got ")
           << dimensions; // stencil_c1
  if (int32_t radius = getRadius();
      radius < 1 || radius > int32_t(MaxStencilRadius))
    return emitOpError("radius must be 1 to ") // stencil_c2
           << MaxStencilRadius << ", got " << radius;
  if (int64_t size = getSize();
      size < 1 || size > int64_t(MaxStencilParameterBytes))
    return emitOpError("size must be 1 to ") // stencil_c6
           << MaxStencilParameterBytes << " bytes, got " << size;
  if (int64_t align = getAlign();
      align < 1 || align > 16 || !llvm::isPowerOf2_64(align))
    return emitOpError("alignment must be a power of two of at most 16, got ")
           << align; // stencil_c6
  return success();
}

LogicalResult StencilOp::verifyRegions() {
  llvm::StringMap<Operation *> arrays, plans;
  Operation *apply = nullptr;
  for (Operation &op : getBody().front()) {
    llvm::StringMap<Operation *> *names = nullptr;
    StringRef name;
    if (auto array = dyn_cast<StencilArrayOp>(op)) {
      names = &arrays;
      name = array.getName();
    } else if (auto plan = dyn_cast<StencilPlanOp>(op)) {
      names = &plans;
      name = plan.getName();
    } else if (isa<StencilApplyOp>(op) && !apply) {
      apply = &op;
    } else { // stencil_c3
      return op.emitOpError("may not stand here: an rk.stencil holds "
                            "rk.stencil.array, rk.stencil.plan and one "
                            "rk.stencil.apply");
    }
    if (names && !names->try_emplace(name, &op).second) // stencil_c4
      return op.emitOpError("is the second one named '") << name << "'";
  }
  if (getEntryCount() > MaxStencilEntries) // stencil_c5
    return emitOpError("its arrays take ")
           << getEntryCount() << " entries; a launch has " << MaxStencilEntries;
  return success();
}

//===----------------------------------------------------------------------===//
// Arrays and plans
//===----------------------------------------------------------------------===//

LogicalResult StencilArrayOp::verify() {
  Type type = getType();
  bool known = type.isF32() || type.isF64();
  for (unsigned width : {8, 16, 32, 64})
    known |= type.isSignlessInteger(width);
  if (!known) // stencil.array_c1
    return emitOpError("type must be f32, f64, i8, i16, i32 or i64, got ")
           << type;
  const uint32_t most = getCoefficient() ? 1 : MaxStencilLevels;
  if (uint32_t levels = getLevels(); levels < 1 || levels > most)
    return emitOpError("levels must be 1 to ") // stencil.array_c2
           << most << ", got " << int32_t(levels);
  return success();
}

LogicalResult StencilPlanOp::verify() {
  int64_t threads = 1;
  bool valid = getBlock().size() == 3 && getTile().size() == 3;
  for (int32_t count : getBlock()) {
    valid &= count >= 1 && count <= 1024;
    threads *= count;
  }
  for (int32_t count : getTile())
    valid &= count >= 0;
  if (!valid || threads > 1024) // stencil.plan_c1
    return emitOpError("needs three numbers of threads of at least 1, at most "
                       "1024 together, and three numbers of cells");
  if (int32_t(getSteps()) < 1 || int32_t(getShared()) < 0) // stencil.plan_c2
    return emitOpError("needs at least 1 step and no negative shared memory, "
                       "got ")
           << int32_t(getSteps()) << " and " << int32_t(getShared());
  return success();
}

//===----------------------------------------------------------------------===//
// The update
//===----------------------------------------------------------------------===//

LogicalResult StencilApplyOp::verifyRegions() {
  Builder builder(getContext());
  Type index = builder.getI64Type();
  SmallVector<Type> expected = {LLVM::LLVMPointerType::get(getContext()), index,
                                index, index};
  Block &block = getBody().front();
  if (!llvm::equal(block.getArgumentTypes(), expected)) // stencil.apply_c1
    return emitOpError("block needs arguments of type !llvm.ptr, i64, i64, "
                       "i64: the parameters and the cell's place");
  llvm::StringMap<Operation *> stored;
  for (Operation &op : block) {
    if (!isa<StencilAccessOp, StencilStoreOp>(op) &&
        !isa_and_nonnull<LLVM::LLVMDialect>(op.getDialect()))
      return op.emitOpError("may not stand in an update, which holds "
                            "rk.stencil.access, rk.stencil.store and llvm "
                            "ops only"); // stencil.apply_c2
    auto store = dyn_cast<StencilStoreOp>(op);
    if (!store || stored.try_emplace(store.getArray(), &op).second)
      continue;
    auto error = store.emitOpError("is the second store to '")
                 << store.getArray() << "'"; // stencil.apply_c3
    error.attachNote(stored[store.getArray()]->getLoc()) << "the first is here";
    return error;
  }
  return success();
}

static StencilOp stencilOf(Operation *op) {
  return op->getParentOfType<StencilOp>();
}

LogicalResult StencilAccessOp::verify() {
  StencilOp stencil = stencilOf(*this);
  StencilArrayOp array = stencil.getArray(getArray());
  if (!array) // stencil.access_c1
    return emitOpError("names '")
           << getArray() << "', which is no array of stencil "
           << stencil.getSymNameAttr();
  unsigned used = 0;
  bool inside = getOffset().size() == 3;
  for (auto [axis, offset] : llvm::enumerate(getOffset())) {
    int64_t most = axis < stencil.getDimensions() ? stencil.getRadius() : 0;
    inside &= offset >= -most && offset <= most;
    used += offset != 0;
  }
  if (!inside) // stencil.access_c2
    return emitOpError("reads at [")
           << getOffset() << "], beyond the radius of "
           << int32_t(stencil.getRadius()) << " of this "
           << int32_t(stencil.getDimensions()) << "-D stencil";
  if (stencil.getStar() && used > 1) // stencil.access_c3
    return emitOpError("reads at [")
           << getOffset() << "], off the axes, in a star-shaped stencil";
  if (getLevel() >= array.getLevels()) // stencil.access_c4
    return emitOpError("reads level ")
           << int32_t(getLevel()) << " of '" << getArray() << "', which has "
           << int32_t(array.getLevels());
  if (getValue().getType() == array.getType()) // stencil.access_c5
    return success();
  return emitOpError("makes ") << getValue().getType() << " of '" << getArray()
                               << "', whose values are " << array.getType();
}

LogicalResult StencilStoreOp::verify() {
  StencilArrayOp array = stencilOf(*this).getArray(getArray());
  if (!array || array.getCoefficient()) // stencil.store_c1
    return emitOpError("names '") << getArray() << "', which is no field of "
                                  << stencilOf(*this).getSymNameAttr();
  if (getValue().getType() == array.getType()) // stencil.store_c2
    return success();
  return emitOpError("puts ") << getValue().getType() << " into '" << getArray()
                              << "', whose values are " << array.getType();
}

} // namespace rkc
