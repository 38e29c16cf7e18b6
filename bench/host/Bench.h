//===- Bench.h - What the benchmarks share ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Benchmarks use nothing but the public API. Each prints its rows, and a row
/// is printed only after its counts and sums were checked.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "../common/Rows.h"
#include "../device/actors.h"

#include "rk/system.h"

#include <stdexcept>

namespace rkbench {

struct Settings {
  rk::BackendKind backend = rk::BackendKind::Automatic;
  /// Divides every count, for a quick look that is no record.
  std::uint64_t divisor = 1;
};

inline void require(const rk::Status &status) {
  if (!status.isOk())
    throw rk::StatusError(status);
}
inline void require(bool condition, const char *what) {
  if (!condition)
    throw std::runtime_error(std::string("check failed: ") + what);
}
/// A row is worth nothing if messages were lost on the way.
inline void requireNoDeadLetters(const rk::System &system) {
  require(system.counters().deadLetters.total() == 0, "no dead letters");
}

void measureRoundTrip(const Settings &settings);
void measureHop(const Settings &settings);
void measureInjection(const Settings &settings);
void measurePooled(const Settings &settings);
void measurePooledMany(const Settings &settings);
void measureLifecycle(const Settings &settings);

} // namespace rkbench
