//===- Main.cpp - Cells per second of each plan --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// rk-bench-stencils [<cells along each axis>...]: runs the 3-D wave with fixed
/// faces, by each plan, in float and double. A measurement ends when the device
/// has finished; the least of three repetitions counts. Each grid is checked
/// against one step by step computation in plain C++, bit for bit, where it has
/// at most 128^3 cells.
///
//===----------------------------------------------------------------------===//

#include "stencils.h"

#include <rk/stencil_run.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr int CheckedSteps = 10, Repetitions = 3;
constexpr long MostChecked = 128;

template <class T> std::vector<T> start(long n) {
  std::vector<T> values(std::size_t(n * n * n));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = T(i * 2654435761u % 1024) / 1024;
  return values;
}

/// One step in plain C++; `before` becomes the new values.
template <class T>
void plainStep(long n, const std::vector<T> &now, std::vector<T> &before) {
  auto at = [&](long x, long y, long z) {
    const bool inside = x >= 0 && x < n && y >= 0 && y < n && z >= 0 && z < n;
    return inside ? now[std::size_t((z * n + y) * n + x)] : T(0);
  };
  for (long z = 0; z < n; ++z)
    for (long y = 0; y < n; ++y)
      for (long x = 0; x < n; ++x) {
        T &value = before[std::size_t((z * n + y) * n + x)];
        const T here = at(x, y, z);
        const T around = at(x + 1, y, z) + at(x - 1, y, z) + at(x, y + 1, z) +
                         at(x, y - 1, z) + at(x, y, z + 1) + at(x, y, z - 1);
        value = 2 * here - value + T(0.25) * (around - 6 * here);
      }
}

template <class T> bool isRight(rk::Stencil<Wave<T>> &stencil, long n) {
  std::vector<T> now = start<T>(n), before(now.size()), found(now.size());
  stencil.set(&Wave<T>::pressure, now);
  stencil.set(&Wave<T>::pressure, before, 1);
  if (!stencil.run(CheckedSteps).isOk())
    return false;
  for (int step = 0; step < CheckedSteps; ++step) {
    plainStep(n, now, before);
    std::swap(now, before);
  }
  stencil.get(&Wave<T>::pressure, found);
  return found == now;
}

template <class T>
bool measure(const char *type, long n, const std::string &plan) {
  rk::StencilOptions options;
  options.plan = plan;
  auto stencil = rk::Stencil<Wave<T>>::create({}, {n, n, n}, options);
  if (!stencil.isOk()) {
    std::printf("%ld %s: %s\n", n, type, stencil.status().message().c_str());
    // A plan need not fit every grid and device.
    return stencil.status().code() == rk::StatusCode::InvalidArgument;
  }
  const bool isChecked = n <= MostChecked;
  if (isChecked && !isRight(*stencil, n)) {
    std::printf("%ld %s: differs from plain C++\n", n, type);
    return false;
  }
  const double cells = double(n) * double(n) * double(n);
  const auto steps =
      std::clamp<std::int64_t>(std::int64_t(2e10 / cells), 20, 20000);
  const bool onCpu = stencil->device() == "cpu";
  const std::int64_t made =
      onCpu ? std::max<std::int64_t>(steps / 50, 3) : steps;
  double best = 1e300;
  for (int repetition = 0; repetition < Repetitions; ++repetition) {
    const auto begin = std::chrono::steady_clock::now();
    if (!stencil->run(made).isOk())
      return false;
    const std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - begin;
    best = std::min(best, taken.count());
  }
  const double rate = cells * double(made) / best;
  std::printf("%5ld^3 %-6s plan %s on %s: %8.2f Gcells/s, %7.2f us a step, "
              "%7.1f GB/s of 3 values a cell%s\n",
              n, type, std::string(stencil->plan()).c_str(),
              std::string(stencil->device()).c_str(), rate * 1e-9,
              best / double(made) * 1e6, rate * 3 * sizeof(T) * 1e-9,
              isChecked ? ", checked" : "");
  return true;
}

} // namespace

int main(int count, char **arguments) {
  std::vector<long> sizes = {64, 96, 128, 192, 256, 512};
  if (count > 1)
    sizes.clear();
  for (int i = 1; i < count; ++i)
    sizes.push_back(std::atol(arguments[i]));
  bool good = true;
  for (const long n : sizes)
    for (const char *plan : {"global", "streaming", "temporal", "resident"})
      good = measure<float>("float", n, plan) &&
             measure<double>("double", n, plan) && good;
  return good ? 0 : 1;
}
