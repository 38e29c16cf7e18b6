//===- EngineService.cpp - The thread that watches a system ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Engine.h"

#include "Futex.h"

#include <cstddef>

namespace rk::runtime {

namespace {

/// The service thread's step while requests wait, and while none does.
constexpr auto BusyStep = std::chrono::milliseconds(1);
constexpr auto CoroutineStep = std::chrono::microseconds(20);
constexpr auto GrowthStep = std::chrono::microseconds(200);
constexpr auto IdleStep = std::chrono::milliseconds(10);
constexpr auto HealthStep = std::chrono::milliseconds(10);
constexpr auto WatchStep = std::chrono::milliseconds(50);

const char *faultSiteName(abi::FaultSite site) {
  switch (site) {
  case abi::FaultSite::None:
    return "an unknown place";
  case abi::FaultSite::PoolCell:
    return "a pool cell stayed empty or taken";
  case abi::FaultSite::DirectoryWait:
    return "a mailbox segment was not opened";
  case abi::FaultSite::KeptLock:
    return "the kept messages of a full mailbox stayed locked";
  case abi::FaultSite::TeamBarrier:
    return "a block did not come to a barrier of its actor";
  }
  return "an unknown place";
}

} // namespace

/// Delivers answers that no caller waits for at the moment, ends requests at
/// their deadlines, and looks after the agents.
void Engine::serve() {
  auto nextHealth = Clock::now();
  auto nextWatch = nextHealth + WatchStep;
  while (serviceWord_.load() == 0) {
    link_->tryPump();
    tendStates();
    const auto now = Clock::now();
    link_->replies().expire(now);
    link_->replies().reclaim();
    releaseOrphans();
    resumeReady();
    if (now >= nextHealth) {
      checkHealth();
      nextHealth = now + HealthStep;
    }
    if (now >= nextWatch) {
      watch();
      nextWatch = now + WatchStep;
    }
    waitOnWord(serviceWord_, 0, serviceStep());
  }
}

/// How long the service thread may sleep. Agents on a GPU may use up the memory
/// of states that is ahead in less than `IdleStep`.
std::chrono::nanoseconds Engine::serviceStep() {
  if (suspendedCount_.load() != 0)
    return CoroutineStep;
  if (states_.hasGrownOfLate())
    return GrowthStep;
  if (link_->replies().waiting() != 0 || (!yields_ && states_.canGrow()))
    return BusyStep;
  return IdleStep;
}

bool Engine::resumeWhenDone(std::uint64_t token,
                            std::coroutine_handle<> waiter) {
  const std::lock_guard lock(suspendedMutex_);
  // Under the lock: the last look at the list, at the end of the run, comes
  // after every request has ended.
  if (isDone(token))
    return false;
  suspended_.push_back({token, waiter});
  suspendedCount_.store(suspended_.size(), std::memory_order_relaxed);
  wakeWord(serviceWord_);
  return true;
}

/// Resumes the coroutines whose requests have ended, outside the lock: they may
/// ask again.
void Engine::resumeReady() {
  std::vector<std::coroutine_handle<>> ready;
  {
    const std::lock_guard lock(suspendedMutex_);
    std::erase_if(suspended_, [&](const Suspended &entry) {
      const bool done = link_->replies().isDone(entry.token);
      if (done)
        ready.push_back(entry.waiter);
      return done;
    });
    suspendedCount_.store(suspended_.size(), std::memory_order_relaxed);
  }
  for (const std::coroutine_handle<> waiter : ready)
    waiter.resume();
}

void Engine::checkHealth() {
  if (failed_.load())
    return;
  const abi::Fault &fault = control().fault;
  // Acquire: the other words were written before.
  const std::uint32_t code = __atomic_load_n(&fault.status, __ATOMIC_ACQUIRE);
  if (code != 0) {
    fail(Status(
        StatusCode(code),
        "agent " +
            std::to_string(__atomic_load_n(&fault.agent, __ATOMIC_RELAXED)) +
            ": " +
            faultSiteName(abi::FaultSite(
                __atomic_load_n(&fault.where, __ATOMIC_RELAXED))) +
            " within " + std::to_string(abi::DeviceWaitBoundNs / 1000000) +
            " ms (detail " +
            std::to_string(__atomic_load_n(&fault.detail, __ATOMIC_RELAXED)) +
            ")"));
    return;
  }
  Status health = backend_->health();
  if (health.isOk() && !stopping_.load() &&
      backend_->waitEnded(std::chrono::nanoseconds(0)) && !stopping_.load())
    health = Status(StatusCode::DeviceError, "the agents ended unasked");
  if (!health.isOk())
    fail(std::move(health));
}

/// Looks for handler calls that last, and tells the user of new ones.
void Engine::watch() {
  std::vector<StallReport> fresh;
  {
    const std::lock_guard lock(watchMutex_);
    std::vector<abi::Progress> progress;
    if (!readProgress(progress).isOk() ||
        !backend_
             ->copyOut(samples_.data(), device_ + layout_.device.reports,
                       samples_.size() * sizeof(abi::WorkerReport))
             .isOk())
      return;
    fresh = watchdog_->sample(
        progress, samples_, Clock::now(),
        [this](std::uint32_t slot) { return generationOf(slot); });
  }
  if (options_.onStall)
    for (const StallReport &stall : fresh)
      options_.onStall(stall);
}

std::uint32_t Engine::generationOf(std::uint32_t slot) {
  std::uint32_t generation = 0;
  const std::uint64_t row =
      device_ + layout_.device.slots + slot * sizeof(abi::Slot);
  if (slot >= layout_.sizes.slots ||
      !backend_
           ->copyOut(&generation, row + offsetof(abi::Slot, generation),
                     sizeof(generation))
           .isOk())
    return 0;
  return generation;
}

/// Ends the run because of `status`: everything that waits fails with it.
void Engine::fail(Status status) {
  const StatusCode code = status.code();
  {
    const std::lock_guard lock(failureMutex_);
    if (failed_.load())
      return;
    failure_ = std::move(status);
    failed_.store(true);
  }
  link_->closeLanes();
  link_->replies().failAll(code);
  __atomic_store_n(&control().request, std::uint32_t(abi::Phase::Stopping),
                   __ATOMIC_RELEASE);
}

Status Engine::status() const {
  const std::lock_guard lock(failureMutex_);
  return failure_;
}

void Engine::stopService() {
  if (!service_)
    return;
  serviceWord_.store(1);
  wakeWord(serviceWord_);
  service_->join();
  service_.reset();
}

std::vector<StallReport> Engine::stalls() {
  const std::lock_guard lock(watchMutex_);
  return watchdog_->running(watchdog_->threshold(), [this](std::uint32_t slot) {
    return generationOf(slot);
  });
}

} // namespace rk::runtime
