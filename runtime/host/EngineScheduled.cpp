//===- EngineScheduled.cpp - Waiting and sending under a scheduler --------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
//
// There is no thread of the system: whoever waits has the agents take steps,
// and does between two of them what the service thread does else.
//
//===----------------------------------------------------------------------===//

#include "Engine.h"

namespace rk::runtime {

namespace {

/// How long a thread that finds nothing to do gives others before its own time
/// moves on to the end of its wait.
constexpr std::chrono::nanoseconds Grace = std::chrono::milliseconds(5);
constexpr auto Nap = std::chrono::microseconds(200);

} // namespace

/// Lets one step be taken and deals with what it has brought. Returns whether
/// it was an agent's.
bool Engine::takeStep(bool hostReady) {
  const Schedule::Next next = schedule_->next(hostReady);
  if (next == Schedule::Next::Stopped)
    fail(Status(StatusCode::ShuttingDown, schedule_->stopReason()));
  if (next != Schedule::Next::Agent)
    return false;
  link_->pump();
  link_->replies().expire(now());
  link_->replies().reclaim();
  releaseOrphans();
  if (__atomic_load_n(&control().fault.status, __ATOMIC_ACQUIRE) != 0)
    checkHealth();
  if (suspendedCount_.load() != 0)
    resumeReady();
  return true;
}

/// Before a call that sends: the agents may have been quicker.
void Engine::letAgentsGoFirst() {
  while (!forked_.load() && !failed_.load() && !stopping_.load() &&
         takeStep(true))
    ;
}

/// A program that asks again and again until an answer is there lets the agents
/// go on meanwhile.
bool Engine::pollScheduled(std::uint64_t token) {
  if (!hasEnded(token))
    takeStep(false);
  return hasEnded(token);
}

/// Nobody has anything to do. Other threads may be about to send; if none is,
/// time goes on to `limit`.
void Engine::letTimePass(Clock::time_point limit) {
  const std::chrono::nanoseconds patience =
      schedule_->hasSeveralThreads() ? limit - now() : Grace;
  const auto end = Clock::now() + patience;
  while (Clock::now() < end) {
    std::vector<AgentId> ready;
    stepped_->findReady(ready);
    if (!ready.empty() || failed_.load() || stopping_.load())
      return;
    std::this_thread::sleep_for(Nap);
  }
  stepped_->advanceTo(limit.time_since_epoch());
  link_->replies().expire(now());
}

void Engine::takeStepOrWait(Clock::time_point limit) {
  if (!takeStep(false))
    letTimePass(limit);
}

bool Engine::awaitScheduled(std::uint64_t token,
                            std::chrono::nanoseconds timeout) {
  const auto limit = after(timeout);
  for (;;) {
    const bool done = hasEnded(token);
    if (done && (forked_.load() || failed_.load() || stopping_.load()))
      return true;
    const bool agentWent = takeStep(done);
    if (!agentWent && (done || hasEnded(token)))
      return true;
    if (!done && now() >= limit)
      return hasEnded(token);
    if (!agentWent)
      letTimePass(std::min(limit, link_->replies().deadlineOf(token)));
  }
}

Status Engine::waitIdleScheduled(std::chrono::nanoseconds timeout) {
  const auto limit = after(timeout);
  for (;;) {
    if (forked_.load() || failed_.load() || stopping_.load())
      return closedReason();
    if (takeStep(false)) {
      if (now() > limit)
        return notIdle();
      continue;
    }
    // A coroutine that goes on may send.
    const std::size_t suspended = suspendedCount_.load();
    resumeReady();
    if (suspendedCount_.load() != suspended)
      continue;
    if (isQuiet())
      return {};
    std::this_thread::sleep_for(Nap); // another thread is sending
  }
}

} // namespace rk::runtime
