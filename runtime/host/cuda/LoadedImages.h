//===- LoadedImages.h - Code that others may use ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/DriverTypes.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace rk::runtime::cuda {

/// The modules that this process has loaded on its GPUs, so that a stencil can
/// be made of code that was loaded before a persistent kernel began.
///
/// Threads   any.
class LoadedImages {
public:
  /// Notes that the image `payload` was loaded as `module`, for one user.
  static void add(CUdevice device, std::span<const std::byte> payload,
                  CUmodule module);
  /// Makes the caller a user of a module with the same image; null if there is
  /// none.
  static CUmodule share(CUdevice device, std::span<const std::byte> payload);
  /// Ends one use; returns whether it was the last, so that the caller has to
  /// unload the module.
  static bool release(CUdevice device, CUmodule module);
};

} // namespace rk::runtime::cuda
