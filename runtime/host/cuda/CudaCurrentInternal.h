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

namespace rk::runtime::cuda {

/// Copies out go through pinned memory in pieces of this size.
inline constexpr std::size_t CopyScratchBytes = 1 << 20;

class CudaBackend::Current {
public:
  Current(const Driver &driver, CUcontext context) : driver_(driver) {
    driver_.contextPush(context);
  }
  ~Current() {
    CUcontext before = nullptr;
    driver_.contextPop(&before);
  }
  Current(const Current &) = delete;
  Current &operator=(const Current &) = delete;

private:
  const Driver &driver_;
};

} // namespace rk::runtime::cuda
