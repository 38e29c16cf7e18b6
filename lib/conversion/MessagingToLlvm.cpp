//===- MessagingToLlvm.cpp - Messaging ops to device calls ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

#include "rkc/transforms/Decisions.h"

using namespace mlir;

namespace rkc::conversion {

namespace {

/// A pattern that numbers names.
template <class Op> struct NumberingPattern : OpRewritePattern<Op> {
  NumberingPattern(MLIRContext *context, const ProgramInfo &info)
      : OpRewritePattern<Op>(context), info(info) {}

  /// Returns the number of `name` as a 32-bit constant.
  FailureOr<Value>
  number(OpBuilder &builder, Operation *op, FlatSymbolRefAttr name,
         const llvm::DenseMap<StringAttr, int32_t> &numbers) const {
    auto found = numbers.find(name.getAttr());
    if (found == numbers.end())
      return op->emitOpError("names '")
             << name.getValue() << "', which is not declared";
    return makeConstant(builder, op->getLoc(), builder.getI32Type(),
                        found->second);
  }

  const ProgramInfo &info;
};

struct LowerSend : NumberingPattern<SendOp> {
  using NumberingPattern::NumberingPattern;
  LogicalResult matchAndRewrite(SendOp op,
                                PatternRewriter &rewriter) const override {
    auto message = number(rewriter, op, op.getMessageAttr(), info.messages);
    if (failed(message))
      return failure();
    Type i32 = rewriter.getI32Type();
    Value size = makeConstant(rewriter, op.getLoc(), i32, op.getSize());
    Value wantsReply =
        makeConstant(rewriter, op.getLoc(), i32, op.getWantsReply());
    SmallVector<Value> arguments = {op.getActorContext(),
                                    op.getAddress(),
                                    *message,
                                    op.getBytes(),
                                    size,
                                    wantsReply};
    if (!waitsForHandlerEnd(op)) {
      auto call = callDevice(rewriter, op, "rk_send", arguments);
      rewriter.replaceOp(op, call.getResults());
      return success();
    }
    arguments.push_back(
        makeConstant(rewriter, op.getLoc(), i32,
                     int64_t(op.getTier().value_or(Tier::LookUp))));
    callDevice(rewriter, op, "rk_enqueue", arguments);
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerReply : NumberingPattern<ReplyOp> {
  using NumberingPattern::NumberingPattern;
  LogicalResult matchAndRewrite(ReplyOp op,
                                PatternRewriter &rewriter) const override {
    auto message = number(rewriter, op, op.getMessageAttr(), info.messages);
    if (failed(message))
      return failure();
    Value size = makeConstant(rewriter, op.getLoc(), rewriter.getI32Type(),
                              op.getSize());
    auto call = callDevice(
        rewriter, op, "rk_reply",
        {op.getActorContext(), op.getToken(), *message, op.getBytes(), size});
    rewriter.replaceOp(op, call.getResults());
    return success();
  }
};

/// Makes a word for a status in the entry block, so that a loop reuses it.
Value makeStatusSlot(Operation *op, PatternRewriter &rewriter) {
  OpBuilder::InsertionGuard guard(rewriter);
  auto function = op->getParentOfType<LLVM::LLVMFuncOp>();
  rewriter.setInsertionPointToStart(&function.getBody().front());
  Type i32 = rewriter.getI32Type();
  Value one = makeConstant(rewriter, op->getLoc(), i32, 1);
  return LLVM::AllocaOp::create(
      rewriter, op->getLoc(), LLVM::LLVMPointerType::get(rewriter.getContext()),
      i32, one);
}

/// Calls `callee`, whose last parameter is the status, for `op`, whose results
/// are address and status.
LogicalResult lowerToSpawn(Operation *op, PatternRewriter &rewriter,
                           StringRef callee, SmallVector<Value> arguments) {
  Value status = makeStatusSlot(op, rewriter);
  arguments.push_back(status);
  auto call = callDevice(rewriter, op, callee, arguments);
  Value code = LLVM::LoadOp::create(rewriter, op->getLoc(),
                                    rewriter.getI32Type(), status);
  rewriter.replaceOp(op, {call.getResult(), code});
  return success();
}

struct LowerSpawn : NumberingPattern<SpawnOp> {
  using NumberingPattern::NumberingPattern;
  LogicalResult matchAndRewrite(SpawnOp op,
                                PatternRewriter &rewriter) const override {
    auto actor = number(rewriter, op, op.getActorAttr(), info.actors);
    if (failed(actor))
      return failure();
    Value size = makeConstant(rewriter, op.getLoc(), rewriter.getI32Type(),
                              op.getSize());
    SmallVector<Value> arguments = {op.getActorContext(), *actor, op.getState(),
                                    size};
    if (!op.getPlacement())
      return lowerToSpawn(op, rewriter, "rk_spawn", arguments);
    arguments.append({op.getPlacement(), op.getNeighbour()});
    return lowerToSpawn(op, rewriter, "rk_spawn_at", arguments);
  }
};

struct LowerSpawnN : NumberingPattern<SpawnNOp> {
  using NumberingPattern::NumberingPattern;
  LogicalResult matchAndRewrite(SpawnNOp op,
                                PatternRewriter &rewriter) const override {
    auto actor = number(rewriter, op, op.getActorAttr(), info.actors);
    if (failed(actor))
      return failure();
    Value size = makeConstant(rewriter, op.getLoc(), rewriter.getI32Type(),
                              op.getSize());
    return lowerToSpawn(
        op, rewriter, "rk_spawn_n",
        {op.getActorContext(), *actor, op.getState(), size, op.getCount()});
  }
};

LogicalResult lowerBulk(BulkOp op, PatternRewriter &rewriter) {
  Value kind = makeConstant(rewriter, op.getLoc(), rewriter.getI32Type(),
                            int64_t(op.getCall()));
  auto call =
      callDevice(rewriter, op, "rk_bulk",
                 {op.getActorContext(), kind, op.getHandle(), op.getBytes()});
  rewriter.replaceOp(op, call.getResults());
  return success();
}

LogicalResult lowerStop(StopOp op, PatternRewriter &rewriter) {
  auto call = callDevice(rewriter, op, "rk_stop",
                         {op.getActorContext(), op.getAddress()});
  rewriter.replaceOp(op, call.getResults());
  return success();
}

LogicalResult lowerSelf(SelfOp op, PatternRewriter &rewriter) {
  auto call = callDevice(rewriter, op, "rk_self", op.getActorContext());
  rewriter.replaceOp(op, call.getResults());
  return success();
}

LogicalResult lowerSender(SenderOp op, PatternRewriter &rewriter) {
  auto call = callDevice(rewriter, op, "rk_sender", op.getActorContext());
  rewriter.replaceOp(op, call.getResults());
  return success();
}

} // namespace

void addMessagingPatterns(RewritePatternSet &patterns,
                          const ProgramInfo &info) {
  patterns.add<LowerSend, LowerReply, LowerSpawn, LowerSpawnN>(
      patterns.getContext(), info);
  patterns.add(lowerBulk);
  patterns.add(lowerStop);
  patterns.add(lowerSelf);
  patterns.add(lowerSender);
}

} // namespace rkc::conversion
