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

#include "../common/System.h"
#include "../device/actors.h"

#include <optional>

namespace rkbench {

struct Settings {
  rk::BackendKind backend = rk::BackendKind::Automatic;
  /// Divides every count, for a quick look that is no record.
  std::uint64_t divisor = 1;
  /// Of the group `skew`; none: one after the other.
  std::optional<rk::Balance> balance;
};

void measureRoundTrip(const Settings &settings);
void measureAsking(const Settings &settings);
void measureHop(const Settings &settings);
void measureInjection(const Settings &settings);
void measurePooled(const Settings &settings);
void measureMatrix1K(const Settings &settings);
void measureMatrix32K(const Settings &settings);
void measureMatrix1M(const Settings &settings);
void measureMatrix10M(const Settings &settings);
void measureBroadcast(const Settings &settings);
void measureSpawning(const Settings &settings);
void measureSkew(const Settings &settings);
void measureLifecycle(const Settings &settings);
void measureMemory(const Settings &settings);

} // namespace rkbench
