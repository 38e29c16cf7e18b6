//===- StencilRunner.h - Steps while others look ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "stencil/StencilBatch.h"
#include "stencil/StencilEngine.h"
#include "stencil/StencilGate.h"

#include "rk/stencil_handle.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace rk::runtime {

/// A run in the background; what is in it belongs to its runner's mutex.
struct StencilTask {
  std::int64_t asked = 0;
  std::int64_t every = 0; ///< steps between questions; 0: none
  std::function<Result<bool>()> done;
  std::int64_t made = 0;
  bool pauses = false, stops = false;
  /// Whether steps are being made, or `done` is being asked.
  bool isWorking = false;
  bool hasEnded = false;
  bool reached = false;
  Status status;
};

/// Lets one thread at a time use a stencil's engine, and makes the steps of a
/// run in the background, batch by batch, in a thread of its own.
///
/// Threads   any, but for `close`.
class StencilRunner : public std::enable_shared_from_this<StencilRunner> {
public:
  StencilRunner(std::unique_ptr<StencilEngine> engine,
                std::chrono::nanoseconds batch,
                std::chrono::nanoseconds patience)
      : engine_(std::move(engine)), patience_(patience), batch_(batch),
        step_(engine_->step()) {}
  ~StencilRunner() { close(); }

  /// Returns `call(engine)`, made while no steps are; or `DeadlineExceeded`.
  template <class Call>
  std::invoke_result_t<Call, StencilEngine &> use(Call &&call) {
    if (Status status = enter(); !status.isOk())
      return status;
    const Leave later{*this};
    return call(*engine_);
  }
  /// Between these, this thread alone uses the engine.
  Status enter();
  void leave();

  /// Makes steps here; refused while a run in the background is not paused.
  Status run(std::int64_t steps);
  Result<StencilRun> start(std::int64_t steps, std::int64_t every,
                           std::function<Result<bool>()> done);
  /// Ends what runs, and lets go of the engine. Once nobody else uses it.
  void close();

  /// How many steps were made when somebody last let go of the engine.
  [[nodiscard]] std::int64_t step() const {
    return step_.load(std::memory_order_relaxed);
  }
  /// Does not change; nobody needs to wait for it.
  [[nodiscard]] const StencilEngine &constants() const { return *engine_; }

  Status wait(const StencilTask &task, std::chrono::nanoseconds timeout);
  Status pause(StencilTask &task);
  void resume(StencilTask &task);
  Status stop(StencilTask &task);
  StencilProgress progress(const StencilTask &task) const;

private:
  struct Leave {
    StencilRunner &runner;
    ~Leave() { runner.leave(); }
  };

  void serve();
  void makeBatch(StencilTask &task);
  Status askWhetherDone(StencilTask &task, bool &reached);
  void finish(StencilTask &task, Status status);
  Status settle(std::unique_lock<std::mutex> &lock, const StencilTask &task,
                bool (*settled)(const StencilTask &), const char *what);

  std::unique_ptr<StencilEngine> engine_;
  const std::chrono::nanoseconds patience_;
  StencilGate gate_;
  BatchSize batch_; ///< the runner's thread
  std::atomic<std::int64_t> step_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<StencilTask> task_; ///< the last that was started
  bool closes_ = false;
  std::thread thread_;
};

} // namespace rk::runtime
