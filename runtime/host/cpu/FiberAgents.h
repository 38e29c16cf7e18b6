//===- FiberAgents.h - Agents that run when they are told to ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The agents of a run under a scheduler: each a fiber that yields before each
/// turn.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Backend.h"
#include "cpu/Fiber.h"

#include "rk/abi/Stepping.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace rk::runtime {

/// What the entry of a host image is.
using AgentFunction = void (*)(const abi::Launch *, std::uint32_t agent,
                               const abi::Stepping *);

/// Threads   any.
class FiberAgents final : public SteppedAgents {
public:
  /// Begins every agent, up to its first turn.
  ///
  /// Errors    throws `std::system_error` if there is no memory for a stack.
  FiberAgents(AgentFunction entry, const abi::Launch &launch);
  FiberAgents(const FiberAgents &) = delete;
  FiberAgents &operator=(const FiberAgents &) = delete;

  void findReady(std::vector<AgentId> &ready) override;
  bool step(AgentId agent) override;
  [[nodiscard]] std::chrono::nanoseconds now() const override {
    return std::chrono::nanoseconds(nowNs_.load());
  }
  void advanceTo(std::chrono::nanoseconds time) override;

  [[nodiscard]] bool hasEnded();
  /// Has the agents take turns until all have ended, once they have been asked
  /// to, or `timeout` of their time has passed.
  bool runToEnd(std::chrono::nanoseconds timeout);

private:
  [[nodiscard]] std::size_t placeOf(AgentId agent) const;
  [[nodiscard]] bool hasMail(std::uint32_t inbox,
                             const abi::Progress &progress) const;
  [[nodiscard]] bool hasPackets(const abi::HostLane &lane) const;
  [[nodiscard]] bool isAskedToMove(std::size_t place) const;
  [[nodiscard]] bool leadsMoves(bool othersAreReady) const;
  void resume(std::size_t place);
  void suspendRunning();

  const abi::Launch &launch_;
  const abi::Stepping stepping_;
  std::mutex mutex_; ///< held while an agent runs
  std::vector<std::unique_ptr<Fiber>> fibers_;
  Fiber *running_ = nullptr;
  bool paused_ = false; ///< whether the last step ended in a handler's pause
  std::atomic<std::uint64_t> nowNs_;
};

} // namespace rk::runtime
