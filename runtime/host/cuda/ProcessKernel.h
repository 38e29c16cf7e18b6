//===- ProcessKernel.h - The one persistent kernel of a process -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// While a persistent kernel runs, the driver's loading of modules and freeing
/// of memory wait for its end, anywhere in the process. So a process runs one
/// at a time, and what a finished system frees waits until none runs.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <functional>

namespace rk::runtime::cuda {

/// Threads   any.
class ProcessKernel {
public:
  /// Claims the place; false if a kernel holds it.
  static bool claim();
  /// Gives the place back, and runs what was put off.
  static void release();
  /// Runs `action` now, or when no kernel holds the place any more.
  static void whenFree(std::function<void()> action);
};

} // namespace rk::runtime::cuda
