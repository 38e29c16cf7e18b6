//===- FakeDriver.h - A CUDA driver without a GPU ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Stands for `libcuda` in tests of the CUDA back end: memory is the process's,
/// a kernel is a thread for each worker that runs the device library's host
/// column, and calls can be made to fail. What a GPU does with the code is
/// tested on a GPU.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/Driver.h"

#include <map>
#include <string>
#include <vector>

namespace rk::test {

/// What the fake driver was told and has seen. One for the process.
struct FakeDriver {
  /// Makes all calls of a function give `result`; 0 lets it work again.
  ///
  /// Threads   any: the system's own call the driver at any time.
  void fail(const std::string &call, int result);
  std::map<std::string, int> failures;
  /// What the compiler of PTX says.
  std::string jitLog;
  int major = 9;
  int minor = 0;
  int multiprocessors = 3;
  int blocksPerMultiprocessor = 2;
  int sharedBytes = 227 << 10;
  std::size_t freeBytes = std::size_t(8) << 30;
  bool mapsMemory = true;
  /// Workers that the next kernel runs.
  std::uint32_t workers = 15;

  /// Calls since `reset`, by name, in order.
  std::vector<std::string> calls;
  std::size_t allocations = 0; ///< alive; ranges and their handles too
  std::size_t mappedBytes = 0;
  unsigned gridBlocks = 0;
  unsigned blockThreads = 0;
  unsigned blockSharedBytes = 0;
  /// Whether `launchKernelWith` starts something that runs until the host asks
  /// for the end, and what became of it.
  bool runsResidents = false;
  bool residentsWereAsked = false;
  /// Of the last `launchKernelWith`.
  unsigned residentBlocks = 0;
  unsigned residentThreads = 0;
  unsigned residentSharedBytes = 0;
  unsigned clusterBlocks = 0; ///< 0: without the attribute
  std::size_t stackBytes = 1024;
  int kernelResult = 0; ///< what `cuStreamQuery` says once the kernel ended

  [[nodiscard]] std::size_t count(const std::string &call) const;
};

FakeDriver &fakeDriver();
/// Waits until no thread of the fake kernel runs.
void awaitFakeKernel();
/// Forgets everything and returns the table of functions.
runtime::cuda::Driver resetFakeDriver();

} // namespace rk::test
