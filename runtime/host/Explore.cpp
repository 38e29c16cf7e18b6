//===- Explore.cpp - Every schedule of a program --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/scheduler.h"

#include <exception>

namespace rk {

namespace {

/// Goes through all schedules, depth first. Each run repeats the choices of the
/// run before up to the last one that has an alternative left.
class ExhaustiveScheduler final : public Scheduler {
public:
  ExhaustiveScheduler(std::uint32_t preemptions, std::vector<std::size_t> &path,
                      std::vector<std::size_t> &widths)
      : left_(preemptions), path_(path), widths_(widths) {}

  std::size_t choose(const SchedulePoint &point) override {
    const std::size_t usual = point.usual();
    const bool couldGoOn = point.ready[usual] == point.last;
    const std::size_t width = couldGoOn && left_ == 0 ? 1 : point.ready.size();
    if (depth_ == path_.size()) {
      path_.push_back(0);
      widths_.push_back(width);
    } else if (widths_[depth_] != width) {
      diverged_ = true;
      return Stop;
    }
    const std::size_t taken = path_[depth_++];
    left_ -= couldGoOn && taken != 0;
    return (usual + taken) % point.ready.size();
  }

  /// Whether the program did not do the same again.
  [[nodiscard]] bool hasDiverged() const {
    return diverged_ || depth_ != path_.size();
  }

private:
  std::uint32_t left_;
  std::size_t depth_ = 0;
  bool diverged_ = false;
  std::vector<std::size_t> &path_;   ///< how far from the usual, by choice
  std::vector<std::size_t> &widths_; ///< how many there were
};

/// Turns `path` into the next one; returns false behind the last.
bool goToNext(std::vector<std::size_t> &path,
              std::vector<std::size_t> &widths) {
  while (!path.empty() && path.back() + 1 == widths.back()) {
    path.pop_back();
    widths.pop_back();
  }
  if (path.empty())
    return false;
  ++path.back();
  return true;
}

std::string run(const ScheduledProgram &program, const SystemOptions &options) {
  try {
    return program(options);
  } catch (const std::exception &error) {
    return error.what();
  }
}

} // namespace

Exploration explore(const ScheduledProgram &program,
                    const ExploreLimits &limits) {
  const auto end = std::chrono::steady_clock::now() + limits.time;
  Exploration result;
  std::vector<std::size_t> path, widths;
  do {
    if (result.schedules == limits.schedules ||
        std::chrono::steady_clock::now() > end)
      return result;
    const auto scheduler =
        std::make_shared<ExhaustiveScheduler>(limits.preemptions, path, widths);
    scheduler->limitSteps(limits.steps);
    result.failure = run(program, scheduledOptions(scheduler));
    ++result.schedules;
    if (scheduler->hasDiverged())
      result.failure = "the program does not depend on its schedule alone: at "
                       "a second run it had other choices";
    else if (result.failure.empty() && scheduler->steps() > limits.steps)
      result.failure =
          "no end after " + std::to_string(limits.steps) + " steps";
    if (!result.failure.empty()) {
      result.trace = scheduler->trace();
      return result;
    }
  } while (goToNext(path, widths));
  result.complete = true;
  return result;
}

std::string Exploration::text() const {
  const std::string count = std::to_string(schedules);
  if (failure.empty())
    return (complete ? "all " : "the first ") + count + " schedules hold";
  return "failed in schedule " + count + ": " + failure + "; replay " +
         trace.text();
}

} // namespace rk
