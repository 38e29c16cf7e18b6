//===- StencilSteps.cpp - Launches, and what turns after them -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace rk::runtime {

using modfile::StencilArrayView;
using modfile::StencilPlanKind;
using modfile::StencilPlanView;

/// How many launches are recorded at most, to be started at once.
static constexpr std::int64_t MostRecorded = 64;

StencilPlanKind StencilEngine::turningOf(const StencilPlanView &plan) const {
  return backend_->turnsInPlace() ? StencilPlanKind::Global
                                  : modfile::stencilPlanKind(plan.name);
}

/// Writes the addresses that a launch of `plan` reads and writes.
void StencilEngine::fillTable(const StencilPlanView &plan) {
  const StencilPlanKind kind = turningOf(plan);
  std::uint64_t *entry = launch_.entries;
  for (const StencilArrayView &array : stencil_.arrays) {
    const Memory &memory = memoryOf(array);
    entry = std::copy(memory.levels.begin(), memory.levels.end(), entry);
    const auto more =
        modfile::entriesOf(kind, plan.steps, array) - array.levels;
    entry = std::copy_n(memory.spare.begin(), more, entry);
  }
}

/// What was written becomes level 0; what fell off the end is free.
void StencilEngine::turn(StencilPlanKind kind, std::int64_t steps) {
  for (const StencilArrayView &array : stencil_.arrays) {
    if (!array.isWritten)
      continue;
    auto &[levels, spare] = memoryOf(array);
    if (kind == StencilPlanKind::Temporal) {
      const auto made = std::min<std::int64_t>(steps, array.levels);
      std::rotate(levels.begin(), levels.end() - made, levels.end());
      std::swap_ranges(levels.begin(), levels.begin() + made, spare.begin());
      continue;
    }
    for (std::int64_t step = 0; step < steps; ++step) {
      std::rotate(levels.begin(), levels.end() - 1, levels.end());
      if (array.entries > array.levels)
        std::swap(levels.front(), spare.front());
    }
  }
}

/// Whether something is done between steps that only the host starts.
bool StencilEngine::looksAtSteps() const {
  return checksFinite_ || !feeds_.empty() || !probes_.empty();
}

/// How many steps can be made until something is to be done; at most `most`.
std::int64_t StencilEngine::stepsToLook(std::int64_t most) const {
  if (checksFinite_ || !feeds_.empty())
    return 1;
  for (const Series &probe : probes_)
    if (!probe.elements.empty())
      most = std::min(most, probe.every - step() % probe.every);
  return most;
}

/// Starts one launch: for a step by the plan for single steps.
Status StencilEngine::launchPlan(std::int64_t steps) {
  const bool isSingle = steps == 1;
  const StencilPlanView &plan = isSingle ? *single_ : *plan_;
  fillTable(plan);
  launch_.steps = steps;
  launch_.depth = isSingle ? singleDepth_ : planDepth_;
  return backend_->launch(isSingle ? singleNumber_ : planNumber_, launch_);
}

/// Makes `steps` steps with one launch, and what follows it.
Status StencilEngine::makeLaunch(std::int64_t steps) {
  if (Status status = launchPlan(steps); !status.isOk())
    return status;
  launch_.firstStep += steps;
  turn(turningOf(steps == 1 ? *single_ : *plan_), steps);
  if (Status status = damp(steps); !status.isOk())
    return status;
  if (leavesFaces()) {
    std::uint32_t levels = 1;
    for (const StencilArrayView &array : stencil_.arrays)
      if (array.isWritten)
        levels = std::max(levels, changedLevels(array, steps));
    for (std::uint32_t level = levels; level-- > 0;)
      if (Status status = fillLevel(level, false); !status.isOk())
        return status;
    return {};
  }
  for (const StencilArrayView &array : stencil_.arrays) {
    if (!array.isWritten)
      continue;
    const std::uint32_t levels = changedLevels(array, steps);
    for (std::uint32_t level = 0; level < levels; ++level)
      if (Status status =
              fillHalos(array, memoryOf(array).levels[level], false);
          !status.isOk())
        return status;
  }
  return {};
}

Status StencilEngine::makeStep(std::int64_t stepInSlice) {
  if (Status status = feedCells(); !status.isOk())
    return status;
  if (Status status = makeLaunch(1); !status.isOk())
    return status;
  if (Status status = recordProbes(); !status.isOk())
    return status;
  return checksFinite_ ? searchFields(stepInSlice) : Status();
}

