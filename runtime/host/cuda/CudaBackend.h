//===- CudaBackend.h - Agents as warps of a persistent kernel ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The CUDA back end: one persistent kernel on one GPU, through the driver API.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Backend.h"
#include "cuda/DeviceWindow.h"
#include "cuda/Driver.h"
#include "cuda/MemoryRange.h"
#include "cuda/ResidentKernel.h"
#include "cuda/TeamKernel.h"

#include <atomic>
#include <cstdint>
#include <future>
#include <mutex>
#include <string>
#include <vector>

namespace rk::runtime::cuda {

class CudaBackend final : public Backend {
public:
  CudaBackend(const Driver &driver, int ordinal, CUdevice device,
              LaneMemory laneMemory = LaneMemory::Host)
      : driver_(driver), ordinal_(ordinal), device_(device),
        laneMemory_(laneMemory) {}
  ~CudaBackend() override { close(!ended_.load()); }

  Status open(const modfile::ModuleView &module) override;
  rk::Result<AgentPlan> plan(const SystemOptions &options) override;
  rk::Result<std::uint64_t> availableBytes() override;
  rk::Result<DeviceAddress> allocateDevice(std::uint64_t bytes) override;
  rk::Result<HostBlock> allocateHost(std::uint64_t bytes) override;
  rk::Result<LaneBlock> allocateLanes(std::uint64_t bytes) override;
  rk::Result<StateBlock> reserveStates(std::uint64_t bytes,
                                       std::uint64_t start) override;
  rk::Result<std::uint64_t> growStates(std::uint64_t bytes) override;
  Status fillZero(DeviceAddress to, std::uint64_t bytes) override;
  Status copyIn(DeviceAddress to, const void *from,
                std::uint64_t bytes) override;
  Status copyInStrided(DeviceAddress to, std::uint64_t stride, const void *from,
                       std::uint64_t itemBytes, std::uint64_t count) override;
  Status copyInRunning(DeviceAddress to, const void *from,
                       std::uint64_t bytes) override;
  Status copyOut(void *to, DeviceAddress from, std::uint64_t bytes) override;
  Status start(DeviceAddress launch) override;
  bool waitEnded(std::chrono::nanoseconds timeout) override;
  Status health() override;
  void close(bool agentsRun) override;
  void describe(RunDescription &description) const override;
  [[nodiscard]] bool sharesProcessors() const override { return false; }

private:
  class Current;

  /// Those of the kernels.
  [[nodiscard]] std::vector<CUstream> kernelStreams() const;

  Status openContext();
  Status openStreams();
  void prepareWindow();
  /// Whether lanes can lie in device memory, or why not.
  [[nodiscard]] Status windowStatus() const;
  [[nodiscard]] std::uint32_t ringsPerGroup() const;
  Status loadImage(const modfile::ModuleView &module,
                   const modfile::ImageView &image);
  Status fitBlock();
  Status shareDevice(const SystemOptions &options);
  Status loadError(CUresult result, const modfile::ImageView &image,
                   const char *log) const;
  Status reserveStack(const modfile::ImageView &image);
  Status finishCopies(const char *call, CUresult result);
  void noteEnded();
  void freeAll();

  const Driver &driver_;
  const int ordinal_;
  const CUdevice device_;
  const LaneMemory laneMemory_;
  std::string name_;
  std::string imageName_;
  std::uint32_t major_ = 0;
  std::uint32_t minor_ = 0;
  std::uint32_t multiprocessors_ = 0; ///< from `plan` on, those to take
  std::uint32_t blocksPerMultiprocessor_ = 0;
  std::uint32_t warpsPerBlock_ = 0;
  std::uint32_t sharedBytes_ = 0; ///< of a block
  std::uint32_t blocks_ = 0;
  std::uint32_t residentStateBytes_ = 0; ///< 0: no resident actors
  ResidentKernel residentKernel_;
  TeamKernel teamKernel_;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
  CUfunction kernel_ = nullptr;
  CUstream kernelStream_ = nullptr;
  CUstream residentStream_ = nullptr;
  /// Of kinds of teams that there are none of they stay null.
  std::array<CUstream, abi::TeamKinds> teamStreams_{};
  CUstream copyStream_ = nullptr;
  std::vector<CUdeviceptr> deviceMemory_;
  std::vector<void *> hostMemory_;
  MemoryRange states_;
  std::shared_future<Status> windowPrepared_;
  DeviceWindow window_; ///< has the lanes, unless host memory has
  std::string laneMemoryText_ = "host";
  std::mutex copyMutex_; ///< guards `scratch_` and the copy stream
  void *scratch_ = nullptr;
  /// The half of `scratch_` for what lies so far behind the beginning.
  unsigned char *copyHalf(std::uint64_t done) const;
  /// Whether this holds the process's place for a persistent kernel.
  std::atomic<bool> holdsPlace_{false};
  bool closed_ = false;
  std::atomic<bool> ended_{true};
};

} // namespace rk::runtime::cuda
