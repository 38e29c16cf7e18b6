//===- FloatFormats.h - Low-precision numbers ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The bits of six floating-point formats, and their conversion from and to
/// `float`: what every back end must give, bit for bit.
///
/// Rounding is to nearest, ties to even. Beyond the largest finite number,
/// bf16 gives infinity and the other formats their largest finite number with
/// the sign kept, also for infinity. NaN gives the one NaN 0x7fff (bf16) or
/// 0x7f (E4M3, E5M2); the formats of 6 and 4 bits have no NaN and give their
/// largest positive number. Numbers that round to zero keep their sign, and
/// subnormal numbers are kept on both sides.
///
/// Source    PTX ISA 9.0, `cvt`: `cvt.rn.bf16.f32` and
///           `cvt.rn.satfinite.{e4m3x2,e5m2x2,e3m2x2,e2m3x2,e2m1x2}.f32`. For
///           NaN without a code: `cuda_fp6.hpp`, `cuda_fp4.hpp` of CUDA 13.0
///           ("NaN converts to positive FP6_MAXNORM"). Layouts: OCP 8-bit
///           Floating Point 1.0 and OCP Microscaling Formats 1.0.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stdint.h>

namespace rk::abi {

/// The values are frozen: generated code and module files hold them.
enum class FloatFormat : uint32_t {
  Bf16 = 0, ///< 8 exponent, 7 mantissa bits: the upper half of a float
  E4M3 = 1, ///< 4, 3; no infinity, one NaN for each sign
  E5M2 = 2, ///< 5, 2; infinity and NaN as IEEE 754 has them
  E3M2 = 3, ///< 3, 2; finite numbers only
  E2M3 = 4, ///< 2, 3; finite numbers only
  E2M1 = 5, ///< 2, 1; finite numbers only
};
inline constexpr uint32_t FloatFormatCount = 6;

/// What tells one format from another. The sign is the bit above the exponent,
/// which is above the mantissa; exponent 0 holds zero and the subnormals.
struct FloatLayout {
  uint32_t exponentBits;
  uint32_t mantissaBits;
  uint32_t bias;
  uint32_t maxCode;      ///< the largest finite number
  uint32_t infinityCode; ///< or `NoCode`
  uint32_t nanCode;      ///< or `NoCode`

  static constexpr uint32_t NoCode = ~0u;
  constexpr uint32_t bits() const { return 1 + exponentBits + mantissaBits; }
  constexpr uint32_t magnitudeMask() const { return (1u << (bits() - 1)) - 1; }
};

constexpr FloatLayout floatLayout(FloatFormat format) {
  constexpr uint32_t No = FloatLayout::NoCode;
  switch (format) {
  case FloatFormat::Bf16:
    return {8, 7, 127, 0x7f7f, 0x7f80, 0x7fff};
  case FloatFormat::E4M3:
    return {4, 3, 7, 0x7e, No, 0x7f};
  case FloatFormat::E5M2:
    return {5, 2, 15, 0x7b, 0x7c, 0x7f};
  case FloatFormat::E3M2:
    return {3, 2, 3, 0x1f, No, No};
  case FloatFormat::E2M3:
    return {2, 3, 1, 0x1f, No, No};
  case FloatFormat::E2M1:
    return {2, 1, 1, 0x07, No, No};
  }
  return {};
}

namespace detail {

inline constexpr uint32_t FloatInfinity = 0x7f800000;
inline constexpr uint32_t FloatBias = 127;
inline constexpr uint32_t FloatMantissaBits = 23;
/// The NaN that the GPU's conversions to float give.
inline constexpr uint32_t FloatNaN = 0x7fffffff;

/// Shifts right by 1 to 31 bits, rounding to nearest, ties to even.
constexpr uint32_t shiftRounded(uint32_t value, uint32_t shift) {
  const uint32_t kept = value >> shift;
  const uint32_t lost = value & ((1u << shift) - 1);
  const uint32_t half = 1u << (shift - 1);
  return kept + (lost > half || (lost == half && (kept & 1)));
}

/// The code of a float magnitude that is not NaN; may lie beyond `maxCode`.
constexpr uint32_t roundMagnitude(uint32_t magnitude, FloatLayout layout) {
  // Rebase the exponent, which may become zero or less: a subnormal.
  const int32_t exponent = int32_t(magnitude >> FloatMantissaBits) -
                           int32_t(FloatBias) + int32_t(layout.bias);
  const uint32_t dropped = FloatMantissaBits - layout.mantissaBits;
  const uint32_t implicitOne = 1u << FloatMantissaBits;
  const uint32_t significand = (magnitude & (implicitOne - 1)) | implicitOne;
  if (exponent >= 1) // a carry out of the mantissa raises the exponent
    return (uint32_t(exponent - 1) << layout.mantissaBits) +
           shiftRounded(significand, dropped);
  const uint32_t shift = dropped + uint32_t(1 - exponent);
  // Also subnormal floats end here: they are far below half of any subnormal.
  return shift > FloatMantissaBits + 1 ? 0 : shiftRounded(significand, shift);
}

} // namespace detail

/// Returns the code of `value` in the low bits; the others are zero.
constexpr uint32_t encodeFloat(float value, FloatFormat format) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, value);
  const uint32_t magnitude = bits & 0x7fffffff;
  const FloatLayout layout = floatLayout(format);
  if (magnitude > detail::FloatInfinity)
    return layout.nanCode != FloatLayout::NoCode ? layout.nanCode
                                                 : layout.maxCode;
  if (format == FloatFormat::Bf16) // the same exponent; overflows to infinity
    return detail::shiftRounded(magnitude, 16) | (bits >> 31 << 15);
  const uint32_t code = detail::roundMagnitude(magnitude, layout);
  return (code < layout.maxCode ? code : layout.maxCode) |
         (bits >> 31 << (layout.bits() - 1));
}

/// Returns the number that `code` stands for, exactly. Bits above the format's
/// are ignored. A NaN of 8 bits gives the NaN 0x7fffffff; one of bf16 keeps its
/// bits.
constexpr float decodeFloat(uint32_t code, FloatFormat format) {
  if (format == FloatFormat::Bf16)
    return __builtin_bit_cast(float, code << 16);
  const FloatLayout layout = floatLayout(format);
  const uint32_t magnitude = code & layout.magnitudeMask();
  const uint32_t sign = (code >> (layout.bits() - 1) & 1) << 31;
  if (magnitude == layout.infinityCode)
    return __builtin_bit_cast(float, sign | detail::FloatInfinity);
  if (magnitude > layout.maxCode)
    return __builtin_bit_cast(float, detail::FloatNaN);
  const uint32_t widened = magnitude
                           << (detail::FloatMantissaBits - layout.mantissaBits);
  const uint32_t rebased = (detail::FloatBias - layout.bias)
                           << detail::FloatMantissaBits;
  if (magnitude >> layout.mantissaBits)
    return __builtin_bit_cast(float, sign | (widened + rebased));
  // A subnormal: give it the exponent 1, then take the implicit one away.
  const uint32_t one = rebased + (1u << detail::FloatMantissaBits);
  const float result =
      __builtin_bit_cast(float, widened + one) - __builtin_bit_cast(float, one);
  return __builtin_bit_cast(float, sign | __builtin_bit_cast(uint32_t, result));
}

} // namespace rk::abi
