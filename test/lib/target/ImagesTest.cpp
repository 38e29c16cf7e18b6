//===- ImagesTest.cpp - Images for every target ---------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cmath>

using namespace rkc;
using namespace rkc::test;

static const char square[] = R"(
    %y = llvm.fmul %x, %x : f64
    llvm.store %y, %reply : f64, !llvm.ptr
)";

class EveryGpu : public testing::TestWithParam<const char *> {};

TEST_P(EveryGpu, PtxasTakesIt) {
  TestProgram program(square);
  KernelResources needs;
  std::string cubin = program.cubin(GetParam(), needs);
  EXPECT_EQ(cubin.substr(0, 4), "\x7f"
                                "ELF")
      << program.errors;
  EXPECT_GT(needs.registers, 0u);
  EXPECT_FALSE(needs.stackIsUnbounded);
  EXPECT_EQ(program.errors, "");
}

INSTANTIATE_TEST_SUITE_P(All, EveryGpu,
                         testing::Values("sm_80", "sm_86", "sm_89", "sm_90",
                                         "sm_90a", "sm_100", "sm_100a",
                                         "sm_100f", "sm_103a", "sm_110a",
                                         "sm_120", "sm_120a", "sm_121a"));

TEST(PtxTest, TheKernelIsAllThatIsVisible) {
  TestProgram program(square);
  std::string ptx = program.code("sm_90a");
  EXPECT_NE(ptx.find(".version 9.0"), std::string::npos) << program.errors;
  EXPECT_NE(ptx.find(".target sm_90a"), std::string::npos);
  EXPECT_NE(ptx.find(".maxntid 512"), std::string::npos);
  // One kernel; handler and dispatch are inlined into it.
  EXPECT_EQ(ptx.find(".visible"), ptx.rfind(".visible"));
  EXPECT_NE(ptx.find(".visible .entry rk_kernel("), std::string::npos);
  EXPECT_EQ(ptx.find(".func"), std::string::npos);
}

TEST(PtxTest, TheSameProgramGivesTheSameBytes) {
  std::string first = TestProgram(square).code("sm_90");
  EXPECT_EQ(first, TestProgram(square).code("sm_90"));
  EXPECT_NE(first, "");
}

TEST(PtxTest, WhatPtxasRefusesIsReported) {
  // Inline assembly goes through LLVM unread.
  TestProgram program(R"(
    llvm.inline_asm has_side_effects "no.such.instruction;", "" : () -> ()
)");
  KernelResources needs;
  EXPECT_EQ(program.cubin("sm_90", needs), "");
  EXPECT_NE(program.errors.find("ptxas refused the PTX for sm_90:\n"),
            std::string::npos);
  EXPECT_NE(program.errors.find("Unknown modifier '.such'"), std::string::npos);
}

TEST(HostTest, TheHandlerRuns) {
  TestProgram program(square);
  std::vector<double> words(4, -1);
  ASSERT_TRUE(program.runOnHost(words, 7)) << program.errors;
  EXPECT_EQ(words[1], 7);
  EXPECT_EQ(words[2], 3201); // handled, 32 lanes
  EXPECT_EQ(words[3], 49);
}

TEST(HostTest, MathIsTheMathLibrarys) {
  TestProgram program(R"(
    %y = llvm.intr.sin(%x) : (f64) -> f64
    %z = llvm.call @cbrt(%y) : (f64) -> f64
    llvm.store %z, %reply : f64, !llvm.ptr
)",
                      "llvm.func @cbrt(f64) -> f64");
  std::vector<double> words(4);
  ASSERT_TRUE(program.runOnHost(words, 2)) << program.errors;
  // volatile: g++ would compute it itself, more exactly than the library.
  volatile double two = 2;
  EXPECT_EQ(words[3], std::cbrt(std::sin(two)));
}

