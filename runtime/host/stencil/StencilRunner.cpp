//===- StencilRunner.cpp - Steps while others look ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilRunner.h"

#include <algorithm>
#include <string>

#include <pthread.h>

namespace rk::runtime {

namespace {

std::string milliseconds(std::chrono::nanoseconds time) {
  return std::to_string(
             std::chrono::duration_cast<std::chrono::milliseconds>(time)
                 .count()) +
         " ms";
}

} // namespace

//===----------------------------------------------------------------------===//
// One at a time
//===----------------------------------------------------------------------===//

Status StencilRunner::enter() {
  if (gate_.enter(patience_)) {
    if (engine_)
      return {};
    gate_.leave();
    return Status(StatusCode::ShuttingDown, "the stencil was destroyed");
  }
  return Status(StatusCode::DeadlineExceeded,
                "the stencil was in use by other threads for " +
                    milliseconds(patience_) + ", since step " +
                    std::to_string(step()) +
                    " or before; see StencilOptions::patience");
}

void StencilRunner::leave() {
  step_.store(engine_->step(), std::memory_order_relaxed);
  gate_.leave();
}

Status StencilRunner::run(std::int64_t steps) {
  return use([&](StencilEngine &engine) {
    {
      const std::lock_guard lock(mutex_);
      if (task_ && !task_->hasEnded && !task_->pauses)
        return Status(StatusCode::InvalidArgument,
                      "a run that was started has made " +
                          std::to_string(task_->made) + " of " +
                          std::to_string(task_->asked) +
                          " steps; wait for it, pause it or stop it first");
    }
    std::int64_t made = steps;
    return engine.run(made);
  });
}

//===----------------------------------------------------------------------===//
// The run in the background
//===----------------------------------------------------------------------===//

Result<StencilRun> StencilRunner::start(std::int64_t steps, std::int64_t every,
                                        std::function<Result<bool>()> done) {
  if (steps < 0)
    return Status(StatusCode::InvalidArgument,
                  "start is asked for " + std::to_string(steps) + " steps");
  if (done && every < 1)
    return Status(StatusCode::InvalidArgument,
                  "startUntil asks every " + std::to_string(every) +
                      " steps; at least 1 is needed");
  auto task = std::make_shared<StencilTask>();
  task->asked = steps;
  task->every = done ? every : 0;
  task->done = std::move(done);
  const std::lock_guard lock(mutex_);
  if (task_ && !task_->hasEnded)
    return Status(StatusCode::InvalidArgument,
                  "a run that was started before has made " +
                      std::to_string(task_->made) + " of " +
                      std::to_string(task_->asked) +
                      " steps; wait for it or stop it first");
  task_ = task;
  if (!thread_.joinable())
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "rk-stencil");
      serve();
    });
  changed_.notify_all();
  return StencilRun(shared_from_this(), std::move(task));
}

void StencilRunner::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] {
      return closes_ ||
             (task_ && !task_->hasEnded && (!task_->pauses || task_->stops));
    });
    const std::shared_ptr<StencilTask> task = task_;
    if (closes_) {
      if (task && !task->hasEnded)
        finish(*task, Status(StatusCode::ShuttingDown,
                             "the stencil was destroyed after " +
                                 std::to_string(task->made) + " of " +
                                 std::to_string(task->asked) + " steps"));
      return;
    }
    if (task->stops || task->made == task->asked) {
      finish(*task, {});
      continue;
    }
    lock.unlock();
    // Whoever waits for the stencil is served first.
    const bool isIn = gate_.enter(std::chrono::milliseconds(100));
    lock.lock();
    if (!isIn)
      continue;
    const bool works = !closes_ && !task->pauses && !task->stops;
    task->isWorking = works;
    lock.unlock();
    if (works)
      makeBatch(*task);
    leave();
    lock.lock();
  }
}

/// Makes steps, and asks whether that was all if it is time to.
void StencilRunner::makeBatch(StencilTask &task) {
  // `made` and `asked` are written by this thread alone.
  std::int64_t most = task.asked - task.made;
  if (task.every != 0)
    most = std::min(most, task.every - task.made % task.every);
  std::int64_t steps = engine_->suitedSteps(batch_.steps(), most);
  const auto begin = std::chrono::steady_clock::now();
  const std::int64_t before = engine_->step();
  Status status = engine_->run(steps, task.made != 0, begin + batch_.aim());
  if (steps != 0)
    batch_.note(steps, std::chrono::steady_clock::now() - begin);
  step_.store(engine_->step(), std::memory_order_relaxed);
  const std::int64_t made =
      status.isOk()
          ? steps
          : std::clamp<std::int64_t>(engine_->step() - before, 0, steps);
  bool reached = false;
  if (status.isOk() && task.every != 0 && (task.made + made) % task.every == 0)
    status = askWhetherDone(task, reached);
  const std::lock_guard lock(mutex_);
  task.made += made;
  task.isWorking = false;
  task.reached = reached;
  if (!status.isOk() || reached)
    finish(task, std::move(status));
  changed_.notify_all();
}

