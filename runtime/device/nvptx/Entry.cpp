//===- Entry.cpp - The persistent kernel --------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Gives every warp its role for the length of the run: first one for each host
/// lane, then one for answers, then the workers. Warps are numbered so that
/// neighbours live on different multiprocessors.
///
//===----------------------------------------------------------------------===//

#include "common/Balancer.h"
#include "common/InboundLink.h"
#include "common/OutboundLink.h"
#include "common/Run.h"
#include "common/Worker.h"

using namespace rk::device;
namespace abi = rk::abi;

namespace {

/// Repeats `turn` until the run stops, stepping back when there is nothing to
/// do. Looks at the phase every 32 turns.
template <class Turn>
void runTurns(const abi::Launch &launch, Desk &desk, Turn turn) {
  uint32_t idle = 0;
  for (uint32_t count = 0;; ++count) {
    const bool worked = turn();
    idle = worked ? 0 : idle + 1;
    // Lanes must agree, so lane 0 decides.
    if (count % 32 == 0 &&
        ballot(laneId() == 0 && hasNewPhase(launch, desk)) != 0 &&
        !followPhase(desk)) [[unlikely]]
      return;
    if (!worked)
      pauseIdle(idle);
  }
}

static_assert(sizeof(Desk) == abi::DeskBytes);

/// The desks of a block's warps, in the dynamic shared memory that the host
/// gives the kernel: `abi::DeskBytes` for each warp.
extern "C" __attribute__((address_space(3))) Desk rk_desks[];

void runLinkWarp(const abi::Launch &launch, uint32_t link, Desk &desk) {
  const uint32_t row = launch.workerCount + link;
  if (link < launch.laneCount) {
    InboundLink inbound(launch, link, row, desk);
    runTurns(launch, desk, [&] { return inbound.turn(); });
    inbound.finish();
  } else {
    // This warp has time to look at the host's request every turn, and at the
    // workers' load.
    OutboundLink outbound(launch, row, desk);
    runTurns(launch, desk, [&] {
      if (!followRequest(launch) && balances(launch))
        balance(desk);
      return outbound.turn();
    });
  }
}

} // namespace

/// The launch comes by value: it then lies in constant memory, where a field
/// costs as much as a register. rkc marks it as constant for the grid, so that
/// its address may be taken (PTX ISA 9.0, 6.4.2: kernel function parameters).
extern "C" [[clang::device_kernel]] void rk_kernel(const abi::Launch launch) {
  const uint32_t warpInBlock = __nvvm_read_ptx_sreg_tid_x() / LaneCount;
  const uint32_t warp = warpInBlock * __nvvm_read_ptx_sreg_nctaid_x() +
                        __nvvm_read_ptx_sreg_ctaid_x();
  const uint32_t links = launch.laneCount + 1;
  const uint32_t agents = launch.workerCount + links;
  if (warp >= agents)
    return;
  Desk &desk = *(Desk *)&rk_desks[warpInBlock];
  beginAgent(launch, agents);
  if (warp < links) {
    runLinkWarp(launch, warp, desk);
  } else {
    Worker worker(launch, warp - links, desk);
    runTurns(launch, desk, [&] { return worker.turn(); });
    worker.finish();
  }
  endAgent(launch);
}
