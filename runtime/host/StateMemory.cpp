//===- StateMemory.cpp - When states get more memory ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StateMemory.h"

#include <algorithm>
#include <cstddef>

namespace rk::runtime {

namespace {

/// A GPU's handlers use 50 MiB in a millisecond by `spawn_n`, and the host
/// takes one to two to hear of it and to map more.
constexpr std::uint64_t MostAhead = 64ull << 20;
constexpr std::uint64_t MostStep = 128ull << 20;
/// Looks of the service thread after growth at how much is used.
constexpr std::uint32_t CloseLooks = 100;
/// How long spawns fail at once after the device had no memory.
constexpr auto RetryStep = std::chrono::milliseconds(500);

} // namespace

std::uint64_t StateMemory::quietPart(std::uint64_t mapped) {
  return mapped - std::min(mapped / 2, MostAhead);
}

std::uint64_t StateMemory::nextSize(std::uint64_t mapped, std::uint64_t needed,
                                    std::uint64_t limit) {
  if (needed <= quietPart(mapped))
    return mapped;
  const std::uint64_t ahead = std::min(needed, MostAhead);
  const std::uint64_t step = std::min(mapped, MostStep);
  return std::min(std::max(mapped + step, needed + ahead), limit);
}

Status StateMemory::begin(Backend &backend, DeviceAddress arena,
                          std::uint64_t mapped, std::uint64_t limit) {
  const std::lock_guard lock(mutex_);
  backend_ = &backend;
  arena_ = arena;
  limit_ = limit;
  mapped_.store(mapped);
  return publish();
}

void StateMemory::end() {
  const std::lock_guard lock(mutex_);
  backend_ = nullptr;
  canGrow_.store(false);
}

/// Tells agents how far the memory reaches.
Status StateMemory::publish() {
  const std::uint64_t mapped = mapped_.load();
  const bool isWhole = mapped >= limit_;
  canGrow_.store(!isWhole);
  const bool isFinal = isWhole || isRefused_.load();
  const std::uint64_t reach = abi::ActorArena::packReach(
      isFinal ? mapped : quietPart(mapped), mapped, isFinal);
  return backend_->storeWord(arena_ + offsetof(abi::ActorArena, reach), reach);
}

/// How many bytes of states are handed out; those that were asked for in vain
/// not included. The word's halves may be of two moments, which are 128 bytes
/// apart at most.
std::uint64_t StateMemory::used() {
  std::uint64_t word = 0;
  if (!backend_
           ->copyOut(&word, arena_ + offsetof(abi::ActorArena, used),
                     sizeof(word))
           .isOk())
    return 0;
  return abi::ActorArena::stateBytesOf(word);
}

void StateMemory::grow(std::uint64_t &wanted) {
  // Who finds it taken need not wait: somebody sees to it.
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || !backend_)
    return;
  if (isRefused_.load()) {
    if (std::chrono::steady_clock::now() < retryAt_)
      return;
    isRefused_.store(false);
    // Spawns that fail do not ask; the next one does.
    (void)publish();
  }
  if (closeLooks_.load() != 0)
    closeLooks_.fetch_sub(1);
  // What is asked for after this is found by the next call. Relaxed: it says
  // how much and nothing else.
  const std::uint64_t asked = __atomic_exchange_n(&wanted, 0, __ATOMIC_RELAXED);
  take(std::min(std::max(asked, used()), limit_));
}

/// Sees to it that `needed` bytes have memory and some is ahead; less ahead, if
/// the device has too little. What agents cannot be told of they cannot use: a
/// failure of the copy ends the run anyway (`Backend::health`).
void StateMemory::take(std::uint64_t needed) {
  const std::uint64_t mapped = mapped_.load();
  const std::uint64_t size = nextSize(mapped, needed, limit_);
  if (size <= mapped)
    return;
  if (extendTo(size) || (needed > mapped && extendTo(needed))) {
    closeLooks_.store(CloseLooks);
  } else {
    // Nobody waits yet: there is another look when somebody does.
    if (needed <= mapped)
      return;
    isRefused_.store(true);
    retryAt_ = std::chrono::steady_clock::now() + RetryStep;
  }
  (void)publish();
}

bool StateMemory::extendTo(std::uint64_t bytes) {
  const Result<std::uint64_t> mapped = backend_->growStates(bytes);
  if (mapped.isOk())
    mapped_.store(*mapped);
  return mapped.isOk();
}

MemoryUse StateMemory::use(std::uint64_t others) {
  const std::lock_guard lock(mutex_);
  MemoryUse use;
  use.stateLimit = limit_;
  use.stateTaken = mapped_.load();
  use.deviceBytes = others + use.stateTaken;
  if (backend_)
    use.stateUsed = std::min(used(), use.stateTaken);
  return use;
}

} // namespace rk::runtime
