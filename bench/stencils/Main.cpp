//===- Main.cpp - Cells per second of each plan --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// rk-bench-stencils [--threads=<number>] [--plan=<name>] [--2d] [<cells along
/// each axis>...]: runs waves with fixed faces, by each plan, in float and
/// double; with --2d in two dimensions. A measurement ends when the device has
/// finished; the least of the repetitions counts. Each grid of at most 128^3
/// cells is checked against one step by step computation in plain C++, bit for
/// bit. On the CPU, rows stand beside what its memory does and beside three
/// loops written by hand.
///
//===----------------------------------------------------------------------===//

#include "CpuFloors.h"
#include "stencils.h"

#include <rk/stencil_run.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr int CheckedSteps = 10, LeastRepetitions = 3;
constexpr double MostChecked = 128 * 128 * 128;
/// Units     seconds of a row, and of one repetition on a CPU.
constexpr double Budget = 0.6, CpuRepetition = 0.05;

struct Options {
  rk::StencilOptions stencil;
  bool isFlat = false;
  std::vector<long> sizes;
  std::vector<std::string> plans;
};

/// A cube or a square of cells.
struct Shape {
  long n = 0;
  bool isFlat = false;

  [[nodiscard]] long planes() const { return isFlat ? 1 : n; }
  [[nodiscard]] double cells() const {
    return double(n) * double(n) * double(planes());
  }
  [[nodiscard]] rk::GridPoint extent() const { return {n, n, isFlat ? 0 : n}; }
  [[nodiscard]] std::string text() const {
    return std::to_string(n) + (isFlat ? "^2" : "^3");
  }
};

