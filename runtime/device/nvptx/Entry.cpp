//===- Entry.cpp - The persistent kernel ------------------------*- C++ -*-===//
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

#include "TeamCopy.h"
#include "common/Balancer.h"
#include "common/InboundLink.h"
#include "common/OutboundLink.h"
#include "common/Resident.h"
#include "common/Run.h"
#include "common/TeamWarps.h"
#include "common/Worker.h"

using namespace rk::device;
namespace abi = rk::abi;

namespace {

/// Repeats `turn` until the run stops, stepping back when there is nothing to
/// do. Looks at the phase every 32 turns.
///
/// Always inlined: in a kernel of its own size LLVM would keep it apart where
/// handlers are large, and what `turn` refers to, the worker and with it the
/// context of its handlers, would live in memory.
template <class Turn, class Pause>
[[gnu::always_inline]] inline void
runTurns(const abi::Launch &launch, Desk &desk, Turn turn, Pause pause) {
  uint32_t idle = 0;
  for (uint32_t count = 0;; ++count) {
    const bool worked = turn();
    idle = worked ? 0 : idle + 1;
    // Lanes must agree, so lane 0 decides.
    if (count % 32 == 0 && agree(laneId() == 0 && hasNewPhase(launch, desk)) &&
        agree(!followPhase(desk))) [[unlikely]]
      return;
    if (!worked)
      pause(idle);
  }
}
template <class Turn>
[[gnu::always_inline]] inline void runTurns(const abi::Launch &launch,
                                            Desk &desk, Turn turn) {
  runTurns(launch, desk, turn, pauseIdle);
}

static_assert(sizeof(Desk) == abi::DeskBytes);

/// The desks of a block's warps, in the dynamic shared memory that the host
/// gives the kernel: `abi::DeskBytes` for each warp.
extern "C" __attribute__((address_space(3))) Desk rk_desks[];

/// A warp of block `block` of the resident kernel, where `shared` is its shared
/// memory, or of the workers' kernel, where it is null.
template <bool ByRing>
void runLinkWarp(const abi::Launch &launch, uint32_t link, Desk &desk,
                 unsigned char *shared, uint32_t block) {
  const uint32_t row = launch.workerCount + link;
  if (agree(link < launch.laneCount)) {
    InboundLink<ByRing> inbound(launch, link, row, desk);
    joinBlock(desk, shared, block);
    runTurns(launch, desk, [&] { return inbound.turn(); });
    inbound.finish();
  } else {
    // This warp has time to look at the host's request every turn, and at the
    // workers' load.
    OutboundLink outbound(launch, row, desk);
    joinBlock(desk, shared, block);
    runTurns(launch, desk, [&] {
      if (!followRequest(launch) && balances(launch))
        balance(desk);
      return outbound.turn();
    });
  }
}

uint32_t agentCount(const abi::Launch &launch) {
  return launch.workerCount + launch.laneCount + 1 + launch.residents.inboxes;
}

/// The shared memory of a block of the resident kernel, as
/// `abi::ResidentShared` lays it out.
extern "C" __attribute__((address_space(3))) unsigned char rk_resident_shared[];

/// Opens all ways, and makes all rings and rows empty. All threads of the
/// block call it.
void clearShared(const abi::Residents &residents, unsigned char *shared,
                 uint32_t block) {
  const uint32_t thread = __nvvm_read_ptx_sreg_tid_x();
  const uint32_t threads = __nvvm_read_ptx_sreg_ntid_x();
  for (uint32_t place = thread; place < residents.places; place += threads)
    openWay(residents, shared, block, place);
  if (thread == 0)
    shutLastWay(residents, shared);
  auto *words = reinterpret_cast<uint64_t *>(shared + residents.shared.rings);
  const uint32_t count = (residents.shared.states - residents.shared.rings) / 8;
  for (uint32_t i = thread; i < count; i += threads)
    words[i] = 0;
}

/// Sets up what a block of the team kernel has in its shared memory. All
/// threads of the block call it.
void beginTeamBlock(const abi::Launch &launch, const abi::TeamRow &row,
                    uint32_t team, uint32_t rank, Desk *desks) {
  TeamShared &shared = teamShared();
  if (threadInBlock() == 0) {
    shared.launch = &launch;
    shared.words = launch.residents.teams.words +
                   (row.first - launch.residents.places) + team;
    shared.desk = desks;
    shared.blocks = row.blocks;
    shared.rank = rank;
    shared.target = 0;
    shared.isBroken = 0;
    beginCopies(shared.copies, row, (unsigned char *)rk_team_memory);
  }
  if (threadInBlock() < TeamWarps)
    shared.turns[threadInBlock()] = 0;
  syncTeamBlock();
}

} // namespace

