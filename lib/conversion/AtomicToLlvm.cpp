//===- AtomicToLlvm.cpp - Atomics that LLVM does right on both targets ----===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

using namespace mlir;
using LLVM::AtomicOrdering;

namespace rkc::conversion {

namespace {

/// A pattern that keeps the scope, or drops it where there is only one.
template <class Op> struct ScopedPattern : OpRewritePattern<Op> {
  ScopedPattern(MLIRContext *context, bool withScopes)
      : OpRewritePattern<Op>(context), withScopes(withScopes) {}

  StringRef scope(Op op) const {
    return withScopes ? toSyncScope(op.getScope()) : StringRef();
  }

  bool withScopes;
};

unsigned alignment(Type type) { return type.getIntOrFloatBitWidth() / 8; }

struct LowerLoad : ScopedPattern<AtomicLoadOp> {
  using ScopedPattern::ScopedPattern;
  LogicalResult matchAndRewrite(AtomicLoadOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getValue().getType();
    rewriter.replaceOpWithNewOp<LLVM::LoadOp>(
        op, type, op.getPointer(), alignment(type), /*isVolatile=*/false,
        /*isNonTemporal=*/false, /*isInvariant=*/false,
        /*isInvariantGroup=*/false, toLlvm(op.getOrder()), scope(op));
    return success();
  }
};

struct LowerStore : ScopedPattern<AtomicStoreOp> {
  using ScopedPattern::ScopedPattern;
  LogicalResult matchAndRewrite(AtomicStoreOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::StoreOp>(
        op, op.getValue(), op.getPointer(), alignment(op.getValue().getType()),
        /*isVolatile=*/false, /*isNonTemporal=*/false,
        /*isInvariantGroup=*/false, toLlvm(op.getOrder()), scope(op));
    return success();
  }
};

/// Returns the order of the read when nothing was written.
AtomicOrdering failureOrder(Order order) {
  switch (order) {
  case Order::Acquire:
  case Order::AcqRel:
    return AtomicOrdering::acquire;
  case Order::SeqCst:
    return AtomicOrdering::seq_cst;
  default:
    return AtomicOrdering::monotonic;
  }
}

struct LowerCas : ScopedPattern<AtomicCasOp> {
  using ScopedPattern::ScopedPattern;
  LogicalResult matchAndRewrite(AtomicCasOp op,
                                PatternRewriter &rewriter) const override {
    auto swap = LLVM::AtomicCmpXchgOp::create(
        rewriter, op.getLoc(), op.getPointer(), op.getExpected(),
        op.getDesired(), toLlvm(op.getOrder()), failureOrder(op.getOrder()),
        scope(op));
    rewriter.replaceOpWithNewOp<LLVM::ExtractValueOp>(op, swap.getRes(), 0);
    return success();
  }
};

struct LowerFence : ScopedPattern<FenceOp> {
  using ScopedPattern::ScopedPattern;
  LogicalResult matchAndRewrite(FenceOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::FenceOp>(op, toLlvm(op.getOrder()),
                                               scope(op));
    return success();
  }
};

} // namespace

void addAtomicPatterns(RewritePatternSet &patterns, bool withScopes) {
  patterns.add<LowerLoad, LowerStore, LowerCas, LowerFence>(
      patterns.getContext(), withScopes);
}

} // namespace rkc::conversion
