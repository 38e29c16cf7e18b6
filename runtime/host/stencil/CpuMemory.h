//===- CpuMemory.h - Memory and figures of the processor --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "stencil/ThreadTeam.h"

#include "rk/modfile/StencilModel.h"

#include <cstddef>
#include <cstdint>

namespace rk::runtime {

/// Memory that is 0 and was first touched by the threads that the rows fall to,
/// so that on a machine of several nodes it lies near them. Large memory has
/// large pages where the system gives them.
class CpuMemory {
public:
  /// Null at `data` if the system has no memory, or less than this left: where
  /// it promises more than it has, who uses that is killed. Arrays of different
  /// `number` begin at different places of a page: loads that have the low bits
  /// of an address with a store before them in common wait for it.
  CpuMemory(ThreadTeam &team, std::size_t bytes, std::size_t number);
  CpuMemory(CpuMemory &&other) noexcept;
  CpuMemory &operator=(CpuMemory &&) = delete;
  ~CpuMemory();

  [[nodiscard]] void *data() const { return data_; }

private:
  void *mapping_ = nullptr;
  std::size_t mapped_ = 0;
  void *data_ = nullptr;
};

/// Units     bytes: what this process can still use, as far as the system and
/// the process's control group say; the largest number if neither does.
[[nodiscard]] std::uint64_t freeCpuMemory();

/// What the cost model knows of this machine for `threads` threads.
modfile::DeviceFigures cpuFigures(std::uint32_t threads);

} // namespace rk::runtime
