//===- FloatToNvvm.cpp - Low-precision floats to cvt instructions ---------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ConversionInternal.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace rkc::conversion {

namespace {

/// The instructions convert pairs; the other half of ours is zero.
LogicalResult lowerEncode(EncodeOp op, PatternRewriter &rewriter) {
  Location location = op.getLoc();
  Value value = op.getValue();
  auto format = TypeAttr::get(op.getFormat());
  auto noRelu = rewriter.getBoolAttr(false);
  Type i16 = rewriter.getI16Type();
  LowFloat kind = *getLowFloat(op.getFormat());
  if (kind == LowFloat::BF16) {
    Value rounded =
        LLVM::FPTruncOp::create(rewriter, location, op.getFormat(), value);
    rewriter.replaceOpWithNewOp<LLVM::BitcastOp>(op, i16, rounded);
    return success();
  }
  Value zero = LLVM::ConstantOp::create(
      rewriter, location, rewriter.getF32Type(), rewriter.getF32FloatAttr(0));
  Value pair;
  switch (kind) {
  case LowFloat::E4M3:
  case LowFloat::E5M2:
    pair = NVVM::ConvertF32x2ToF8x2Op::create(
        rewriter, location, i16, zero, value,
        NVVM::FPRoundingModeAttr::get(op.getContext(),
                                      NVVM::FPRoundingMode::RN),
        NVVM::SaturationModeAttr::get(op.getContext(),
                                      NVVM::SaturationMode::SATFINITE),
        noRelu, format);
    break;
  case LowFloat::E3M2:
  case LowFloat::E2M3:
    pair = NVVM::ConvertF32x2ToF6x2Op::create(rewriter, location, i16, zero,
                                              value, noRelu, format);
    break;
  default:
    pair = NVVM::ConvertF32x2ToF4x2Op::create(
        rewriter, location, rewriter.getI8Type(), zero, value, noRelu, format);
  }
  rewriter.replaceOpWithNewOp<LLVM::TruncOp>(op, op.getBits().getType(), pair);
  return success();
}

/// Returns `<2 x i8>` with `bits` in its first element and zero in the other.
Value makePair(OpBuilder &builder, Location location, Value bits) {
  Type i16 = builder.getI16Type();
  Value wide = LLVM::ZExtOp::create(builder, location, i16, bits);
  return LLVM::BitcastOp::create(
      builder, location, VectorType::get({2}, builder.getI8Type()), wide);
}

LogicalResult lowerDecode(DecodeOp op, PatternRewriter &rewriter) {
  Location location = op.getLoc();
  Type f32 = rewriter.getF32Type();
  auto format = TypeAttr::get(op.getFormat());
  auto noRelu = rewriter.getBoolAttr(false);
  LowFloat kind = *getLowFloat(op.getFormat());
  if (kind == LowFloat::BF16) {
    Type i32 = rewriter.getI32Type();
    Value wide = LLVM::ZExtOp::create(rewriter, location, i32, op.getBits());
    Value bits = LLVM::ShlOp::create(rewriter, location, wide,
                                     makeConstant(rewriter, location, i32, 16));
    rewriter.replaceOpWithNewOp<LLVM::BitcastOp>(op, f32, bits);
    return success();
  }
  Type halves = VectorType::get({2}, rewriter.getF16Type());
  Value pair;
  switch (kind) {
  case LowFloat::E4M3:
  case LowFloat::E5M2:
    pair = NVVM::ConvertF8x2ToF16x2Op::create(
        rewriter, location, halves, makePair(rewriter, location, op.getBits()),
        noRelu, format);
    break;
  case LowFloat::E3M2:
  case LowFloat::E2M3:
    pair = NVVM::ConvertF6x2ToF16x2Op::create(
        rewriter, location, halves, makePair(rewriter, location, op.getBits()),
        noRelu, format);
    break;
  default: {
    Value byte = LLVM::ZExtOp::create(rewriter, location, rewriter.getI8Type(),
                                      op.getBits());
    pair = NVVM::ConvertF4x2ToF16x2Op::create(rewriter, location, halves, byte,
                                              noRelu, format);
  }
  }
  Value half = LLVM::ExtractElementOp::create(
      rewriter, location, pair,
      makeConstant(rewriter, location, rewriter.getI32Type(), 0));
  rewriter.replaceOpWithNewOp<LLVM::FPExtOp>(op, f32, half);
  return success();
}

} // namespace

void addNvvmFloatPatterns(RewritePatternSet &patterns) {
  patterns.add(lowerEncode);
  patterns.add(lowerDecode);
}

} // namespace rkc::conversion
