//===- FloatOps.cpp - Low-precision formats -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/dialect/Rk.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using rk::abi::Feature;

namespace rkc {

std::optional<LowFloat> getLowFloat(Type type) {
  if (isa<BFloat16Type>(type))
    return LowFloat::BF16;
  if (isa<Float8E4M3FNType>(type))
    return LowFloat::E4M3;
  if (isa<Float8E5M2Type>(type))
    return LowFloat::E5M2;
  if (isa<Float6E3M2FNType>(type))
    return LowFloat::E3M2;
  if (isa<Float6E2M3FNType>(type))
    return LowFloat::E2M3;
  if (isa<Float4E2M1FNType>(type))
    return LowFloat::E2M1;
  return std::nullopt;
}

FloatType getLowFloatType(MLIRContext *context, LowFloat format) {
  switch (format) {
  case LowFloat::BF16:
    return BFloat16Type::get(context);
  case LowFloat::E4M3:
    return Float8E4M3FNType::get(context);
  case LowFloat::E5M2:
    return Float8E5M2Type::get(context);
  case LowFloat::E3M2:
    return Float6E3M2FNType::get(context);
  case LowFloat::E2M3:
    return Float6E2M3FNType::get(context);
  case LowFloat::E2M1:
    return Float4E2M1FNType::get(context);
  }
  llvm_unreachable("every format is listed");
}

StringRef getLowFloatName(LowFloat format) {
  static constexpr StringRef Names[] = {"bf16", "e4m3", "e5m2",
                                        "e3m2", "e2m3", "e2m1"};
  return Names[uint32_t(format)];
}

static Feature featureOf(Type format) {
  switch (*getLowFloat(format)) {
  case LowFloat::BF16:
    return Feature::BFloat16;
  case LowFloat::E4M3:
  case LowFloat::E5M2:
    return Feature::Float8;
  case LowFloat::E3M2:
  case LowFloat::E2M3:
    return Feature::Float6;
  case LowFloat::E2M1:
    return Feature::Float4;
  }
  llvm_unreachable("every format is listed");
}

static std::string describe(StringRef preposition, Type format) {
  std::string text;
  llvm::raw_string_ostream(text) << preposition << ' ' << format;
  return text;
}

/// encode_c1, encode_c2, decode_c1, decode_c2.
static LogicalResult verifyFormat(Operation *op, Type format, Type bits) {
  if (!getLowFloat(format))
    return op->emitOpError("format must be bf16, f8E4M3FN, f8E5M2, f6E3M2FN, "
                           "f6E2M3FN or f4E2M1FN, got ")
           << format;
  unsigned width = format.getIntOrFloatBitWidth();
  if (bits.getIntOrFloatBitWidth() == width)
    return success();
  return op->emitOpError("bits of ")
         << format << " are an i" << width << ", got " << bits;
}

void EncodeOp::build(OpBuilder &builder, OperationState &state, Value value,
                     FloatType format) {
  Overflow overflow =
      isa<BFloat16Type>(format) ? Overflow::Infinity : Overflow::Saturate;
  build(builder, state, builder.getIntegerType(format.getWidth()), value,
        TypeAttr::get(format), Rounding::NearestEven, overflow);
}

LogicalResult EncodeOp::verify() {
  if (failed(verifyFormat(*this, getFormat(), getBits().getType())))
    return failure();
  Overflow expected =
      isa<BFloat16Type>(getFormat()) ? Overflow::Infinity : Overflow::Saturate;
  if (getOverflow() == expected) // encode_c3
    return success();
  return emitOpError("overflow of ")
         << getFormat() << " must be " << stringifyOverflow(expected)
         << ", got " << stringifyOverflow(getOverflow());
}

Feature EncodeOp::getRequiredFeature() { return featureOf(getFormat()); }
std::string EncodeOp::getCapabilityDetail() {
  return describe("of", getFormat());
}

LogicalResult DecodeOp::verify() {
  return verifyFormat(*this, getFormat(), getBits().getType());
}

Feature DecodeOp::getRequiredFeature() { return featureOf(getFormat()); }
std::string DecodeOp::getCapabilityDetail() {
  return describe("of", getFormat());
}

} // namespace rkc
