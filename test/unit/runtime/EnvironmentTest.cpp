//===- EnvironmentTest.cpp - Options against environment variables --------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Environment.h"

#include <gtest/gtest.h>

#include <map>

using namespace rk;
using namespace rk::runtime;

namespace {

Result<Choice> choose(const SystemOptions &options,
                      const std::map<std::string, std::string> &variables) {
  return chooseBackend(options, [&](const char *name) -> const char * {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(Environment, DefaultsAreAutomaticOnTheFirstDevice) {
  const auto choice = choose({}, {});
  EXPECT_EQ(choice->backend, BackendKind::Automatic);
  EXPECT_EQ(choice->device, 0);
  EXPECT_EQ(choice->reason, "automatic");
}

TEST(Environment, VariableDecidesOnlyWhereTheOptionsDoNot) {
  const auto asked = choose({}, {{"RK_BACKEND", "cpu"}, {"RK_DEVICE", "3"}});
  EXPECT_EQ(asked->backend, BackendKind::Cpu);
  EXPECT_EQ(asked->device, 3);
  EXPECT_EQ(asked->reason, "asked for by RK_BACKEND=cpu");
  SystemOptions options;
  options.backend = BackendKind::Cuda;
  options.device = 1;
  const auto fixed =
      choose(options, {{"RK_BACKEND", "cpu"}, {"RK_DEVICE", "3"}});
  EXPECT_EQ(fixed->backend, BackendKind::Cuda);
  EXPECT_EQ(fixed->device, 1);
  EXPECT_EQ(fixed->reason, "asked for by SystemOptions::backend");
}

TEST(Environment, EmptyMeansUnset) {
  const auto choice = choose({}, {{"RK_BACKEND", ""}, {"RK_DEVICE", ""}});
  EXPECT_EQ(choice->backend, BackendKind::Automatic);
  EXPECT_EQ(choice->device, 0);
}

TEST(Environment, LanesLieWhereTheOptionsOrTheVariableSay) {
  EXPECT_EQ(choose({}, {})->laneMemory, LaneMemory::Automatic);
  EXPECT_EQ(choose({}, {{"RK_LANE_MEMORY", "host"}})->laneMemory,
            LaneMemory::Host);
  EXPECT_EQ(choose({}, {{"RK_LANE_MEMORY", "device"}})->laneMemory,
            LaneMemory::Device);
  SystemOptions options;
  options.laneMemory = LaneMemory::Host;
  EXPECT_EQ(choose(options, {{"RK_LANE_MEMORY", "device"}})->laneMemory,
            LaneMemory::Host);
  EXPECT_EQ(choose({}, {{"RK_LANE_MEMORY", "gpu"}}).status().detail(),
            "RK_LANE_MEMORY is 'gpu'; it must be device, host or auto");
  EXPECT_EQ(choose({}, {{"RK_LANE_MEMORY", "device"}, {"RK_BACKEND", "cpu"}})
                .status()
                .detail(),
            "RK_LANE_MEMORY is device, and the CPU back end, asked for by "
            "RK_BACKEND=cpu, has no device memory");
}

TEST(Environment, NonsenseIsRefusedByName) {
  EXPECT_EQ(choose({}, {{"RK_BACKEND", "gpu"}}).status().detail(),
            "RK_BACKEND is 'gpu'; it must be cuda, cpu or auto");
  for (const char *bad : {"x", "-1", "1x", "99999999999"})
    EXPECT_EQ(choose({}, {{"RK_DEVICE", bad}}).status().detail(),
              std::string("RK_DEVICE is '") + bad +
                  "'; it must be the number of a GPU, from 0");
}

TEST(Options, RangesAreChecked) {
  EXPECT_TRUE(checkOptions({}).isOk());
  SystemOptions options;
  options.maxActors = 0;
  EXPECT_EQ(checkOptions(options).detail(),
            "SystemOptions::maxActors is 0; it must be 1 to 268435455");
  options = {};
  options.lanes = 8;
  EXPECT_EQ(checkOptions(options).detail(),
            "SystemOptions::lanes is 8; it must be 1 to 7");
  options = {};
  options.workers = 70000;
  EXPECT_EQ(checkOptions(options).code(), StatusCode::InvalidArgument);
  options = {};
  options.sendTimeout = std::chrono::nanoseconds(-1);
  EXPECT_EQ(checkOptions(options).detail(),
            "SystemOptions::sendTimeout is negative");
  options = {};
  options.slowdown = std::chrono::seconds(2);
  EXPECT_EQ(checkOptions(options).detail(),
            "SystemOptions::slowdown is not 0 to 1 s");
}

} // namespace
