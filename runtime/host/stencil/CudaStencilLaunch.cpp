//===- CudaStencilLaunch.cpp - Steps of a grid on a GPU -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/CudaStencilInternal.h"

#include <algorithm>
#include <thread>

namespace rk::runtime::cuda {

namespace {

/// How long to look for the end of steps closely, and how far apart later.
constexpr auto CloseLook = std::chrono::milliseconds(2);
constexpr auto WideStep = std::chrono::microseconds(50);

constexpr unsigned ServiceThreads = 256, MostServiceBlocks = 4096;

} // namespace

Status CudaStencil::launch(std::uint32_t number,
                           const abi::StencilLaunch &launch) {
  const Current current(driver_, context_);
  const auto &[plan, plain, damped] = plans_[number];
  const CUfunction kernel = launch.factors[0] != 0 ? damped : plain;
  if (modfile::stencilPlanKind(plan->name) ==
      modfile::StencilPlanKind::Resident)
    return launchResident(*plan, launch);
  unsigned grid[3];
  for (unsigned axis = 0; axis < 3; ++axis) {
    const std::int64_t tile = axis == lastAxis_ && launch.depth != 0
                                  ? launch.depth
                                  : plan->tile[axis];
    grid[axis] =
        tile == 0 ? 1u : unsigned((launch.extent[axis] + tile - 1) / tile);
  }
  abi::StencilLaunch argument = launch;
  void *arguments[] = {&argument};
  return driver_.check(driver_.launchKernel(kernel, grid[0], grid[1], grid[2],
                                            plan->block[0], plan->block[1],
                                            plan->block[2], plan->sharedBytes,
                                            stream_, arguments, nullptr),
                       "cuLaunchKernel");
}

/// Cuts the grid, and makes the boards.
Status CudaStencil::beginResident(const modfile::StencilPlanView &plan,
                                  const abi::StencilLaunch &launch) {
  modfile::StencilExtent extent;
  modfile::StencilFaces faces;
  std::copy_n(launch.extent, 3, extent.begin());
  for (std::uint32_t face = 0; face < abi::StencilFaceCount; ++face)
    faces.boundary[face] = abi::StencilBoundary(launch.boundary[face]);
  auto layout = modfile::layOutResident(*stencil_, extent, faces, figures_);
  if (!layout)
    return Status(StatusCode::InvalidArgument,
                  "the stencil's fields do not fit the chip");
  abi::ResidentGrid &grid = layout->grid;
  for (std::size_t a = 0; a < stencil_->arrays.size(); ++a) {
    const modfile::StencilArrayView &array = stencil_->arrays[a];
    if (!array.isWritten)
      continue;
    auto board =
        allocate(2 * grid.boardCells * (array.elementBytes == 8 ? 16 : 8));
    if (!board.isOk())
      return board.status();
    grid.arrays[a].board = *board;
  }
  auto fault = allocate(sizeof(fault_));
  if (!fault.isOk())
    return fault.status();
  grid.fault = *fault;
  resident_ = layout;
  return findResident(plan);
}

Status CudaStencil::findResident(const modfile::StencilPlanView &plan) {
  const abi::ResidentGrid &grid = resident_->grid;
  for (unsigned between = 0; between < 2; ++between) {
    auto kernel = find(std::string(plan.entry) +
                       abi::ResidentSuffixes[grid.isDirect + 2 * between]);
    if (!kernel.isOk())
      return kernel.status();
    residentKernels_[between] = *kernel;
    if (Status status = driver_.check(
            driver_.functionSetAttribute(*kernel, MaxDynamicSharedBytes,
                                         int(resident_->sharedBytes)),
            "cuFuncSetAttribute");
        !status.isOk())
      return status;
  }
  const unsigned each = grid.tile[0] * grid.tile[1] * grid.tile[2];
  if (each == 1)
    return {};
  for (const CUfunction kernel : residentKernels_)
    driver_.functionSetAttribute(kernel, NonPortableClusters, 1);
  LaunchAttribute cluster{};
  const unsigned blocks = resident_->blocks;
  const LaunchConfig config =
      residentConfig(blocks, resident_->sharedBytes, cluster, each);
  int count = 0;
  if (Status status = driver_.check(
          driver_.clusterOccupancy(&count, residentKernels_[1], &config),
          "cuOccupancyMaxActiveClusters");
      !status.isOk() || unsigned(count) * each >= blocks)
    return status;
  return Status(StatusCode::InvalidArgument,
                "plan 'resident' needs " + std::to_string(blocks / each) +
                    " clusters of " + std::to_string(each) +
                    " blocks at a time, and the device runs " +
                    std::to_string(count));
}

Status CudaStencil::launchResident(const modfile::StencilPlanView &plan,
                                   const abi::StencilLaunch &launch) {
  if (!resident_)
    if (Status status = beginResident(plan, launch); !status.isOk())
      return status;
  if (const auto left = ProcessKernel::left(device_);
      left && *left < resident_->blocks)
    return Status(StatusCode::InvalidArgument,
                  "plan 'resident' was made for " +
                      std::to_string(resident_->blocks) +
                      " multiprocessors at a time, and the system of this "
                      "process leaves " +
                      std::to_string(*left) +
                      "; make the stencil after the system, or choose another "
                      "plan with StencilOptions::plan");
  abi::ResidentLaunch argument{launch, resident_->grid};
  resident_->grid.mark += std::uint32_t(launch.steps);
  void *arguments[] = {&argument};
  const abi::ResidentGrid &grid = resident_->grid;
  LaunchAttribute cluster{};
  const LaunchConfig config =
      residentConfig(resident_->blocks, resident_->sharedBytes, cluster,
                     grid.tile[0] * grid.tile[1] * grid.tile[2]);
  const bool between = launch.factors[0] != 0 || launch.moveCount != 0;
  return driver_.check(driver_.launchKernelWith(&config,
                                                residentKernels_[between],
                                                arguments, nullptr),
                       "cuLaunchKernelEx");
}

Status CudaStencil::waitShared() {
  if (!stuck_.isOk())
    return stuck_;
  const Current current(driver_, context_);
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    const CUresult result = driver_.streamQuery(stream_);
    if (result != ErrorNotReady)
      return driver_.check(result, "cuStreamQuery");
    const auto waited = std::chrono::steady_clock::now() - begin;
    if (waited >= patience_)
      break;
    if (waited >= CloseLook)
      std::this_thread::sleep_for(WideStep);
  }
  stuck_ = Status(
      StatusCode::DeviceError,
      "steps did not end in " + std::to_string(patience_.count() / 1000000) +
          " ms (StencilOptions::patience) beside a system of this process, "
          "which leaves " +
          std::to_string(ProcessKernel::left(device_).value_or(0)) +
          " multiprocessors; leave more with "
          "SystemOptions::freeMultiprocessors, or make the grid smaller");
  return stuck_;
}

