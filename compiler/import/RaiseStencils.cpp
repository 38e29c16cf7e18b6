//===- RaiseStencils.cpp - Updates of cells to rk.stencil.apply -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "RaiseInternal.h"

#include "rkc/dialect/Rk.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"

#include <array>
#include <map>
#include <tuple>
#include <vector>

using namespace mlir;

namespace rkc::frontend {
namespace {

constexpr StringRef ReadPrefix = "__rk_stencil_read_";
constexpr StringRef WritePrefix = "__rk_stencil_write_";
constexpr StringRef PositionMarker = "__rk_stencil_position";
/// The parameters, and the cell's place.
constexpr unsigned FirstAccess = 4;

/// What one call reads: array, level and offset.
struct Access {
  StencilArrayOp array;
  int32_t level;
  std::array<int64_t, 3> offset;

  /// Tells accesses apart.
  using Key = std::tuple<void *, int32_t, std::array<int64_t, 3>>;
  Key key() { return {array.getOperation(), level, offset}; }
};

/// Makes of the function that the source wrote one of the values that it reads,
/// with the values that it stores as its results, and of the reads and stores
/// the update of a stencil. Reads of a branch are hoisted: they are always
/// allowed, and an access needs no control flow then.
class StencilRaiser {
public:
  StencilRaiser(StencilOp stencil, LLVM::LLVMFuncOp function)
      : stencil(stencil), function(function), builder(function) {}

  LogicalResult raise();

private:
  FailureOr<int64_t> constant(LLVM::CallOp call, unsigned index);
  FailureOr<StencilArrayOp> arrayOf(LLVM::CallOp call);
  LogicalResult raiseRead(LLVM::CallOp call);
  LogicalResult raisePosition(LLVM::CallOp call);
  LogicalResult addWrite(LLVM::CallOp call);
  Value valueOf(Access access, Location location);
  void keepWhatIsNotSet();
  void lowerWrites();
  void replaceReturns(ArrayRef<Value> slots);
  void splitMulAdds();
  void finishFunction();
  void makeApply();

