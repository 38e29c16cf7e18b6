//===- MemoryRange.h - Device memory that grows -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A range of a GPU's addresses whose beginning has memory. More of it gets
/// memory while kernels run: the driver maps beside them, and they reach what
/// is mapped (docs/rationale/memory-by-use.md).
///
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/Driver.h"

#include <cstdint>

namespace rk::runtime::cuda {

/// One such range. The context of its GPU is current in all calls.
///
/// Threads   one at a time.
/// Source    CUDA driver API, virtual memory management.
class MemoryRange {
public:
  /// Takes addresses for `bytes`, rounded up to whole pages.
  ///
  /// Errors    `OutOfMemory`, `DeviceError`.
  Status reserve(const Driver &driver, CUdevice device, std::uint64_t bytes);
  /// Gives memory up to `bytes`, rounded up to whole pages, but no more than
  /// was reserved.
  ///
  /// Errors    as for `reserve`; what had memory keeps it.
  /// Cost      0.4 to 1.4 ms for 128 MiB on an H200.
  Status growTo(const Driver &driver, std::uint64_t bytes);
  /// Gives addresses and memory back; not while a kernel runs.
  void release(const Driver &driver);

  [[nodiscard]] CUdeviceptr address() const { return address_; }
  [[nodiscard]] std::uint64_t mapped() const { return mapped_; }

private:
  MemoryProperties properties_{};
  CUdeviceptr address_ = 0;
  std::uint64_t page_ = 1;
  std::uint64_t reserved_ = 0;
  std::uint64_t mapped_ = 0;
};

} // namespace rk::runtime::cuda