Status StencilRunner::askWhetherDone(StencilTask &task, bool &reached) {
  const Result<bool> answer = task.done();
  if (!answer.isOk())
    return answer.status();
  reached = *answer;
  return {};
}

/// `mutex_` is held.
void StencilRunner::finish(StencilTask &task, Status status) {
  task.hasEnded = true;
  task.status = std::move(status);
  task.done = nullptr;
  changed_.notify_all();
}

void StencilRunner::close() {
  {
    const std::lock_guard lock(mutex_);
    closes_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable())
    thread_.join();
  engine_.reset();
}

//===----------------------------------------------------------------------===//
// What a handle asks
//===----------------------------------------------------------------------===//

/// Waits until `settled`, unless this is the runner's own thread, which would
/// wait for itself.
Status StencilRunner::settle(std::unique_lock<std::mutex> &lock,
                             const StencilTask &task,
                             bool (*settled)(const StencilTask &),
                             const char *what) {
  if (std::this_thread::get_id() == thread_.get_id() ||
      changed_.wait_for(lock, patience_, [&] { return settled(task); }))
    return {};
  return Status(StatusCode::DeadlineExceeded,
                std::string(what) + " waited for " + milliseconds(patience_) +
                    " for the steps after step " + std::to_string(step()) +
                    "; it takes effect when they are made");
}

Status StencilRunner::pause(StencilTask &task) {
  std::unique_lock lock(mutex_);
  task.pauses = true;
  return settle(
      lock, task, [](const StencilTask &asked) { return !asked.isWorking; },
      "pause");
}

void StencilRunner::resume(StencilTask &task) {
  const std::lock_guard lock(mutex_);
  task.pauses = false;
  changed_.notify_all();
}

Status StencilRunner::stop(StencilTask &task) {
  std::unique_lock lock(mutex_);
  task.stops = true;
  changed_.notify_all();
  // Whoever keeps the others out would keep the end out, too.
  if (gate_.isMine())
    return {};
  return settle(
      lock, task, [](const StencilTask &asked) { return asked.hasEnded; },
      "stop");
}

Status StencilRunner::wait(const StencilTask &task,
                           std::chrono::nanoseconds timeout) {
  std::unique_lock lock(mutex_);
  if (std::this_thread::get_id() == thread_.get_id() && !task.hasEnded)
    return Status(StatusCode::InvalidArgument,
                  "wait is called by what the run itself calls, which would "
                  "wait for itself");
  // A time point that far away cannot be represented.
  const auto most = std::min<std::chrono::nanoseconds>(
      timeout, std::chrono::hours(24 * 365 * 10));
  if (changed_.wait_for(lock, most, [&] { return task.hasEnded; }))
    return task.status;
  return Status(StatusCode::DeadlineExceeded,
                "the run has made " + std::to_string(task.made) + " of " +
                    std::to_string(task.asked) + " steps" +
                    (task.pauses ? " and is paused" : "") + "; it goes on");
}

StencilProgress StencilRunner::progress(const StencilTask &task) const {
  const std::lock_guard lock(mutex_);
  StencilProgress progress;
  progress.made = task.made;
  progress.asked = task.asked;
  progress.reached = task.reached;
  if (task.hasEnded)
    progress.state = !task.status.isOk() ? StencilRunState::Failed
                     : task.made == task.asked || task.reached
                         ? StencilRunState::Done
                         : StencilRunState::Stopped;
  else
    progress.state =
        task.pauses ? StencilRunState::Paused : StencilRunState::Running;
  return progress;
}

} // namespace rk::runtime

namespace rk {

StencilRun::StencilRun(std::shared_ptr<runtime::StencilRunner> runner,
                       std::shared_ptr<runtime::StencilTask> task)
    : runner_(std::move(runner)), task_(std::move(task)) {}
StencilRun::StencilRun(const StencilRun &) = default;
StencilRun::StencilRun(StencilRun &&) noexcept = default;
StencilRun &StencilRun::operator=(const StencilRun &) = default;
StencilRun &StencilRun::operator=(StencilRun &&) noexcept = default;
StencilRun::~StencilRun() = default;

Status StencilRun::wait(std::chrono::nanoseconds timeout) const {
  return runner_->wait(*task_, timeout);
}
Status StencilRun::pause() { return runner_->pause(*task_); }
void StencilRun::resume() { runner_->resume(*task_); }
Status StencilRun::stop() { return runner_->stop(*task_); }
StencilProgress StencilRun::progress() const {
  return runner_->progress(*task_);
}

} // namespace rk
