//===- Entry.cpp - A thread of the CPU back end -------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs one worker in the calling thread. Worker 0 also serves the host's
/// lanes and the replies, between its own turns.
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

/// All ends of the host link, in one agent.
class CombinedLink {
public:
  explicit CombinedLink(const abi::Launch &launch) : launch(launch) {
    for (uint32_t i = 0; i < launch.laneCount && i < MaxHostLanes; ++i)
      new (&inbound[laneCount++])
          InboundLink(launch, i, launch.workerCount + i, inboundDesks[i]);
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
    bool worked = outbound.turn();
    for (uint32_t i = 0; i < laneCount; ++i)
      worked |= inbound[i].turn();
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
    InboundLink inbound[MaxHostLanes];
  };
  union {
    OutboundLink outbound;
  };
};

/// `turn(idle)` is told for how many turns there has been nothing to do.
template <class Turn, class FollowPhase>
void runTurns(const abi::Launch &launch, Desk &desk, Turn turn,
              FollowPhase follow) {
  uint32_t idle = 0;
  while (!hasNewPhase(launch, desk) || follow()) {
    idle = turn(idle) ? 0 : idle + 1;
    if (idle != 0)
      pauseIdle(idle);
  }
}

} // namespace

extern "C" __attribute__((visibility("default"))) void
rk_agent_run(const abi::Launch *argument, uint32_t index) {
  const abi::Launch &launch = *argument;
  beginAgent(launch, launch.workerCount);
  Desk desk;
  Worker worker(launch, index, desk);
  if (index == 0) {
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
  endAgent(launch);
}
