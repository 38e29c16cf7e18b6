//===- Layers.cpp - Layers that absorb, within kernels --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Layers.h"

#include <cstddef>

using namespace mlir;
using rk::abi::StencilLaunch;

namespace rkc::conversion {

void whenTrue(OpBuilder &builder, Location location, Value condition,
              SmallVectorImpl<Value> &values, llvm::function_ref<void()> then) {
  SmallVector<Type> types = llvm::to_vector(ValueRange(values).getTypes());
  SmallVector<Value> untouched(values.begin(), values.end());
  Block *before = builder.getInsertionBlock();
  Region *region = before->getParent();
  Block *after =
      builder.createBlock(region, std::next(before->getIterator()), types,
                          SmallVector<Location>(types.size(), location));
  Block *taken = builder.createBlock(region, std::next(before->getIterator()));
  builder.setInsertionPointToEnd(before);
  LLVM::CondBrOp::create(builder, location, condition, taken, ValueRange(),
                         after, untouched);
  builder.setInsertionPointToEnd(taken);
  then();
  LLVM::BrOp::create(builder, location, values, after);
  builder.setInsertionPointToEnd(after);
  values.assign(after->args_begin(), after->args_end());
}

bool isDamped(StencilArrayOp array) {
  return array.getWritten() && isa<FloatType>(array.getType());
}

bool hasDamped(StencilOp stencil) {
  return llvm::any_of(stencil.getBody().getOps<StencilArrayOp>(), isDamped);
}

Value LayerView::word(size_t offset) {
  Value at = LLVM::GEPOp::create(builder, location, launch.getType(),
                                 builder.getI8Type(), launch,
                                 LLVM::GEPArg(int32_t(offset)));
  return LLVM::LoadOp::create(builder, location, builder.getI64Type(), at, 8);
}

Value LayerView::clearBegin(unsigned axis) {
  return word(offsetof(StencilLaunch, clearBegin) + 8 * axis);
}

Value LayerView::clearEnd(unsigned axis) {
  return word(offsetof(StencilLaunch, clearEnd) + 8 * axis);
}

Value LayerView::touches(ArrayRef<std::pair<Value, int64_t>> spans) {
  Value all;
  auto also = [&](Value condition) {
    all =
        all ? LLVM::OrOp::create(builder, location, all, condition).getResult()
            : condition;
  };
  for (auto [axis, span] : llvm::enumerate(spans)) {
    auto [first, count] = span;
    also(isLess(builder, location, first, clearBegin(axis)));
    also(isLess(
        builder, location, clearEnd(axis),
        add(builder, location, first, constant(builder, location, count))));
  }
  return all;
}

void LayerView::readTables() {
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext(), addressSpace);
  for (unsigned axis = 0; axis < dimensions; ++axis)
    tables[axis] = LLVM::IntToPtrOp::create(
        builder, location, pointer,
        word(offsetof(StencilLaunch, factors) + 8 * axis));
}

/// The product is made in the order of `abi::dampCell`, which begins with 1;
/// an axis that the stencil has not has that factor too.
Value LayerView::factorOf(ArrayRef<Value> place) {
  Value product;
  for (unsigned axis = 0; axis < dimensions; ++axis) {
    Type type = builder.getF64Type();
    Value address =
        LLVM::GEPOp::create(builder, location, tables[axis].getType(), type,
                            tables[axis], LLVM::GEPArg(place[axis]));
    auto factor = LLVM::LoadOp::create(
        builder, location, type, address, 8, /*isVolatile=*/false,
        /*isNonTemporal=*/false, /*isInvariant=*/addressSpace != 0);
    if (groups)
      factor.setAccessGroupsAttr(groups);
    product = product ? LLVM::FMulOp::create(builder, location, product, factor)
                            .getResult()
                      : factor.getResult();
  }
  return product;
}

