//===- PlacesTest.cpp - How many resident actors, and where ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Places.h"

#include <gtest/gtest.h>

using namespace rk;
using runtime::planPlaces;
using runtime::planResidentKernel;
using runtime::ResidentDevice;
using runtime::residentStateBytes;

namespace {

/// 132 multiprocessors, as an H100 has.
constexpr ResidentDevice Large{132, 8, 227 << 10, 8};

SystemOptions asking(std::uint32_t residents) {
  SystemOptions options;
  options.residents = residents;
  return options;
}

TEST(Places, OfWorkersHaveNoKernel) {
  const rk::abi::Residents made = planPlaces(asking(0), 20);
  EXPECT_EQ(made.places, 64u);
  EXPECT_EQ(made.columns, 1u);
  EXPECT_EQ(made.stateStride, 32u);
  EXPECT_EQ(made.blocks, 0u);
  EXPECT_EQ(made.inboxes, 0u);
  EXPECT_EQ(planPlaces(asking(65), 16).columns, 2u);
  EXPECT_EQ(planPlaces(asking(65), 0).places, 0u);
}

TEST(Places, LargestStateCountsOfResidentActorsOnly) {
  modfile::Module module;
  module.actors = {
      {"A", 1, 800, 8, 0, "", 0, {}},
      {"B", 2, 24, 8, 1, "", 0, {}, rk::abi::WhenFull::Fail, true},
      {"C", 3, 16, 8, 2, "", 0, {}, rk::abi::WhenFull::Fail, true}};
  EXPECT_EQ(residentStateBytes(modfile::viewOf(module)), 24u);
  module.actors.resize(1);
  EXPECT_EQ(residentStateBytes(modfile::viewOf(module)), 0u);
}

TEST(Places, ByDefaultFillOneCluster) {
  const auto made = planResidentKernel(asking(0), 64, 33, Large).value();
  EXPECT_EQ(made.clusterBlocks, 8u);
  EXPECT_EQ(made.blocks, 8u);
  EXPECT_EQ(made.places, made.blocks * made.warpsPerBlock - 33);
  EXPECT_EQ(made.inboxes, made.places);
  EXPECT_EQ(made.columns, made.blocks);
  EXPECT_LE(made.shared.total, Large.sharedBytes);
}

TEST(Places, WithoutResidentActorsThereIsNoKernel) {
  EXPECT_EQ(planResidentKernel(asking(9), 0, 33, Large).value().blocks, 0u);
}

TEST(Places, MoreAskForWholeClusters) {
  const auto made = planResidentKernel(asking(100), 64, 33, Large).value();
  EXPECT_EQ(made.places, 100u);
  EXPECT_EQ(made.blocks % 8, 0u);
  EXPECT_GE(made.blocks * made.warpsPerBlock, 133u);
}

TEST(Places, WithoutClustersBlocksAreAsFewAsServe) {
  ResidentDevice device = Large;
  device.clusterBlocks = 1;
  const auto made = planResidentKernel(asking(7), 64, 33, device).value();
  EXPECT_EQ(made.clusterBlocks, 1u);
  EXPECT_EQ(made.warpsPerBlock, 8u);
  EXPECT_EQ(made.blocks, 5u);
}

TEST(Places, LessSharedMemoryMeansFewerWarpsOfABlock) {
  ResidentDevice device = Large;
  device.sharedBytes = 80 << 10;
  const auto made = planResidentKernel(asking(8), 4096, 33, device).value();
  EXPECT_LT(made.warpsPerBlock, 8u);
  EXPECT_LE(made.shared.total, device.sharedBytes);
  EXPECT_GE(made.blocks * made.warpsPerBlock, 41u);
}

TEST(Places, TooManyAreRefused) {
  const auto made = planResidentKernel(asking(300), 64, 33, Large);
  EXPECT_EQ(made.code(), StatusCode::InvalidArgument);
  EXPECT_NE(made.status().detail().find(
                "SystemOptions::residents is 300, and with 33 warps for the "
                "host they need "),
            std::string::npos)
      << made.status().detail();
}

TEST(Places, OneMultiprocessorIsLeftForWorkers) {
  ResidentDevice device = Large;
  device.multiprocessors = 9;
  EXPECT_TRUE(planResidentKernel(asking(0), 64, 33, device).isOk());
  device.multiprocessors = 8;
  EXPECT_FALSE(planResidentKernel(asking(0), 64, 33, device).isOk());
}

} // namespace
