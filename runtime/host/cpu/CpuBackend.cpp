//===- CpuBackend.cpp - Threads, memory and images of the CPU back end ----===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cpu/CpuBackend.h"

#include "Places.h"

#include "Futex.h"
#include "PacketAccess.h"
#include "RoundUp.h"
#include "cpu/Processor.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include <pthread.h>
#include <sys/mman.h>

namespace rk::runtime {

namespace {

constexpr std::uint32_t MostDefaultWorkers = 64;
/// Enough for races, and the same on every machine.
constexpr std::uint32_t DefaultSteppedWorkers = 2;
constexpr std::uint64_t DefaultMessageBytes = 256ull << 20;
constexpr int ReadWrite = PROT_READ | PROT_WRITE;
/// States become usable in multiples of this.
constexpr std::uint64_t StateStep = abi::ActorArena::ReachUnit;

/// Signals are for the threads of the user's program.
class SignalsBlocked {
public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
  sigset_t before_;
};

} // namespace

std::unique_ptr<Backend> makeCpuBackend() {
  return std::make_unique<CpuBackend>();
}

Status CpuBackend::open(const modfile::ModuleView &module) {
  residentStateBytes_ = residentStateBytes(module);
  teamNeeds_ = teamNeeds(module);
  if (agent_)
    return {};
  const modfile::ImageView *found = nullptr;
  for (const auto &image : module.images)
    if (image.kind == modfile::ImageKind::HostObject)
      found = &image;
  if (!found)
    return Status(StatusCode::NoImage,
                  "module '" + std::string(module.name) +
                      "' has no code for the CPU back end; add --arch=host");
  if (Status status = checkProcessor(found->target); !status.isOk())
    return status;
  Result<SharedImage> image =
      SharedImage::load(found->payload, std::string(module.name));
  if (!image.isOk())
    return image.status();
  image_.emplace(std::move(*image));
  const std::string entry(found->entry);
  agent_ = reinterpret_cast<AgentFunction>(image_->find(entry.c_str()));
  if (!agent_)
    return Status(StatusCode::CorruptModule, "the host image of module '" +
                                                 std::string(module.name) +
                                                 "' has no symbol " + entry);
  imageName_ = "host " + std::string(found->target);
  return {};
}

Result<AgentPlan> CpuBackend::plan(const SystemOptions &options) {
  workers_ = options.workers;
  isStepped_ = options.scheduler != nullptr;
  if (workers_ == 0 && isStepped_)
    workers_ = DefaultSteppedWorkers;
  else if (workers_ == 0)
    workers_ =
        std::clamp(std::thread::hardware_concurrency(), 1u, MostDefaultWorkers);
  AgentPlan plan{workers_, 1, DefaultMessageBytes, 0, {}};
  plan.residents = planPlaces(options, residentStateBytes_);
  plan.residents.teams = planTeams(options, teamNeeds_, plan.residents);
  return plan;
}

Result<std::uint64_t> CpuBackend::availableBytes() { return availableMemory(); }

/// Memory that is not touched costs nothing, so pools may be generous.
Result<void *> CpuBackend::map(std::uint64_t bytes, int protection) {
  void *memory = mmap(nullptr, bytes, protection,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return Status(StatusCode::OutOfMemory,
                  "mmap of " + std::to_string(bytes) +
                      " bytes: " + std::strerror(errno));
  mappings_.push_back({memory, bytes});
  return memory;
}

Result<DeviceAddress> CpuBackend::allocateDevice(std::uint64_t bytes) {
  Result<void *> memory = map(bytes, ReadWrite);
  if (!memory.isOk())
    return memory.status();
  return reinterpret_cast<DeviceAddress>(*memory);
}

Result<HostBlock> CpuBackend::allocateHost(std::uint64_t bytes) {
  Result<void *> memory = map(bytes, ReadWrite);
  if (!memory.isOk())
    return memory.status();
  return HostBlock{static_cast<unsigned char *>(*memory),
                   reinterpret_cast<DeviceAddress>(*memory)};
}

/// Only what is usable can be read or written: an agent that goes beyond ends
/// the process.
Result<StateBlock> CpuBackend::reserveStates(std::uint64_t bytes,
                                             std::uint64_t start) {
  const std::uint64_t whole = roundUp(bytes, StateStep);
  Result<void *> memory = map(whole, PROT_NONE);
  if (!memory.isOk())
    return memory.status();
  states_ = {*memory, whole};
  Result<std::uint64_t> mapped = growStates(start);
  if (!mapped.isOk())
    return mapped.status();
  return StateBlock{reinterpret_cast<DeviceAddress>(*memory), *mapped};
}

Result<std::uint64_t> CpuBackend::growStates(std::uint64_t bytes) {
  const std::uint64_t wanted =
      std::min(roundUp(bytes, StateStep), states_.bytes);
  if (mprotect(states_.address, wanted, ReadWrite) != 0)
    return Status(StatusCode::OutOfMemory,
                  "mprotect of " + std::to_string(wanted) +
                      " bytes: " + std::strerror(errno));
  return wanted;
}

/// Release: what was made usable before is so for who sees the word.
Status CpuBackend::storeWord(DeviceAddress to, std::uint64_t value) {
  __atomic_store_n(reinterpret_cast<std::uint64_t *>(to), value,
                   __ATOMIC_RELEASE);
  return {};
}

Status CpuBackend::fillZero(DeviceAddress, std::uint64_t) {
  return {}; // fresh mappings are zero
}

Status CpuBackend::copyIn(DeviceAddress to, const void *from,
                          std::uint64_t bytes) {
  std::memcpy(reinterpret_cast<void *>(to), from, bytes);
  return {};
}

Status CpuBackend::copyInStrided(DeviceAddress to, std::uint64_t stride,
                                 const void *from, std::uint64_t itemBytes,
                                 std::uint64_t count) {
  const auto *source = static_cast<const unsigned char *>(from);
  for (std::uint64_t i = 0; i < count; ++i)
    std::memcpy(reinterpret_cast<void *>(to + i * stride),
                source + i * itemBytes, itemBytes);
  return {};
}

Status CpuBackend::copyInRunning(DeviceAddress to, const void *from,
                                 std::uint64_t bytes) {
  return copyIn(to, from, bytes);
}

Status CpuBackend::copyOut(void *to, DeviceAddress from, std::uint64_t bytes) {
  copyWords(to, reinterpret_cast<const void *>(from), bytes);
  return {};
}

Status CpuBackend::start(DeviceAddress launch) {
  const auto &argument = *reinterpret_cast<const abi::Launch *>(launch);
  return isStepped_ ? startStepped(argument) : startThreads(argument);
}

Status CpuBackend::startStepped(const abi::Launch &launch) {
  try {
    stepped_ = std::make_unique<FiberAgents>(agent_, launch);
  } catch (const std::system_error &error) {
    return Status(StatusCode::OutOfMemory, error.what());
  }
  return {};
}

Status CpuBackend::startThreads(const abi::Launch &launch) {
  const SignalsBlocked blocked;
  run_->alive.store(workers_);
  for (std::uint32_t i = 0; i < workers_; ++i) {
    const auto body = [run = run_, agent = agent_, argument = &launch, i] {
      agent(argument, i, nullptr);
      if (run->alive.fetch_sub(1) == 1)
        wakeWord(run->alive);
    };
    try {
      threads_.emplace_back(body);
    } catch (const std::system_error &error) {
      run_->alive.fetch_sub(workers_ - i);
      return Status(StatusCode::OutOfMemory,
                    "worker thread " + std::to_string(i) + " of " +
                        std::to_string(workers_) + ": " + error.what());
    }
    const std::string name = "rk-worker-" + std::to_string(i);
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
  return {};
}

bool CpuBackend::waitEnded(std::chrono::nanoseconds timeout) {
  if (stepped_)
    return stepped_->runToEnd(timeout);
  const auto limit =
      std::chrono::steady_clock::now() +
      std::min<std::chrono::nanoseconds>(timeout, std::chrono::hours(24 * 365));
  for (;;) {
    const std::uint32_t alive = run_->alive.load();
    if (alive == 0) {
      joinAll();
      return true;
    }
    const auto left = limit - std::chrono::steady_clock::now();
    if (left.count() <= 0)
      return false;
    waitOnWord(run_->alive, alive, left);
  }
}

/// The threads have left their agents; what remains of them ends at once.
void CpuBackend::joinAll() {
  const std::lock_guard lock(threadsMutex_);
  for (std::thread &thread : threads_)
    thread.join();
  threads_.clear();
}

void CpuBackend::close(bool agentsRun) {
  // Stepped agents do not run, whether they have ended or not.
  agentsRun = agentsRun && !stepped_;
  if (agentsRun) {
    const std::lock_guard lock(threadsMutex_);
    for (std::thread &thread : threads_)
      thread.detach();
    threads_.clear();
  } else {
    joinAll();
  }
  if (agentsRun) {
    // A handler may use its code and memory to the end of the process.
    if (image_)
      image_->leave();
  } else {
    for (const Mapping &mapping : mappings_)
      munmap(mapping.address, mapping.bytes);
  }
  stepped_.reset();
  mappings_.clear();
  image_.reset();
}

void CpuBackend::describe(RunDescription &description) const {
  description.backend = "cpu";
  description.device = processorName();
  description.image = imageName_;
}

} // namespace rk::runtime
