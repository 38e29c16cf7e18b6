//===- ClockToNvvm.cpp - Clocks to special registers ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

using namespace mlir;

namespace rkc::conversion {

static LogicalResult lowerClock(ClockOp op, PatternRewriter &rewriter) {
  StringRef name = op.getKind() == ClockKind::Nanoseconds
                       ? "llvm.nvvm.read.ptx.sreg.globaltimer"
                       : "llvm.nvvm.read.ptx.sreg.clock64";
  rewriter.replaceOp(op, callIntrinsic(rewriter, op.getLoc(), name,
                                       rewriter.getI64Type(), {}));
  return success();
}

static LogicalResult lowerPause(PauseOp op, PatternRewriter &rewriter) {
  callIntrinsic(rewriter, op.getLoc(), "llvm.nvvm.nanosleep", {},
                op.getNanoseconds());
  rewriter.eraseOp(op);
  return success();
}

void addNvvmClockPatterns(RewritePatternSet &patterns) {
  patterns.add(lowerClock);
  patterns.add(lowerPause);
}

} // namespace rkc::conversion
