//===- ResidentKernel.h - The kernel of resident actors ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Loads and starts the second kernel of a module that has resident actors. It
/// runs beside the workers' kernel, on multiprocessors of its own.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Backend.h"
#include "cuda/Driver.h"

#include <cstdint>

namespace rk::runtime::cuda {

class ResidentKernel {
public:
  Status load(const Driver &driver, CUdevice device, CUmodule module,
              std::uint32_t computeMajor);
  /// Without `load`, there are no places.
  rk::Result<abi::Residents> plan(const SystemOptions &options,
                                  std::uint32_t stateBytes, std::uint32_t links,
                                  std::uint32_t multiprocessors);
  /// Does nothing without places.
  Status start(const Driver &driver, abi::Launch &launch, CUstream stream);

private:
  CUfunction kernel_ = nullptr;
  std::uint32_t clusterBlocks_ = 1;
  std::uint32_t sharedBytes_ = 0; ///< a block may have
};

} // namespace rk::runtime::cuda
