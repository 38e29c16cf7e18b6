//===- Teams.cpp - How many teams, and of how many blocks -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Teams.h"

#include "RoundUp.h"

#include <algorithm>
#include <string>

namespace rk::runtime {

namespace {

constexpr std::uint32_t DefaultBlockActors = 4;
constexpr std::uint32_t DefaultClusterActors = 1;
/// With so much shared memory, a block has its multiprocessor to itself: no
/// other team nor a block of workers fits beside it.
constexpr std::uint32_t ExclusiveBytes = 120 << 10;

constexpr std::uint32_t Block = abi::teamKind(abi::Lanes::Block),
                        Cluster = abi::teamKind(abi::Lanes::Cluster),
                        Grid = abi::teamKind(abi::Lanes::Grid);

/// Puts stages for copies behind what a block needs, as many as there is room
/// for.
void addStages(abi::TeamRow &row, std::uint32_t needed,
               const TeamDevice &device) {
  row.stagesAt = std::uint32_t(roundUp(needed, abi::CopyStageAlignment));
  if (!device.hasBulkCopies || row.stagesAt > device.sharedBytes)
    return;
  row.stages =
      std::min((device.sharedBytes - row.stagesAt) / abi::CopyStageBytes,
               abi::CopyStages);
  row.sharedBytes = std::max(row.sharedBytes,
                             row.stagesAt + row.stages * abi::CopyStageBytes);
}

} // namespace

abi::Lanes residentLanes(const modfile::ModuleView &module,
                         std::uint32_t actorType) {
  if (!module.actors[actorType].isResident)
    return abi::Lanes::One;
  std::uint32_t most = abi::LanesOf[std::uint32_t(abi::Lanes::Warp)];
  for (const auto &handler : module.handlers)
    if (handler.actor == actorType)
      most = std::max(most, handler.lanes);
  const auto *found =
      std::find(std::begin(abi::LanesOf), std::end(abi::LanesOf), most);
  return abi::Lanes(found - std::begin(abi::LanesOf));
}

TeamNeeds teamNeeds(const modfile::ModuleView &module) {
  TeamNeeds needs{};
  for (std::uint32_t i = 0; i < module.actors.size(); ++i)
    if (const abi::Lanes lanes = residentLanes(module, i);
        lanes > abi::Lanes::Warp)
      needs[abi::teamKind(lanes)] = true;
  return needs;
}

abi::Teams planTeams(const SystemOptions &options, const TeamNeeds &needs,
                     const abi::Residents &residents) {
  const std::uint32_t counts[] = {
      options.blockActors ? options.blockActors : DefaultBlockActors,
      options.clusterActors ? options.clusterActors : DefaultClusterActors, 1};
  abi::Teams teams{};
  for (std::uint32_t kind = 0; kind < abi::TeamKinds; ++kind) {
    abi::TeamRow &row = teams.rows[kind];
    row.first = residents.places + teams.count;
    row.count = needs[kind] ? counts[kind] : 0;
    teams.count += row.count;
  }
  return teams;
}

std::uint32_t teamBlocks(const abi::Teams &teams) {
  std::uint32_t blocks = 0;
  for (const abi::TeamRow &row : teams.rows)
    blocks += row.count * row.blocks;
  return blocks;
}

Status placeTeams(abi::Residents &residents, const TeamNeeds &needs,
                  std::uint32_t workerBlocks, const TeamDevice &device) {
  abi::Teams &teams = residents.teams;
  teams.rows[Block].blocks = 1;
  teams.rows[Cluster].blocks = abi::MaxClusterBlocks;
  const std::uint32_t taken = teamBlocks(teams) + workerBlocks;
  const std::uint32_t least = needs[Grid] ? 1 : 0;
  if (taken + least > device.multiprocessors)
    return Status(
        StatusCode::InvalidArgument,
        "block, cluster and grid actors (SystemOptions::blockActors is " +
            std::to_string(teams.rows[Block].count) + ", clusterActors " +
            std::to_string(teams.rows[Cluster].count) +
            ") and the workers need " + std::to_string(taken + least) +
            " multiprocessors, and the device has " +
            std::to_string(device.multiprocessors) +
            " beside those of other resident actors: ask for fewer");
  if (needs[Grid])
    teams.rows[Grid].blocks = std::min(device.multiprocessors - taken,
                                       std::uint32_t(abi::MaxTeamBlocks));
  const std::uint32_t needed = device.deskBytes + residents.stateStride;
  if (needed > device.sharedBytes)
    return Status(StatusCode::InvalidArgument,
                  "a block of a resident actor needs " +
                      std::to_string(needed) +
                      " bytes of shared memory, and the device has room for " +
                      std::to_string(device.sharedBytes));
  for (abi::TeamRow &row : teams.rows) {
    row.sharedBytes =
        std::min(std::max(needed, ExclusiveBytes), device.sharedBytes);
    addStages(row, needed, device);
  }
  // Those that have an inbox come to the others.
  residents.inboxes += teams.count;
  return {};
}

} // namespace rk::runtime
