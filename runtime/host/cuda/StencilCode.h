//===- StencilCode.h - Loads the kernels of stencils early ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A driver may load a kernel's code when it is first used, and may wait for
/// all that runs in order to do so. Beside a persistent kernel that would be
/// for ever.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/Driver.h"

#include "rk/modfile/Module.h"

#include <array>

namespace rk::runtime::cuda {

/// The kernels that every image with stencils has; see
/// `runtime/device/nvptx/Stencils.cpp`.
inline constexpr std::array<const char *, 5> StencilServiceNames = {
    "rk_stencil_halo", "rk_stencil_cells", "rk_stencil_damp",
    "rk_stencil_reduce", "rk_stencil_search"};

/// Has the driver load the code of all stencils of `module` in `image`, while
/// nothing persistent runs. A kernel that is missing is left to whoever needs
/// it.
///
/// Errors    `DeviceError`: the driver cannot load one.
/// Cost      what the first launch of each kernel would cost.
/// Source    CUDA C++ Programming Guide, "Lazy Loading", concurrent execution.
Status loadStencilCode(const Driver &driver, CUmodule image,
                       const modfile::ModuleView &module);

} // namespace rk::runtime::cuda
