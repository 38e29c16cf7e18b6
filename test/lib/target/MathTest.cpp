//===- MathTest.cpp - Every math function on every GPU --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each function of <cmath>, in the form in which Clang leaves it, must reach a
/// cubin: the back end would end the process for most of them.
///
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include <gtest/gtest.h>

using namespace rkc;
using namespace rkc::test;

namespace {
struct Function {
  const char *name;
  unsigned arguments = 1;
};

std::string callText(const std::string &callee, unsigned arguments,
                     const std::string &type, const std::string &result) {
  std::string operands = "%v", types = type;
  for (unsigned i = 1; i < arguments; ++i) {
    operands += ", %v";
    types += ", " + type;
  }
  return "%y = " + callee + "(" + operands + ") : (" + types + ") -> " +
         result + "\nllvm.store %y, %reply : " + result + ", !llvm.ptr\n";
}

/// The body that has %v of `type`, then `text`.
std::string withValue(const std::string &type, const std::string &text) {
  std::string body = type == "f64" ? "%v = llvm.fadd %x, %x : f64\n"
                                   : "%v = llvm.fptrunc %x : f64 to f32\n";
  return body + text;
}

void expectCubin(const std::string &body, const std::string &globals,
                 const std::string &what) {
  TestProgram program(body, globals);
  KernelResources needs;
  EXPECT_NE(program.cubin("sm_80", needs), "") << what << program.errors;
}

class Libm : public testing::TestWithParam<Function> {};
class Intrinsic : public testing::TestWithParam<Function> {};
} // namespace

TEST_P(Libm, DoubleAndFloatAssemble) {
  Function function = GetParam();
  for (const std::string &type : {std::string("f64"), std::string("f32")}) {
    std::string name = function.name + std::string(type == "f32" ? "f" : "");
    std::string types = type;
    for (unsigned i = 1; i < function.arguments; ++i)
      types += ", " + type;
    expectCubin(withValue(type, callText("llvm.call @" + name,
                                         function.arguments, type, type)),
                "llvm.func @" + name + "(" + types + ") -> " + type, name);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Libm,
    testing::Values(
        Function{"sin"}, Function{"cos"}, Function{"tan"}, Function{"asin"},
        Function{"acos"}, Function{"atan"}, Function{"sinh"}, Function{"cosh"},
        Function{"tanh"}, Function{"asinh"}, Function{"acosh"},
        Function{"atanh"}, Function{"exp"}, Function{"exp2"}, Function{"expm1"},
        Function{"log"}, Function{"log2"}, Function{"log10"}, Function{"log1p"},
        Function{"logb"}, Function{"cbrt"}, Function{"erf"}, Function{"erfc"},
        Function{"tgamma"}, Function{"lgamma"}, Function{"atan2", 2},
        Function{"pow", 2}, Function{"fmod", 2}, Function{"remainder", 2},
        Function{"hypot", 2}, Function{"fdim", 2}, Function{"nextafter", 2}),
    [](const auto &info) { return info.param.name; });

TEST_P(Intrinsic, DoubleAndFloatAssemble) {
  Function function = GetParam();
  for (const std::string &type : {std::string("f64"), std::string("f32")})
    expectCubin(withValue(type, callText("llvm.call_intrinsic \"llvm." +
                                             std::string(function.name) + "." +
                                             type + "\"",
                                         function.arguments, type, type)),
                "", function.name);
}

INSTANTIATE_TEST_SUITE_P(
    All, Intrinsic,
    testing::Values(Function{"sin"}, Function{"cos"}, Function{"tan"},
                    Function{"asin"}, Function{"acos"}, Function{"atan"},
                    Function{"sinh"}, Function{"cosh"}, Function{"tanh"},
                    Function{"exp"}, Function{"exp2"}, Function{"exp10"},
                    Function{"log"}, Function{"log2"}, Function{"log10"},
                    Function{"sqrt"}, Function{"floor"}, Function{"ceil"},
                    Function{"trunc"}, Function{"rint"}, Function{"nearbyint"},
                    Function{"round"}, Function{"roundeven"}, Function{"fabs"},
                    Function{"atan2", 2}, Function{"pow", 2},
                    Function{"minnum", 2}, Function{"maxnum", 2},
                    Function{"copysign", 2}, Function{"fma", 3}),
    [](const auto &info) { return info.param.name; });

TEST(MathTest, RemaindersAreExact) {
  TestProgram program("%y = llvm.frem %x, %x : f64\n"
                      "llvm.store %y, %reply : f64, !llvm.ptr\n");
  std::string ir = program.optimizedIr("sm_90");
  EXPECT_NE(ir, "") << program.errors;
  EXPECT_EQ(ir.find("frem"), std::string::npos);
}

TEST(MathTest, IntrinsicsWithTwoResultsAssemble) {
  for (const std::string &call :
       {std::string("llvm.frexp.f64.i32\"(%x) : (f64) -> "
                    "!llvm.struct<(f64, i32)>"),
        std::string("llvm.sincos.f64\"(%x) : (f64) -> "
                    "!llvm.struct<(f64, f64)>"),
        std::string("llvm.modf.f64\"(%x) : (f64) -> "
                    "!llvm.struct<(f64, f64)>")})
    expectCubin("%p = llvm.call_intrinsic \"" + call +
                    "\n%y = llvm.extractvalue %p[0] : " +
                    call.substr(call.find("!llvm.struct")) +
                    "\nllvm.store %y, %reply : f64, !llvm.ptr\n",
                "", call);
}

TEST(MathTest, WholeNumbersAssemble) {
  for (const std::string &name :
       {std::string("lround.i64"), std::string("llround.i64"),
        std::string("lrint.i64"), std::string("llrint.i64")})
    for (const std::string &type : {std::string("f64"), std::string("f32")})
      expectCubin(withValue(type, callText("llvm.call_intrinsic \"llvm." +
                                               name + "." + type + "\"",
                                           1, type, "i64")),
                  "", name);
  expectCubin("%y = llvm.call_intrinsic \"llvm.powi.f64.i32\"(%x, %c1) : "
              "(f64, i32) -> f64\nllvm.store %y, %reply : f64, !llvm.ptr\n",
              "", "powi");
  expectCubin("%y = llvm.call_intrinsic \"llvm.ldexp.f64.i32\"(%x, %c1) : "
              "(f64, i32) -> f64\nllvm.store %y, %reply : f64, !llvm.ptr\n",
              "", "ldexp");
}
