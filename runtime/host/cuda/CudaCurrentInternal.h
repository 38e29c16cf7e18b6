//===- CudaCurrentInternal.h - The context of a call ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes a context the calling thread's own for one scope, and leaves the
/// thread as it was: the program may use CUDA itself.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/CudaBackend.h"
#include "cuda/CurrentContext.h"

namespace rk::runtime::cuda {

/// Copies out go through pinned memory in pieces of this size.
inline constexpr std::uint64_t CopyHalfBytes = 1 << 20;
inline constexpr std::uint64_t CopyScratchBytes = 2 * CopyHalfBytes;

class CudaBackend::Current : public CurrentContext {
public:
  using CurrentContext::CurrentContext;
};

} // namespace rk::runtime::cuda
