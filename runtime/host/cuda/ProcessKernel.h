//===- ProcessKernel.h - The one persistent kernel of a process -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// While a persistent kernel runs, the driver's loading of modules and freeing
/// of memory wait for its end, anywhere in the process; allocating, launching,
/// copying and making graphs and streams do not
/// (docs/rationale/stencils-beside-actors.md). So a process runs one at a time,
/// code is loaded while none runs, and what is freed waits until none does.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace rk::runtime::cuda {

/// Threads   any.
class ProcessKernel {
public:
  /// Claims the place; false if a kernel holds it, or if code is being loaded
  /// for as long as `patience`.
  static bool
  claim(std::chrono::nanoseconds patience = std::chrono::seconds(10));
  /// Gives the place back, and runs what was put off.
  static void release();
  /// Runs `action` now, or when no kernel holds the place any more.
  static void whenFree(std::function<void()> action);

  /// Between these, nobody can claim the place; false if somebody has.
  static bool beginLoading();
  static void endLoading();

  /// Says on which device the kernel that holds the place runs, and how many
  /// multiprocessors it leaves there. Ends with `release`.
  static void setLeft(int device, std::uint32_t multiprocessors);
  /// What it leaves of `device`; nothing if none runs there.
  static std::optional<std::uint32_t> left(int device);

  /// Counts the stencils on a device, which need a part of it.
  static void addStencil(int device);
  static void removeStencil(int device);
  static std::uint32_t stencils(int device);
};

} // namespace rk::runtime::cuda