template <class T> std::vector<T> start(const Shape &shape) {
  std::vector<T> values(std::size_t(shape.cells()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = T(i * 2654435761u % 1024) / 1024;
  return values;
}

/// One step in plain C++; `before` becomes the new values.
template <class T>
void plainStep(const Shape &shape, const std::vector<T> &now,
               std::vector<T> &before) {
  const long n = shape.n, planes = shape.planes();
  auto at = [&](long x, long y, long z) {
    const bool inside =
        x >= 0 && x < n && y >= 0 && y < n && z >= 0 && z < planes;
    return inside ? now[std::size_t((z * n + y) * n + x)] : T(0);
  };
  for (long z = 0; z < planes; ++z)
    for (long y = 0; y < n; ++y)
      for (long x = 0; x < n; ++x) {
        T &value = before[std::size_t((z * n + y) * n + x)];
        const T here = at(x, y, z);
        T around = at(x + 1, y, z) + at(x - 1, y, z) + at(x, y + 1, z) +
                   at(x, y - 1, z);
        if (!shape.isFlat)
          around = around + at(x, y, z + 1) + at(x, y, z - 1);
        value = 2 * here - value +
                T(0.25) * (around - T(shape.isFlat ? 4 : 6) * here);
      }
}

template <class T, class S, class Member>
bool isRight(rk::Stencil<S> &stencil, Member field, const Shape &shape) {
  std::vector<T> now = start<T>(shape), before(now.size()), found(now.size());
  stencil.set(field, now);
  stencil.set(field, before, 1);
  if (!stencil.run(CheckedSteps).isOk())
    return false;
  for (int step = 0; step < CheckedSteps; ++step) {
    plainStep(shape, now, before);
    std::swap(now, before);
  }
  stencil.get(field, found);
  return found == now;
}

/// Returns the seconds of a run of `steps` steps.
template <class S>
double secondsOf(rk::Stencil<S> &stencil, std::int64_t steps) {
  const auto begin = std::chrono::steady_clock::now();
  if (!stencil.run(steps).isOk())
    return -1;
  const std::chrono::duration<double> taken =
      std::chrono::steady_clock::now() - begin;
  return taken.count();
}

/// Returns the least seconds of a step.
template <class S>
double leastStep(rk::Stencil<S> &stencil, const Shape &shape) {
  auto steps =
      std::clamp<std::int64_t>(std::int64_t(2e10 / shape.cells()), 20, 20000);
  if (stencil.device() == "cpu") {
    const double probe = secondsOf(stencil, 16);
    steps = std::clamp<std::int64_t>(
        std::int64_t(CpuRepetition * 16 / std::max(probe, 1e-9)), 16, 20000);
  }
  double least = 1e300, spent = 0;
  for (int repetition = 0; repetition < LeastRepetitions || spent < Budget;
       ++repetition) {
    const double taken = secondsOf(stencil, steps);
    if (taken < 0)
      return -1;
    least = std::min(least, taken);
    spent += taken;
  }
  return least / double(steps);
}

template <class T, class S, class Member>
bool measure(const char *type, Member field, const Shape &shape,
             const rk::StencilOptions &options, const CpuFloors &floors) {
  auto stencil = rk::Stencil<S>::create({}, shape.extent(), options);
  if (!stencil.isOk()) {
    std::printf("%s %s: %s\n", shape.text().c_str(), type,
                stencil.status().message().c_str());
    // A plan need not fit every grid and device.
    return stencil.status().code() == rk::StatusCode::InvalidArgument;
  }
  const bool isChecked = shape.cells() <= MostChecked;
  if (isChecked && !isRight<T>(*stencil, field, shape)) {
    std::printf("%s %s: differs from plain C++\n", shape.text().c_str(), type);
    return false;
  }
  const double seconds = leastStep(*stencil, shape);
  if (seconds < 0)
    return false;
  const double rate = shape.cells() / seconds, bytes = rate * 3 * sizeof(T);
  std::printf("%7s %-6s plan %-9s on %s: %8.2f Gcells/s, %9.2f us a step, "
              "%7.1f GB/s of 3 values a cell%s",
              shape.text().c_str(), type, std::string(stencil->plan()).c_str(),
              std::string(stencil->device()).c_str(), rate * 1e-9,
              seconds * 1e6, bytes * 1e-9, isChecked ? ", checked" : "");
  if (floors.update > 0)
    std::printf(", %.2f of an update in place, %.2f of a copy",
                bytes / floors.update, bytes / floors.copy);
  std::printf("\n");
  return true;
}

template <class T>
bool measureAll(const char *type, const Shape &shape, Options options,
                const CpuFloors &floors, unsigned threads) {
  if (threads != 0 && !shape.isFlat)
    std::printf("%7s %-6s plain loops   : %8.2f Gcells/s\n",
                shape.text().c_str(), type,
                plainRate<T>(threads, shape.n) * 1e-9);
  bool good = true;
  for (const std::string &plan : options.plans) {
    options.stencil.plan = plan;
    good =
        (shape.isFlat ? measure<T, Membrane<T>>(type, &Membrane<T>::height,
                                                shape, options.stencil, floors)
                      : measure<T, Wave<T>>(type, &Wave<T>::pressure, shape,
                                            options.stencil, floors)) &&
        good;
  }
  return good;
}

Options parse(int count, char **arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view text = arguments[i];
    if (text == "--2d")
      options.isFlat = true;
    else if (text.starts_with("--threads="))
      options.stencil.threads = std::uint32_t(std::atoi(arguments[i] + 10));
    else if (text.starts_with("--plan="))
      options.plans.emplace_back(text.substr(7));
    else if (const long n = std::atol(arguments[i]); n > 0)
      options.sizes.push_back(n);
    else {
      std::fprintf(stderr,
                   "rk-bench-stencils: '%s' is no option and no "
                   "number of cells; see bench/stencils/Main.cpp\n",
                   arguments[i]);
      std::exit(2);
    }
  }
  if (options.sizes.empty())
    options.sizes = options.isFlat
                        ? std::vector<long>{1024, 4096, 8192}
                        : std::vector<long>{64, 96, 128, 192, 256, 512};
  if (options.plans.empty())
    options.plans = {"global", "streaming", "temporal", "resident"};
  return options;
}

} // namespace

int main(int count, char **arguments) {
  const Options options = parse(count, arguments);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto probe = rk::Stencil<Wave<float>>::create({}, {8, 8, 8}, options.stencil);
  if (!probe.isOk()) {
    std::printf("%s\n", probe.status().message().c_str());
    return 1;
  }
  unsigned threads = 0;
  CpuFloors floors;
  if (probe->device() == "cpu") {
    threads = options.stencil.threads != 0
                  ? options.stencil.threads
                  : std::max(1u, std::thread::hardware_concurrency());
    floors = measureFloors(threads, 512);
    std::printf("%u threads: copy %.1f GB/s, update in place %.1f GB/s\n",
                threads, floors.copy * 1e-9, floors.update * 1e-9);
  }
  bool good = true;
  for (const long n : options.sizes) {
    const Shape shape = {n, options.isFlat};
    good = measureAll<float>("float", shape, options, floors, threads) &&
           measureAll<double>("double", shape, options, floors, threads) &&
           good;
  }
  return good ? 0 : 1;
}
