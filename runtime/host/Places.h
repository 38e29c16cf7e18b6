//===- Places.h - How many resident actors, and where -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Decides the blocks and warps of the kernel of resident actors.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Runtime.h"
#include "rk/modfile/Module.h"
#include "rk/options.h"
#include "rk/status.h"

#include <cstdint>

namespace rk::runtime {

/// Returns the bytes of the largest state of a resident actor; 0 if there is
/// none.
std::uint32_t residentStateBytes(const modfile::ModuleView &module);

/// Places for workers to run, without a kernel of their own; none if
/// `stateBytes`, the largest state, is 0.
abi::Residents planPlaces(const SystemOptions &options,
                          std::uint32_t stateBytes);

/// What a GPU has for the kernel of resident actors.
struct ResidentDevice {
  std::uint32_t multiprocessors = 0;
  std::uint32_t warpsPerBlock = 0; ///< at most
  std::uint32_t sharedBytes = 0;   ///< a block may have
  std::uint32_t clusterBlocks = 1; ///< at most
};

/// The kernel for `links` warps that serve the host and for the places that the
/// options ask for, or else for what one cluster has room for. One
/// multiprocessor at least is left for workers.
///
/// Errors    `InvalidArgument` if that is more than the device has room for.
Result<abi::Residents> planResidentKernel(const SystemOptions &options,
                                          std::uint32_t stateBytes,
                                          std::uint32_t links,
                                          const ResidentDevice &device);

} // namespace rk::runtime
