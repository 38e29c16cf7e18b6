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

#include "../common/Program.h"
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
    {"pooled", "between a million pooled actors, messages a second",
     measurePooled},
    {"matrix-1K", "the same by pattern and size, 1024 actors", measureMatrix1K},
    {"matrix-32K", "32,768 actors", measureMatrix32K},
    {"matrix-1M", "1,048,576 actors", measureMatrix1M},
    {"matrix-10M", "ten million actors", measureMatrix10M},
    {"broadcast", "one message to many pooled actors", measureBroadcast},
    {"spawn", "making actors, one by one and at once", measureSpawning},
    {"skew", "the same when few actors get most", measureSkew},
    {"lifecycle", "start and stop of a system", measureLifecycle},
    {"memory", "what 1 K, 1 M and 10 M actors take", measureMemory},
};

bool acceptBalance(const char *option, Settings &settings) {
  if (!std::strcmp(option, "--balance=off"))
    settings.balance = rk::Balance::Off;
  else if (!std::strcmp(option, "--balance=load"))
    settings.balance = rk::Balance::Load;
  else
    return false;
  return true;
}

} // namespace

int main(int count, char **arguments) {
  return runProgram({.name = "rk-bench",
                     .quick = 20,
                     .options = " [--balance=off|load]",
                     .meaning = "\n--balance is for the part skew, which takes "
                                "one after the other without it.",
                     .accept = acceptBalance},
                    Groups, count, arguments);
}
