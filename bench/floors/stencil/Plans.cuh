//===- Plans.cuh - Running and checking the plans --------------*- CUDA -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A problem holds the field, the answer of the plain kernel, and the graph of
/// plain launches; a plan is timed on it and must give the same bits.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Wave.cuh"

#include <functional>
#include <memory>

namespace rkbench::stencil {

/// The values that the field begins with: different at each cell, no zeros.
template <class T> __global__ void fillField(T *array, Layout l, uint32_t seed) {
  const size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
  if (i >= l.cells())
    return;
  const uint32_t x = uint32_t(i % l.nx), y = uint32_t(i / l.nx % l.ny),
                 z = uint32_t(i / (size_t(l.nx) * l.ny));
  uint32_t h = (uint32_t(i) + seed) * 2654435761u;
  h ^= h >> 15;
  h *= 2246822519u;
  array[l.origin + x + size_t(y) * l.pitch + size_t(z) * l.plane] =
      T(int(h >> 8) - (1 << 23)) / T(1 << 23);
}

/// Counts the cells whose bits differ.
template <class T>
__global__ void countDifferences(const T *a, const T *b, Layout l,
                                 unsigned long long *count) {
  const size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
  if (i >= l.cells())
    return;
  const uint32_t x = uint32_t(i % l.nx), y = uint32_t(i / l.nx % l.ny),
                 z = uint32_t(i / (size_t(l.nx) * l.ny));
  const size_t at = l.origin + x + size_t(y) * l.pitch + size_t(z) * l.plane;
  bool same = true;
  for (size_t byte = 0; byte < sizeof(T); ++byte)
    same &= ((const unsigned char *)(a + at))[byte] ==
            ((const unsigned char *)(b + at))[byte];
  if (!same)
    atomicAdd(count, 1ull);
}

template <class T> class Problem {
public:
  Problem(const Layout &shape, T c2) : l(shape), c2(c2) {
    for (auto &array : work)
      array = std::make_unique<DeviceArray<T>>(l.elements());
    for (auto &array : answer)
      array = std::make_unique<DeviceArray<T>>(l.elements());
  }
  uint32_t groups() const { return uint32_t((l.cells() + 255) / 256); }
  template <int N> void fill(std::unique_ptr<DeviceArray<T>> (&set)[N]) {
    for (auto &array : set)
      array->clear();
    for (int i = 0; i < 2; ++i)
      fillField<<<groups(), 256>>>(set[i]->get(), l, uint32_t(i) * 77777u);
    RK_CUDA(cudaDeviceSynchronize());
  }
  /// Requires the two newest levels of `work` to be those of `answer`.
  void compare(int current, int before, int steps) {
    DeviceArray<unsigned long long> count(1);
    const int newest = steps & 1;
    countDifferences<<<groups(), 256>>>(work[current]->get(),
                                        answer[newest]->get(), l, count.get());
    countDifferences<<<groups(), 256>>>(
        work[before]->get(), answer[1 - newest]->get(), l, count.get());
    RK_CUDA(cudaDeviceSynchronize());
    const unsigned long long found = count.read()[0];
    require(found == 0, (std::to_string(found) + " cells differ from the plain "
                         "kernel after " + std::to_string(steps) + " steps")
                            .c_str());
  }
  Layout l;
  T c2;
  /// Level 0, the level before, and two more for plans not in place.
  std::unique_ptr<DeviceArray<T>> work[4], answer[2];
};

/// Returns the rate of `run`, which updates `cells` cells a call.
inline Row rateOf(const std::string &name, double cells,
                  const std::function<void()> &run,
                  const std::string &checked) {
  run();
  std::vector<double> rates;
  for (int i = 0; i < 5; ++i)
    rates.push_back(cells / deviceNanoseconds(run));
  return summarize(name, "Gcells/s", rates, Better::Higher, checked);
}
template <class T>
Row rateOf(const std::string &name, const Problem<T> &problem, double steps,
           const std::function<void()> &run, const std::string &checked) {
  return rateOf(name, double(problem.l.cells()) * steps, run, checked);
}

} // namespace rkbench::stencil
