//===- Floors.cuh - What the floor programs share --------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A floor is the speed that the hardware allows, measured with nothing of the
/// project in the way. Every device wait here is bounded, and every floor
/// checks that what it timed was done.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "../common/Rows.h"

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace rkbench {

/// Reports a failing runtime call with the driver's own words.
inline void require(cudaError_t status, const char *call) {
  if (status != cudaSuccess)
    throw std::runtime_error(std::string(call) + ": " +
                             cudaGetErrorName(status) + ", " +
                             cudaGetErrorString(status));
}
#define RK_CUDA(call) ::rkbench::require((call), #call)

inline void require(bool condition, const char *what) {
  if (!condition)
    throw std::runtime_error(std::string("check failed: ") + what);
}

/// Polls of one wait before it is given up: many seconds on any memory.
inline constexpr uint32_t PollBound = 1u << 25;

/// Device memory that is freed on the way out. Shape: `count` zeroed elements.
template <class T> class DeviceArray {
public:
  explicit DeviceArray(size_t count) : bytes_(count * sizeof(T)) {
    RK_CUDA(cudaMalloc(&data_, bytes_));
    clear();
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray &) = delete;
  DeviceArray &operator=(const DeviceArray &) = delete;
  T *get() const { return data_; }
  void clear() {
    RK_CUDA(cudaMemset(data_, 0, bytes_));
    RK_CUDA(cudaDeviceSynchronize());
  }
  /// Copies all elements to the host, after all work so far.
  std::vector<T> read() const {
    std::vector<T> copy(bytes_ / sizeof(T));
    RK_CUDA(cudaMemcpy(copy.data(), data_, bytes_, cudaMemcpyDeviceToHost));
    return copy;
  }

private:
  size_t bytes_;
  T *data_ = nullptr;
};

/// Zeroed host memory that the device reaches at the same address.
template <class T> class HostArray {
public:
  explicit HostArray(size_t count) {
    RK_CUDA(cudaHostAlloc(&data_, count * sizeof(T), cudaHostAllocMapped));
    std::fill_n(reinterpret_cast<unsigned char *>(data_), count * sizeof(T), 0);
  }
  ~HostArray() { cudaFreeHost(data_); }
  HostArray(const HostArray &) = delete;
  HostArray &operator=(const HostArray &) = delete;
  T *get() const { return data_; }

private:
  T *data_ = nullptr;
};

/// Returns how long `work` takes on the default stream, in nanoseconds.
template <class Work> double deviceNanoseconds(Work work) {
  cudaEvent_t begin, end;
  RK_CUDA(cudaEventCreate(&begin));
  RK_CUDA(cudaEventCreate(&end));
  RK_CUDA(cudaEventRecord(begin));
  work();
  RK_CUDA(cudaGetLastError());
  RK_CUDA(cudaEventRecord(end));
  RK_CUDA(cudaEventSynchronize(end));
  float milliseconds = 0;
  RK_CUDA(cudaEventElapsedTime(&milliseconds, begin, end));
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  return double(milliseconds) * 1e6;
}

inline uint32_t multiprocessors() {
  int count = 0;
  RK_CUDA(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, 0));
  return uint32_t(count);
}

/// One file each; every function prints its rows.
void measureHostLink();
void measureDeviceLink();
void measureLaunch();
void measurePingPong();
void measureMemory();
void measureCopies();
void measureBulkCopies();
void measurePooled();
void measureStateLayout();
void measureBarriers();
void measureLocalBarriers();
void measureTiers();
void measureBaselines();
void measureStencils();
void measureStencilBounds();

} // namespace rkbench
