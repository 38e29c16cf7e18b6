//===- NamesTest.cpp - Target names, ptxas reports, files -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/target/Images.h"
#include "rkc/target/Target.h"
#include "rkc/target/Toolchain.h"

#include <gtest/gtest.h>

using namespace rkc;

TEST(TargetTest, GpuNamesAreTakenApart) {
  Target target;
  std::string error;
  ASSERT_TRUE(parseTarget("sm_103a", target, error)) << error;
  EXPECT_EQ(target.sm, 103u);
  EXPECT_EQ(target.suffix, 'a');
  EXPECT_TRUE(target.isGpu());
  EXPECT_FALSE(target.isPortable());
  ASSERT_TRUE(parseTarget("sm_80", target, error)) << error;
  EXPECT_EQ(target.sm, 80u);
  EXPECT_TRUE(target.isPortable());
  ASSERT_TRUE(parseTarget("host", target, error)) << error;
  EXPECT_TRUE(target.isHost());
  EXPECT_FALSE(target.isPortable());
}

TEST(TargetTest, UnknownNamesAreRefusedWithTheKnownOnes) {
  Target target;
  for (const char *name : {"", "sm_", "sm_70", "sm_90b", "SM_90", "sm_90 ",
                           "sm_900", "compute_90", "cpu", "sm_080"}) {
    std::string error;
    EXPECT_FALSE(parseTarget(name, target, error)) << name;
    EXPECT_EQ(error, "unknown target '" + std::string(name) +
                         "'; known are: " + knownTargets());
  }
}

TEST(TargetTest, ListsKeepTheirOrderWithoutRepetitions) {
  std::vector<Target> targets;
  std::string error;
  ASSERT_TRUE(parseTargets("sm_90a,host, sm_80,sm_90a", targets, error));
  ASSERT_EQ(targets.size(), 3u);
  EXPECT_EQ(targets[0].name, "sm_90a");
  EXPECT_EQ(targets[1].name, "host");
  EXPECT_EQ(targets[2].name, "sm_80");
  EXPECT_FALSE(parseTargets("sm_90,,host", targets, error));
}

static const char report[] = R"(ptxas info    : 8 bytes gmem
ptxas warning : Stack size for entry function 'rk_kernel' cannot be statically determined
ptxas info    : Compiling entry function 'rk_kernel' for 'sm_90'
ptxas info    : Function properties for rk_kernel
    48 bytes stack frame, 12 bytes spill stores, 20 bytes spill loads
ptxas info    : Used 40 registers, used 2 barriers, 1024 bytes smem, 64 bytes cumulative stack size
ptxas info    : Function properties for helper
    7 bytes stack frame, 7 bytes spill stores, 7 bytes spill loads
ptxas info    : Compile time = 11.5 ms
)";

TEST(ResourcesTest, AReportIsRead) {
  KernelResources needs;
  ASSERT_TRUE(parseResources(report, "rk_kernel", needs));
  EXPECT_EQ(needs.registers, 40u);
  EXPECT_EQ(needs.barriers, 2u);
  EXPECT_EQ(needs.stackFrameBytes, 48u);
  EXPECT_EQ(needs.spillStoreBytes, 12u);
  EXPECT_EQ(needs.spillLoadBytes, 20u);
  EXPECT_EQ(needs.sharedBytes, 1024u);
  EXPECT_EQ(needs.cumulativeStackBytes, 64u);
  EXPECT_TRUE(needs.stackIsUnbounded);
}

TEST(ResourcesTest, AnotherKernelIsNotTaken) {
  KernelResources needs;
  EXPECT_FALSE(parseResources(report, "rk_kern", needs));
  EXPECT_FALSE(parseResources("", "rk_kernel", needs));
}

static const char residentReport[] =
    R"(ptxas warning : Stack size for entry function 'rk_resident_kernel' cannot be statically determined
ptxas info    : Compiling entry function 'rk_resident_kernel' for 'sm_90'
ptxas info    : Function properties for rk_resident_kernel
    96 bytes stack frame, 4 bytes spill stores, 24 bytes spill loads
ptxas info    : Used 200 registers, used 1 barriers, 128 bytes cumulative stack size
ptxas info    : Compiling entry function 'rk_kernel' for 'sm_90'
ptxas info    : Function properties for rk_kernel
    48 bytes stack frame, 12 bytes spill stores, 20 bytes spill loads
ptxas info    : Used 40 registers, used 2 barriers, 1024 bytes smem, 64 bytes cumulative stack size
)";

TEST(ResourcesTest, OfTwoKernelsTheLargestCount) {
  KernelResources needs;
  ASSERT_TRUE(parseAllResources(residentReport, needs));
  EXPECT_EQ(needs.registers, 200u);
  EXPECT_EQ(needs.barriers, 2u);
  EXPECT_EQ(needs.stackFrameBytes, 96u);
  EXPECT_EQ(needs.spillStoreBytes, 12u);
  EXPECT_EQ(needs.spillLoadBytes, 24u);
  EXPECT_EQ(needs.sharedBytes, 1024u);
  EXPECT_EQ(needs.cumulativeStackBytes, 128u);
  EXPECT_TRUE(needs.stackIsUnbounded);
  ASSERT_TRUE(parseResources(residentReport, "rk_kernel", needs));
  EXPECT_FALSE(needs.stackIsUnbounded);
}

TEST(ResourcesTest, WithoutResidentActorsTheWorkersKernelCounts) {
  KernelResources needs;
  ASSERT_TRUE(parseAllResources(report, needs));
  EXPECT_EQ(needs.registers, 40u);
  EXPECT_FALSE(parseAllResources("", needs));
}

TEST(FilesTest, AFileIsWrittenWholeAndReadBack) {
  TemporaryFolder folder;
  ASSERT_TRUE(folder);
  std::string path = folder.file("data"), error, bytes;
  std::string content("a\0b\n\xff", 5);
  ASSERT_TRUE(writeFile(path, content, error)) << error;
  ASSERT_TRUE(readFile(path, bytes, error)) << error;
  EXPECT_EQ(bytes, content);
}

TEST(FilesTest, ErrorsNameTheFileAndTheReason) {
  std::string bytes, error;
  EXPECT_FALSE(readFile("/nonexistent/x", bytes, error));
  EXPECT_EQ(error, "cannot read '/nonexistent/x': No such file or directory");
  EXPECT_FALSE(writeFile("/nonexistent/x", "data", error));
  EXPECT_NE(error.find("cannot write '/nonexistent/x': "), std::string::npos);
  EXPECT_NE(error.find("No such file or directory"), std::string::npos);
}

TEST(ProcessTest, StatusAndOutputComeBack) {
  ProcessResult result =
      runProgram("/bin/sh", {"-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.output, "out\nerr\n");
}

TEST(ProcessTest, AProgramThatIsMissingIsSaid) {
  ProcessResult result = runProgram("/nonexistent/program", {});
  EXPECT_NE(result.status, 0);
}
