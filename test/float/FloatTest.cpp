//===- FloatTest.cpp - The low-precision types as users meet them --------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/float.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

namespace {

constexpr float Infinity = std::numeric_limits<float>::infinity();
constexpr float NaN = std::numeric_limits<float>::quiet_NaN();

template <class Number> constexpr float rounded(float value) {
  return static_cast<float>(Number(value));
}

// Numbers from the tables of the OCP specifications; all of it at compile time.
template <class Number, int Width, int ExponentBits, int MantissaBits>
constexpr bool hasShape =
    Number::width == Width && Number::exponentBits == ExponentBits &&
    Number::mantissaBits == MantissaBits;
static_assert(hasShape<rk::bf16, 16, 8, 7>);
static_assert(hasShape<rk::fp8_e4m3, 8, 4, 3>);
static_assert(hasShape<rk::fp8_e5m2, 8, 5, 2>);
static_assert(hasShape<rk::fp6_e3m2, 6, 3, 2>);
static_assert(hasShape<rk::fp6_e2m3, 6, 2, 3>);
static_assert(hasShape<rk::fp4_e2m1, 4, 2, 1>);

template <class Number>
constexpr bool hasRange(float max, float min, float denormMin) {
  return static_cast<float>(Number::max()) == max &&
         static_cast<float>(Number::lowest()) == -max &&
         static_cast<float>(Number::min()) == min &&
         static_cast<float>(Number::denormMin()) == denormMin;
}
static_assert(hasRange<rk::bf16>(0x1.fep127f, 0x1p-126f, 0x1p-133f));
static_assert(hasRange<rk::fp8_e4m3>(448, 0x1p-6f, 0x1p-9f));
static_assert(hasRange<rk::fp8_e5m2>(57344, 0x1p-14f, 0x1p-16f));
static_assert(hasRange<rk::fp6_e3m2>(28, 0.25f, 0.0625f));
static_assert(hasRange<rk::fp6_e2m3>(7.5f, 1, 0.125f));
static_assert(hasRange<rk::fp4_e2m1>(6, 1, 0.5f));

template <class Number> constexpr bool hasSpecials(bool infinity, bool nan) {
  return Number::hasInfinity == infinity && Number::hasNaN == nan;
}
static_assert(hasSpecials<rk::bf16>(true, true));
static_assert(hasSpecials<rk::fp8_e4m3>(false, true));
static_assert(hasSpecials<rk::fp8_e5m2>(true, true));
static_assert(hasSpecials<rk::fp6_e3m2>(false, false));
static_assert(hasSpecials<rk::fp6_e2m3>(false, false));
static_assert(hasSpecials<rk::fp4_e2m1>(false, false));

// The frozen values that generated code holds.
static_assert(unsigned(rk::FloatFormat::Bf16) == 0);
static_assert(unsigned(rk::FloatFormat::E4M3) == 1);
static_assert(unsigned(rk::FloatFormat::E5M2) == 2);
static_assert(unsigned(rk::FloatFormat::E3M2) == 3);
static_assert(unsigned(rk::FloatFormat::E2M3) == 4);
static_assert(unsigned(rk::FloatFormat::E2M1) == 5);

template <class Number> class Small : public testing::Test {};
using SmallTypes = testing::Types<rk::bf16, rk::fp8_e4m3, rk::fp8_e5m2,
                                  rk::fp6_e3m2, rk::fp6_e2m3, rk::fp4_e2m1>;
TYPED_TEST_SUITE(Small, SmallTypes);

TYPED_TEST(Small, EveryCodeComesBackThroughFloat) {
  for (std::uint32_t code = 0; code < 1u << TypeParam::width; ++code) {
    const auto number =
        TypeParam::fromBits(static_cast<decltype(TypeParam().bits())>(code));
    EXPECT_EQ(number.bits(), code);
    const TypeParam again(static_cast<float>(number));
    if (number.isNaN()) {
      EXPECT_TRUE(again.isNaN()) << code;
    } else if (float value = static_cast<float>(number);
               value == Infinity || value == -Infinity) {
      const bool saturates = TypeParam::width < 16;
      EXPECT_EQ(again.bits(), saturates ? code - 1 : code);
    } else {
      EXPECT_EQ(again.bits(), code);
    }
  }
}

TYPED_TEST(Small, EpsilonIsTheDistanceFromOneToTheNextNumber) {
  const TypeParam one(1.0f);
  const auto next =
      TypeParam::fromBits(static_cast<decltype(one.bits())>(one.bits() + 1));
  EXPECT_EQ(static_cast<float>(next) - 1.0f, TypeParam::epsilon());
}

TYPED_TEST(Small, TiesGoToTheEvenCode) {
  const float half = TypeParam::epsilon() / 2;
  EXPECT_EQ(rounded<TypeParam>(1 + half), 1.0f);
  EXPECT_EQ(rounded<TypeParam>(1 + 3 * half), 1 + 4 * half);
  EXPECT_EQ(rounded<TypeParam>(1 + half * 1.001f), 1 + 2 * half);
}

TYPED_TEST(Small, ZeroKeepsItsSign) {
  const std::uint32_t sign = 1u << (TypeParam::width - 1);
  EXPECT_EQ(TypeParam(0.0f).bits(), 0u);
  EXPECT_EQ(TypeParam(-0.0f).bits(), sign);
  if (TypeParam::width < 16) {
    EXPECT_EQ(TypeParam(-1e-30f).bits(), sign);
    EXPECT_EQ(TypeParam(1e-44f).bits(), 0u);
  }
  EXPECT_TRUE(TypeParam(0.0f) == TypeParam(-0.0f));
}

TYPED_TEST(Small, LargeNumbersAndInfinity) {
  if (TypeParam::width == 16) {
    EXPECT_EQ(rounded<TypeParam>(std::numeric_limits<float>::max()), Infinity);
    EXPECT_EQ(rounded<TypeParam>(-Infinity), -Infinity);
    return;
  }
  for (float large : {static_cast<float>(TypeParam::max()) * 1.01f, 1e30f,
                      std::numeric_limits<float>::max(), Infinity}) {
    EXPECT_EQ(TypeParam(large), TypeParam::max());
    EXPECT_EQ(TypeParam(-large), TypeParam::lowest());
  }
}

TYPED_TEST(Small, NaN) {
  for (float nan : {NaN, -NaN, std::bit_cast<float>(0x7f800001u),
                    std::bit_cast<float>(0xffc12345u)}) {
    const TypeParam number(nan);
    if constexpr (TypeParam::hasNaN) {
      EXPECT_TRUE(number.isNaN());
      EXPECT_EQ(number.bits(), TypeParam::quietNaN().bits());
      EXPECT_FALSE(number == number);
      EXPECT_NE(static_cast<float>(number), static_cast<float>(number));
    } else {
      EXPECT_FALSE(number.isNaN());
      EXPECT_EQ(number, TypeParam::max());
    }
  }
}

TYPED_TEST(Small, BitsAboveTheWidthAreDropped) {
  using Storage = decltype(TypeParam().bits());
  const auto number = TypeParam::fromBits(static_cast<Storage>(~0u));
  EXPECT_EQ(number.bits(), (1u << TypeParam::width) - 1);
}

} // namespace