extern "C" [[gnu::always_inline]] void
rk_serve_messages(void *turn, rk_handler *handler, uint32_t outcome) {
  Serving::serve(turn, handler, outcome);
}

/// Runs the actors that have a block, a cluster or a grid to themselves; a
/// launch has all teams of one kind.
extern "C" [[clang::device_kernel]] void
rk_team_kernel(const abi::Launch launch) {
  const abi::Residents &residents = launch.residents;
  const abi::TeamRow &row = residents.teams.rows[residents.teams.kind];
  const auto lanes =
      abi::Lanes(residents.teams.kind + uint32_t(abi::Lanes::Block));
  const uint32_t block = __nvvm_read_ptx_sreg_ctaid_x();
  const uint32_t team = block / row.blocks, rank = block % row.blocks;
  const uint32_t warp = threadInBlock() / LaneCount;
  auto *const desks = reinterpret_cast<Desk *>((unsigned char *)rk_team_memory +
                                               sizeof(TeamShared));
  auto *const state = reinterpret_cast<unsigned char *>(desks + TeamWarps);
  const uint32_t place = row.first + team;
  const uint32_t agent = launch.workerCount + residents.links + place;
  beginTeamBlock(launch, row, team, rank, desks);
  makeAgent(launch, agent, desks[warp]);
  // A cluster's blocks must all run before one uses another's memory.
  syncTeam(lanes);
  if (rank == 0 && warp == 0) {
    beginAgent(launch, agentCount(launch));
    TeamLeader leader(launch, place, agent, desks[warp], lanes, state);
    runTurns(launch, desks[warp], [&] { return leader.turn(); });
    leader.finish();
    endAgent(launch);
  } else {
    TeamMember(launch, agent, desks[warp], lanes, state).serve();
  }
  // The first block's shared memory must outlive what the others write to it.
  syncTeam(lanes);
}

/// Serves the host and runs resident actors, a warp each, if the module has
/// such actors. Its blocks form clusters where the GPU has them.
extern "C" [[clang::device_kernel]] void
rk_resident_kernel(const abi::Launch launch) {
  const abi::Residents &residents = launch.residents;
  const uint32_t block = __nvvm_read_ptx_sreg_ctaid_x();
  const uint32_t warpInBlock = __nvvm_read_ptx_sreg_tid_x() / LaneCount;
  const uint32_t warp = warpInBlock * residents.blocks + block;
  auto *shared = (unsigned char *)rk_resident_shared;
  Desk &desk = *reinterpret_cast<Desk *>(shared + warpInBlock * abi::DeskBytes);
  clearShared(residents, shared, block);
  syncCluster();
  if (agree(warp < residents.links + residents.places)) {
    beginAgent(launch, agentCount(launch));
    if (agree(warp < residents.links)) {
      runLinkWarp<true>(launch, warp, desk, shared, block);
    } else {
      const uint32_t place = warp - residents.links;
      const uint32_t row = launch.workerCount + warp;
      makeAgent(launch, row, desk);
      joinBlock(desk, shared, block);
      Resident resident(launch, place, row, desk, shared);
      runTurns(
          launch, desk,
          [&]() __attribute__((always_inline)) { return resident.turn(); },
          pauseIdlePlace);
      resident.finish();
    }
    endAgent(launch);
  }
  // A block's shared memory must outlive what others write to it.
  __nvvm_bar_warp_sync(AllLanes);
  syncCluster();
}

/// The launch comes by value: it then lies in constant memory, where a field
/// costs as much as a register. rkc marks it as constant for the grid, so that
/// its address may be taken (PTX ISA 9.0, 6.4.2: kernel function parameters).
extern "C" [[clang::device_kernel]] void rk_kernel(const abi::Launch launch) {
  const uint32_t warpInBlock = __nvvm_read_ptx_sreg_tid_x() / LaneCount;
  const uint32_t warp = warpInBlock * __nvvm_read_ptx_sreg_nctaid_x() +
                        __nvvm_read_ptx_sreg_ctaid_x();
  const bool servesHost = launch.residents.inboxes == 0;
  const uint32_t links = servesHost ? launch.laneCount + 1 : 0;
  if (agree(warp >= launch.workerCount + links))
    return;
  Desk &desk = *(Desk *)&rk_desks[warpInBlock];
  beginAgent(launch, agentCount(launch));
  if (agree(warp < links)) {
    runLinkWarp<false>(launch, warp, desk, nullptr, 0);
  } else {
    Worker worker(launch, warp - links, desk);
    runTurns(launch, desk, [&] { return worker.turn(); });
    worker.finish();
  }
  endAgent(launch);
}