/// Records launches; false where the device gains nothing by it. What a
/// boundary finds as the step is counted from the first of them: a place in
/// memory says how many steps were made before.
Result<bool> StencilEngine::recordLaunches(std::int64_t launches) {
  if (leavesFaces() && stencil_.boundary.readsStep &&
      recordedClock_.bytes == 0) {
    auto taken = take(sizeof(launch_.firstStep));
    if (!taken.isOk())
      return taken.status();
    recordedClock_ = *taken;
  }
  if (!backend_->beginRecord())
    return false;
  const std::int64_t first = std::exchange(launch_.firstStep, 0);
  records_ = true;
  Status status;
  for (std::int64_t made = 0; made < launches && status.isOk(); ++made)
    status = makeLaunch(plan_->steps);
  records_ = false;
  launch_.firstStep = first;
  if (const Status ended = backend_->endRecord(); status.isOk())
    status = ended;
  if (!status.isOk())
    return status;
  return true;
}

/// Records launches that bring all memory back to its place, once, and starts
/// them again and again. Returns how many steps were made.
Result<std::int64_t> StencilEngine::replaySteps(std::int64_t steps) {
  const StencilPlanKind kind = modfile::stencilPlanKind(plan_->name);
  const StencilPlanKind turning = turningOf(*plan_);
  const std::int64_t each = plan_->steps;
  if (recordedSteps_ < 0 || kind == StencilPlanKind::Resident || givesUpPlan_ ||
      steps < MostRecorded * each)
    return 0;
  if (recordedSteps_ == 0) {
    const std::vector<Memory> begin = memory_;
    std::int64_t period = 0;
    do {
      turn(turning, each);
      ++period;
    } while (memory_ != begin && period < MostRecorded);
    const bool returns = memory_ == begin;
    memory_ = begin;
    const std::int64_t launches = MostRecorded / period * period;
    auto recorded = returns ? recordLaunches(launches) : Result<bool>(false);
    if (!recorded.isOk())
      return recorded.status();
    recordedSteps_ = *recorded ? launches * each : -1;
    if (!*recorded)
      return 0;
    recordedAt_ = begin;
  }
  std::int64_t made = 0;
  while (memory_ != recordedAt_ && steps - made >= each) {
    if (Status status = makeLaunch(each); !status.isOk())
      return status;
    made += each;
  }
  for (; steps - made >= recordedSteps_; made += recordedSteps_) {
    Status status;
    if (recordedClock_.bytes != 0)
      status = backend_->copyIn(recordedClock_.address, &launch_.firstStep,
                                sizeof(launch_.firstStep));
    if (status.isOk())
      status = backend_->replay();
    if (!status.isOk())
      return status;
    launch_.firstStep += recordedSteps_;
  }
  return made;
}

/// How many of `most` steps the next launch makes.
std::int64_t StencilEngine::stepsOfLaunch(std::int64_t most) const {
  const bool isResident =
      modfile::stencilPlanKind(plan_->name) == StencilPlanKind::Resident;
  if (givesUpPlan_ || (isResident && most < leastSteps_))
    return 1;
  const std::int64_t each = isResident ? most : plan_->steps;
  return most >= each ? each : 1;
}

/// Makes as many steps a launch as the plan can and the rest one by one.
Status StencilEngine::makeSteps(std::int64_t steps) {
  const auto replayed = replaySteps(steps);
  if (!replayed.isOk())
    return replayed.status();
  std::int64_t left = steps - *replayed;
  while (left > 0) {
    const std::int64_t taken = stepsOfLaunch(left);
    const std::int64_t before = step();
    if (Status status = makeLaunch(taken); !status.isOk()) {
      if (taken == 1 || choice_.isForced || step() != before)
        return status;
      giveUpPlan(status);
      continue;
    }
    left -= taken;
  }
  return {};
}

/// From here on, all steps are made one by one.
void StencilEngine::giveUpPlan(const Status &status) {
  givesUpPlan_ = true;
  choice_.fallbacks.push_back("'" + std::string(plan_->name) + "' in step " +
                              std::to_string(step() + 1) + ", " +
                              status.detail());
}

/// What is between steps is prepared for many of them at a time.
std::int64_t StencilEngine::mostStepsOfSlice() const {
  constexpr std::size_t MostBytes = std::size_t(1) << 24;
  constexpr std::int64_t MostUnsearched = 64;
  std::int64_t most =
      checksFinite_ ? MostUnsearched : std::numeric_limits<std::int64_t>::max();
  for (const std::vector<Series> *all : {&feeds_, &probes_})
    for (const Series &series : *all)
      if (!series.elements.empty())
        most = std::min(
            most, series.every *
                      std::max<std::int64_t>(
                          1, std::int64_t(MostBytes / series.stepBytes())));
  for (const Series &series : pending_)
    most = std::min(most, series.begin - step());
  for (const Exchange &exchange : exchanges_)
    most = std::min(most, exchange.every - step() % exchange.every);
  // Steps after the last value of a source need no host.
  std::int64_t fed = 0;
  for (const Series &series : feeds_)
    fed = std::max(fed, std::int64_t((series.values.size() - series.used) /
                                     series.stepBytes()));
  return feeds_.empty() ? most : std::min(most, std::max<std::int64_t>(fed, 1));
}

