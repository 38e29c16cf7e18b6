//===- ResidentKernel.cpp - The kernel of resident actors -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/ResidentKernel.h"

#include "Places.h"

namespace rk::runtime::cuda {

namespace {

constexpr const char *KernelName = "rk_resident_kernel";
/// The kernel is compiled for this many at most.
constexpr std::uint32_t MostWarpsPerBlock = 8;
constexpr std::uint32_t FirstMajorWithClusters = 9;

} // namespace

Status ResidentKernel::load(const Driver &driver, CUdevice device,
                            CUmodule module, std::uint32_t computeMajor) {
  if (driver.moduleGetFunction(&kernel_, module, KernelName) != Success)
    return Status(StatusCode::CorruptModule,
                  std::string("a module with resident actors has no kernel ") +
                      KernelName);
  int sharedBytes = 0;
  Status status = driver.check(
      driver.deviceGetAttribute(&sharedBytes, SharedBytesPerBlock, device),
      "cuDeviceGetAttribute");
  sharedBytes_ = std::uint32_t(sharedBytes);
  clusterBlocks_ =
      computeMajor >= FirstMajorWithClusters ? abi::MaxClusterBlocks : 1;
  return status;
}

rk::Result<abi::Residents> ResidentKernel::plan(const SystemOptions &options,
                                                std::uint32_t stateBytes,
                                                std::uint32_t links,
                                                std::uint32_t multiprocessors) {
  return planResidentKernel(
      options, stateBytes, links,
      {multiprocessors, MostWarpsPerBlock, sharedBytes_, clusterBlocks_});
}

Status ResidentKernel::start(const Driver &driver, abi::Launch &launch,
                             CUstream stream) {
  const abi::Residents &residents = launch.residents;
  if (residents.blocks == 0)
    return {};
  const std::uint32_t sharedBytes = residents.shared.total;
  Status status =
      driver.check(driver.functionSetAttribute(kernel_, MaxDynamicSharedBytes,
                                               int(sharedBytes)),
                   "cuFuncSetAttribute");
  if (!status.isOk())
    return status;
  LaunchAttribute cluster{};
  cluster.id = ClusterDimension;
  cluster.value.words[0] = residents.clusterBlocks;
  cluster.value.words[1] = cluster.value.words[2] = 1;
  LaunchConfig config{};
  config.gridX = residents.blocks;
  config.gridY = config.gridZ = 1;
  config.blockX = residents.warpsPerBlock * 32;
  config.blockY = config.blockZ = 1;
  config.sharedBytes = sharedBytes;
  config.stream = stream;
  config.attributes = &cluster;
  config.attributeCount = residents.clusterBlocks > 1 ? 1 : 0;
  void *arguments[] = {&launch};
  return driver.check(
      driver.launchKernelWith(&config, kernel_, arguments, nullptr),
      "cuLaunchKernelEx");
}

} // namespace rk::runtime::cuda
