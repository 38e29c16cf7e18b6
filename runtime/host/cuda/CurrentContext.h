//===- CurrentContext.h - The context of a thread ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/Driver.h"

namespace rk::runtime::cuda {

/// Makes a context the calling thread's for one scope.
class CurrentContext {
public:
  CurrentContext(const Driver &driver, CUcontext context) : driver_(driver) {
    driver_.contextPush(context);
  }
  ~CurrentContext() {
    CUcontext before = nullptr;
    driver_.contextPop(&before);
  }
  CurrentContext(const CurrentContext &) = delete;
  CurrentContext &operator=(const CurrentContext &) = delete;

private:
  const Driver &driver_;
};

} // namespace rk::runtime::cuda
