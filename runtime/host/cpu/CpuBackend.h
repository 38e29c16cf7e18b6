//===- CpuBackend.h - Agents as threads of this process ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The CPU back end: one thread for each worker, or under a scheduler one fiber
/// for each agent; memory from the process.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Backend.h"
#include "Teams.h"
#include "cpu/FiberAgents.h"
#include "cpu/SharedImage.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace rk::runtime {

class CpuBackend final : public Backend {
public:
  CpuBackend() = default;
  /// Runs `agent` and not an image of the module; for tests of the runtime.
  explicit CpuBackend(AgentFunction agent) : agent_(agent) {}
  ~CpuBackend() override { close(!waitEnded(std::chrono::nanoseconds(0))); }

  Status open(const modfile::ModuleView &module) override;
  Result<AgentPlan> plan(const SystemOptions &options) override;
  Result<std::uint64_t> availableBytes() override;
  Result<DeviceAddress> allocateDevice(std::uint64_t bytes) override;
  Result<HostBlock> allocateHost(std::uint64_t bytes) override;
  Result<StateBlock> reserveStates(std::uint64_t bytes,
                                   std::uint64_t start) override;
  Result<std::uint64_t> growStates(std::uint64_t bytes) override;
  Status storeWord(DeviceAddress to, std::uint64_t value) override;
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
  SteppedAgents *steppedAgents() override { return stepped_.get(); }
  Status health() override { return {}; }
  void close(bool agentsRun) override;
  void describe(RunDescription &description) const override;
  [[nodiscard]] bool sharesProcessors() const override { return true; }

private:
  /// What threads use; outlives the back end if they would not end.
  struct Run {
    std::atomic<std::uint32_t> alive{0};
  };
  struct Mapping {
    void *address;
    std::uint64_t bytes;
  };

  Result<void *> map(std::uint64_t bytes, int protection);
  Status startStepped(const abi::Launch &launch);
  Status startThreads(const abi::Launch &launch);
  void joinAll();

  AgentFunction agent_ = nullptr;
  std::optional<SharedImage> image_;
  std::string imageName_ = "none";
  std::uint32_t workers_ = 0;
  bool isStepped_ = false;
  std::unique_ptr<FiberAgents> stepped_;
  std::uint32_t residentStateBytes_ = 0;
  TeamNeeds teamNeeds_{};
  std::vector<Mapping> mappings_;
  Mapping states_{}; ///< also among `mappings_`
  std::shared_ptr<Run> run_ = std::make_shared<Run>();
  std::mutex threadsMutex_; ///< guards `threads_`
  std::vector<std::thread> threads_;
};

} // namespace rk::runtime