Value LayerView::real(double value) {
  return LLVM::ConstantOp::create(builder, location, builder.getF64Type(),
                                  builder.getF64FloatAttr(value));
}

Value LayerView::factorOfRead(ArrayRef<Value> place) {
  Value factor = factorOf(place);
  Value isCell = LLVM::FCmpOp::create(
      builder, location, LLVM::FCmpPredicate::ole, factor, real(1));
  return LLVM::SelectOp::create(builder, location, isCell, factor, real(1));
}

Value LayerView::damp(Value value, Value factor) {
  Type type = value.getType(), narrow = builder.getF32Type();
  if (type.isF64())
    return LLVM::FMulOp::create(builder, location, value, factor);
  factor = LLVM::FPTruncOp::create(builder, location, narrow, factor);
  if (type.isF32())
    return LLVM::FMulOp::create(builder, location, value, factor);
  if (type.isBF16())
    return encodeBrain(
        LLVM::FMulOp::create(builder, location, decodeBrain(value), factor),
        type);
  value = LLVM::FPExtOp::create(builder, location, narrow, value);
  return LLVM::FPTruncOp::create(
      builder, location, type,
      LLVM::FMulOp::create(builder, location, value, factor));
}

// The x86 back end calls a library for bf16, which we do not link.

Value LayerView::bits(int64_t value) {
  return LLVM::ConstantOp::create(builder, location, builder.getI32Type(),
                                  value);
}

/// As `abi::decodeFloat`.
Value LayerView::decodeBrain(Value value) {
  Value code = LLVM::ZExtOp::create(
      builder, location, builder.getI32Type(),
      LLVM::BitcastOp::create(builder, location, builder.getI16Type(), value));
  return LLVM::BitcastOp::create(
      builder, location, builder.getF32Type(),
      LLVM::ShlOp::create(builder, location, code, bits(16)));
}

/// As `abi::encodeFloat`: to nearest, ties to even.
Value LayerView::encodeBrain(Value value, Type type) {
  Value all =
      LLVM::BitcastOp::create(builder, location, builder.getI32Type(), value);
  auto shifted = [&](Value of) -> Value {
    return LLVM::LShrOp::create(builder, location, of, bits(16));
  };
  auto masked = [&](Value of, int64_t mask) -> Value {
    return LLVM::AndOp::create(builder, location, of, bits(mask));
  };
  Value magnitude = masked(all, 0x7fffffff);
  Value rounding =
      add(builder, location, masked(shifted(magnitude), 1), bits(0x7fff));
  Value code =
      LLVM::OrOp::create(builder, location, masked(shifted(all), 0x8000),
                         shifted(add(builder, location, magnitude, rounding)));
  Value isNaN = LLVM::ICmpOp::create(
      builder, location, LLVM::ICmpPredicate::ugt, magnitude, bits(0x7f800000));
  code = LLVM::SelectOp::create(builder, location, isNaN, bits(0x7fff), code);
  return LLVM::BitcastOp::create(
      builder, location, type,
      LLVM::TruncOp::create(builder, location, builder.getI16Type(), code));
}

Value LayerView::keepHere(Value place) {
  return LLVM::InlineAsmOp::create(
             builder, location, place.getType(), place, "", "=l,0",
             /*has_side_effects=*/true, /*is_align_stack=*/false,
             LLVM::TailCallKind::None, LLVM::AsmDialectAttr(), ArrayAttr())
      .getResult(0);
}

Value LayerView::dampRead(Value value, Value factor, uint32_t level,
                          Value stepsBefore) {
  for (uint32_t time = 0; time < level; ++time) {
    Value made = LLVM::ICmpOp::create(
        builder, location, LLVM::ICmpPredicate::ugt, stepsBefore,
        LLVM::ConstantOp::create(builder, location, stepsBefore.getType(),
                                 time));
    value = damp(value, LLVM::SelectOp::create(builder, location, made, factor,
                                               real(1)));
  }
  return value;
}

} // namespace rkc::conversion
