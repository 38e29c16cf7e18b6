//===- Watchdog.h - Handler calls that do not come back ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compares what workers say about themselves from one sample to the next, and
/// finds the handler calls that last too long. Has no clock and no device of
/// its own.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "LoadedModule.h"
#include "ReplyTable.h"

#include "rk/abi/Runtime.h"
#include "rk/report.h"

#include <functional>
#include <span>
#include <vector>

namespace rk::runtime {

/// Returns the generation of a slot, or 0.
using GenerationOf = std::function<std::uint32_t(std::uint32_t slot)>;

/// Threads   one at a time.
class Watchdog {
public:
  Watchdog(const LoadedModule &module, std::uint32_t workers,
           std::chrono::nanoseconds threshold);

  /// Takes one sample, a row for each worker, `progress` read first. Returns
  /// the calls that have crossed the threshold since the sample before.
  std::vector<StallReport> sample(std::span<const abi::Progress> progress,
                                  std::span<const abi::WorkerReport> reports,
                                  Clock::time_point now,
                                  const GenerationOf &generationOf);

  /// Returns the calls that had lasted for `least` at the last sample.
  [[nodiscard]] std::vector<StallReport>
  running(std::chrono::nanoseconds least,
          const GenerationOf &generationOf) const;
  [[nodiscard]] std::chrono::nanoseconds threshold() const {
    return threshold_;
  }

private:
  struct Call {
    std::uint32_t slot = 0;
    std::uint32_t handler = 0; ///< dispatch key + 1, or 0
    std::uint64_t turns = 0;
    Clock::time_point since;
    bool reported = false;
  };

  [[nodiscard]] StallReport describe(std::size_t place, const Call &call,
                                     const GenerationOf &generationOf) const;

  const LoadedModule &module_;
  std::chrono::nanoseconds threshold_;
  Clock::time_point now_;
  std::vector<Call> calls_; ///< workers times lanes
};

} // namespace rk::runtime
