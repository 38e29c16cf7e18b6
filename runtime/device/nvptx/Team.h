//===- Team.h - The lanes of several warps on a GPU ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the lanes of a block, a cluster or a grid do together. All lanes call
/// each of these at the same place, but for `teamSize` and `teamRank`.
///
/// The grid's barrier is one counter: what the threads of a block wrote is
/// ordered before its arrival by the block's barrier; its first thread then
/// releases at the scope of the device, which covers what it has observed. Who
/// sees the last arrival acquires, and the block's barrier hands that on.
/// Rounds are numbered by what the counter shall say, so nothing is set back.
/// On a GPU without clusters, their barrier is that of a grid of eight blocks.
///
/// Source    PTX ISA 9.0, 9.7.13.1 (barrier), 9.7.13.4 (fence), 9.7.13.12
///           (redux.sync), 9.7.13.15 (barrier.cluster); the designs that were
///           compared: docs/rationale/teams.md.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Near.h"
#include "common/Run.h"

// The intrinsics themselves: as such the compiler knows that they must not be
// moved to where fewer lanes come, which it does not know of assembly.
extern "C" {
[[clang::convergent]] void
rk_barrier_block(int, int) __asm__("llvm.nvvm.barrier.cta.sync.aligned.count");
[[clang::convergent]] void
rk_cluster_arrive() __asm__("llvm.nvvm.barrier.cluster.arrive.aligned");
[[clang::convergent]] void
rk_cluster_wait() __asm__("llvm.nvvm.barrier.cluster.wait.aligned");
[[clang::convergent]] int rk_redux_add(int,
                                       int) __asm__("llvm.nvvm.redux.sync.add");
[[clang::convergent]] int
rk_redux_min(int, int) __asm__("llvm.nvvm.redux.sync.umin");
[[clang::convergent]] int
rk_redux_max(int, int) __asm__("llvm.nvvm.redux.sync.umax");
[[clang::convergent]] int rk_redux_and(int,
                                       int) __asm__("llvm.nvvm.redux.sync.and");
[[clang::convergent]] int rk_redux_or(int,
                                      int) __asm__("llvm.nvvm.redux.sync.or");
[[clang::convergent]] int rk_redux_xor(int,
                                       int) __asm__("llvm.nvvm.redux.sync.xor");
}

