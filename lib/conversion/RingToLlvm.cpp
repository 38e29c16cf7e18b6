//===- RingToLlvm.cpp - Ring ops to functions in the program --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

using namespace mlir;

namespace rkc::conversion {

namespace {

/// Writes the function that pushes or pops, once for each ring layout and pair
/// of address spaces, so that the op needs no blocks of its own.
class RingFunction {
public:
  RingFunction(OpBuilder &builder, RingType layout, Type ring, Type item,
               bool isPush)
      : builder(builder), location(builder.getUnknownLoc()), layout(layout),
        ring(ring), item(item), isPush(isPush), i32(builder.getI32Type()) {}

  LLVM::LLVMFuncOp getOrMake(ModuleOp program);

private:
  std::string name() const;
  void makeBody(LLVM::LLVMFuncOp function);
  /// Moves the item of position `head + count`, or `head`, and updates both.
  void makeTransfer(LLVM::LLVMFuncOp function, Value head, Value count);
  Value constant(int64_t value) {
    return makeConstant(builder, location, i32, value);
  }
  /// Returns the address `offset` bytes behind the ring's start.
  Value at(LLVM::LLVMFuncOp function, Value offset) {
    return LLVM::GEPOp::create(builder, location, ring, builder.getI8Type(),
                               function.getArgument(0),
                               ArrayRef<LLVM::GEPArg>{offset});
  }
  Value wrap(Value position);
  void copy(Value to, Value from);

  OpBuilder &builder;
  Location location;
  RingType layout;
  Type ring;
  Type item;
  bool isPush;
  Type i32;
};

std::string RingFunction::name() const {
  auto space = [](Type type) {
    return cast<LLVM::LLVMPointerType>(type).getAddressSpace();
  };
  std::string text = isPush ? "rkc.ring.push" : "rkc.ring.pop";
  for (uint32_t part : {layout.getBytes(), layout.getAlign(),
                        layout.getCapacity(), space(ring), space(item)})
    text += '.' + std::to_string(part);
  return text;
}

/// Returns `position`, which is less than twice the capacity, modulo it.
Value RingFunction::wrap(Value position) {
  Value capacity = constant(layout.getCapacity());
  Value isPast = LLVM::ICmpOp::create(
      builder, location, LLVM::ICmpPredicate::uge, position, capacity);
  Value wrapped = LLVM::SubOp::create(builder, location, position, capacity);
  return LLVM::SelectOp::create(builder, location, isPast, wrapped, position);
}

void RingFunction::copy(Value to, Value from) {
  Value size =
      makeConstant(builder, location, builder.getI64Type(), layout.getBytes());
  auto op = LLVM::MemcpyOp::create(builder, location, to, from, size, false);
  auto align = builder.getDictionaryAttr(
      builder.getNamedAttr(LLVM::LLVMDialect::getAlignAttrName(),
                           builder.getI64IntegerAttr(layout.getAlign())));
  auto none = builder.getDictionaryAttr({});
  op.setArgAttrsAttr(builder.getArrayAttr({align, align, none, none}));
}

void RingFunction::makeTransfer(LLVM::LLVMFuncOp function, Value head,
                                Value count) {
  Value position = head;
  if (isPush)
    position = wrap(LLVM::AddOp::create(builder, location, head, count));
  Type i64 = builder.getI64Type();
  Value wide = LLVM::ZExtOp::create(builder, location, i64, position);
  Value bytes = LLVM::MulOp::create(
      builder, location, wide,
      makeConstant(builder, location, i64, layout.getBytes()));
  Value offset = LLVM::AddOp::create(
      builder, location, bytes,
      makeConstant(builder, location, i64, layout.getItemsOffset()));
  Value slot = at(function, offset), value = function.getArgument(1);
  if (isPush) {
    copy(slot, value);
  } else {
    copy(value, slot);
    Value next =
        wrap(LLVM::AddOp::create(builder, location, head, constant(1)));
    LLVM::StoreOp::create(builder, location, next, at(function, constant(0)));
  }
  Value newCount =
      LLVM::AddOp::create(builder, location, count, constant(isPush ? 1 : -1));
  LLVM::StoreOp::create(builder, location, newCount, at(function, constant(4)));
}

void RingFunction::makeBody(LLVM::LLVMFuncOp function) {
  Block *entry = function.addEntryBlock(builder);
  Block *transfer = builder.createBlock(&function.getBody());
  Block *refuse = builder.createBlock(&function.getBody());
  builder.setInsertionPointToEnd(entry);
  Value head =
      LLVM::LoadOp::create(builder, location, i32, at(function, constant(0)));
  Value count =
      LLVM::LoadOp::create(builder, location, i32, at(function, constant(4)));
  Value limit = constant(isPush ? layout.getCapacity() : 0);
  Value possible = LLVM::ICmpOp::create(builder, location,
                                        isPush ? LLVM::ICmpPredicate::ult
                                               : LLVM::ICmpPredicate::ne,
                                        count, limit);
  LLVM::CondBrOp::create(builder, location, possible, transfer, refuse);
  Type i1 = builder.getI1Type();
  builder.setInsertionPointToEnd(transfer);
  makeTransfer(function, head, count);
  LLVM::ReturnOp::create(builder, location,
                         makeConstant(builder, location, i1, 1));
  builder.setInsertionPointToEnd(refuse);
  LLVM::ReturnOp::create(builder, location,
                         makeConstant(builder, location, i1, 0));
}

LLVM::LLVMFuncOp RingFunction::getOrMake(ModuleOp program) {
  if (auto known = program.lookupSymbol<LLVM::LLVMFuncOp>(name()))
    return known;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(program.getBody());
  auto type = LLVM::LLVMFunctionType::get(builder.getI1Type(), {ring, item});
  auto function = LLVM::LLVMFuncOp::create(builder, location, name(), type,
                                           LLVM::Linkage::Internal);
  makeBody(function);
  return function;
}

template <class Op> struct LowerRing : OpRewritePattern<Op> {
  LowerRing(MLIRContext *context, const ProgramInfo &info)
      : OpRewritePattern<Op>(context), info(info) {}
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    RingFunction function(rewriter, cast<RingType>(op.getLayout()),
                          op.getRing().getType(), op.getItem().getType(),
                          std::is_same_v<Op, RingPushOp>);
    auto call = LLVM::CallOp::create(rewriter, op.getLoc(),
                                     function.getOrMake(info.program),
                                     ValueRange{op.getRing(), op.getItem()});
    rewriter.replaceOp(op, call.getResults());
    return success();
  }
  const ProgramInfo &info;
};

} // namespace

void addRingPatterns(RewritePatternSet &patterns, const ProgramInfo &info) {
  patterns.add<LowerRing<RingPushOp>, LowerRing<RingPopOp>>(
      patterns.getContext(), info);
}

} // namespace rkc::conversion
