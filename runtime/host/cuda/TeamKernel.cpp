//===- TeamKernel.cpp - The kernel of block and larger actors -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/TeamKernel.h"

#include <algorithm>
#include <string>

namespace rk::runtime::cuda {

namespace {

constexpr const char *KernelName = "rk_team_kernel";
constexpr std::uint32_t FirstMajorWithClusters = 9;
constexpr std::uint32_t FirstMajorWithBulkCopies = 9;
/// What precedes the desks in a block's shared memory, at most.
constexpr std::uint32_t TeamSharedBytes = 512;
constexpr std::uint32_t Warps = abi::BlockLanes / 32;

} // namespace

bool TeamKernel::isNeeded() const {
  return std::find(needs_.begin(), needs_.end(), true) != needs_.end();
}

Status TeamKernel::load(const Driver &driver, CUdevice device, CUmodule loaded,
                        std::uint32_t computeMajor,
                        const modfile::ModuleView &module) {
  needs_ = teamNeeds(module);
  if (!isNeeded())
    return {};
  if (driver.moduleGetFunction(&kernel_, loaded, KernelName) != Success)
    return Status(
        StatusCode::CorruptModule,
        std::string("a module with block, cluster or grid actors has no "
                    "kernel ") +
            KernelName);
  hasClusters_ = computeMajor >= FirstMajorWithClusters;
  hasBulkCopies_ = computeMajor >= FirstMajorWithBulkCopies;
  int sharedBytes = 0;
  Status status = driver.check(
      driver.deviceGetAttribute(&sharedBytes, SharedBytesPerBlock, device),
      "cuDeviceGetAttribute");
  sharedBytes_ = std::uint32_t(sharedBytes);
  return status;
}

Status TeamKernel::plan(const SystemOptions &options, abi::Residents &residents,
                        std::uint32_t workerBlocks,
                        std::uint32_t multiprocessors) {
  if (!isNeeded())
    return {};
  residents.teams = planTeams(options, needs_, residents);
  return placeTeams(residents, needs_, workerBlocks,
                    {multiprocessors - residents.blocks, sharedBytes_,
                     TeamSharedBytes + Warps * abi::DeskBytes, hasBulkCopies_});
}

Status TeamKernel::start(const Driver &driver, const abi::Launch &launch,
                         const std::array<CUstream, abi::TeamKinds> &streams) {
  Status status;
  abi::Launch argument = launch;
  // The widest first, while most of the device is free; but a grid comes last,
  // as clusters need neighbouring multiprocessors.
  for (const abi::Lanes lanes :
       {abi::Lanes::Cluster, abi::Lanes::Block, abi::Lanes::Grid}) {
    const std::uint32_t kind = abi::teamKind(lanes);
    argument.residents.teams.kind = kind;
    if (status.isOk() && argument.residents.teams.rows[kind].count != 0)
      status = startKind(driver, argument, streams[kind]);
  }
  return status;
}

Status TeamKernel::startKind(const Driver &driver, abi::Launch &launch,
                             CUstream stream) {
  const std::uint32_t kind = launch.residents.teams.kind;
  const abi::TeamRow &row = launch.residents.teams.rows[kind];
  Status status =
      driver.check(driver.functionSetAttribute(kernel_, MaxDynamicSharedBytes,
                                               int(row.sharedBytes)),
                   "cuFuncSetAttribute");
  if (!status.isOk())
    return status;
  LaunchAttribute cluster{};
  cluster.id = ClusterDimension;
  cluster.value.words[0] = abi::MaxClusterBlocks;
  cluster.value.words[1] = cluster.value.words[2] = 1;
  LaunchConfig config{};
  config.gridX = row.count * row.blocks;
  config.gridY = config.gridZ = 1;
  config.blockX = abi::BlockLanes;
  config.blockY = config.blockZ = 1;
  config.sharedBytes = row.sharedBytes;
  config.stream = stream;
  config.attributes = &cluster;
  config.attributeCount =
      hasClusters_ && kind == abi::teamKind(abi::Lanes::Cluster) ? 1 : 0;
  void *arguments[] = {&launch};
  return driver.check(
      driver.launchKernelWith(&config, kernel_, arguments, nullptr),
      "cuLaunchKernelEx");
}

} // namespace rk::runtime::cuda
