//===- Entry.cpp - A thread of the CPU back end -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs one worker in the calling thread. Worker 0 also serves the host's
/// lanes and the replies, between its own turns. In a stepped run, these are
/// agents of their own, and every agent yields before each turn.
///
//===----------------------------------------------------------------------===//

#include "common/Balancer.h"
#include "common/InboundLink.h"
#include "common/OutboundLink.h"
#include "common/Run.h"
#include "common/Worker.h"

#include <new>

using namespace rk::device;
namespace abi = rk::abi;

namespace {

inline constexpr uint32_t MaxHostLanes = 56;

// Worker 0 serves the links between any two messages, so their code stays in
// its loop, although stepped runs have loops of their own for it.
#if defined(__clang__)
#define RK_INLINE_CALLS [[clang::always_inline]]
#else
#define RK_INLINE_CALLS
#endif

/// All ends of the host link, in one agent.
class CombinedLink {
public:
  explicit CombinedLink(const abi::Launch &launch) : launch(launch) {
    for (uint32_t i = 0; i < launch.laneCount && i < MaxHostLanes; ++i)
      new (&inbound[laneCount++]) InboundLink<false>(
          launch, i, launch.workerCount + i, inboundDesks[i]);
    new (&outbound) OutboundLink(launch, launch.workerCount + launch.laneCount,
                                 outboundDesk);
  }
  ~CombinedLink() {}

  /// `isIdle`: the thread has nothing else to do, so it is time to look at the
  /// load of the workers. If it never is, every 64th turn.
  bool turn(bool isIdle) {
    if (!followRequest(launch) && balances(launch) &&
        (isIdle || ++turns % 64 == 0))
      balance(outboundDesk);
    bool worked = false;
    RK_INLINE_CALLS worked |= outbound.turn();
    for (uint32_t i = 0; i < laneCount; ++i)
      RK_INLINE_CALLS worked |= inbound[i].turn();
    return worked;
  }
  void follow() {
    for (uint32_t i = 0; i < laneCount; ++i)
      followPhase(inboundDesks[i]);
  }
  void finish() {
    for (uint32_t i = 0; i < laneCount; ++i)
      inbound[i].finish();
  }

private:
  const abi::Launch &launch;
  uint32_t laneCount = 0;
  uint32_t turns = 0;
  Desk inboundDesks[MaxHostLanes];
  Desk outboundDesk;
  union {
    InboundLink<false> inbound[MaxHostLanes];
  };
  union {
    OutboundLink outbound;
  };
};

/// Lets the others go on if the run is stepped.
void yieldStep(const abi::Launch &launch) {
  if (stepping &&
      !isStopping(load<Order::Relaxed, Scope::Device>(launch.phase)))
    stepping->yield(stepping->runner);
}

/// `turn(idle)` is told for how many turns there has been nothing to do.
///
/// The phase word tells of the end, of moves and of a stepped run, so that a
/// run in threads pays nothing for the latter: what has been followed is
/// compared without the phase, so in a stepped run it is new in each turn.
template <class Turn, class FollowPhase>
void runTurns(const abi::Launch &launch, Desk &desk, Turn turn,
              FollowPhase follow) {
  uint32_t idle = 0;
  for (;;) {
    if (hasNewPhase(launch, desk)) [[unlikely]] {
      yieldStep(launch);
      if (!follow())
        return;
      idle = 0;
    }
    idle = turn(idle) ? 0 : idle + 1;
    if (idle != 0)
      pauseIdle(idle);
  }
}

/// Runs one end of the host link as an agent of its own.
RK_OUT_OF_LINE void runLink(const abi::Launch &launch, uint32_t index) {
  Desk desk;
  const uint32_t lane = index - launch.workerCount;
  const auto follow = [&] { return followPhase(desk); };
  if (lane < launch.laneCount) {
    InboundLink<false> link(launch, lane, index, desk);
    runTurns(launch, desk, [&](uint32_t) { return link.turn(); }, follow);
    link.finish();
  } else {
    OutboundLink link(launch, index, desk);
    runTurns(
        launch, desk,
        [&](uint32_t) {
          if (!followRequest(launch) && balances(launch))
            balance(desk);
          return link.turn();
        },
        follow);
  }
}

void runWorker(const abi::Launch &launch, uint32_t index, bool servesLink) {
  Desk desk;
  Worker worker(launch, index, desk);
  if (servesLink) {
    CombinedLink link(launch);
    runTurns(
        launch, desk,
        [&](uint32_t idle) {
          const bool linked = link.turn(idle != 0);
          return worker.turn() || linked;
        },
        [&] {
          link.follow();
          return followPhase(desk);
        });
    link.finish();
  } else {
    runTurns(
        launch, desk, [&](uint32_t) { return worker.turn(); },
        [&] { return followPhase(desk); });
  }
  worker.finish();
}

} // namespace

extern "C" __attribute__((visibility("default"))) void
rk_agent_run(const abi::Launch *argument, uint32_t index,
             const abi::Stepping *steps) {
  const abi::Launch &launch = *argument;
  if (steps) {
    stepping = steps;
    store<Order::Relaxed, Scope::Device>(launch.phase,
                                         uint32_t(abi::Phase::Stepped));
  }
  beginAgent(launch, steps ? launch.workerCount + launch.laneCount + 1
                           : launch.workerCount);
  if (index < launch.workerCount)
    runWorker(launch, index, index == 0 && !steps);
  else
    runLink(launch, index);
  endAgent(launch);
}
