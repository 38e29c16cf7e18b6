//===- Entry.cpp - A thread of the CPU back end -------------------*- C++
//-*-===//
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
      new (&inbound[laneCount++])
          InboundLink(launch, i, launch.workerCount + i, inboundDesks[i]);
    new (&outbound) OutboundLink(launch, launch.workerCount + launch.laneCount,
                                 outboundDesk);
  }
  ~CombinedLink() {}

  bool turn() {
    followRequest(launch);
    bool worked = false;
    RK_INLINE_CALLS worked |= outbound.turn();
    for (uint32_t i = 0; i < laneCount; ++i)
      RK_INLINE_CALLS worked |= inbound[i].turn();
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
    InboundLink inbound[MaxHostLanes];
  };
  union {
    OutboundLink outbound;
  };
};

/// Yields if the run is stepped; returns false once it ends.
RK_OUT_OF_LINE bool goOn(const abi::Launch &launch) {
  if (!stopping(launch))
    stepping->yield(stepping->runner);
  return !stopping(launch);
}

/// The phase tells both of the end and of a stepped run, so that a run in
/// threads pays nothing for the latter.
template <class Turn> void runTurns(const abi::Launch &launch, Turn turn) {
  uint32_t idle = 0;
  for (;;) {
    // Relaxed: see `stopping`.
    if (load<Order::Relaxed, Scope::Device>(launch.phase) !=
        uint32_t(abi::Phase::Idle)) [[unlikely]] {
      if (!goOn(launch))
        return;
      idle = 0;
    }
    idle = turn() ? 0 : idle + 1;
    if (idle != 0)
      pauseIdle(idle);
  }
}

/// Runs one end of the host link as an agent of its own.
RK_OUT_OF_LINE void runLink(const abi::Launch &launch, uint32_t index) {
  Desk desk;
  const uint32_t lane = index - launch.workerCount;
  if (lane < launch.laneCount) {
    InboundLink link(launch, lane, index, desk);
    runTurns(launch, [&] { return link.turn(); });
    link.finish();
  } else {
    OutboundLink link(launch, index, desk);
    runTurns(launch, [&] {
      followRequest(launch);
      return link.turn();
    });
  }
}

void runWorker(const abi::Launch &launch, uint32_t index, bool servesLink) {
  Desk desk;
  Worker worker(launch, index, desk);
  if (servesLink) {
    CombinedLink link(launch);
    runTurns(launch, [&] {
      const bool linked = link.turn();
      return worker.turn() || linked;
    });
    link.finish();
  } else {
    runTurns(launch, [&] { return worker.turn(); });
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
