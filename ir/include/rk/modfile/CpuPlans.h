//===- CpuPlans.h - Plans of stencils on the CPU ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// On the CPU all plans run the kernel of `global`, so a module says nothing
/// about them: which there are, their tiles and their steps follow from the
/// grid and from the processor's caches.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/StencilModel.h"

#include <vector>

namespace rk::modfile {

/// The plans of a stencil on a CPU, `global` first, with the entry of `global`;
/// empty if the module has no such plan. `tile` is what a thread has in its
/// cache at a time: along the axis before the last, cells of a tile; for
/// `temporal` along the last, cells of a unit.
///
/// Threads   any. Cost      microseconds.
std::vector<StencilPlanView> cpuPlans(const StencilView &stencil,
                                      const StencilExtent &extent,
                                      const StencilFaces &faces,
                                      const DeviceFigures &device);

} // namespace rk::modfile
