//===- StencilSteps.cpp - Launches, and what turns after them -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include <algorithm>
#include <limits>
#include <string>

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
  return factors_ || checksFinite_ || !feeds_.empty() || !probes_.empty();
}

/// How many steps can be made until something is to be done; at most `most`.
std::int64_t StencilEngine::stepsToLook(std::int64_t most) const {
  if (factors_ || checksFinite_ || !feeds_.empty())
    return 1;
  for (const Series &probe : probes_)
    if (!probe.elements.empty())
      most = std::min(most, probe.every - step() % probe.every);
  return most;
}

/// Makes `steps` steps with one launch: 1 by the plan for single steps.
Status StencilEngine::makeLaunch(std::int64_t steps) {
  const bool isSingle = steps == 1;
  const StencilPlanView &plan = isSingle ? *single_ : *plan_;
  const StencilPlanKind kind = turningOf(plan);
  fillTable(plan);
  launch_.steps = steps;
  launch_.depth = isSingle ? singleDepth_ : planDepth_;
  if (Status status =
          backend_->launch(isSingle ? singleNumber_ : planNumber_, launch_);
      !status.isOk())
    return status;
  launch_.firstStep += steps;
  turn(kind, steps);
  if (Status status = damp(); !status.isOk())
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

/// Records launches that bring all memory back to its place, once, and starts
/// them again and again. Returns how many steps were made.
Result<std::int64_t> StencilEngine::replaySteps(std::int64_t steps) {
  const StencilPlanKind kind = modfile::stencilPlanKind(plan_->name);
  const StencilPlanKind turning = turningOf(*plan_);
  const std::int64_t each = plan_->steps;
  // What is recorded has the numbers of its steps in it.
  const bool countsSteps = leavesFaces() && stencil_.boundary.readsStep;
  if (recordedSteps_ < 0 || kind == StencilPlanKind::Resident || countsSteps ||
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
    if (!returns || !backend_->beginRecord()) {
      recordedSteps_ = -1;
      return 0;
    }
    const std::int64_t first = launch_.firstStep;
    const std::int64_t launches = MostRecorded / period * period;
    Status status;
    for (std::int64_t made = 0; made < launches && status.isOk(); ++made)
      status = makeLaunch(each);
    launch_.firstStep = first;
    if (const Status ended = backend_->endRecord(); status.isOk())
      status = ended;
    if (!status.isOk())
      return status;
    recordedSteps_ = launches * each;
    recordedAt_ = begin;
  }
  std::int64_t made = 0;
  while (memory_ != recordedAt_ && steps - made >= each) {
    if (Status status = makeLaunch(each); !status.isOk())
      return status;
    made += each;
  }
  for (; steps - made >= recordedSteps_; made += recordedSteps_) {
    if (Status status = backend_->replay(); !status.isOk())
      return status;
    launch_.firstStep += recordedSteps_;
  }
  return made;
}

/// Makes as many steps a launch as the plan can and the rest one by one.
Status StencilEngine::makeSteps(std::int64_t steps) {
  const bool isResident =
      modfile::stencilPlanKind(plan_->name) == StencilPlanKind::Resident;
  const auto replayed = replaySteps(steps);
  if (!replayed.isOk())
    return replayed.status();
  std::int64_t left = steps - *replayed;
  const std::int64_t each = isResident ? left : plan_->steps;
  while (left > 0) {
    const std::int64_t taken = left >= each ? each : 1;
    if (Status status = makeLaunch(taken); !status.isOk())
      return status;
    left -= taken;
  }
  return {};
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
  for (std::int64_t made = 0; made < steps && status.isOk();) {
    const std::int64_t next = stepsToLook(steps - made);
    if (next == 1) {
      status = makeStep(made);
    } else {
      status = makeSteps(next);
      if (status.isOk())
        status = recordProbes();
    }
    made += next;
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
  steps = suitedSteps(std::min(steps, sharedBatch_.steps()));
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

std::int64_t StencilEngine::suitedSteps(std::int64_t most) const {
  std::int64_t unit = std::max<std::int64_t>(recordedSteps_, plan_->steps);
  if (most < unit)
    unit = plan_->steps;
  return most < unit ? most : most / unit * unit;
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