Status CudaStencil::wait() {
  if (isShared())
    if (Status status = waitShared(); !status.isOk())
      return status;
  const Current current(driver_, context_);
  if (resident_)
    if (Status status = copyOut(&fault_, resident_->grid.fault, sizeof(fault_));
        !status.isOk())
      return status;
  if (Status status = driver_.check(driver_.streamSynchronize(stream_),
                                    "cuStreamSynchronize");
      !status.isOk() || fault_ == 0)
    return status;
  return Status(StatusCode::Internal,
                "a block of the plan 'resident' waited in vain for the halo of "
                "its neighbours, packet " +
                    std::to_string(fault_) +
                    "; choose another plan with StencilOptions::plan");
}

bool CudaStencil::beginRecord() {
  const Current current(driver_, context_);
  return driver_.streamBeginCapture(stream_, CaptureModeRelaxed) == Success;
}

Status CudaStencil::endRecord() {
  const Current current(driver_, context_);
  CUgraph graph = nullptr;
  if (Status status = driver_.check(driver_.streamEndCapture(stream_, &graph),
                                    "cuStreamEndCapture");
      !status.isOk())
    return status;
  Status status = driver_.check(driver_.graphInstantiate(&recorded_, graph, 0),
                                "cuGraphInstantiate");
  driver_.graphDestroy(graph);
  return status;
}

Status CudaStencil::serve(CUfunction kernel, void *argument,
                          std::int64_t count) {
  if (count == 0)
    return {};
  const Current current(driver_, context_);
  const auto blocks = unsigned(std::min<std::int64_t>(
      (count + ServiceThreads - 1) / ServiceThreads, MostServiceBlocks));
  void *arguments[] = {argument};
  return driver_.check(driver_.launchKernel(kernel, blocks, 1, 1,
                                            ServiceThreads, 1, 1, 0, stream_,
                                            arguments, nullptr),
                       "cuLaunchKernel");
}

} // namespace rk::runtime::cuda
