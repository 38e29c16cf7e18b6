//===- DeviceWindow.h - Device memory that the host writes ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Memory of a GPU that the host's stores reach through the bus. CUDA can map
/// host memory for a GPU, but not the other way round; Vulkan can
/// (`VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT` with `HOST_VISIBLE_BIT`), and gives
/// such memory to CUDA.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/Driver.h"

#include <cstdint>
#include <functional>

namespace rk::runtime::cuda {

/// Memory of a GPU, mapped for the host for writing alone: reads are slow.
/// Stores are combined, so they arrive in any order but for that of
/// `_mm_sfence`.
struct DeviceWindow {
  unsigned char *host = nullptr;
  CUdeviceptr device = 0;
  /// Gives it back; not while the host or the GPU uses it. The GPU's context
  /// must be current.
  std::function<void()> release;
};

/// Allocates such memory. The GPU's context must be current.
///
/// Threads   any.
/// Errors    `NoDevice` with what is missing: the Vulkan loader
///           (`libvulkan.so.1`), the GPU among Vulkan's devices, memory of both
///           kinds.
/// Cost      the first time in a process about 0.3 s, as Vulkan is started; it
///           is kept until the process ends.
/// Source    Vulkan 1.3, 11.2.1 (memory properties) and
///           VK_KHR_external_memory_fd; CUDA driver API, external resource
///           interoperability.
rk::Result<DeviceWindow> makeDeviceWindow(const Driver &driver, CUdevice device,
                                          std::uint64_t bytes);

/// Starts what the first `makeDeviceWindow` would have to start; returns
/// whether that would find what it needs.
Status prepareDeviceWindow(const Driver &driver, CUdevice device);

} // namespace rk::runtime::cuda
