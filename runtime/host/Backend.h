//===- Backend.h - Where agents run -----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the engine needs of a place where agents run: memory, copies, and a
/// run that starts once and ends once. The engine lays everything out and
/// speaks the protocol; a back end knows neither actors nor messages.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Runtime.h"
#include "rk/modfile/Module.h"
#include "rk/options.h"
#include "rk/report.h"
#include "rk/scheduler.h"
#include "rk/status.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace rk::runtime {

/// The address of something on the device.
using DeviceAddress = std::uint64_t;

/// Memory that both sides reach while the device runs.
struct HostBlock {
  unsigned char *host = nullptr;
  DeviceAddress device = 0;
};

/// Where the lanes lie.
struct LaneBlock {
  HostBlock block;
  /// It is device memory: the host writes whole packets to it and reads
  /// nothing.
  bool onDevice = false;
};

/// Memory for the states of actors: addresses for all that there may be, and
/// memory from their beginning on.
struct StateBlock {
  DeviceAddress device = 0;
  std::uint64_t mapped = 0; ///< bytes that can be used
};

/// How many agents a back end will run, and what suits it.
struct AgentPlan {
  /// Agents that run actors.
  std::uint32_t workers = 0;
  /// Rings of each group of lanes. A group serves one host thread, and spreads
  /// its packets over its rings by receiver; each has an agent of its own where
  /// agents are many.
  std::uint32_t ringsPerGroup = 1;
  /// What a pool of messages takes when the options do not say.
  std::uint64_t defaultMessageBytes = 0;
  /// Workers whose numbers differ by a multiple of this are neighbours: warps
  /// of one block. 0: there are none.
  std::uint32_t blocks = 0;
  /// Numbers and shared memory of places; all zero if the module has no
  /// resident actors, `inboxes` and `blocks` zero if workers run them.
  abi::Residents residents{};
};

/// The agents of a run that go on only when they are told to.
///
/// Threads   any; one agent runs at a time.
class SteppedAgents {
public:
  virtual ~SteppedAgents() = default;
  /// Adds the agents that have something to do, in ascending order.
  virtual void findReady(std::vector<AgentId> &ready) = 0;
  /// Has `agent` take a step; returns whether it achieved anything.
  virtual bool step(AgentId agent) = 0;
  /// The time of the run, which moves with its steps.
  [[nodiscard]] virtual std::chrono::nanoseconds now() const = 0;
  /// Lets time pass in which nobody does anything.
  virtual void advanceTo(std::chrono::nanoseconds time) = 0;
};

/// One place to run, opened for one module.
///
/// Threads   `copyOut`, `storeWord`, `waitEnded` and `health` may be called
///           from any thread at once between `start` and `close`; the others by
///           one thread.
class Backend {
public:
  virtual ~Backend() = default;

  /// Chooses the image of `module` and makes it ready to start.
  ///
  /// Errors    `NoDevice`, `DriverTooOld`, `NoImage`, `CorruptModule`,
  ///           `DeviceError`.
  virtual Status open(const modfile::ModuleView &module) = 0;
  /// Only after `open`.
  virtual Result<AgentPlan> plan(const SystemOptions &options) = 0;
  /// Returns how much device memory could be allocated now, in bytes.
  virtual Result<std::uint64_t> availableBytes() = 0;

  /// Allocates device memory, aligned to 256 bytes; freed by `close`.
  virtual Result<DeviceAddress> allocateDevice(std::uint64_t bytes) = 0;
  /// Allocates zeroed host memory that the device reaches; freed by `close`.
  virtual Result<HostBlock> allocateHost(std::uint64_t bytes) = 0;
  /// Allocates the zeroed block of the lanes; freed by `close`.
  ///
  /// Errors    those of `allocateHost`; `InvalidArgument` if it was to be
  ///           device memory and the host cannot write to that.
  virtual Result<LaneBlock> allocateLanes(std::uint64_t bytes) {
    const Result<HostBlock> block = allocateHost(bytes);
    if (!block.isOk())
      return block.status();
    return LaneBlock{*block, false};
  }
  /// Reserves addresses for `bytes`, aligned to 64 KiB, and makes at least the
  /// first `start` bytes usable; freed by `close`.
  ///
  /// Errors    those of `allocateDevice`.
  virtual Result<StateBlock> reserveStates(std::uint64_t bytes,
                                           std::uint64_t start) = 0;
  /// Makes states usable up to `bytes` at least, which are no more than were
  /// reserved; returns up to where they are. One thread at a time, also while
  /// agents run.
  ///
  /// Errors    `OutOfMemory`, `DeviceError`; what was usable still is.
  virtual Result<std::uint64_t> growStates(std::uint64_t bytes) = 0;
  /// Writes a word that agents read meanwhile. Each half is written at once.
  ///
  /// Ordering  an agent that sees it can use what `growStates` gave before.
  virtual Status storeWord(DeviceAddress to, std::uint64_t value) {
    return copyInRunning(to, &value, sizeof(value));
  }
  virtual Status fillZero(DeviceAddress to, std::uint64_t bytes) = 0;
  virtual Status copyIn(DeviceAddress to, const void *from,
                        std::uint64_t bytes) = 0;
  /// Copies `count` items of `itemBytes` to places `stride` bytes apart.
  virtual Status copyInStrided(DeviceAddress to, std::uint64_t stride,
                               const void *from, std::uint64_t itemBytes,
                               std::uint64_t count) = 0;
  /// The same while agents run.
  virtual Status copyInRunning(DeviceAddress to, const void *from,
                               std::uint64_t bytes) = 0;
  /// Copies words of 4 bytes out, each as it was at some moment of the call,
  /// also while agents run.
  virtual Status copyOut(void *to, DeviceAddress from, std::uint64_t bytes) = 0;

  /// Starts every agent with `launch`, the device's address of an
  /// `abi::Launch`. Returns at once.
  virtual Status start(DeviceAddress launch) = 0;
  /// Waits until every agent has ended; returns whether that was in time.
  virtual bool waitEnded(std::chrono::nanoseconds timeout) = 0;
  /// Between `start` and `close`: the agents, if options given to `plan` name a
  /// scheduler; else null.
  virtual SteppedAgents *steppedAgents() { return nullptr; }
  /// Returns `Ok`, or how the run failed. Cheap.
  virtual Status health() = 0;
  /// Frees everything. With `agentsRun`, agents that would not end still use
  /// the memory: it is left to the end of the process.
  virtual void close(bool agentsRun) = 0;

  /// Adds what it knows: backend, device, driver, image.
  virtual void describe(RunDescription &description) const = 0;
  /// Whether host threads share processors with the agents, so that a host
  /// thread that waits must let go of its processor.
  [[nodiscard]] virtual bool sharesProcessors() const = 0;
};

/// Returns the CPU back end.
std::unique_ptr<Backend> makeCpuBackend();
/// Returns the CUDA back end for the GPU number `device`, or why there is none:
/// `NoDevice`, `DriverTooOld`.
Result<std::unique_ptr<Backend>> makeCudaBackend(int device,
                                                 LaneMemory laneMemory);

} // namespace rk::runtime
