//===- Measure.h - What the programs on payloads share ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "../common/Parts.h"
#include "../common/System.h"

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

/// Runs what the arguments name of `parts`, for a program of that name.
template <std::size_t Count>
int runProgram(const char *name, const Part<Settings> (&parts)[Count],
               int count, char **arguments) {
  Settings settings;
  std::vector<const Part<Settings> *> chosen;
  for (int i = 1; i < count; ++i) {
    if (!std::strcmp(arguments[i], "--quick")) {
      settings.divisor = 32;
    } else if (const Part<Settings> *part = find(parts, arguments[i])) {
      chosen.push_back(part);
    } else if (!acceptBackend(arguments[i], settings.backend)) {
      std::fprintf(stderr,
                   "usage: %s [--quick] [--backend=auto|cpu|cuda] [part...]\n",
                   name);
      for (const Part<Settings> &part : parts)
        std::fprintf(stderr, "  %-8s %s\n", part.name, part.what);
      return 2;
    }
  }
  return printWhere(settings.backend, settings.divisor != 1) &&
                 runParts(parts, chosen, settings)
             ? 0
             : 1;
}

} // namespace rkbench
