//===- Measure.h - What the programs on payloads share ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "../common/Program.h"

#include <chrono>
#include <string>
#include <vector>

namespace rkbench {

struct Settings {
  rk::BackendKind backend = rk::BackendKind::Automatic;
  std::uint32_t divisor = 1;
};

inline constexpr auto Patience = std::chrono::seconds(60);

inline std::string sizeName(std::uint64_t bytes) {
  return bytes < (1 << 20) ? std::to_string(bytes >> 10) + "K"
                           : std::to_string(bytes >> 20) + "M";
}

inline rk::SystemOptions optionsFor(const Settings &settings) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = 1 << 13;
  options.bulkBytes = settings.divisor == 1 ? 3ull << 30 : 256ull << 20;
  return options;
}

inline void requireEmptyPool(rk::System &system) {
  require(system.waitIdle());
  require(system.counters().bulkBytes == 0, "every payload was freed");
  requireNoDeadLetters(system);
}

} // namespace rkbench
