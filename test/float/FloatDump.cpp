//===- FloatDump.cpp - Converts numbers for a comparison -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// usage: rk_float_dump encode FORMAT < floats > codes
///        rk_float_dump decode FORMAT > floats
///
/// Floats are 32-bit words and codes 16-bit words in the machine's order.
/// `decode` writes the numbers of all codes. Both go through the type of
/// `rk/float.h` and compare with `rk/abi/FloatFormats.h` on the way.
///
//===----------------------------------------------------------------------===//

#include "rk/float.h"

#include <bit>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

namespace {

int mismatch(std::uint32_t bits) {
  std::fprintf(stderr, "the type and the function differ at 0x%08x\n", bits);
  return 1;
}

template <class Number> int encode() {
  std::vector<std::uint32_t> floats(1 << 16);
  std::vector<std::uint16_t> codes(1 << 16);
  while (std::size_t count =
             std::fread(floats.data(), 4, floats.size(), stdin)) {
    for (std::size_t i = 0; i < count; ++i) {
      const float value = std::bit_cast<float>(floats[i]);
      codes[i] = Number(value).bits();
      if (codes[i] != rk::abi::encodeFloat(value, Number::format))
        return mismatch(floats[i]);
    }
    if (std::fwrite(codes.data(), 2, count, stdout) != count)
      return 1;
  }
  return std::ferror(stdin) || std::fflush(stdout);
}

template <class Number> int decode() {
  for (std::uint32_t code = 0; code < 1u << Number::width; ++code) {
    const auto bits = static_cast<decltype(Number().bits())>(code);
    const auto value = std::bit_cast<std::uint32_t>(
        static_cast<float>(Number::fromBits(bits)));
    if (value != std::bit_cast<std::uint32_t>(
                     rk::abi::decodeFloat(code, Number::format)))
      return mismatch(code);
    if (std::fwrite(&value, 4, 1, stdout) != 1)
      return 1;
  }
  return std::fflush(stdout);
}

template <class Number> int run(std::string_view what) {
  if (what == "encode")
    return encode<Number>();
  return what == "decode" ? decode<Number>() : 2;
}

} // namespace

int main(int count, char **arguments) {
  if (count != 3)
    return 2;
  const std::string_view what = arguments[1], format = arguments[2];
  if (format == "bf16")
    return run<rk::bf16>(what);
  if (format == "e4m3")
    return run<rk::fp8_e4m3>(what);
  if (format == "e5m2")
    return run<rk::fp8_e5m2>(what);
  if (format == "e3m2")
    return run<rk::fp6_e3m2>(what);
  if (format == "e2m3")
    return run<rk::fp6_e2m3>(what);
  return format == "e2m1" ? run<rk::fp4_e2m1>(what) : 2;
}
