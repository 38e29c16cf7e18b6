//===- Places.cpp - How many resident actors, and where -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Places.h"

#include <algorithm>
#include <string>

namespace rk::runtime {

namespace {

/// Where workers run them.
constexpr std::uint32_t DefaultPlaces = 64;
/// Bits of a word of free places.
constexpr std::uint32_t PlacesPerWord = 64;

std::uint32_t ceilDivide(std::uint32_t value, std::uint32_t by) {
  return (value + by - 1) / by;
}

std::uint32_t stateStride(std::uint32_t stateBytes) {
  return ceilDivide(stateBytes, 16) * 16;
}

} // namespace

std::uint32_t residentStateBytes(const modfile::ModuleView &module) {
  std::uint32_t most = 0;
  for (const auto &actor : module.actors)
    if (actor.isResident)
      most = std::max(most, actor.size);
  return most;
}

abi::Residents planPlaces(const SystemOptions &options,
                          std::uint32_t stateBytes) {
  abi::Residents residents{};
  if (stateBytes == 0)
    return residents;
  residents.places = options.residents ? options.residents : DefaultPlaces;
  residents.columns = ceilDivide(residents.places, PlacesPerWord);
  residents.stateStride = stateStride(stateBytes);
  return residents;
}

Result<abi::Residents> planResidentKernel(const SystemOptions &options,
                                          std::uint32_t stateBytes,
                                          std::uint32_t links,
                                          const ResidentDevice &device) {
  abi::Residents residents{};
  if (stateBytes == 0)
    return residents;
  residents.links = links;
  residents.stateStride = stateStride(stateBytes);
  residents.clusterBlocks =
      std::min(device.clusterBlocks, abi::MaxClusterBlocks);
  for (residents.warpsPerBlock = device.warpsPerBlock;;
       --residents.warpsPerBlock) {
    const std::uint32_t warps = residents.warpsPerBlock;
    const std::uint32_t least = links + std::max(options.residents, 1u);
    residents.blocks =
        ceilDivide(ceilDivide(least, warps), residents.clusterBlocks) *
        residents.clusterBlocks;
    residents.places = options.residents ? options.residents
                                         : residents.blocks * warps - links;
    residents.inboxes = residents.places;
    residents.columns = residents.blocks;
    residents.shared = abi::layOutShared(residents, abi::DeskBytes);
    if (residents.shared.total <= device.sharedBytes || warps == 1)
      break;
  }
  const std::uint32_t mostBlocks =
      std::min(abi::MaxResidentBlocks, device.multiprocessors - 1);
  if (residents.blocks <= mostBlocks &&
      residents.shared.total <= device.sharedBytes)
    return residents;
  return Status(StatusCode::InvalidArgument,
                "SystemOptions::residents is " +
                    std::to_string(options.residents) + ", and with " +
                    std::to_string(links) + " warps for the host they need " +
                    std::to_string(residents.blocks) + " blocks of " +
                    std::to_string(residents.shared.total) +
                    " bytes of shared memory; the device has room for " +
                    std::to_string(mostBlocks) + " of " +
                    std::to_string(device.sharedBytes));
}

} // namespace rk::runtime
