//===- Entry.cpp - The persistent kernel --------------------------*- C++
//-*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Gives every warp its role for the length of the run. Block 0 is the link:
/// one warp for each host lane, then one for replies. All other warps are
/// workers.
///
//===----------------------------------------------------------------------===//

#include "common/Link.h"
#include "common/Worker.h"

using namespace rk::device;
namespace abi = rk::abi;

namespace {

/// Repeats `turn` until the run stops, stepping back when there is nothing to
/// do. Looks at the phase every 16 turns.
template <class Turn> void runTurns(const abi::Launch &launch, Turn turn) {
  uint32_t idle = 0;
  for (uint32_t count = 0;; ++count) {
    const bool worked = turn();
    idle = worked ? 0 : idle + 1;
    // Lanes must agree to leave, so lane 0 decides.
    if (count % 16 == 0 && (ballot(laneId() == 0 && stopping(launch)) & 1))
      return;
    if (!worked)
      pauseIdle(idle);
  }
}

void runLinkWarp(const abi::Launch &launch, uint32_t warp) {
  const uint32_t row = launch.workerCount + warp;
  if (warp < launch.laneCount) {
    InboundLink link(launch, warp, row);
    runTurns(launch, [&] { return link.turn(); });
  } else {
    // This warp has time to look at the host's request every turn.
    OutboundLink link(launch, row);
    runTurns(launch, [&] {
      followRequest(launch);
      return link.turn();
    });
  }
}

} // namespace

extern "C" [[clang::device_kernel]] void
rk_kernel(const abi::Launch *argument) {
  const abi::Launch &launch = *argument;
  const uint32_t warpsPerBlock = __nvvm_read_ptx_sreg_ntid_x() / LaneCount;
  const uint32_t warp = __nvvm_read_ptx_sreg_tid_x() / LaneCount;
  const uint32_t block = __nvvm_read_ptx_sreg_ctaid_x();
  const uint32_t agents = launch.workerCount + launch.laneCount + 1;
  if (block == 0) {
    if (warp > launch.laneCount)
      return;
    beginAgent(launch, agents);
    runLinkWarp(launch, warp);
  } else {
    const uint32_t index = (block - 1) * warpsPerBlock + warp;
    if (index >= launch.workerCount)
      return;
    beginAgent(launch, agents);
    Worker worker(launch, index);
    runTurns(launch, [&] { return worker.turn(); });
  }
  endAgent(launch);
}
