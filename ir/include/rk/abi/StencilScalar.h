//===- StencilScalar.h - Numbers in the arrays of a stencil -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the value of an array is, for whoever computes with it outside of the
/// update: sources, absorbing layers and reductions. Both back ends use these
/// functions, so that they agree in every bit. Half precision is computed in
/// `float` and rounded to nearest, ties to even.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/FloatFormats.h"

#include <stdint.h>

namespace rk::abi {

/// `Bytes` is what no arithmetic is known for.
enum class StencilScalar : uint32_t {
  Bytes,
  F16,
  Bf16,
  F32,
  F64,
  I8,
  I16,
  I32,
  I64,
  U8,
  U16,
  U32,
  U64,
};

constexpr bool isFloatingPoint(StencilScalar scalar) {
  return scalar >= StencilScalar::F16 && scalar <= StencilScalar::F64;
}

inline constexpr FloatLayout HalfLayout = {5, 10, 15, 0x7bff, 0x7c00, 0x7e00};

constexpr float decodeHalf(uint16_t code) {
  const uint32_t magnitude = code & 0x7fffu;
  const uint32_t sign = uint32_t(code >> 15) << 31;
  constexpr uint32_t Shift = detail::FloatMantissaBits - 10;
  if (magnitude >= HalfLayout.infinityCode)
    return __builtin_bit_cast(float, sign | detail::FloatInfinity |
                                         (magnitude & 0x3ffu) << Shift);
  if (magnitude >> 10)
    return __builtin_bit_cast(
        float, sign | ((magnitude << Shift) + ((detail::FloatBias - 15)
                                               << detail::FloatMantissaBits)));
  const float value = float(magnitude) * 0x1p-24f; // exact
  return code >> 15 ? -value : value;
}

constexpr uint16_t encodeHalf(float value) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, value);
  const uint32_t magnitude = bits & 0x7fffffff, sign = bits >> 31 << 15;
  if (magnitude > detail::FloatInfinity)
    return uint16_t(sign | HalfLayout.nanCode);
  const uint32_t code = detail::roundMagnitude(magnitude, HalfLayout);
  return uint16_t(
      sign | (code < HalfLayout.infinityCode ? code : HalfLayout.infinityCode));
}

template <class T> inline T loadAs(uint64_t address, int64_t index) {
  return reinterpret_cast<const T *>(address)[index];
}
template <class T>
inline void storeAs(uint64_t address, int64_t index, T value) {
  reinterpret_cast<T *>(address)[index] = value;
}

/// Returns a number of an array as a double; integers beyond 2^53 are rounded.
inline double loadNumber(StencilScalar scalar, uint64_t address,
                         int64_t index) {
  switch (scalar) {
  case StencilScalar::F16:
    return double(decodeHalf(loadAs<uint16_t>(address, index)));
  case StencilScalar::Bf16:
    return double(
        decodeFloat(loadAs<uint16_t>(address, index), FloatFormat::Bf16));
  case StencilScalar::F32:
    return double(loadAs<float>(address, index));
  case StencilScalar::F64:
    return loadAs<double>(address, index);
  case StencilScalar::I8:
    return double(loadAs<int8_t>(address, index));
  case StencilScalar::I16:
    return double(loadAs<int16_t>(address, index));
  case StencilScalar::I32:
    return double(loadAs<int32_t>(address, index));
  case StencilScalar::I64:
    return double(loadAs<int64_t>(address, index));
  case StencilScalar::U8:
    return double(loadAs<uint8_t>(address, index));
  case StencilScalar::U16:
    return double(loadAs<uint16_t>(address, index));
  case StencilScalar::U32:
    return double(loadAs<uint32_t>(address, index));
  case StencilScalar::U64:
    return double(loadAs<uint64_t>(address, index));
  case StencilScalar::Bytes:
    break;
  }
  return 0;
}

/// Multiplies a floating-point number of an array, rounding once.
inline void scaleNumber(StencilScalar scalar, uint64_t address, int64_t index,
                        double factor) {
  switch (scalar) {
  case StencilScalar::F16:
    return storeAs<uint16_t>(
        address, index,
        encodeHalf(decodeHalf(loadAs<uint16_t>(address, index)) *
                   float(factor)));
  case StencilScalar::Bf16:
    return storeAs<uint16_t>(
        address, index,
        uint16_t(encodeFloat(
            decodeFloat(loadAs<uint16_t>(address, index), FloatFormat::Bf16) *
                float(factor),
            FloatFormat::Bf16)));
  case StencilScalar::F32:
    return storeAs<float>(address, index,
                          loadAs<float>(address, index) * float(factor));
  case StencilScalar::F64:
    return storeAs<double>(address, index,
                           loadAs<double>(address, index) * factor);
  default:
    return;
  }
}

template <class T>
inline void addAs(uint64_t to, int64_t index, uint64_t from, int64_t source) {
  storeAs<T>(to, index, T(loadAs<T>(to, index) + loadAs<T>(from, source)));
}

/// Adds a number to one of an array. Integers wrap.
inline void addNumber(StencilScalar scalar, uint64_t to, int64_t index,
                      uint64_t from, int64_t source) {
  switch (scalar) {
  case StencilScalar::F16:
    return storeAs<uint16_t>(
        to, index,
        encodeHalf(decodeHalf(loadAs<uint16_t>(to, index)) +
                   decodeHalf(loadAs<uint16_t>(from, source))));
  case StencilScalar::Bf16:
    return storeAs<uint16_t>(
        to, index,
        uint16_t(encodeFloat(
            decodeFloat(loadAs<uint16_t>(to, index), FloatFormat::Bf16) +
                decodeFloat(loadAs<uint16_t>(from, source), FloatFormat::Bf16),
            FloatFormat::Bf16)));
  case StencilScalar::F32:
    return addAs<float>(to, index, from, source);
  case StencilScalar::F64:
    return addAs<double>(to, index, from, source);
  case StencilScalar::I8:
  case StencilScalar::U8:
    return addAs<uint8_t>(to, index, from, source);
  case StencilScalar::I16:
  case StencilScalar::U16:
    return addAs<uint16_t>(to, index, from, source);
  case StencilScalar::I32:
  case StencilScalar::U32:
    return addAs<uint32_t>(to, index, from, source);
  case StencilScalar::I64:
  case StencilScalar::U64:
    return addAs<uint64_t>(to, index, from, source);
  case StencilScalar::Bytes:
    return;
  }
}

} // namespace rk::abi
