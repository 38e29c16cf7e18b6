//===- StencilBody.cpp - The code of one cell -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilBody.h"

#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace rkc::frontend {

static constexpr StringRef WriteMarker = "__rk_stencil_write_";
static constexpr StringRef PartMarker = "__rk_stencil_part";
static constexpr StringRef PositionMarker = "__rk_stencil_position";

FailureOr<int64_t> StencilBody::constant(LLVM::CallOp call, unsigned index) {
  llvm::APInt value;
  if (matchPattern(call.getOperand(index), m_ConstantInt(&value)))
    return value.getSExtValue();
  return call.emitError("the offsets of a stencil's accesses must be "
                        "compile-time constants: give them as template "
                        "arguments");
}

/// Finds the member of the stencil whose address the call is given.
FailureOr<StencilArrayOp> StencilBody::arrayOf(LLVM::CallOp call) {
  Value pointer = call.getOperand(0);
  int64_t offset = 0, number = 0;
  if (auto part = pointer.getDefiningOp<LLVM::CallOp>();
      part && part.getCallee() == PartMarker) {
    FailureOr<int64_t> wanted = constant(part, 1);
    if (failed(wanted))
      return failure();
    number = *wanted;
    pointer = part.getOperand(0);
  }
  while (auto step = pointer.getDefiningOp<LLVM::GEPOp>()) {
    auto indices = step.getIndices();
    llvm::APInt distance;
    if (indices.size() != 1 || !step.getElemType().isInteger(8))
      break;
    if (auto known = dyn_cast<IntegerAttr>(indices[0]))
      distance = known.getValue();
    else if (!matchPattern(cast<Value>(indices[0]), m_ConstantInt(&distance)))
      break;
    offset += distance.getSExtValue();
    pointer = step.getBase();
  }
  if (pointer == function.getArgument(0))
    for (auto array : stencil.getBody().getOps<StencilArrayOp>())
      if (int64_t(array.getOffset()) == offset &&
          int64_t(array.getPart()) == number)
        return array;
  return call.emitError("an update reads and writes the fields of its own "
                        "stencil, named as such: 'cell.at(field)'");
}

Value StencilBody::valueOf(StencilRead read, Location location) {
  auto [known, isNew] = numbers.try_emplace(read.key(), unsigned(reads.size()));
  if (isNew) {
    reads.push_back(read);
    function.front().addArgument(read.array.getType(), location);
  }
  return function.getArgument(ownArguments + positions + known->second);
}

/// Returns `value` as one of a type of the same size.
Value StencilBody::as(Type type, Value value, Location location) {
  if (value.getType() == type)
    return value;
  return LLVM::BitcastOp::create(builder, location, type, value);
}

static bool haveOneSize(Type a, Type b) {
  return a.isIntOrFloat() && b.isIntOrFloat() &&
         a.getIntOrFloatBitWidth() == b.getIntOrFloatBitWidth();
}

LogicalResult StencilBody::raiseRead(LLVM::CallOp call) {
  FailureOr<StencilArrayOp> array = arrayOf(call);
  if (failed(array))
    return failure();
  FailureOr<int64_t> level = constant(call, 1);
  if (failed(level))
    return failure();
  FailureOr<std::array<int64_t, 3>> where = readWhere(call);
  if (failed(where))
    return failure();
  Value value = valueOf({*array, int32_t(*level), *where}, call.getLoc());
  Type type = call.getResult().getType();
  // Numbers that C++ has no word for travel as integers.
  const bool isWord = type.isInteger() && haveOneSize(type, value.getType());
  if (value.getType() != type && !isWord)
    return call.emitError("reads ")
           << type << " of '" << array->getName() << "', whose values are "
           << array->getType();
  builder.setInsertionPoint(call);
  call.replaceAllUsesWith(ValueRange(as(type, value, call.getLoc())));
  call.erase();
  return success();
}

LogicalResult StencilBody::raisePosition(LLVM::CallOp call) {
  FailureOr<int64_t> number = constant(call, 0);
  if (failed(number))
    return failure();
  if (*number < 0 || *number >= int64_t(positions))
    return call.emitError("asks for position ")
           << *number << ", and there are " << positions << " here";
  call.replaceAllUsesWith(ValueRange(position(unsigned(*number))));
  call.erase();
  return success();
}

LogicalResult StencilBody::addWrite(LLVM::CallOp call) {
  FailureOr<StencilArrayOp> array = arrayOf(call);
  if (failed(array))
    return failure();
  writes[*array].push_back(call);
  return success();
}

/// Gives each field that is written a variable, which LLVM makes a value again.
void StencilBody::lowerWrites() {
  DominanceInfo dominance(function);
  SmallVector<LLVM::ReturnOp> returns;
  function.walk([&](LLVM::ReturnOp op) { returns.push_back(op); });
  SmallVector<Value> slots;
  for (auto &[arrayOp, calls] : writes) {
    auto array = cast<StencilArrayOp>(arrayOp);
    Location location =
        calls.empty() ? function.getLoc() : calls.front().getLoc();
    builder.setInsertionPointToStart(&function.front());
    auto one =
        LLVM::ConstantOp::create(builder, location, builder.getI32Type(), 1);
    auto slot = LLVM::AllocaOp::create(
        builder, location, LLVM::LLVMPointerType::get(builder.getContext()),
        array.getType(), one);
    const bool always = llvm::any_of(calls, [&](LLVM::CallOp call) {
      return llvm::all_of(returns, [&](LLVM::ReturnOp end) {
        return dominance.dominates(call.getOperation(), end.getOperation());
      });
    });
    if (!always)
      LLVM::StoreOp::create(builder, location, valueOf(unset(array), location),
                            slot);
    for (LLVM::CallOp call : calls) {
      builder.setInsertionPoint(call);
      LLVM::StoreOp::create(
          builder, call.getLoc(),
          as(array.getType(), call.getOperand(1), call.getLoc()), slot);
      call.erase();
    }
    slots.push_back(slot);
  }
  replaceReturns(slots);
}

