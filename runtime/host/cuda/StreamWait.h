//===- StreamWait.h - Waiting for a stream with a limit ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/Driver.h"

#include <chrono>
#include <thread>

namespace rk::runtime::cuda {

/// Waits until all that was started in a stream has ended, at most for
/// `patience`. Returns what the driver says of it: `ErrorNotReady` if the time
/// was not enough. Its context is the calling thread's.
inline CUresult waitForStream(const Driver &driver, CUstream stream,
                              std::chrono::nanoseconds patience) {
  // How long to look closely, and how far apart later.
  constexpr auto Close = std::chrono::milliseconds(2);
  constexpr auto Step = std::chrono::microseconds(50);
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    const CUresult result = driver.streamQuery(stream);
    const auto waited = std::chrono::steady_clock::now() - begin;
    if (result != ErrorNotReady || waited >= patience)
      return result;
    if (waited >= Close)
      std::this_thread::sleep_for(Step);
  }
}

} // namespace rk::runtime::cuda
