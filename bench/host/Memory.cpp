//===- Memory.cpp - What actors take ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A system takes its memory when it starts, for as many actors as its options
/// allow; afterwards nothing is allocated. So what an actor takes shows twice:
/// in what is reserved for more of them, and in the pages of this process that
/// are touched once they live. On a GPU what is reserved is taken; on the CPU
/// a page is taken when it is first written.
///
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include <fstream>

#include <unistd.h>

namespace rkbench {
namespace {

/// Returns the bytes of this process that lie in memory.
double residentBytes() {
  std::uint64_t all = 0, resident = 0;
  std::ifstream file("/proc/self/statm");
  file >> all >> resident;
  require(bool(file), "/proc/self/statm can be read");
  return double(resident) * double(sysconf(_SC_PAGESIZE));
}

/// Of one system; in bytes.
struct Taken {
  double device, host;        ///< reserved at the start
  double started, afterwards; ///< resident in this process
};

/// Makes as many actors as the options allow.
Taken fill(const Settings &settings, std::uint32_t actors) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = actors;
  Taken taken{};
  const double before = residentBytes();
  rk::System system(options);
  taken.device = double(system.description().deviceBytes);
  taken.host = double(system.description().hostBytes);
  taken.started = residentBytes() - before;
  (void)system.spawn_n<Walker>(actors);
  require(system.waitIdle());
  require(system.counters().spawned == actors, "every actor was made");
  taken.afterwards = residentBytes() - before;
  return taken;
}

void printBytes(const std::string &name, const char *unit, double value,
                const std::string &checked) {
  print(summarize(name, unit, {value}, Better::Lower, checked));
}

Taken measureCount(const Settings &settings, const char *count,
                   std::uint32_t actors) {
  constexpr double MiB = 1 << 20;
  const Taken taken = fill(settings, actors);
  const std::string name = std::string("memory-") + count;
  const std::string made = "as many actors were made";
  printBytes(name + "-reserved-device", "MiB", taken.device / MiB, made);
  printBytes(name + "-reserved-host", "MiB", taken.host / MiB, made);
  printBytes(name + "-process-started", "MiB", taken.started / MiB,
             made + " afterwards");
  printBytes(name + "-process-filled", "MiB", taken.afterwards / MiB, made);
  return taken;
}

} // namespace

void measureMemory(const Settings &settings) {
  const auto few = std::uint32_t(1) << 10;
  const auto many = std::uint32_t(10'000'000 / settings.divisor);
  (void)measureCount(settings, "1K-actors", few);
  // Below, what waits takes memory in proportion too; from here on the pools
  // are as large as they get, so what is more is the actors'.
  const auto million = std::uint32_t((1u << 20) / settings.divisor);
  const Taken least = measureCount(settings, "1M-actors", million);
  const Taken most = measureCount(settings, "10M-actors", many);
  const double more = double(many - million);
  const std::string state = "reserved for the largest type, whose state has " +
                            std::to_string(sizeof(Herald)) +
                            " bytes; between 1M and 10M";
  printBytes("memory-reserved-per-actor", "bytes",
             (most.device - least.device) / more, state);
  printBytes("memory-process-per-actor", "bytes",
             (most.afterwards - most.started) / double(many),
             "of actors with " + std::to_string(sizeof(Walker)) +
                 " bytes of state; 10M were made");
}

} // namespace rkbench
