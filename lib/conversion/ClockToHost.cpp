//===- ClockToHost.cpp - Clocks to device calls ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

using namespace mlir;

namespace rkc::conversion {

static LogicalResult lowerClock(ClockOp op, PatternRewriter &rewriter) {
  StringRef name = op.getKind() == ClockKind::Nanoseconds ? "rk_clock_ns"
                                                          : "rk_clock_cycles";
  rewriter.replaceOp(op, callDevice(rewriter, op, name, {}).getResults());
  return success();
}

static LogicalResult lowerPause(PauseOp op, PatternRewriter &rewriter) {
  callDevice(rewriter, op, "rk_pause", op.getNanoseconds());
  rewriter.eraseOp(op);
  return success();
}

void addHostClockPatterns(RewritePatternSet &patterns) {
  patterns.add(lowerClock);
  patterns.add(lowerPause);
}

} // namespace rkc::conversion
