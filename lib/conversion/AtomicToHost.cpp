//===- AtomicToHost.cpp - Atomic updates of the CPU -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

using namespace mlir;
using LLVM::AtomicBinOp;

namespace rkc::conversion {

static AtomicBinOp toLlvm(RmwKind kind) {
  switch (kind) {
  case RmwKind::Exchange:
    return AtomicBinOp::xchg;
  case RmwKind::Add:
    return AtomicBinOp::add;
  case RmwKind::And:
    return AtomicBinOp::_and;
  case RmwKind::Or:
    return AtomicBinOp::_or;
  case RmwKind::Xor:
    return AtomicBinOp::_xor;
  case RmwKind::UMin:
    return AtomicBinOp::umin;
  case RmwKind::UMax:
    return AtomicBinOp::umax;
  case RmwKind::SMin:
    return AtomicBinOp::min;
  case RmwKind::SMax:
    return AtomicBinOp::max;
  }
  llvm_unreachable("every kind is listed");
}

static LogicalResult lowerRmw(AtomicRmwOp op, PatternRewriter &rewriter) {
  rewriter.replaceOpWithNewOp<LLVM::AtomicRMWOp>(op, toLlvm(op.getKind()),
                                                 op.getPointer(), op.getValue(),
                                                 toLlvm(op.getOrder()));
  return success();
}

void addHostAtomicPatterns(RewritePatternSet &patterns) {
  addAtomicPatterns(patterns, /*withScopes=*/false);
  patterns.add(lowerRmw);
}

} // namespace rkc::conversion
