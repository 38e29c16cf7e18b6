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

StencilBoundaryOp StencilOp::getOutside() {
  auto found = getBody().getOps<StencilBoundaryOp>();
  return found.empty() ? StencilBoundaryOp() : *found.begin();
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
  llvm::StringMap<Operation *> arrays, plans, reductions;
  Operation *apply = nullptr, *boundary = nullptr;
  for (Operation &op : getBody().front()) {
    llvm::StringMap<Operation *> *names = nullptr;
    StringRef name;
    if (auto array = dyn_cast<StencilArrayOp>(op)) {
      names = &arrays;
      name = array.getName();
    } else if (auto plan = dyn_cast<StencilPlanOp>(op)) {
      names = &plans;
      name = plan.getName();
    } else if (auto reduction = dyn_cast<StencilReduceOp>(op)) {
      names = &reductions;
      name = reduction.getName();
    } else if (isa<StencilApplyOp>(op) && !apply) {
      apply = &op;
    } else if (isa<StencilBoundaryOp>(op) && !boundary) {
      boundary = &op;
    } else { // stencil_c3
      return op.emitOpError("may not stand here: an rk.stencil holds "
                            "rk.stencil.array, rk.stencil.plan, "
                            "rk.stencil.reduce, one rk.stencil.apply and one "
                            "rk.stencil.boundary");
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
  bool known = type.isF16() || type.isBF16() || type.isF32() || type.isF64();
  for (unsigned width : {8, 16, 32, 64})
    known |= type.isSignlessInteger(width);
  if (!known) // stencil.array_c1
    return emitOpError("type must be f16, bf16, f32, f64, i8, i16, i32 or "
                       "i64, got ")
           << type;
  if (int32_t part = getPart(); part < 0) // stencil.array_c3
    return emitOpError("part must not be negative, got ") << part;
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

static LogicalResult storeOnce(Block &block) {
  llvm::StringMap<Operation *> stored;
  for (auto store : block.getOps<StencilStoreOp>()) {
    auto [first, isFirst] = stored.try_emplace(store.getArray(), store);
    if (isFirst)
      continue;
    auto error = store.emitOpError("is the second store to '")
                 << store.getArray() << "'";
    error.attachNote(first->second->getLoc()) << "the first is here";
    return error;
  }
  return success();
}

LogicalResult StencilApplyOp::verifyRegions() {
  Builder builder(getContext());
  Type index = builder.getI64Type();
  SmallVector<Type> expected = {LLVM::LLVMPointerType::get(getContext()), index,
                                index, index};
  Block &block = getBody().front();
  if (!llvm::equal(block.getArgumentTypes(), expected)) // stencil.apply_c1
    return emitOpError("block needs arguments of type !llvm.ptr, i64, i64, "
                       "i64: the parameters and the cell's place");
  for (Operation &op : block)
    if (!isa<StencilAccessOp, StencilStoreOp>(op) &&
        !isa_and_nonnull<LLVM::LLVMDialect>(op.getDialect()))
      return op.emitOpError("may not stand in an update, which holds "
                            "rk.stencil.access, rk.stencil.store and llvm "
                            "ops only"); // stencil.apply_c2
  return storeOnce(block);               // stencil.apply_c3
}

LogicalResult StencilBoundaryOp::verifyRegions() {
  Builder builder(getContext());
  SmallVector<Type> expected(7, builder.getI64Type());
  expected[0] = LLVM::LLVMPointerType::get(getContext());
  Block &block = getBody().front();
  if (!llvm::equal(block.getArgumentTypes(), expected))
    return emitOpError("block needs arguments of type !llvm.ptr and six times "
                       "i64: the parameters, the place along x, y and z, the "
                       "face, the depth and the step"); // stencil.boundary_c1
  for (Operation &op : block)
    if (!isa<StencilInsideOp, StencilStoreOp>(op) &&
        !isa_and_nonnull<LLVM::LLVMDialect>(op.getDialect()))
      return op.emitOpError("may not stand in a boundary, which holds "
                            "rk.stencil.inside, rk.stencil.store and llvm "
                            "ops only"); // stencil.boundary_c2
  return storeOnce(block);               // stencil.boundary_c3
}

LogicalResult StencilReduceOp::verify() {
  if (int64_t size = getSize();
      size < 1 || size > int64_t(MaxStencilResultBytes))
    return emitOpError("size must be 1 to ") // stencil.reduce_c1
           << MaxStencilResultBytes << " bytes, got " << size;
  if (int64_t align = getAlign();
      align < 1 || align > 16 || !llvm::isPowerOf2_64(align))
    return emitOpError("alignment must be a power of two of at most 16, got ")
           << align; // stencil.reduce_c1
  return success();
}

LogicalResult StencilReduceOp::verifyRegions() {
  if (bool(getTerm()) != getBody().empty()) // stencil.reduce_c2
    return emitOpError("needs either a term or a block");
  if (getTerm())
    return success();
  Builder builder(getContext());
  SmallVector<Type> expected(5, builder.getI64Type());
  expected[0] = expected[1] = LLVM::LLVMPointerType::get(getContext());
  Block &block = getBody().front();
  if (!llvm::equal(block.getArgumentTypes(), expected)) // stencil.reduce_c3
    return emitOpError("block needs arguments of type !llvm.ptr, !llvm.ptr, "
                       "i64, i64, i64: the parameters, the result and the "
                       "cell's place");
  for (Operation &op : block)
    if (!isa<StencilAccessOp>(op) &&
        !isa_and_nonnull<LLVM::LLVMDialect>(op.getDialect()))
      return op.emitOpError("may not stand in a reduction, which holds "
                            "rk.stencil.access and llvm ops only");
  return success(); // stencil.reduce_c4
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

LogicalResult StencilInsideOp::verify() {
  StencilOp stencil = stencilOf(*this);
  StencilArrayOp array = stencil.getArray(getArray());
  if (!array) // stencil.inside_c1
    return emitOpError("names '")
           << getArray() << "', which is no array of stencil "
           << stencil.getSymNameAttr();
  const auto distance = int64_t(getDistance());
  const bool counts = getFrom() == StencilFrom::Face;
  const int64_t most = counts ? int64_t(MaxStencilRadius) : 0;
  if (distance < 0 || distance > most) // stencil.inside_c2
    return emitOpError("distance must be 0 to ")
           << most << ", got " << distance;
  const int32_t least = getFrom() == StencilFrom::Place ? 1 : 0;
  if (int32_t level = getLevel();
      level < least || level >= int32_t(array.getLevels()))
    return emitOpError("reads level ") // stencil.inside_c3
           << level << " of '" << getArray() << "', which has "
           << int32_t(array.getLevels())
           << (least ? ", and level 0 of the place is being set" : "");
  if (getValue().getType() == array.getType()) // stencil.inside_c4
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