TEST(HostTest, TheSameProgramGivesTheSameBytes) {
  std::string images[2], error;
  for (std::string &image : images) {
    TestProgram program(square);
    ASSERT_TRUE(linkSharedObject(program.code("host"), "libtest.rk.so",
                                 Toolchain(program.resourceDir), false, image,
                                 error))
        << error;
  }
  EXPECT_EQ(images[0], images[1]);
}

TEST(HostTest, OnlyTheEntryIsExported) {
  TestProgram program(square);
  std::string image, error;
  ASSERT_TRUE(linkSharedObject(program.code("host"), "libtest.rk.so",
                               Toolchain(program.resourceDir), false, image,
                               error))
      << error;
  TemporaryFolder folder;
  std::string path = folder.file("image.so");
  ASSERT_TRUE(writeFile(path, image, error)) << error;
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(library, nullptr) << dlerror();
  EXPECT_NE(dlsym(library, "rk_agent_run"), nullptr);
  for (const char *name : {"rk_dispatch", "rk_handler_lanes", "handler"})
    EXPECT_EQ(dlsym(library, name), nullptr) << name;
  dlclose(library);
}

TEST(HostTest, UnknownFunctionsFailAtLinking) {
  TestProgram program("llvm.call @nowhere() : () -> ()",
                      "llvm.func @nowhere()");
  std::string image, error;
  EXPECT_FALSE(linkSharedObject(program.code("host"), "libtest.rk.so",
                                Toolchain(program.resourceDir), false, image,
                                error));
  EXPECT_NE(error.find("failed for target host"), std::string::npos) << error;
  EXPECT_NE(error.find("nowhere"), std::string::npos) << error;
}

TEST(HostTest, ThreadSanitizerIsAskedFor) {
  TestProgram program(square);
  program.options.sanitizeThread = true;
  std::string ir = program.optimizedIr("host");
  EXPECT_NE(ir.find("call void @__tsan_write"), std::string::npos)
      << program.errors;
  EXPECT_NE(ir.find("call void @__tsan_func_entry"), std::string::npos);
  TestProgram plain(square);
  EXPECT_EQ(plain.optimizedIr("host").find("__tsan"), std::string::npos);
}

// A program that registers its module sees exactly the bytes embedded.
TEST(EmbedTest, TheObjectRegistersItsBytes) {
  std::string bytes("rkm\0\x01\xff bytes", 12), object, error;
  ASSERT_TRUE(embedModule(bytes, "actors", object, error)) << error;
  TemporaryFolder folder;
  std::string program = folder.file("main.cpp"), part = folder.file("part.o");
  ASSERT_TRUE(writeFile(part, object, error)) << error;
  ASSERT_TRUE(writeFile(program, R"(
#include <cstdint>
#include <cstdio>
static int calls;
extern "C" void rk_register_module(const void *bytes, std::uint64_t size,
                                   const char *name) {
  ++calls;
  std::printf("%s %d %d:", name, int(size),
              int(reinterpret_cast<std::uintptr_t>(bytes) % 64));
  for (std::uint64_t i = 0; i < size; ++i)
    std::printf(" %02x", static_cast<const unsigned char *>(bytes)[i]);
}
int main() { std::printf(" calls %d\n", calls); }
)",
                        error))
      << error;
  std::string output = folder.file("program");
  ProcessResult built = runProgram(RK_TEST_CXX, {program, part, "-o", output});
  ASSERT_EQ(built.status, 0) << built.output;
  EXPECT_EQ(runProgram(output, {}).output,
            "actors 12 0: 72 6b 6d 00 01 ff 20 62 79 74 65 73 calls 1\n");
}

TEST(EmbedTest, TheSameBytesGiveTheSameObject) {
  std::string first, second, error;
  ASSERT_TRUE(embedModule("bytes", "actors", first, error)) << error;
  ASSERT_TRUE(embedModule("bytes", "actors", second, error)) << error;
  EXPECT_EQ(first, second);
}
