//===- Environment.cpp - Options and environment variables ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Environment.h"

#include "rk/abi/Address.h"
#include "rk/abi/Residents.h"

#include <charconv>
#include <cstring>

namespace rk::runtime {

namespace {

/// The warps of the link's block serve the lanes and the outbound ring.
constexpr std::uint32_t MaxHostLanes = 7;
/// All warps of as many blocks as there may be.
constexpr std::uint32_t MaxResidents = abi::MaxResidentBlocks * 16;
/// `Launch::shardWorkers` names a worker in 16 bits.
constexpr std::uint32_t MaxWorkers = 0xffff;

Status invalid(std::string text) {
  return Status(StatusCode::InvalidArgument, std::move(text));
}

Status parseBackend(const char *text, BackendKind &kind) {
  if (std::strcmp(text, "cuda") == 0)
    kind = BackendKind::Cuda;
  else if (std::strcmp(text, "cpu") == 0)
    kind = BackendKind::Cpu;
  else if (std::strcmp(text, "auto") == 0)
    kind = BackendKind::Automatic;
  else
    return invalid(std::string("RK_BACKEND is '") + text +
                   "'; it must be cuda, cpu or auto");
  return {};
}

Status parseDevice(const char *text, int &device) {
  const char *end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, device);
  if (error != std::errc() || rest != end || device < 0)
    return invalid(std::string("RK_DEVICE is '") + text +
                   "'; it must be the number of a GPU, from 0");
  return {};
}

Status chooseLaneMemory(const SystemOptions &options,
                        const GetVariable &variable, Choice &choice) {
  choice.laneMemory = options.laneMemory;
  std::string reason = "SystemOptions::laneMemory is LaneMemory::Device";
  if (const char *text = variable("RK_LANE_MEMORY");
      text && *text && options.laneMemory == LaneMemory::Automatic) {
    if (std::strcmp(text, "device") == 0)
      choice.laneMemory = LaneMemory::Device;
    else if (std::strcmp(text, "host") == 0)
      choice.laneMemory = LaneMemory::Host;
    else if (std::strcmp(text, "auto") != 0)
      return invalid(std::string("RK_LANE_MEMORY is '") + text +
                     "'; it must be device, host or auto");
    reason = std::string("RK_LANE_MEMORY is ") + text;
  }
  if (choice.laneMemory == LaneMemory::Device &&
      choice.backend == BackendKind::Cpu)
    return invalid(reason + ", and the CPU back end, " + choice.reason +
                   ", has no device memory");
  return {};
}

} // namespace

Result<Choice> chooseBackend(const SystemOptions &options,
                             const GetVariable &variable) {
  Choice choice;
  choice.backend = options.backend;
  choice.reason = "asked for by SystemOptions::backend";
  if (options.backend == BackendKind::Automatic) {
    choice.reason = "automatic";
    if (const char *text = variable("RK_BACKEND"); text && *text) {
      if (Status status = parseBackend(text, choice.backend); !status.isOk())
        return status;
      if (choice.backend != BackendKind::Automatic)
        choice.reason = std::string("asked for by RK_BACKEND=") + text;
    }
  }
  if (options.scheduler) {
    if (choice.backend == BackendKind::Cuda)
      return invalid("SystemOptions::scheduler is set, and the back end is a "
                     "GPU (" +
                     choice.reason +
                     "); a scheduler can choose on the CPU back end alone");
    if (choice.backend == BackendKind::Automatic)
      choice = {.backend = BackendKind::Cpu,
                .reason = "SystemOptions::scheduler is set"};
  }
  choice.device = options.device;
  if (options.device < -1)
    return invalid("SystemOptions::device is " +
                   std::to_string(options.device) +
                   "; it must be -1 or the number of a GPU");
  if (options.device == -1) {
    choice.device = 0;
    if (const char *text = variable("RK_DEVICE"); text && *text)
      if (Status status = parseDevice(text, choice.device); !status.isOk())
        return status;
  }
  if (Status status = chooseLaneMemory(options, variable, choice);
      !status.isOk())
    return status;
  return choice;
}

Result<bool> asksForRemarks(const GetVariable &variable) {
  const char *text = variable("RK_STENCIL_REMARKS");
  if (!text || !*text || std::strcmp(text, "0") == 0)
    return false;
  if (std::strcmp(text, "1") == 0)
    return true;
  return invalid(std::string("RK_STENCIL_REMARKS is '") + text +
                 "'; it must be 0 or 1");
}

Status checkOptions(const SystemOptions &options) {
  const auto range = [](const char *name, std::uint64_t value,
                        std::uint64_t least, std::uint64_t most) {
    return invalid(std::string("SystemOptions::") + name + " is " +
                   std::to_string(value) + "; it must be " +
                   std::to_string(least) + " to " + std::to_string(most));
  };
  if (options.maxActors < 1 || options.maxActors > abi::MaxSlots)
    return range("maxActors", options.maxActors, 1, abi::MaxSlots);
  if (options.residents > MaxResidents)
    return range("residents", options.residents, 0, MaxResidents);
  if (std::uint64_t(options.maxActors) + options.residents > abi::MaxSlots)
    return range("maxActors", options.maxActors, 1,
                 abi::MaxSlots - options.residents);
  if (options.blockActors > abi::MaxTeams)
    return range("blockActors", options.blockActors, 0, abi::MaxTeams);
  if (options.clusterActors > abi::MaxTeams)
    return range("clusterActors", options.clusterActors, 0, abi::MaxTeams);
  if (options.lanes < 1 || options.lanes > MaxHostLanes)
    return range("lanes", options.lanes, 1, MaxHostLanes);
  if (options.workers > MaxWorkers)
    return range("workers", options.workers, 0, MaxWorkers);
  if (std::uint32_t(options.laneMemory) > std::uint32_t(LaneMemory::Device))
    return invalid("SystemOptions::laneMemory is " +
                   std::to_string(std::uint32_t(options.laneMemory)) +
                   "; it must be LaneMemory::Automatic, Host or Device");
  if (std::uint32_t(options.balance) > std::uint32_t(Balance::Random))
    return invalid("SystemOptions::balance is " +
                   std::to_string(std::uint32_t(options.balance)) +
                   "; it must be Balance::Off, Load or Random");
  if (options.sendTimeout.count() < 0)
    return invalid("SystemOptions::sendTimeout is negative");
  if (options.slowdown.count() < 0 ||
      options.slowdown > std::chrono::seconds(1))
    return invalid("SystemOptions::slowdown is not 0 to 1 s");
  if (options.startTimeout.count() <= 0)
    return invalid("SystemOptions::startTimeout is not positive");
  if (options.stallThreshold.count() <= 0)
    return invalid("SystemOptions::stallThreshold is not positive");
  return {};
}

} // namespace rk::runtime
