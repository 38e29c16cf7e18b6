//===- RefusalTest.cpp - What emission refuses ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include <gtest/gtest.h>

using namespace rkc;
using namespace rkc::test;

/// What is reported when `body` is emitted for `target`.
static std::string refusal(const std::string &target, const std::string &body,
                           const std::string &globals = "") {
  TestProgram program(body, globals);
  EXPECT_EQ(program.code(target), "");
  return program.errors;
}

static std::string weakened(const std::string &operation,
                            const std::string &how) {
  return "in 'handler': an atomic " + operation + " with " + how +
         " reached the NVPTX back end, which would weaken it; use the scoped "
         "atomics of rk/atomic.h\n";
}

TEST(AtomicsTest, OrderedUpdatesAreRefused) {
  for (const char *order : {"acquire", "release", "acq_rel", "seq_cst"})
    EXPECT_EQ(refusal("sm_90", std::string("%old = llvm.atomicrmw add %state, "
                                           "%c1 syncscope(\"device\") ") +
                                   order + " : !llvm.ptr, i32"),
              weakened("add", order));
}

TEST(AtomicsTest, SystemScopeIsRefusedEvenRelaxed) {
  EXPECT_EQ(refusal("sm_90", "%old = llvm.atomicrmw xchg %state, %c1 monotonic "
                             ": !llvm.ptr, i32"),
            weakened("xchg", "system scope"));
}

TEST(AtomicsTest, RelaxedDeviceScopeIsKept) {
  TestProgram program("%old = llvm.atomicrmw add %state, %c1 "
                      "syncscope(\"device\") monotonic : !llvm.ptr, i32");
  EXPECT_NE(program.code("sm_90").find("atom"), std::string::npos)
      << program.errors;
}

TEST(AtomicsTest, TheHostKeepsEveryOrder) {
  TestProgram program(
      "%old = llvm.atomicrmw add %state, %c1 acq_rel : !llvm.ptr, i32");
  std::vector<double> words(4, 0);
  ASSERT_TRUE(program.runOnHost(words, 0)) << program.errors;
  EXPECT_EQ(*reinterpret_cast<int *>(words.data()), 1);
}

TEST(ExternalsTest, AFunctionWithoutBodyIsNamed) {
  EXPECT_EQ(refusal("sm_90", "llvm.call @_Z6recordi(%c1) : (i32) -> ()",
                    "llvm.func @_Z6recordi(i32)"),
            "'record(int)' has no body that a GPU could run, and 'rk_kernel' "
            "needs it; define it in this file, or do without it in handlers\n");
}

TEST(ExternalsTest, WhatNobodyCallsMayBeMissing) {
  TestProgram program("", "llvm.func @_Z6recordi(i32)\n"
                          "llvm.func @unused() { "
                          "  %c = llvm.mlir.constant(1 : i32) : i32\n"
                          "  llvm.call @_Z6recordi(%c) : (i32) -> ()\n"
                          "  llvm.return }");
  EXPECT_NE(program.code("sm_90"), "") << program.errors;
}

TEST(HostRefusalTest, GpuIntrinsicsAreNamed) {
  EXPECT_EQ(refusal("host", R"(
    %id = llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.laneid"() : () -> i32
    llvm.store %id, %reply : i32, !llvm.ptr)"),
            "'llvm.nvvm.read.ptx.sreg.laneid' in 'handler' exists only on "
            "GPUs, and --arch names the host; use the functions of rk/, which "
            "exist on both\n");
}

TEST(HostRefusalTest, GpuAssemblyIsRefused) {
  EXPECT_EQ(refusal("host",
                    "llvm.inline_asm has_side_effects \"membar.gl;\", \"\" : "
                    "() -> ()"),
            "inline assembly in 'handler' cannot run on the host, and --arch "
            "names it; use the functions of rk/, which exist on both\n");
}

TEST(HostRefusalTest, APauseIsLeftOut) {
  TestProgram program(R"(
    %ns = llvm.mlir.constant(20 : i32) : i32
    llvm.call_intrinsic "llvm.nvvm.nanosleep"(%ns) : (i32) -> ()
    llvm.store %x, %reply : f64, !llvm.ptr)");
  std::vector<double> words(4, 0);
  ASSERT_TRUE(program.runOnHost(words, 5)) << program.errors;
  EXPECT_EQ(words[3], 5);
}

TEST(LibraryTest, AMissingDeviceLibraryIsNamed) {
  TestProgram program("");
  program.resourceDir = "/nonexistent";
  EXPECT_EQ(program.code("sm_90"), "");
  EXPECT_EQ(program.errors,
            "the device library rk_device_nvptx.bc is missing; looked for: "
            "/nonexistent/rk_device_nvptx.bc; install RingKernel again, or set "
            "--resource-dir\n");
}

TEST(LibraryTest, ADamagedDeviceLibraryIsNamed) {
  TemporaryFolder folder;
  std::string error;
  ASSERT_TRUE(
      writeFile(folder.file("rk_device_host.bc"), "BC\xC0\xDE no", error));
  TestProgram program("");
  program.resourceDir = folder.file("");
  EXPECT_EQ(program.code("host"), "");
  EXPECT_NE(program.errors.find("rk_device_host.bc': "), std::string::npos)
      << program.errors;
}

TEST(CrashTest, EveryStepBecomesAnErrorWithAReproducer) {
  TemporaryFolder folder;
  const std::pair<std::string, std::string> steps[] = {
      {"translate", "llvm.func @rk_dispatch"},
      {"link", "i32 @rk_dispatch"},
      {"optimize", "void @rk_kernel"},
      {"codegen", "void @rk_kernel"}};
  for (const auto &[step, content] : steps) {
    TestProgram program("");
    program.options.crashStep = step;
    program.options.crashKind = "fatal";
    program.options.commandLine = "rkc -c test.cpp";
    program.options.reproducerPrefix = folder.file(step);
    EXPECT_EQ(program.code("sm_90"), "");
    EXPECT_EQ(program.errors,
              "LLVM failed in phase emit, step " + step +
                  ", for target sm_90: crash requested by --debug-crash\n");
    std::string extension = step == "translate" ? "mlir" : "ll";
    std::string text, error;
    ASSERT_TRUE(readFile(folder.file(step) + ".rkc-reproducer." + extension,
                         text, error))
        << error;
    EXPECT_NE(text.find("rkc -c test.cpp"), std::string::npos) << step;
    EXPECT_NE(text.find(content), std::string::npos) << step;
  }
}

TEST(CrashTest, ARealBackEndFailureIsSurvived) {
  // The back end cannot select this on sm_80, and would end the process.
  TestProgram program(
      "llvm.call_intrinsic \"llvm.nvvm.barrier.cluster.arrive\"() : () -> ()");
  EXPECT_EQ(program.code("sm_80"), "");
  EXPECT_NE(program.errors.find(
                "LLVM failed in phase emit, step codegen, for target sm_80: "),
            std::string::npos)
      << program.errors;
  EXPECT_NE(program.errors.find("Cannot select"), std::string::npos)
      << program.errors;
}