namespace rk::device {

inline constexpr uint32_t TeamWarps = abi::BlockLanes / LaneCount;

/// What a block keeps of its copies through shared memory (`TeamCopy.h`).
struct TeamCopies {
  uint32_t stages; ///< how many; 0 if the target has no bulk copies
  uint32_t first;  ///< the shared address of the first
  uint32_t place;  ///< the next to be filled
  uint32_t parity; ///< of its barrier in the round
  uint64_t arrived[abi::CopyStages]; ///< a barrier for each stage
};

/// What a block of the team kernel has at the start of its shared memory; the
/// desks of its warps follow, then its actor's state.
struct alignas(16) TeamShared {
  abi::TeamOrder order; ///< of a team of one block
  const abi::Launch *launch;
  abi::TeamWords *words;
  Desk *desk;
  uint32_t blocks;
  uint32_t rank;   ///< of this block in its team
  uint32_t target; ///< what `TeamWords::arrived` shall say; the first thread's
  uint32_t isBroken; ///< a barrier has been given up
  uint32_t turns[TeamWarps];
  uint32_t parts[2][TeamWarps]; ///< what each warp adds to a collective
  TeamCopies copies;
};

/// The shared memory of a block of the team kernel.
extern "C" __attribute__((address_space(3))) unsigned char rk_team_memory[];

inline TeamShared &teamShared() {
  return *(TeamShared *)(unsigned char *)rk_team_memory;
}
inline uint32_t threadInBlock() { return __nvvm_read_ptx_sreg_tid_x(); }

/// The leader comes to the barrier from another place in the code than the
/// others: PTX allows that to whole warps. synccheck reports it all the same,
/// with a count of threads and with a barrier of another number too: see
/// test/gpu-results/README.md.
[[clang::convergent]] inline void syncTeamBlock() {
  syncLanes(); // together, as an aligned barrier wants it
  rk_barrier_block(0, abi::BlockLanes);
}

inline void addArrival(uint32_t *counter) {
  if (hasClusters())
    asm volatile("fence.release.gpu;" ::: "memory");
  else
    fence<Scope::Device>();
  asm volatile("red.relaxed.gpu.global.add.u32 [%0], 1;"
               :
               : "l"(RK_GLOBAL(counter))
               : "memory");
}
inline void acquireArrivals() {
  if (hasClusters())
    asm volatile("fence.acquire.gpu;" ::: "memory");
  else
    fence<Scope::Device>();
}

/// The wait that is not over soon. A handler may take its time between two
/// barriers, and the host reports it as a stall; once the run is to end, the
/// wait has a bound.
RK_OUT_OF_LINE inline void awaitSlowArrivals(TeamShared &shared) {
  BoundedWait wait;
  uint32_t looks = 0;
  while (int32_t(load<Order::Relaxed, Scope::Device>(&shared.words->arrived) -
                 shared.target) < 0) {
    if (++looks % 256 != 0 ||
        !isStopping(load<Order::Relaxed, Scope::Device>(shared.launch->phase)))
      continue;
    if (wait.again())
      continue;
    reportFault(*shared.desk, abi::FaultSite::TeamBarrier, shared.rank);
    shared.isBroken = 1;
    return;
  }
}

/// Waits for all arrivals, in the first thread of a block.
///
/// A look that comes before the last arrival costs a second trip to the L2
/// cache, and stands in the way of those who arrive. Blocks that are in step
/// arrive within `CyclesInStep`, so the first look comes behind those; the last
/// of blocks that are not loses as much.
inline void awaitArrivals(TeamShared &shared, const uint32_t *counter,
                          uint32_t target) {
  constexpr uint32_t CyclesInStep = 120, UsualLooks = 4096;
  passCycles(CyclesInStep);
  for (uint32_t looks = 0; looks < UsualLooks; ++looks)
    if (int32_t(load<Order::Relaxed, Scope::Device>(counter) - target) >= 0)
      return;
  awaitSlowArrivals(shared);
}

[[clang::convergent]] inline void syncTeamByCounter() {
  TeamShared &shared = teamShared();
  // Read while the others come: the first thread alone changes them.
  const uint32_t target = shared.target + shared.blocks;
  uint32_t *const counter = &shared.words->arrived;
  const bool arrives = threadInBlock() == 0 && shared.isBroken == 0;
  syncTeamBlock();
  if (arrives) {
    addArrival(counter);
    shared.target = target;
    awaitArrivals(shared, counter, target);
    acquireArrivals();
  }
  syncTeamBlock();
}

/// Waits for all lanes of the team.
///
/// Ordering  what a lane wrote before is visible to the team afterwards.
[[clang::convergent]] inline void syncTeam(abi::Lanes lanes) {
  if (lanes == abi::Lanes::Block) {
    syncTeamBlock();
  } else if (lanes == abi::Lanes::Cluster && hasClusters()) {
    syncLanes();
    rk_cluster_arrive(); // releases
    rk_cluster_wait();   // acquires
  } else {
    syncTeamByCounter();
  }
}

inline uint32_t teamSize(abi::Lanes lanes) {
  if (lanes == abi::Lanes::Grid)
    return __nvvm_read_ptx_sreg_nctaid_x() * abi::BlockLanes;
  return abi::LanesOf[uint32_t(lanes)];
}
inline uint32_t teamRank(abi::Lanes lanes) {
  const uint32_t block = __nvvm_read_ptx_sreg_ctaid_x();
  if (lanes == abi::Lanes::Grid)
    return block * abi::BlockLanes + threadInBlock();
  if (lanes == abi::Lanes::Cluster)
    return block % abi::MaxClusterBlocks * abi::BlockLanes + threadInBlock();
  return threadInBlock();
}

/// Kinds as in `DeviceCalls.def`.
[[clang::convergent]] inline uint32_t reduceWarp(uint32_t value,
                                                 uint32_t kind) {
  const int bits = int(value);
  switch (kind) {
  case 0:
    return uint32_t(rk_redux_add(bits, -1));
  case 1:
    return uint32_t(rk_redux_min(bits, -1));
  case 2:
    return uint32_t(rk_redux_max(bits, -1));
  case 3:
    return uint32_t(rk_redux_and(bits, -1));
  case 4:
    return uint32_t(rk_redux_or(bits, -1));
  default:
    return uint32_t(rk_redux_xor(bits, -1));
  }
}
/// What adds nothing to a collective.
inline uint32_t neutralOf(uint32_t kind) {
  return kind == 1 || kind == 3 ? ~0u : 0;
}

/// Each warp leaves its part for the block, and each block for the team. Parts
/// are written in turns: who writes to the same place again has passed a
/// barrier that all came to after they had read it.
[[clang::convergent]] inline uint32_t
reduceTeam(abi::Lanes lanes, uint32_t value, uint32_t kind) {
  TeamShared &shared = teamShared();
  const uint32_t lane = laneId(), warp = threadInBlock() / LaneCount;
  const uint32_t turn = shared.turns[warp];
  const uint32_t part = reduceWarp(value, kind);
  if (lane == 0) {
    shared.turns[warp] = turn ^ 1;
    shared.parts[turn][warp] = part;
  }
  syncTeamBlock();
  const uint32_t ofBlock = reduceWarp(
      lane < TeamWarps ? shared.parts[turn][lane] : neutralOf(kind), kind);
  if (lanes == abi::Lanes::Block)
    return ofBlock;
  uint32_t *const parts = shared.words->parts[turn];
  if (threadInBlock() == 0)
    store<Order::Relaxed, Scope::Device>(&parts[shared.rank], ofBlock);
  syncTeam(lanes);
  uint32_t all = neutralOf(kind);
  for (uint32_t first = 0; first < shared.blocks; first += LaneCount) {
    const uint32_t at = first + lane;
    const uint32_t others = reduceWarp(
        at < shared.blocks ? load<Order::Relaxed, Scope::Device>(&parts[at])
                           : neutralOf(kind),
        kind);
    all = kind == 0   ? all + others
          : kind == 1 ? (all < others ? all : others)
          : kind == 2 ? (all > others ? all : others)
          : kind == 3 ? all & others
          : kind == 4 ? all | others
                      : all ^ others;
  }
  return all;
}

} // namespace rk::device
