//===- float.h - Low-precision numbers in messages and state ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Storage types for BF16, FP8, FP6 and FP4. They hold bits and convert;
/// compute in `float`.
///
/// Conversion from `float` rounds to nearest, ties to even. `bf16` overflows to
/// infinity. The others saturate: beyond their largest number, infinity
/// included, they give the largest number with the sign kept. NaN stays NaN in
/// `bf16` and both FP8 types; FP6 and FP4 have none and give their largest
/// positive number. Host and both back ends agree in every bit
/// (`rk/abi/FloatFormats.h`).
///
/// Each FP6 and FP4 number takes a whole byte, in its low bits; the others are
/// zero. Nothing packs them.
///
/// In a handler, a conversion needs a target that has it: BF16 sm_80, FP8
/// sm_90, FP6 and FP4 sm_100a or sm_100f; `rkc` refuses others. In a constant
/// expression it is computed by the compiler and needs nothing.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/FloatFormats.h"
#include "rk/detail/Markers.h"

#include <cstdint>
#include <type_traits>

namespace rk {

using FloatFormat = abi::FloatFormat;

/// One number of `Format`, stored in a `Storage`.
///
/// Threads   a value; copy it freely.
/// Cost      a conversion is one instruction on a target that has it.
template <FloatFormat Format, class Storage> class LowPrecision {
  static constexpr abi::FloatLayout Layout = abi::floatLayout(Format);
  static constexpr std::uint32_t SignBit = 1u << (Layout.bits() - 1);

public:
  static constexpr FloatFormat format = Format;
  /// Bits that carry information: 16, 8, 6 or 4.
  static constexpr int width = int(Layout.bits());
  static constexpr int exponentBits = int(Layout.exponentBits);
  /// Without the implicit leading one.
  static constexpr int mantissaBits = int(Layout.mantissaBits);
  static constexpr bool hasInfinity =
      Layout.infinityCode != abi::FloatLayout::NoCode;
  static constexpr bool hasNaN = Layout.nanCode != abi::FloatLayout::NoCode;

  constexpr LowPrecision() = default;
  /// Rounds and saturates as the file comment says.
  constexpr explicit LowPrecision(float value) : bits_(encode(value)) {}
  /// Exact.
  constexpr explicit operator float() const {
#if defined(__RKC__)
    if (!std::is_constant_evaluated())
      return __rk_decode(bits_, static_cast<std::uint32_t>(Format));
#endif
    return abi::decodeFloat(bits_, Format);
  }

  /// Makes a number from its code; bits above `width` are dropped.
  static constexpr LowPrecision fromBits(Storage bits) {
    LowPrecision number;
    number.bits_ = static_cast<Storage>(bits & (SignBit | (SignBit - 1)));
    return number;
  }
  constexpr Storage bits() const { return bits_; }

  /// The largest and the lowest finite number.
  static constexpr LowPrecision max() { return code(Layout.maxCode); }
  static constexpr LowPrecision lowest() {
    return code(Layout.maxCode | SignBit);
  }
  /// The smallest positive normal number, and the smallest positive number.
  static constexpr LowPrecision min() { return code(1u << mantissaBits); }
  static constexpr LowPrecision denormMin() { return code(1); }
  /// The distance from 1 to the next larger number; for FP6 and FP4 as well.
  static constexpr float epsilon() {
    return 1.0f / static_cast<float>(1u << mantissaBits);
  }
  static constexpr LowPrecision infinity()
    requires(hasInfinity)
  {
    return code(Layout.infinityCode);
  }
  /// The NaN that conversions give.
  static constexpr LowPrecision quietNaN()
    requires(hasNaN)
  {
    return code(Layout.nanCode);
  }

  constexpr bool isNaN() const {
    const std::uint32_t magnitude = bits_ & (SignBit - 1);
    return hasNaN && magnitude > Layout.maxCode &&
           magnitude != Layout.infinityCode;
  }

  /// Compares the numbers: NaN differs from all, the two zeros are equal.
  friend constexpr bool operator==(LowPrecision a, LowPrecision b) {
    const bool bothZero = ((a.bits_ | b.bits_) & (SignBit - 1)) == 0;
    return !a.isNaN() && !b.isNaN() && (a.bits_ == b.bits_ || bothZero);
  }

private:
  static constexpr LowPrecision code(std::uint32_t bits) {
    return fromBits(static_cast<Storage>(bits));
  }
  static constexpr Storage encode(float value) {
#if defined(__RKC__)
    if (!std::is_constant_evaluated())
      return static_cast<Storage>(
          __rk_encode(value, static_cast<std::uint32_t>(Format)));
#endif
    return static_cast<Storage>(abi::encodeFloat(value, Format));
  }

  Storage bits_ = 0;
};

using bf16 = LowPrecision<FloatFormat::Bf16, std::uint16_t>;
using fp8_e4m3 = LowPrecision<FloatFormat::E4M3, std::uint8_t>;
using fp8_e5m2 = LowPrecision<FloatFormat::E5M2, std::uint8_t>;
using fp6_e3m2 = LowPrecision<FloatFormat::E3M2, std::uint8_t>;
using fp6_e2m3 = LowPrecision<FloatFormat::E2M3, std::uint8_t>;
using fp4_e2m1 = LowPrecision<FloatFormat::E2M1, std::uint8_t>;

static_assert(sizeof(bf16) == 2 && sizeof(fp8_e4m3) == 1 &&
              sizeof(fp4_e2m1) == 1);
static_assert(std::is_trivially_copyable_v<bf16> &&
              std::is_trivially_copyable_v<fp4_e2m1>);

} // namespace rk
