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
          InboundLink<false>(launch, i, launch.workerCount + i, inboundDesks[i]);
    new (&outbound) OutboundLink(launch, launch.workerCount + launch.laneCount,
                                 outboundDesk);
  }
  ~CombinedLink() {}

  bool turn() {
    followRequest(launch);
    bool worked = outbound.turn();
    for (uint32_t i = 0; i < laneCount; ++i)
      worked |= inbound[i].turn();
    return worked;
  }
  void finish() {
    for (uint32_t i = 0; i < laneCount; ++i)
      inbound[i].finish();
  }

private:
  const abi::Launch &launch;
  uint32_t laneCount = 0;
  Desk inboundDesks[MaxHostLanes];
  Desk outboundDesk;
  union {
    InboundLink<false> inbound[MaxHostLanes];
  };
  union {
    OutboundLink outbound;
  };
};

template <class Turn> void runTurns(const abi::Launch &launch, Turn turn) {
  uint32_t idle = 0;
  while (!stopping(launch)) {
    idle = turn() ? 0 : idle + 1;
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
    runTurns(launch, [&] {
      const bool linked = link.turn();
      return worker.turn() || linked;
    });
    link.finish();
  } else {
    runTurns(launch, [&] { return worker.turn(); });
  }
  endAgent(launch);
}
