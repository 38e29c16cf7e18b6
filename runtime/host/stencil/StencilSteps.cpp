//===- StencilSteps.cpp - Launches, and what turns after them -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilEngine.h"

#include <algorithm>
#include <string>

namespace rk::runtime {

using modfile::StencilArrayView;
using modfile::StencilPlanKind;
using modfile::StencilPlanView;

/// How many launches are recorded at most, to be started at once.
static constexpr std::int64_t MostRecorded = 64;

/// Writes the addresses that a launch of `plan` reads and writes.
void StencilEngine::fillTable(const StencilPlanView &plan) {
  const StencilPlanKind kind = modfile::stencilPlanKind(plan.name);
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

/// Whether a cell is set, recorded or tested between two steps.
bool StencilEngine::looksAtEachStep() const {
  const auto goesOn = [](const Series &series) {
    return series.next + series.array->elementBytes <= series.values.size();
  };
  return checksFinite_ || !probes_.empty() ||
         std::any_of(drives_.begin(), drives_.end(), goesOn);
}

/// Makes `steps` steps with one launch: 1 by the plan for single steps.
Status StencilEngine::makeLaunch(std::int64_t steps) {
  const bool isSingle = steps == 1;
  const StencilPlanView &plan = isSingle ? *single_ : *plan_;
  const StencilPlanKind kind = modfile::stencilPlanKind(plan.name);
  fillTable(plan);
  launch_.steps = steps;
  launch_.depth = isSingle ? singleDepth_ : planDepth_;
  if (Status status = backend_->launch(isSingle ? singleNumber_ : planNumber_,
                                       launch_);
      !status.isOk())
    return status;
  launch_.firstStep += steps;
  turn(kind, steps);
  for (const StencilArrayView &array : stencil_.arrays) {
    if (!array.isWritten)
      continue;
    const auto made = std::min<std::int64_t>(steps, array.levels);
    for (std::int64_t level = 0; level < made; ++level)
      if (Status status = fillHalos(
              array, memoryOf(array).levels[std::size_t(level)], false);
          !status.isOk())
        return status;
  }
  return {};
}

Status StencilEngine::makeStep() {
  if (Status status = driveCells(); !status.isOk())
    return status;
  if (Status status = makeLaunch(1); !status.isOk())
    return status;
  if (Status status = recordProbes(); !status.isOk())
    return status;
  return checksFinite_ ? checkFinite() : Status();
}

/// Records launches that bring all memory back to its place, once, and starts
/// them again and again. Returns how many steps were made.
Result<std::int64_t> StencilEngine::replaySteps(std::int64_t steps) {
  const StencilPlanKind kind = modfile::stencilPlanKind(plan_->name);
  const std::int64_t each = plan_->steps;
  if (recordedSteps_ < 0 || kind == StencilPlanKind::Resident ||
      steps < MostRecorded * each)
    return 0;
  if (recordedSteps_ == 0) {
    const std::vector<Memory> begin = memory_;
    std::int64_t period = 0;
    do {
      turn(kind, each);
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
  const bool isResident = modfile::stencilPlanKind(plan_->name) ==
                          StencilPlanKind::Resident;
  std::int64_t left = steps;
  while (left > 0) {
    if (looksAtEachStep()) {
      if (Status status = makeStep(); !status.isOk())
        return status;
      --left;
      continue;
    }
    const auto made = replaySteps(left);
    if (!made.isOk())
      return made.status();
    left -= *made;
    const std::int64_t each = isResident ? left : plan_->steps;
    while (left > 0) {
      const std::int64_t taken = left >= each ? each : 1;
      if (Status status = makeLaunch(taken); !status.isOk())
        return status;
      left -= taken;
    }
  }
  return {};
}

Status StencilEngine::driveCells() {
  for (Series &series : drives_) {
    const std::size_t bytes = series.array->elementBytes;
    if (series.next + bytes > series.values.size())
      continue;
    const std::uint64_t address = memoryOf(*series.array).levels[0];
    Status status =
        backend_->copyIn(address + std::uint64_t(series.element) * bytes,
                         series.values.data() + series.next, bytes);
    series.next += bytes;
    // A cell at a face may lie in a halo too.
    if (status.isOk())
      status = fillHalos(*series.array, address, false);
    if (!status.isOk())
      return status;
  }
  return {};
}

Status StencilEngine::recordProbes() {
  for (Series &series : probes_) {
    const std::size_t bytes = series.array->elementBytes;
    if (Status status =
            backend_->copyOut(series.values.data() + series.next,
                              memoryOf(*series.array).levels[0] +
                                  std::uint64_t(series.element) * bytes,
                              bytes);
        !status.isOk())
      return status;
    series.next += bytes;
  }
  return {};
}

Status StencilEngine::run(std::int64_t steps) {
  if (steps < 0)
    return Status(StatusCode::InvalidArgument,
                  "run is asked for " + std::to_string(steps) + " steps");
  for (Series &series : probes_)
    series.values.resize(series.next +
                         std::size_t(steps) * series.array->elementBytes);
  const Status status = makeSteps(steps);
  const Status ended = backend_->wait();
  for (Series &series : probes_)
    series.values.resize(series.next);
  return status.isOk() ? ended : status;
}

} // namespace rk::runtime
