//===- GroupToLlvm.cpp - Group ops to warp intrinsics, or to nothing ------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

using namespace mlir;

namespace rkc::conversion {

namespace {

constexpr int32_t WarpLanes = 32;
/// Warp handlers run with every lane of the warp.
constexpr int32_t AllLanes = -1;
/// `shfl` control: no segments, source lanes up to 31.
constexpr int32_t WholeWarp = 31;

/// A pattern that knows whether a warp runs the op's function.
template <class Op> struct GroupPattern : OpRewritePattern<Op> {
  GroupPattern(MLIRContext *context, const ProgramInfo &info)
      : OpRewritePattern<Op>(context), info(info) {}

  bool isWarp(Op op) const {
    auto function = op->template getParentOfType<LLVM::LLVMFuncOp>();
    return info.warpFunctions.contains(function);
  }
  static Value i32(OpBuilder &builder, Op op, int32_t value) {
    return makeConstant(builder, op.getLoc(), builder.getI32Type(), value);
  }
  static LogicalResult replace(PatternRewriter &rewriter, Op op,
                               StringRef intrinsic, ValueRange arguments) {
    rewriter.replaceOp(op, callIntrinsic(rewriter, op.getLoc(), intrinsic,
                                         rewriter.getI32Type(), arguments));
    return success();
  }

  const ProgramInfo &info;
};

struct LowerSize : GroupPattern<GroupSizeOp> {
  using GroupPattern::GroupPattern;
  LogicalResult matchAndRewrite(GroupSizeOp op,
                                PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, i32(rewriter, op, isWarp(op) ? WarpLanes : 1));
    return success();
  }
};

struct LowerRank : GroupPattern<GroupRankOp> {
  using GroupPattern::GroupPattern;
  LogicalResult matchAndRewrite(GroupRankOp op,
                                PatternRewriter &rewriter) const override {
    if (isWarp(op))
      return replace(rewriter, op, "llvm.nvvm.read.ptx.sreg.laneid", {});
    rewriter.replaceOp(op, i32(rewriter, op, 0));
    return success();
  }
};

struct LowerSync : GroupPattern<GroupSyncOp> {
  using GroupPattern::GroupPattern;
  LogicalResult matchAndRewrite(GroupSyncOp op,
                                PatternRewriter &rewriter) const override {
    if (isWarp(op))
      callIntrinsic(rewriter, op.getLoc(), "llvm.nvvm.bar.warp.sync", {},
                    i32(rewriter, op, AllLanes));
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerBallot : GroupPattern<GroupBallotOp> {
  using GroupPattern::GroupPattern;
  LogicalResult matchAndRewrite(GroupBallotOp op,
                                PatternRewriter &rewriter) const override {
    if (isWarp(op))
      return replace(rewriter, op, "llvm.nvvm.vote.ballot.sync",
                     {i32(rewriter, op, AllLanes), op.getPredicate()});
    rewriter.replaceOpWithNewOp<LLVM::ZExtOp>(op, rewriter.getI32Type(),
                                              op.getPredicate());
    return success();
  }
};

struct LowerShuffle : GroupPattern<GroupShuffleOp> {
  using GroupPattern::GroupPattern;
  LogicalResult matchAndRewrite(GroupShuffleOp op,
                                PatternRewriter &rewriter) const override {
    if (isWarp(op))
      return replace(rewriter, op, "llvm.nvvm.shfl.sync.idx.i32",
                     {i32(rewriter, op, AllLanes), op.getValue(),
                      op.getSource(), i32(rewriter, op, WholeWarp)});
    rewriter.replaceOp(op, op.getValue());
    return success();
  }
};

struct LowerReduce : GroupPattern<GroupReduceOp> {
  using GroupPattern::GroupPattern;
  LogicalResult matchAndRewrite(GroupReduceOp op,
                                PatternRewriter &rewriter) const override {
    if (isWarp(op)) {
      std::string name = "llvm.nvvm.redux.sync.";
      name += stringifyReduceKind(op.getKind());
      return replace(rewriter, op, name,
                     {op.getValue(), i32(rewriter, op, AllLanes)});
    }
    rewriter.replaceOp(op, op.getValue());
    return success();
  }
};

} // namespace

void addGroupPatterns(RewritePatternSet &patterns, const ProgramInfo &info) {
  patterns.add<LowerSize, LowerRank, LowerSync, LowerBallot, LowerShuffle,
               LowerReduce>(patterns.getContext(), info);
}

} // namespace rkc::conversion
