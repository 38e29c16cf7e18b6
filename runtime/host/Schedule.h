//===- Schedule.h - One system under a scheduler ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Asks the scheduler who goes next, and has that agent take a step.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Backend.h"

#include "rk/scheduler.h"

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace rk::runtime {

/// Threads   any.
class Schedule {
public:
  enum class Next {
    Host,    ///< the caller goes on
    Agent,   ///< an agent has taken a step
    Nobody,  ///< no agent has anything to do
    Stopped, ///< the scheduler wants the end, or has gone too far
  };

  Schedule(std::shared_ptr<Scheduler> scheduler, SteppedAgents &agents)
      : scheduler_(std::move(scheduler)), agents_(agents) {}

  /// Takes one step. `hostReady`: the caller could go on, too.
  Next next(bool hostReady);
  /// Why the run was stopped.
  [[nodiscard]] std::string stopReason() const;
  /// Whether more than one thread has asked. Then a thread without anything to
  /// wait for may still have to wait for another.
  [[nodiscard]] bool hasSeveralThreads();

private:
  Next step(std::size_t place);

  const std::shared_ptr<Scheduler> scheduler_;
  SteppedAgents &agents_;
  mutable std::mutex mutex_; ///< guards what follows
  AgentId last_;
  std::vector<AgentId> ready_;
  /// Agents that achieved nothing in their last step, and shall not have
  /// another before somebody else had one.
  std::vector<AgentId> resting_;
  std::thread::id firstThread_;
  bool severalThreads_ = false;
  bool stopped_ = false;
};

} // namespace rk::runtime
