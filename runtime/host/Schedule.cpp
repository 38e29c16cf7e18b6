//===- Schedule.cpp - Who goes next ---------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Schedule.h"

#include <algorithm>

namespace rk::runtime {

Schedule::Next Schedule::next(bool hostReady) {
  const std::lock_guard lock(mutex_);
  const std::thread::id caller = std::this_thread::get_id();
  if (firstThread_ == std::thread::id())
    firstThread_ = caller;
  severalThreads_ |= caller != firstThread_;
  if (stopped_)
    return Next::Stopped;
  ready_.clear();
  if (hostReady)
    ready_.push_back({AgentKind::Host, 0});
  agents_.findReady(ready_);
  if (ready_.empty())
    return Next::Nobody;
  const auto rests = [this](AgentId agent) {
    return std::find(resting_.begin(), resting_.end(), agent) != resting_.end();
  };
  if (std::all_of(ready_.begin(), ready_.end(), rests))
    resting_.clear();
  else
    std::erase_if(ready_, rests);
  std::size_t place = 0;
  if (ready_.size() > 1) {
    place = scheduler_->choose({ready_, last_});
    if (place < ready_.size())
      scheduler_->trace_.add(ready_[place]);
  }
  return step(place);
}

Schedule::Next Schedule::step(std::size_t place) {
  const std::uint64_t most = scheduler_->mostSteps_;
  if (place >= ready_.size() || (++scheduler_->steps_ > most && most != 0)) {
    stopped_ = true;
    return Next::Stopped;
  }
  last_ = ready_[place];
  if (last_.kind == AgentKind::Host) {
    resting_.clear();
    return Next::Host;
  }
  const bool gotOn = agents_.step(last_);
  resting_.clear();
  if (!gotOn)
    resting_.push_back(last_);
  return Next::Agent;
}

std::string Schedule::stopReason() const {
  const std::lock_guard lock(mutex_);
  if (scheduler_->mostSteps_ != 0 &&
      scheduler_->steps_ > scheduler_->mostSteps_)
    return "no end after " + std::to_string(scheduler_->mostSteps_) + " steps";
  return "the scheduler has stopped the run";
}

bool Schedule::hasSeveralThreads() {
  const std::lock_guard lock(mutex_);
  return severalThreads_;
}

} // namespace rk::runtime
