//===- EngineEnd.cpp - Idleness, counters and the end of a run ------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Engine.h"
#include "LiveEngines.h"

#include <algorithm>

namespace rk::runtime {

namespace {

constexpr auto IdleNapLeast = std::chrono::microseconds(20);
constexpr auto IdleNapMost = std::chrono::milliseconds(1);

} // namespace

Status Engine::readProgress(std::vector<abi::Progress> &progress) {
  progress.resize(layout_.sizes.agents);
  return backend_->copyOut(progress.data(), device_ + layout_.device.progress,
                           progress.size() * sizeof(abi::Progress));
}

Status Engine::readRings(std::vector<abi::RingCount> &rings) {
  const abi::Residents &residents = layout_.sizes.residents;
  rings.resize(residents.inboxes ? residents.links + residents.inboxes : 0);
  return rings.empty()
             ? Status()
             : backend_->copyOut(rings.data(),
                                 device_ + layout_.device.ringCounts,
                                 rings.size() * sizeof(abi::RingCount));
}

/// Whether no place was within a turn at the moment between two looks, and all
/// that was put into rings had been handled: what a turn puts there is counted
/// at its end, so a turn that goes on might hide it.
bool Engine::areRingsQuiet(const std::vector<abi::Progress> &first,
                           const std::vector<abi::RingCount> &handled) {
  const abi::Residents &residents = layout_.sizes.residents;
  std::vector<abi::RingCount> sent;
  std::vector<abi::Progress> second;
  if (!readRings(sent).isOk() || !readProgress(second).isOk())
    return false;
  for (std::size_t i = first.size() - residents.inboxes; i < first.size(); ++i)
    if (first[i].turns % 2 != 0 || first[i].turns != second[i].turns)
      return false;
  std::uint32_t balance = 0;
  for (std::size_t i = 0; i < sent.size(); ++i)
    balance += sent[i].sent - handled[i].handled;
  return balance == 0;
}

/// All handled tickets are read before any tail: pairs that are equal then mean
/// that nothing waited or ran at the moment in between.
bool Engine::isQuiet() {
  if (link_->left() != 0)
    return false;
  std::vector<abi::Progress> progress;
  std::vector<abi::RingCount> rings;
  std::vector<abi::Inbox> inboxes(layout_.sizes.inboxes);
  if (!readProgress(progress).isOk() || !readRings(rings).isOk() ||
      !backend_
           ->copyOut(inboxes.data(), device_ + layout_.device.inboxes,
                     inboxes.size() * sizeof(abi::Inbox))
           .isOk())
    return false;
  // Links have no inbox, but for the last, which serves late answers.
  for (std::size_t i = 0; i < inboxes.size(); ++i)
    if (progress[i < layout_.sizes.workers ? i : i + layout_.sizes.lanes]
            .handledTicket != inboxes[i].tail)
      return false;
  return rings.empty() || areRingsQuiet(progress, rings);
}

Status Engine::waitIdle(std::chrono::nanoseconds timeout) {
  if (schedule_)
    return waitIdleScheduled(timeout);
  const auto limit = after(timeout);
  std::chrono::nanoseconds nap = IdleNapLeast;
  for (;;) {
    if (forked_.load() || failed_.load() || stopping_.load())
      return closedReason();
    link_->tryPump();
    if (isQuiet()) {
      link_->pump();
      return {};
    }
    if (Clock::now() > limit)
      return notIdle();
    std::this_thread::sleep_for(nap);
    nap = std::min<std::chrono::nanoseconds>(nap * 2, IdleNapMost);
  }
}

Status Engine::notIdle() {
  Rows rows;
  readRows(rows);
  return Status(StatusCode::DeadlineExceeded,
                std::to_string(rows.sent - std::min(rows.consumed, rows.sent)) +
                    " messages wait in mailboxes and " +
                    std::to_string(link_->left()) + " on the way there");
}

Status Engine::shutdown(std::chrono::nanoseconds timeout) {
  if (forked_.load())
    return closedReason();
  if (service_ && service_->get_id() == std::this_thread::get_id())
    return Status(StatusCode::InvalidArgument,
                  "shutdown was called from onStall; call it from another "
                  "thread");
  const std::lock_guard lock(endMutex_);
  if (!ended_) {
    endStatus_ = end(timeout);
    ended_ = true;
  }
  return endStatus_;
}

Status Engine::end(std::chrono::nanoseconds timeout) {
  stopping_.store(true);
  if (!link_ || !agentsRun_)
    return {};
  link_->closeLanes();
  __atomic_store_n(&control().request, std::uint32_t(abi::Phase::Stopping),
                   __ATOMIC_RELEASE);
  // The service thread goes on reading replies, for which agents may wait.
  const bool ended = backend_->waitEnded(timeout);
  Status stalled = ended ? Status() : stalledStatus();
  stopService();
  agentsRun_ = !ended;
  link_->pump();
  keepFinalRows(ended);
  if (!ended) {
    fail(stalled);
    if (description_.backend == "cuda")
      noteStuckDevice();
  }
  link_->replies().failAll(StatusCode::ShuttingDown);
  resumeReady();
  if (failed_.load())
    return status();
  return {};
}

/// Says which calls keep the run from ending: those that were there before and
/// after a moment.
Status Engine::stalledStatus() {
  for (int i = 0; i < 2; ++i)
    watch();
  const std::lock_guard lock(watchMutex_);
  const auto running = watchdog_->running(
      std::chrono::nanoseconds(1),
      [this](std::uint32_t slot) { return generationOf(slot); });
  if (running.empty())
    return Status(StatusCode::WorkerStalled,
                  "the agents did not end in time, though none runs a handler");
  std::string text = running.front().text();
  if (running.size() > 1)
    text += ", and " + std::to_string(running.size() - 1) + " more calls";
  return Status(StatusCode::WorkerStalled, std::move(text));
}

Status Engine::readRows(Rows &rows) {
  rows.reports.resize(layout_.sizes.agents);
  Status status =
      backend_->copyOut(rows.reports.data(), device_ + layout_.device.reports,
                        rows.reports.size() * sizeof(abi::WorkerReport));
  std::vector<abi::Progress> progress;
  if (status.isOk())
    status = readProgress(progress);
  rows.sent = rows.consumed = 0;
  for (const abi::Progress &row : progress) {
    rows.sent += row.sent;
    rows.consumed += row.handled;
  }
  for (const abi::WorkerReport &report : rows.reports)
    rows.sent += report.queuedAnswers;
  return status;
}

/// What was on its way when the agents ended is lost, and counted.
void Engine::keepFinalRows(bool ended) {
  Rows rows;
  if (!readRows(rows).isOk())
    return;
  finalRows_ = std::move(rows);
  finalMemory_ = states_.use(fixedDeviceBytes());
  if (ended && finalRows_.sent >= finalRows_.consumed)
    shutdownLetters_ = finalRows_.sent - finalRows_.consumed;
  shutdownLetters_ += link_->left();
}

MemoryUse Engine::memory() {
  const std::lock_guard lock(endMutex_);
  return ended_ || forked_.load() ? finalMemory_
                                  : states_.use(fixedDeviceBytes());
}

Counters Engine::counters() {
  Counters counters;
  Rows rows;
  {
    const std::lock_guard lock(endMutex_);
    if (ended_ || forked_.load())
      rows = finalRows_;
    else if (!readRows(rows).isOk())
      return counters;
    if (!forked_.load())
      counters.bulkBytes = heldBulkBytes();
    counters.deadLetters.count[std::size_t(DeadLetterReason::Shutdown)] =
        shutdownLetters_;
  }
  link_->replies().reclaim();
  counters.hostSent = link_->pushed();
  counters.sent = rows.sent;
  counters.handled = rows.consumed;
  counters.replies = link_->answers();
  counters.lateReplies = link_->lateAnswers();
  for (const abi::WorkerReport &report : rows.reports) {
    counters.spawned += report.spawned;
    counters.stopped += report.stopped;
    counters.refusedSpawns += report.refused;
    counters.waitedSpawns += report.waited;
    counters.moves += report.moves;
    for (std::size_t i = 0; i < abi::DeadLetterReasonCount; ++i)
      counters.deadLetters.count[i] += report.deadLetters[i];
  }
  return counters;
}

} // namespace rk::runtime
