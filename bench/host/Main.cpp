//===- Main.cpp - rk-bench: what RingKernel does ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the benchmarks that were asked for, or all, and prints one JSON row a
/// line, after one line about where they ran.
///
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include <cstring>

namespace {

using namespace rkbench;

struct Group {
  const char *name;
  const char *what;
  void (*measure)(const Settings &);
};

constexpr Group Groups[] = {
    {"round-trip", "host to handler to host", measureRoundTrip},
    {"hop", "handler to handler", measureHop},
    {"injection", "host to handlers, messages a second", measureInjection},
    {"pooled", "between pooled actors, messages a second", measurePooled},
    {"pooled-many", "the same between ten million", measurePooledMany},
    {"lifecycle", "start and stop of a system", measureLifecycle},
};

int usage(FILE *to, int code) {
  std::fputs("Usage: rk-bench [--backend=cpu|cuda|auto] [--quick] [GROUP]...\n"
             "\nMeasures RingKernel through its public interface. Prints one "
             "JSON object a line.\n--quick divides all counts by 20, and is no "
             "record. Groups (default: all):\n",
             to);
  for (const Group &group : Groups)
    std::fprintf(to, "  %-10s %s\n", group.name, group.what);
  return code;
}

/// Returns whether the group worked; a failure is a row of its own.
bool run(const Group &group, const Settings &settings) {
  try {
    group.measure(settings);
    return true;
  } catch (const std::exception &failure) {
    printFailure(group.name, failure.what());
    return false;
  }
}

void printWhere(const Settings &settings) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  const rk::System system(options);
  const rk::RunDescription &where = system.description();
  std::printf("{\"backend\": %s, \"device\": %s, \"driver\": %s, \"image\": "
              "%s, \"workers\": %u, \"quick\": %s}\n",
              jsonText(where.backend).c_str(), jsonText(where.device).c_str(),
              jsonText(where.driver).c_str(), jsonText(where.image).c_str(),
              where.workers, settings.divisor == 1 ? "false" : "true");
  std::fflush(stdout);
}

const Group *find(const char *name) {
  for (const Group &group : Groups)
    if (!std::strcmp(group.name, name))
      return &group;
  return nullptr;
}

/// Returns false for an option that does not exist.
bool acceptOption(const char *option, Settings &settings) {
  if (!std::strcmp(option, "--backend=cpu"))
    settings.backend = rk::BackendKind::Cpu;
  else if (!std::strcmp(option, "--backend=cuda"))
    settings.backend = rk::BackendKind::Cuda;
  else if (!std::strcmp(option, "--quick"))
    settings.divisor = 20;
  else
    return !std::strcmp(option, "--backend=auto");
  return true;
}

} // namespace

int main(int count, char **arguments) {
  Settings settings;
  std::vector<const Group *> chosen;
  for (int i = 1; i < count; ++i) {
    const char *argument = arguments[i];
    if (!std::strcmp(argument, "--help"))
      return usage(stdout, 0);
    if (const Group *group = find(argument))
      chosen.push_back(group);
    else if (!acceptOption(argument, settings))
      return usage(stderr, 2);
  }
  if (chosen.empty())
    for (const Group &group : Groups)
      chosen.push_back(&group);
  try {
    printWhere(settings);
  } catch (const std::exception &failure) {
    printFailure("start", failure.what());
    return 1;
  }
  bool good = true;
  for (const Group *group : chosen)
    good = run(*group, settings) && good;
  return good ? 0 : 1;
}
