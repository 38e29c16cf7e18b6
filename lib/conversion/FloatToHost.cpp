//===- FloatToHost.cpp - Low-precision floats to device calls -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

using namespace mlir;

namespace rkc::conversion {

static std::string nameOf(StringRef verb, Type format) {
  return ("rk_" + verb + "_" + getLowFloatName(*getLowFloat(format))).str();
}

static LogicalResult lowerEncode(EncodeOp op, PatternRewriter &rewriter) {
  auto call =
      callDevice(rewriter, op, nameOf("encode", op.getFormat()), op.getValue());
  rewriter.replaceOpWithNewOp<LLVM::TruncOp>(op, op.getBits().getType(),
                                             call.getResult());
  return success();
}

static LogicalResult lowerDecode(DecodeOp op, PatternRewriter &rewriter) {
  Value bits = LLVM::ZExtOp::create(rewriter, op.getLoc(),
                                    rewriter.getI32Type(), op.getBits());
  auto call = callDevice(rewriter, op, nameOf("decode", op.getFormat()), bits);
  rewriter.replaceOp(op, call.getResults());
  return success();
}

void addHostFloatPatterns(RewritePatternSet &patterns) {
  patterns.add(lowerEncode);
  patterns.add(lowerDecode);
}

} // namespace rkc::conversion
