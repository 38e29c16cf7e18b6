//===- stencil_handle.h - A stencil's run in the background -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What `rk::Stencil::start` returns: to wait for the run, pause it and stop
/// it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/status.h"

#include <chrono>
#include <cstdint>
#include <memory>

namespace rk {

namespace runtime {
class StencilRunner;
struct StencilTask;
} // namespace runtime

enum class StencilRunState : std::uint32_t {
  Running = 0,
  Paused = 1,
  Done = 2,    ///< all steps are made, or the condition is met
  Stopped = 3, ///< by `StencilRun::stop`, before that
  Failed = 4,  ///< `StencilRun::wait` says why
};

/// How far a run is.
struct StencilProgress {
  StencilRunState state = StencilRunState::Running;
  /// Steps that this run has made, and was asked for.
  std::int64_t made = 0, asked = 0;
  /// Whether the condition of `startUntil` is met.
  bool reached = false;
};

/// A run of a stencil in the background. Copies mean the same run; without any,
/// it goes on.
///
/// Steps are made in batches of about `StencilOptions::batch`, and of one step
/// at least; whoever uses the stencil meanwhile does so between two batches.
///
/// Threads   any.
/// Lifetime  may outlive the stencil, whose destruction ends the run with
///           `ShuttingDown` after the batch that is being made.
class StencilRun {
public:
  StencilRun(const StencilRun &);
  StencilRun(StencilRun &&) noexcept;
  StencilRun &operator=(const StencilRun &);
  StencilRun &operator=(StencilRun &&) noexcept;
  ~StencilRun();

  /// Waits until the run has ended, at most for `timeout`; a paused run does
  /// not end. Returns `Ok` if it is done or was stopped.
  ///
  /// Errors    `DeadlineExceeded`: it has not ended in time, and goes on. What
  ///           ended it: as for `Stencil::run`; `ShuttingDown`: the stencil was
  ///           destroyed. `InvalidArgument`: called by what the run calls.
  Status wait(std::chrono::nanoseconds timeout) const;
  /// Returns once no step is being made; none is until `resume`. The stencil
  /// can be used meanwhile, also to `run` it. If the run has ended, nothing
  /// happens. Called by what the run calls, it returns at once, and the pause
  /// begins after the batch.
  ///
  /// Errors    `DeadlineExceeded`: a batch takes longer than
  ///           `StencilOptions::patience`; the pause begins after it.
  /// Cost      waits for the batch that is being made.
  Status pause();
  /// Goes on with a paused run; nothing happens if it is not paused.
  void resume();
  /// Ends the run after the batch that is being made, and returns once it has
  /// ended; if that is so already, nothing happens. Errors and cost as for
  /// `pause`.
  Status stop();
  [[nodiscard]] StencilProgress progress() const;

private:
  friend class runtime::StencilRunner;
  StencilRun(std::shared_ptr<runtime::StencilRunner> runner,
             std::shared_ptr<runtime::StencilTask> task);
  std::shared_ptr<runtime::StencilRunner> runner_;
  std::shared_ptr<runtime::StencilTask> task_;
};

} // namespace rk
