//===- StencilBatch.h - How many steps between two looks --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace rk::runtime {

/// How many steps to make until something else is looked at, so that this takes
/// about a given time: one at first, then what the time of the steps before
/// says.
///
/// Threads   one at a time.
class BatchSize {
public:
  explicit BatchSize(std::chrono::nanoseconds aim) : aim_(aim) {}
  [[nodiscard]] std::chrono::nanoseconds aim() const { return aim_; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  void note(std::int64_t steps, std::chrono::nanoseconds taken) {
    const double each =
        double(std::max<std::int64_t>(taken.count(), 1)) / double(steps);
    const double most = double(std::max(steps_, steps)) * MostGrowth;
    steps_ = std::max<std::int64_t>(
        1, std::int64_t(std::min(double(aim_.count()) / each, most)));
  }

private:
  /// So that a slow step after fast ones costs no more than it must.
  static constexpr std::int64_t MostGrowth = 4;

  std::chrono::nanoseconds aim_;
  std::int64_t steps_ = 1;
};

} // namespace rk::runtime