void StencilBody::replaceReturns(ArrayRef<Value> slots) {
  SmallVector<LLVM::ReturnOp> returns;
  function.walk([&](LLVM::ReturnOp op) { returns.push_back(op); });
  SmallVector<Type> types;
  for (auto &[array, calls] : writes)
    types.push_back(cast<StencilArrayOp>(array).getType());
  for (LLVM::ReturnOp op : returns) {
    builder.setInsertionPoint(op);
    SmallVector<Value> values;
    for (auto [slot, type] : llvm::zip_equal(slots, types))
      values.push_back(LLVM::LoadOp::create(builder, op.getLoc(), type, slot));
    Value result = values.empty() ? Value() : values.front();
    if (values.size() > 1) {
      auto all = LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
      result = LLVM::PoisonOp::create(builder, op.getLoc(), all);
      for (auto [index, value] : llvm::enumerate(values))
        result = LLVM::InsertValueOp::create(builder, op.getLoc(), result,
                                             value, int64_t(index));
    }
    if (result)
      LLVM::ReturnOp::create(builder, op.getLoc(), result);
    else
      LLVM::ReturnOp::create(builder, op.getLoc(), ValueRange());
    op.erase();
  }
}

void splitMulAdds(LLVM::LLVMFuncOp function) {
  OpBuilder builder(function);
  SmallVector<LLVM::FMulAddOp> found;
  function.walk([&](LLVM::FMulAddOp op) { found.push_back(op); });
  for (LLVM::FMulAddOp op : found) {
    builder.setInsertionPoint(op);
    Value product =
        LLVM::FMulOp::create(builder, op.getLoc(), op.getType(), op.getA(),
                             op.getB(), op.getFastmathFlags());
    Value sum = LLVM::FAddOp::create(builder, op.getLoc(), op.getType(),
                                     product, op.getC(), op.getFastmathFlags());
    op.replaceAllUsesWith(sum);
    op.erase();
  }
}

void StencilBody::finishFunction() {
  SmallVector<Type> results;
  for (auto &[array, calls] : writes)
    results.push_back(cast<StencilArrayOp>(array).getType());
  MLIRContext *context = builder.getContext();
  Type result = LLVM::LLVMVoidType::get(context);
  if (results.size() == 1)
    result = results.front();
  else if (results.size() > 1)
    result = LLVM::LLVMStructType::getLiteral(context, results);
  function.removeArgAttrsAttr();
  function.setFunctionType(LLVM::LLVMFunctionType::get(
      result, SmallVector<Type>(function.front().getArgumentTypes())));
  function.setLinkage(LLVM::Linkage::Internal);
  function.removeNoInlineAttr();
  function.setAlwaysInline(true);
  // It said what the markers did.
  function.removeMemoryEffectsAttr();
}

void StencilBody::fillOp() {
  builder.setInsertionPointToEnd(&stencil.getBody().front());
  Location location = function.getLoc();
  Block &block = makeOp();
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  for (unsigned own = 0; own < ownArguments; ++own)
    block.addArgument(pointer, location);
  for (unsigned number = 0; number < positions; ++number)
    block.addArgument(builder.getI64Type(), location);
  builder.setInsertionPointToEnd(&block);
  SmallVector<Value> arguments(block.args_begin(), block.args_end());
  for (const StencilRead &read : reads)
    arguments.push_back(makeAccess(read));
  auto call = LLVM::CallOp::create(builder, location, function, arguments);
  for (auto [index, write] : llvm::enumerate(writes)) {
    auto array = cast<StencilArrayOp>(write.first);
    Value value = call.getResult();
    if (writes.size() > 1)
      value = LLVM::ExtractValueOp::create(builder, location, value,
                                           int64_t(index));
    StencilStoreOp::create(builder, location, value, array.getNameAttr());
  }
}

LogicalResult StencilBody::raise() {
  Location location = function.getLoc();
  for (unsigned number = 0; number < positions; ++number)
    function.front().addArgument(builder.getI64Type(), location);
  SmallVector<LLVM::CallOp> calls;
  function.walk([&](LLVM::CallOp call) { calls.push_back(call); });
  for (LLVM::CallOp call : calls) {
    StringRef callee = call.getCallee().value_or("");
    LogicalResult raised = success();
    if (callee.starts_with(readMarker()))
      raised = raiseRead(call);
    else if (callee == PositionMarker)
      raised = raisePosition(call);
    else if (callee.starts_with(WriteMarker))
      raised = addWrite(call);
    else if (callee == PartMarker)
      parts.push_back(call);
    if (failed(raised))
      return failure();
  }
  if (failed(check()))
    return failure();
  lowerWrites();
  for (LLVM::CallOp part : parts)
    part.erase();
  splitMulAdds(function);
  finishFunction();
  fillOp();
  return success();
}

} // namespace rkc::frontend
