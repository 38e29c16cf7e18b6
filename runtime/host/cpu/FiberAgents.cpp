//===- FiberAgents.cpp - Stepping the agents ------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cpu/FiberAgents.h"

#include <algorithm>

namespace rk::runtime {

namespace {

/// What one step takes of the run's time.
constexpr std::uint64_t StepNs = 1000;
/// Where time begins: a clock that reads 0 looks like one that was never set.
constexpr std::uint64_t FirstNs = 1'000'000'000;

template <class T> T read(const T &from) {
  return __atomic_load_n(&from, __ATOMIC_ACQUIRE);
}

/// Stands for all that an agent has done.
std::uint64_t work(const abi::Progress &row) {
  return read(row.handledTicket) + read(row.handled) + read(row.sent) +
         read(row.turns);
}

} // namespace

FiberAgents::FiberAgents(AgentFunction entry, const abi::Launch &launch)
    : launch_(launch),
      stepping_{this,
                [](void *self) {
                  static_cast<FiberAgents *>(self)->suspendRunning();
                },
                [](void *self, std::uint32_t nanoseconds) {
                  auto &agents = *static_cast<FiberAgents *>(self);
                  agents.nowNs_ += nanoseconds;
                  agents.paused_ = true;
                  agents.suspendRunning();
                },
                [](void *self) {
                  return static_cast<FiberAgents *>(self)->nowNs_.load();
                }},
      nowNs_(FirstNs) {
  const std::uint32_t count = launch.workerCount + launch.laneCount + 1;
  for (std::uint32_t i = 0; i < count; ++i)
    fibers_.push_back(std::make_unique<Fiber>(
        [this, entry, i] { entry(&launch_, i, &stepping_); }));
  for (std::size_t i = 0; i < count; ++i)
    resume(i);
}

std::size_t FiberAgents::placeOf(AgentId agent) const {
  switch (agent.kind) {
  case AgentKind::Lane:
    return launch_.workerCount + agent.number;
  case AgentKind::Outbound:
    return fibers_.size() - 1;
  default:
    return agent.number;
  }
}

/// Between turns, tickets that were drawn have their packets.
bool FiberAgents::hasMail(std::uint32_t inbox,
                          const abi::Progress &progress) const {
  return read(progress.handledTicket) != read(launch_.inboxes[inbox].tail);
}

/// `consumed` moves when all of a batch has been handed on.
bool FiberAgents::hasPackets(const abi::HostLane &lane) const {
  const std::uint64_t position = read(*lane.consumed);
  const abi::Packet &packet = lane.ring[position & (lane.capacity - 1)];
  const std::uint32_t mark = abi::ringMark(position, lane.capacity);
  return std::all_of(
      std::begin(packet.piece), std::end(packet.piece),
      [mark](const abi::Piece &piece) { return read(piece.mark) == mark; });
}

/// Whether a round of moves waits for an agent's acknowledgement.
bool FiberAgents::isAskedToMove(std::size_t place) const {
  const abi::Moves &moves = *launch_.moves;
  const std::uint32_t done = read(moves.acknowledged[place]);
  switch (moves.stage) {
  case abi::MoveStage::Announced:
    return done != abi::announcementStep(moves.round + 1);
  case abi::MoveStage::Switching:
    return done != abi::switchStep(moves.round);
  case abi::MoveStage::Releasing:
  case abi::MoveStage::Delivering:
    return done != abi::releaseStep(moves.round) ||
           (place < launch_.workerCount && moves.arrivalOf[place] != 0 &&
            !moves.arrivals[moves.arrivalOf[place] - 1].isFinished);
  default:
    return false;
  }
}

/// Whether the last agent has to do with moves: in a round until its end, and
/// else while others have something to do.
bool FiberAgents::leadsMoves(bool othersAreReady) const {
  const abi::Moves &moves = *launch_.moves;
  if (moves.mode == abi::BalanceMode::Off || launch_.workerCount < 2)
    return false;
  return moves.stage > abi::MoveStage::Sampling ||
         (othersAreReady &&
          (moves.stage == abi::MoveStage::Sampling ||
           moves.mode == abi::BalanceMode::Random || nowNs_ >= moves.nextLook));
}

void FiberAgents::findReady(std::vector<AgentId> &ready) {
  const std::lock_guard lock(mutex_);
  const std::size_t before = ready.size();
  for (std::uint32_t i = 0; i < launch_.workerCount; ++i)
    if (hasMail(i, launch_.progress[i]) || isAskedToMove(i))
      ready.push_back({AgentKind::Worker, i});
  for (std::uint32_t i = 0; i < launch_.laneCount; ++i)
    if (hasPackets(launch_.lanes[i]) || isAskedToMove(launch_.workerCount + i))
      ready.push_back({AgentKind::Lane, i});
  if (hasMail(launch_.workerCount, launch_.progress[fibers_.size() - 1]) ||
      leadsMoves(ready.size() != before))
    ready.push_back({AgentKind::Outbound, 0});
}

bool FiberAgents::step(AgentId agent) {
  const std::lock_guard lock(mutex_);
  const std::size_t place = placeOf(agent);
  const abi::Progress &row = launch_.progress[place];
  const auto consumed = [&] {
    return agent.kind == AgentKind::Lane
               ? read(*launch_.lanes[agent.number].consumed)
               : 0;
  };
  const auto moved = [&] {
    return read(launch_.moves->acknowledged[place]) +
           (agent.kind == AgentKind::Outbound
                ? std::uint64_t(launch_.moves->stage)
                : 0);
  };
  const std::uint64_t before = work(row) + consumed();
  const std::uint64_t movedBefore = moved();
  resume(place);
  return !paused_ &&
         (work(row) + consumed() != before || moved() != movedBefore);
}

void FiberAgents::resume(std::size_t place) {
  nowNs_ += StepNs;
  paused_ = false;
  running_ = fibers_[place].get();
  running_->resume();
  running_ = nullptr;
}

void FiberAgents::suspendRunning() { running_->suspend(); }

void FiberAgents::advanceTo(std::chrono::nanoseconds time) {
  const std::lock_guard lock(mutex_);
  nowNs_ = std::max(nowNs_.load(), std::uint64_t(time.count()));
}

bool FiberAgents::hasEnded() {
  const std::lock_guard lock(mutex_);
  return std::all_of(fibers_.begin(), fibers_.end(),
                     [](const auto &fiber) { return fiber->isDone(); });
}

/// The last agent passes the request on, so it goes first.
bool FiberAgents::runToEnd(std::chrono::nanoseconds timeout) {
  const auto limit = now() + timeout;
  while (!hasEnded()) {
    if (read(launch_.control->request) != std::uint32_t(abi::Phase::Stopping) ||
        now() >= limit)
      return false;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = fibers_.size(); i-- > 0;)
      if (!fibers_[i]->isDone())
        resume(i);
  }
  return true;
}

} // namespace rk::runtime
