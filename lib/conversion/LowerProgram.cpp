//===- LowerProgram.cpp - What both lowerings share -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using LLVM::AtomicOrdering;

namespace rkc::conversion {

AtomicOrdering toLlvm(Order order) {
  switch (order) {
  case Order::Relaxed:
    return AtomicOrdering::monotonic;
  case Order::Acquire:
    return AtomicOrdering::acquire;
  case Order::Release:
    return AtomicOrdering::release;
  case Order::AcqRel:
    return AtomicOrdering::acq_rel;
  case Order::SeqCst:
    return AtomicOrdering::seq_cst;
  }
  llvm_unreachable("every order is listed");
}

StringRef toSyncScope(Scope scope) {
  return scope == Scope::System ? StringRef() : stringifyScope(scope);
}

Value makeConstant(OpBuilder &builder, Location location, Type type,
                   int64_t value) {
  return LLVM::ConstantOp::create(builder, location, type, value);
}

LLVM::CallOp callDevice(OpBuilder &builder, Operation *op, StringRef name,
                        ValueRange arguments) {
  auto function = getDeviceCall(op->getParentOfType<ModuleOp>(), name);
  return LLVM::CallOp::create(builder, op->getLoc(), function, arguments);
}

Value callIntrinsic(OpBuilder &builder, Location location, StringRef name,
                    Type result, ValueRange arguments) {
  auto symbol = builder.getStringAttr(name);
  if (!result) {
    LLVM::CallIntrinsicOp::create(builder, location, symbol, arguments);
    return {};
  }
  return LLVM::CallIntrinsicOp::create(builder, location, result, symbol,
                                       arguments)
      .getResult(0);
}

template <class Op>
static LogicalResult collect(ModuleOp program,
                             llvm::DenseMap<StringAttr, int32_t> &numbers) {
  for (auto op : program.getOps<Op>()) {
    if (!op.getIndexAttr())
      return op.emitOpError("has no index: run rk-number-program first");
    numbers[op.getSymNameAttr()] = op.getIndexAttr().getInt();
  }
  return success();
}

LogicalResult collectProgram(ProgramInfo &info) {
  if (failed(collect<MessageOp>(info.program, info.messages)))
    return failure();
  return collect<ActorOp>(info.program, info.actors);
}

/// One rounding everywhere: the back ends would each choose for fmuladd.
static LogicalResult lowerMulAdd(LLVM::FMulAddOp op,
                                 PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<LLVM::FMAOp>(
      op, op.getType(), op.getA(), op.getB(), op.getC(), op.getFastmathFlags());
  return success();
}

LogicalResult lowerProgram(ProgramInfo &info, RewritePatternSet &&patterns) {
  MLIRContext *context = info.program.getContext();
  addMessagingPatterns(patterns, info);
  addRingPatterns(patterns, info);
  addGroupPatterns(patterns, info);
  patterns.add(lowerMulAdd);
  ConversionTarget target(*context);
  target.addLegalDialect<LLVM::LLVMDialect, NVVM::NVVMDialect>();
  target.addIllegalDialect<RkDialect>();
  target.addLegalOp<MessageOp, ActorOp, StateOp, HandlerOp>();
  target.addIllegalOp<LLVM::FMulAddOp>();
  if (failed(applyPartialConversion(info.program, target, std::move(patterns))))
    return failure();
  for (Operation &op : llvm::make_early_inc_range(*info.program.getBody()))
    if (isa<MessageOp, ActorOp>(op))
      op.erase();
  return success();
}

} // namespace rkc::conversion