Status StencilEngine::runSlice(std::int64_t steps) {
  if (!looksAtSteps())
    return makeSteps(steps);
  const std::int64_t firstStep = step();
  Status status = prepareSeries(steps);
  if (status.isOk() && checksFinite_)
    status = beginSearch();
  const bool inLaunch = movesInLaunch();
  for (std::int64_t made = 0; made < steps && status.isOk();
       made = step() - firstStep) {
    const std::int64_t next = stepsToLook(steps - made);
    const std::int64_t taken = inLaunch ? stepsOfLaunch(steps - made) : 1;
    if (taken > 1) {
      status = makeMovedLaunch(taken);
    } else if (next == 1) {
      status = makeStep(made);
    } else {
      status = makeSteps(next);
      if (status.isOk())
        status = recordProbes();
    }
  }
  const Status collected = collectProbes();
  if (!status.isOk())
    return status;
  if (!collected.isOk())
    return collected;
  return checksFinite_ ? reportSearch(firstStep) : Status();
}

/// Makes `steps` steps or fewer, and waits for them, so that those that do not
/// come to their end are noticed. Returns how many in `steps`.
Status StencilEngine::runShared(std::int64_t &steps) {
  steps = suitedSteps(sharedBatch_.steps(), steps);
  const auto begin = std::chrono::steady_clock::now();
  Status status = runSlice(steps);
  if (status.isOk())
    status = backend_->wait();
  sharedBatch_.note(steps, std::chrono::steady_clock::now() - begin);
  return status;
}

Result<std::uint64_t>
StencilEngine::addExchange(std::int64_t every, detail::ExchangeCall exchange) {
  if (every < 1)
    return Status(StatusCode::InvalidArgument,
                  "an exchange every " + std::to_string(every) +
                      " steps is asked for; at least 1 is needed");
  exchanges_.push_back({++exchangesMade_, every, std::move(exchange)});
  return exchangesMade_;
}

void StencilEngine::dropExchange(std::uint64_t number) {
  std::erase_if(exchanges_, [number](const Exchange &exchange) {
    return exchange.number == number;
  });
}

/// Makes the exchanges that are due.
Status StencilEngine::exchange() {
  for (Exchange &exchange : exchanges_) {
    if (step() % exchange.every != 0)
      continue;
    if (Status status = exchange.call(step()); !status.isOk())
      return status;
  }
  return {};
}

std::int64_t StencilEngine::suitedSteps(std::int64_t wanted,
                                        std::int64_t most) const {
  if (wanted >= most)
    return most;
  // Steps that are made one by one suit in any number.
  const std::int64_t each = plan_->steps;
  if (givesUpPlan_ || stepsToLook(each) < each)
    return wanted;
  const std::int64_t unit = std::max<std::int64_t>(recordedSteps_, each);
  const std::int64_t suited = wanted < unit ? each : unit;
  return std::min(most, std::max(wanted / suited, std::int64_t(1)) * suited);
}

Status StencilEngine::run(std::int64_t &steps, bool continues,
                          std::chrono::steady_clock::time_point until) {
  if (steps < 0)
    return Status(StatusCode::InvalidArgument,
                  "run is asked for " + std::to_string(steps) + " steps");
  if (runs_)
    return Status(StatusCode::InvalidArgument,
                  "run is called by what an exchange of this stencil calls; "
                  "its steps go on when that returns");
  runs_ = true;
  Status status = continues || steps == 0 ? Status() : exchange();
  std::int64_t made = 0;
  while (made < steps && status.isOk()) {
    dropFinished();
    admitFeeds();
    std::int64_t slice = std::min(steps - made, mostStepsOfSlice());
    status = backend_->isShared() ? runShared(slice) : runSlice(slice);
    made += slice;
    if (status.isOk())
      status = exchange();
    if (std::chrono::steady_clock::now() >= until)
      break;
  }
  steps = made;
  runs_ = false;
  const Status ended = backend_->wait();
  return status.isOk() ? ended : status;
}

} // namespace rk::runtime
