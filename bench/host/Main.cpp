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

#include "../common/Parts.h"
#include "Bench.h"

#include <cstring>

namespace {

using namespace rkbench;

using Group = Part<Settings>;

constexpr Group Groups[] = {
    {"round-trip", "host to handler to host", measureRoundTrip},
    {"asks", "many requests of the host at a time", measureAsking},
    {"hop", "handler to handler", measureHop},
    {"injection", "host to handlers, messages a second", measureInjection},
    {"pooled", "between pooled actors, messages a second", measurePooled},
    {"pooled-many", "the same between ten million", measurePooledMany},
    {"broadcast", "one message to many pooled actors", measureBroadcast},
    {"spawn", "making actors, one by one and at once", measureSpawning},
    {"skew", "the same when few actors get most", measureSkew},
    {"lifecycle", "start and stop of a system", measureLifecycle},
    {"memory", "what 1 K, 1 M and 10 M actors take", measureMemory},
};

int usage(FILE *to, int code) {
  std::fputs("Usage: rk-bench [--backend=cpu|cuda|auto] [--quick]\n"
             "                [--balance=off|load] [GROUP]...\n"
             "\nMeasures RingKernel through its public interface. Prints one "
             "JSON object a line.\n--quick divides all counts by 20, and is no "
             "record. --balance is for the group skew.\nGroups (default: "
             "all):\n",
             to);
  for (const Group &group : Groups)
    std::fprintf(to, "  %-10s %s\n", group.name, group.what);
  return code;
}

/// Returns false for an option that does not exist.
bool acceptOption(const char *option, Settings &settings) {
  if (!std::strcmp(option, "--balance=off"))
    settings.balance = rk::Balance::Off;
  else if (!std::strcmp(option, "--balance=load"))
    settings.balance = rk::Balance::Load;
  else if (std::strcmp(option, "--quick"))
    return acceptBackend(option, settings.backend);
  else
    settings.divisor = 20;
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
    if (const Group *group = find(Groups, argument))
      chosen.push_back(group);
    else if (!acceptOption(argument, settings))
      return usage(stderr, 2);
  }
  return printWhere(settings.backend, settings.divisor != 1) &&
                 runParts(Groups, std::move(chosen), settings)
             ? 0
             : 1;
}
