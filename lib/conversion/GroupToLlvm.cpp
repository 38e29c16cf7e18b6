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

/// A pattern that knows which lanes run the op's function.
template <class Op> struct GroupPattern : OpRewritePattern<Op> {
  GroupPattern(MLIRContext *context, const ProgramInfo &info)
      : OpRewritePattern<Op>(context), info(info) {}

  Lanes lanesOf(Op op) const {
    auto function = op->template getParentOfType<LLVM::LLVMFuncOp>();
    auto known = info.groupFunctions.find(function);
    return known == info.groupFunctions.end() ? Lanes::One : known->second;
  }
  bool isWarp(Op op) const { return lanesOf(op) == Lanes::Warp; }
  /// The lanes are more than a warp: what they do together is a device call,
  /// which gets their kind first.
  bool isTeam(Op op) const { return lanesOf(op) > Lanes::Warp; }
  LogicalResult callTeam(PatternRewriter &rewriter, Op op, StringRef name,
                         ArrayRef<Value> more = {}) const {
    SmallVector<Value> arguments = {i32(rewriter, op, int32_t(lanesOf(op)))};
    arguments.append(more.begin(), more.end());
    auto call = callDevice(rewriter, op, name, arguments);
    if (op->getNumResults() == 0)
      rewriter.eraseOp(op);
    else
      rewriter.replaceOp(op, call.getResults());
    return success();
  }
  /// For what `rk-check-program` refuses.
  LogicalResult refuse(Op op) const {
    return op.emitOpError("works within a warp, and this handler's group is a ")
           << stringifyLanes(lanesOf(op));
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
    if (isTeam(op))
      return callTeam(rewriter, op, "rk_group_size");
    rewriter.replaceOp(op, i32(rewriter, op, isWarp(op) ? WarpLanes : 1));
    return success();
  }
};

struct LowerRank : GroupPattern<GroupRankOp> {
  using GroupPattern::GroupPattern;
  LogicalResult matchAndRewrite(GroupRankOp op,
                                PatternRewriter &rewriter) const override {
    if (isTeam(op))
      return callTeam(rewriter, op, "rk_group_rank");
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
    if (isTeam(op))
      return callTeam(rewriter, op, "rk_group_sync");
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
    if (isTeam(op))
      return refuse(op);
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
    if (isTeam(op))
      return refuse(op);
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
    if (isTeam(op))
      return callTeam(
          rewriter, op, "rk_group_reduce",
          {op.getValue(), i32(rewriter, op, int32_t(op.getKind()))});
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

/// Whoever copies does the rest himself, which is all of it where the target or
/// the group has no such way.
struct LowerCopy : GroupPattern<GroupCopyOp> {
  using GroupPattern::GroupPattern;
  LogicalResult matchAndRewrite(GroupCopyOp op,
                                PatternRewriter &rewriter) const override {
    if (isTeam(op))
      return callTeam(rewriter, op, "rk_group_copy",
                      {op.getTo(), op.getFrom(), op.getBytes()});
    rewriter.replaceOp(
        op, makeConstant(rewriter, op.getLoc(), rewriter.getI64Type(), 0));
    return success();
  }
};

} // namespace

void addGroupPatterns(RewritePatternSet &patterns, const ProgramInfo &info) {
  patterns.add<LowerSize, LowerRank, LowerSync, LowerBallot, LowerShuffle,
               LowerReduce, LowerCopy>(patterns.getContext(), info);
}

} // namespace rkc::conversion
