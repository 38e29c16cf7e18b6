//===- CudaStencil.h - Stencils on a GPU ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/Driver.h"
#include "stencil/StencilBackend.h"

namespace rk::runtime::cuda {

/// Returns the back end on a device of a driver, which must outlive it.
std::unique_ptr<StencilBackend> makeStencil(const Driver &driver,
                                            CUdevice device,
                                            std::chrono::nanoseconds patience);

} // namespace rk::runtime::cuda