  StencilOp stencil;
  LLVM::LLVMFuncOp function;
  OpBuilder builder;
  std::map<Access::Key, unsigned> numbers;
  std::vector<Access> accesses;
  /// The writes of each field, in the order of the first.
  llvm::MapVector<Operation *, SmallVector<LLVM::CallOp>> writes;
};

FailureOr<int64_t> StencilRaiser::constant(LLVM::CallOp call, unsigned index) {
  llvm::APInt value;
  if (matchPattern(call.getOperand(index), m_ConstantInt(&value)))
    return value.getSExtValue();
  return call.emitError("the offsets of a stencil's accesses must be "
                        "compile-time constants: give them as template "
                        "arguments");
}

/// Finds the member of the stencil whose address the call is given.
FailureOr<StencilArrayOp> StencilRaiser::arrayOf(LLVM::CallOp call) {
  Value pointer = call.getOperand(0);
  int64_t offset = 0;
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
      if (int64_t(array.getOffset()) == offset)
        return array;
  return call.emitError("an update reads and writes the fields of its own "
                        "stencil, named as such: 'cell.at(field)'");
}

Value StencilRaiser::valueOf(Access access, Location location) {
  auto [known, isNew] =
      numbers.try_emplace(access.key(), unsigned(accesses.size()));
  if (isNew) {
    accesses.push_back(access);
    StencilArrayOp array = access.array;
    function.front().addArgument(array.getType(), location);
  }
  return function.getArgument(FirstAccess + known->second);
}

LogicalResult StencilRaiser::raiseRead(LLVM::CallOp call) {
  FailureOr<StencilArrayOp> array = arrayOf(call);
  if (failed(array))
    return failure();
  Access access{*array, 0, {}};
  FailureOr<int64_t> level = constant(call, 1);
  if (failed(level))
    return failure();
  access.level = int32_t(*level);
  for (unsigned axis = 0; axis < 3; ++axis) {
    FailureOr<int64_t> offset = constant(call, 2 + axis);
    if (failed(offset))
      return failure();
    access.offset[axis] = *offset;
  }
  Value value = valueOf(access, call.getLoc());
  if (value.getType() != call.getResult().getType())
    return call.emitError("reads ")
           << call.getResult().getType() << " of '" << array->getName()
           << "', whose values are " << array->getType();
  call.replaceAllUsesWith(ValueRange(value));
  call.erase();
  return success();
}

LogicalResult StencilRaiser::raisePosition(LLVM::CallOp call) {
  FailureOr<int64_t> axis = constant(call, 0);
  if (failed(axis))
    return failure();
  call.replaceAllUsesWith(
      ValueRange(function.getArgument(unsigned(1 + (*axis & 3)))));
  call.erase();
  return success();
}

LogicalResult StencilRaiser::addWrite(LLVM::CallOp call) {
  FailureOr<StencilArrayOp> array = arrayOf(call);
  if (failed(array))
    return failure();
  writes[*array].push_back(call);
  return success();
}

/// A field with several levels that no step sets keeps its value, and its
/// levels move on: whether LLVM could prove that a branch is never taken must
/// not show.
void StencilRaiser::keepWhatIsNotSet() {
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    if (array.getLevels() > 1)
      writes.insert({array, {}});
}

/// Gives each field that is written a variable, which LLVM makes a value again.
void StencilRaiser::lowerWrites() {
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
      LLVM::StoreOp::create(builder, location,
                            valueOf({array, 0, {}}, location), slot);
    for (LLVM::CallOp call : calls) {
      builder.setInsertionPoint(call);
      LLVM::StoreOp::create(builder, call.getLoc(), call.getOperand(1), slot);
      call.erase();
    }
    slots.push_back(slot);
  }
  replaceReturns(slots);
}

void StencilRaiser::replaceReturns(ArrayRef<Value> slots) {
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

/// What the source writes as a product and a sum stays so, on every back end
/// and in a plain reference: a plan must not differ in one bit.
void StencilRaiser::splitMulAdds() {
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

void StencilRaiser::finishFunction() {
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

void StencilRaiser::makeApply() {
  builder.setInsertionPointToEnd(&stencil.getBody().front());
  Location location = function.getLoc();
  auto apply = StencilApplyOp::create(builder, location);
  Block &block = apply.getBody().empty() ? apply.getBody().emplaceBlock()
                                         : apply.getBody().front();
  SmallVector<Type> place(3, builder.getI64Type());
  block.addArgument(LLVM::LLVMPointerType::get(builder.getContext()), location);
  for (Type type : place)
    block.addArgument(type, location);
  builder.setInsertionPointToEnd(&block);
  SmallVector<Value> arguments(block.args_begin(), block.args_end());
  for (const Access &access : accesses) {
    StencilArrayOp array = access.array;
    arguments.push_back(StencilAccessOp::create(
        builder, location, array.getType(), array.getNameAttr(),
        builder.getDenseI64ArrayAttr(access.offset),
        builder.getI32IntegerAttr(access.level)));
  }
  auto call = LLVM::CallOp::create(builder, location, function, arguments);
  for (auto [index, write] : llvm::enumerate(writes)) {
    auto array = cast<StencilArrayOp>(write.first);
    Value value = call.getResult();
    if (writes.size() > 1)
      value = LLVM::ExtractValueOp::create(builder, location, value,
                                           int64_t(index));
    StencilStoreOp::create(builder, location, value, array.getNameAttr());
  }
  stencil.removeUpdateAttr();
}

LogicalResult StencilRaiser::raise() {
  Location location = function.getLoc();
  for (unsigned axis = 0; axis < 3; ++axis)
    function.front().addArgument(builder.getI64Type(), location);
  SmallVector<LLVM::CallOp> calls;
  function.walk([&](LLVM::CallOp call) { calls.push_back(call); });
  for (LLVM::CallOp call : calls) {
    StringRef callee = call.getCallee().value_or("");
    LogicalResult raised = success();
    if (callee.starts_with(ReadPrefix))
      raised = raiseRead(call);
    else if (callee == PositionMarker)
      raised = raisePosition(call);
    else if (callee.starts_with(WritePrefix))
      raised = addWrite(call);
    if (failed(raised))
      return failure();
  }
  if (writes.empty())
    return stencil->emitError("the update of stencil '")
           << stencil.getSymName()
           << "' sets no field: write 'cell.set(field, value)'";
  keepWhatIsNotSet();
  lowerWrites();
  splitMulAdds();
  finishFunction();
  makeApply();
  return success();
}

} // namespace

LogicalResult raiseStencils(ModuleOp program) {
  SymbolTable symbols(program);
  for (auto stencil : program.getOps<StencilOp>()) {
    FlatSymbolRefAttr update = stencil.getUpdateAttr();
    if (!update)
      continue;
    auto function = symbols.lookup<LLVM::LLVMFuncOp>(update.getAttr());
    if (!function || function.isExternal())
      return stencil.emitOpError("names '")
             << update.getValue() << "', which is not defined";
    if (failed(StencilRaiser(stencil, function).raise()))
      return failure();
  }
  LogicalResult result = success();
  program.walk([&](LLVM::CallOp call) {
    StringRef callee = call.getCallee().value_or("");
    if (callee.starts_with("__rk_stencil_"))
      result = call.emitError("cells are read and written in the update of a "
                              "stencil, and in functions that it calls by "
                              "name and without recursion");
  });
  return result;
}

} // namespace rkc::frontend
