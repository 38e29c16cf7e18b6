//===- Explorer.cpp - Executions, one after the other ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Explorer.h"

#include <utility>

namespace rk::test {

namespace {

constexpr std::size_t StackBytes = 128 << 10;
/// Far more than any execution of these tests takes.
constexpr std::uint64_t MostSteps = 100'000;

} // namespace

Findings Explorer::run(const Setup &setup) {
  Findings findings;
  do {
    choices_.begin();
    threadCount_ = 0;
    const Body check = setup(*this);
    runThreads();
    if (failure_.empty())
      check();
    ++findings.executions;
  } while (failure_.empty() && choices_.advance());
  findings.failure = failure_;
  return findings;
}

void Explorer::addThread(Body body) {
  const std::uint32_t place = threadCount_++;
  if (place == threads_.size())
    threads_.emplace_back();
  Thread &thread = threads_[place];
  thread.body = std::move(body);
  thread.waits = false;
  thread.seen = 0;
  if (!thread.fiber)
    thread.fiber = std::make_unique<runtime::Fiber>(
        [this, place] {
          for (;;) {
            threads_[place].body();
            threads_[place].body = nullptr;
            threads_[place].fiber->suspend();
          }
        },
        StackBytes);
}

/// The loop that changes from one thread to the next. A thread that cannot go
/// on, and nobody else either, is stuck: its stack is given up.
void Explorer::runThreads() {
  memory_.reset(threadCount_);
  current_ = this;
  steps_ = ended_ = 0;
  givesUp_ = false;
  next_ = choices_.choose(threadCount_, true);
  while (!givesUp_) {
    running_ = next_;
    threads_[running_].fiber->resume();
    if (threads_[running_].body)
      continue; // it has chosen who is next
    ++ended_;
    const auto others = othersThatCanRun();
    if (others.empty())
      break;
    next_ = others[choices_.choose(std::uint32_t(others.size()), true)];
  }
  for (std::uint32_t i = 0; i < threadCount_; ++i)
    if (threads_[i].body) {
      fail("stuck: thread " + std::to_string(i) + " waits for ever");
      threads_[i].fiber.reset();
    }
  current_ = nullptr;
}

bool Explorer::canRun(std::uint32_t place) const {
  const Thread &thread = threads_[place];
  return thread.body && (!thread.waits || thread.seen != eventsFor(place));
}

std::vector<std::uint32_t> Explorer::othersThatCanRun() const {
  std::vector<std::uint32_t> others;
  for (std::uint32_t i = 1; i <= threadCount_; ++i) {
    const std::uint32_t place = (running_ + i) % threadCount_;
    if (place != running_ && canRun(place))
      others.push_back(place);
  }
  return others;
}

void Explorer::point() {
  if (++steps_ > MostSteps) {
    fail("no end after " + std::to_string(MostSteps) + " steps");
    givesUp_ = true;
    threads_[running_].fiber->suspend();
  }
  const auto others = othersThatCanRun();
  const std::uint32_t taken =
      choices_.choose(std::uint32_t(others.size() + 1), true);
  if (taken == 0)
    return;
  next_ = others[taken - 1];
  threads_[running_].fiber->suspend();
}

std::uint64_t Explorer::eventsFor(std::uint32_t thread) const {
  return memory_.storesOfOthers(thread) + ended_;
}

/// What the thread has looked at may have changed since: it looks once more
/// unless nothing has happened from one wait to the next.
void Explorer::wait() {
  Thread &self = threads_[running_];
  const std::uint64_t seen = std::exchange(self.seen, eventsFor(running_));
  // A load that returned an old value may return the newest at the next try.
  const bool wasStale = memory_.takeStale(running_);
  if (wasStale || seen != self.seen)
    return;
  self.waits = true;
  const auto others = othersThatCanRun();
  if (others.empty())
    givesUp_ = true;
  else
    next_ = others[choices_.choose(std::uint32_t(others.size()), true)];
  self.fiber->suspend();
  self.waits = false;
  self.seen = eventsFor(running_);
}

} // namespace rk::test
