//===- TeamKernel.h - The kernel of block and larger actors -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Loads the kernel of actors that have a block or more to themselves, and
/// starts it once for each kind of them, beside the other kernels.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Teams.h"
#include "cuda/Driver.h"

#include <array>

namespace rk::runtime::cuda {

class TeamKernel {
public:
  /// Does nothing if the module has no such actors.
  Status load(const Driver &driver, CUdevice device, CUmodule loaded,
              std::uint32_t computeMajor, const modfile::ModuleView &module);
  /// Adds the teams to `residents`; `workerBlocks` multiprocessors stay free.
  Status plan(const SystemOptions &options, abi::Residents &residents,
              std::uint32_t workerBlocks, std::uint32_t multiprocessors);
  /// Starts each kind in a stream of its own.
  Status start(const Driver &driver, const abi::Launch &launch,
               const std::array<CUstream, abi::TeamKinds> &streams);

private:
  [[nodiscard]] bool isNeeded() const;
  Status startKind(const Driver &driver, abi::Launch &launch, CUstream stream);

  TeamNeeds needs_{};
  CUfunction kernel_ = nullptr;
  bool hasClusters_ = false;
  bool hasBulkCopies_ = false;
  std::uint32_t sharedBytes_ = 0; ///< a block may have
};

} // namespace rk::runtime::cuda
