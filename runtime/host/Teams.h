//===- Teams.h - How many teams, and of how many blocks ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Decides how many block, cluster and grid actors there can be, and which part
/// of a GPU they get.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Runtime.h"
#include "rk/modfile/Module.h"
#include "rk/options.h"
#include "rk/status.h"

#include <array>
#include <cstdint>

namespace rk::runtime {

/// Which kinds of teams the resident actors of a module need.
using TeamNeeds = std::array<bool, abi::TeamKinds>;
TeamNeeds teamNeeds(const modfile::ModuleView &module);

/// What actors of the type have to themselves: `One` if they are pooled.
abi::Lanes residentLanes(const modfile::ModuleView &module,
                         std::uint32_t actorType);

/// What a GPU has for teams.
struct TeamDevice {
  std::uint32_t multiprocessors = 0; ///< without those of places
  std::uint32_t sharedBytes = 0;     ///< a block may have
  std::uint32_t deskBytes = 0;       ///< a block needs, without its state
  bool hasBulkCopies = false;
};

/// Plans the teams behind the places of `residents`; the number of places to
/// run at once is no concern where workers run them, on the CPU.
abi::Teams planTeams(const SystemOptions &options, const TeamNeeds &needs,
                     const abi::Residents &residents);

/// Gives the teams their blocks, a multiprocessor each: the grid all that is
/// left but for `workerBlocks`.
/// Errors    `InvalidArgument` if the device has not as many.
Status placeTeams(abi::Residents &residents, const TeamNeeds &needs,
                  std::uint32_t workerBlocks, const TeamDevice &device);

/// The blocks of all teams.
std::uint32_t teamBlocks(const abi::Teams &teams);

} // namespace rk::runtime
