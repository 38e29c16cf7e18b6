//===- ResidentLayout.h - How a grid is cut into bricks --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilResident.h"
#include "rk/modfile/StencilModel.h"

#include <optional>

namespace rk::modfile {

struct ResidentLayout {
  /// All but the addresses and the mark.
  abi::ResidentGrid grid{};
  std::uint32_t sharedBytes = 0;
  std::uint32_t blocks = 0;
  /// Units     cycles of a multiprocessor that a step takes; only ratios count.
  double cycles = 0;
};

/// Cuts the grid so that a step takes the least time, with at most one brick
/// for each multiprocessor; nothing if no cut fits the shared memory.
std::optional<ResidentLayout> layOutResident(const StencilView &stencil,
                                             const StencilExtent &extent,
                                             const StencilFaces &faces,
                                             const DeviceFigures &device);

} // namespace rk::modfile
