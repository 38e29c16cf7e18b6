//===- Memory.cpp - What actors take ----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A system takes the memory of states as actors are made, and all other memory
/// when it starts, for as many actors as its options allow. So what an actor
/// takes shows in what is taken at the start for more of them, in what is taken
/// once they are made, and in the pages of this process that are touched once
/// they live. On a GPU what is mapped is taken; on the CPU a page is taken when
/// it is first written.
///
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include <algorithm>
#include <fstream>
#include <utility>

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
  double device, host;        ///< at the start
  double filled;              ///< on the device, with all actors made
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
  taken.filled = double(system.memory().deviceBytes);
  return taken;
}

constexpr double MiB = 1 << 20;

void printBytes(const std::string &name, const char *unit, double value,
                const std::string &checked) {
  print(summarize(name, unit, {value}, Better::Lower, checked));
}

Taken measureCount(const Settings &settings, const char *count,
                   std::uint32_t actors) {
  const Taken taken = fill(settings, actors);
  const std::string name = std::string("memory-") + count;
  const std::string made = "as many actors were made";
  printBytes(name + "-reserved-device", "MiB", taken.device / MiB, made);
  printBytes(name + "-filled-device", "MiB", taken.filled / MiB, made);
  printBytes(name + "-reserved-host", "MiB", taken.host / MiB, made);
  printBytes(name + "-process-started", "MiB", taken.started / MiB,
             made + " afterwards");
  printBytes(name + "-process-filled", "MiB", taken.afterwards / MiB, made);
  return taken;
}

/// What a system takes as it fills, with room for 10M actors.
void measureFilling(const Settings &settings, std::uint32_t most) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = most;
  rk::System system(options);
  const std::pair<const char *, std::uint32_t> steps[] = {
      {"0", 0},
      {"1K", 1u << 10},
      {"1M", std::uint32_t((1u << 20) / settings.divisor)},
      {"10M", most}};
  std::uint32_t made = 0;
  for (const auto &[count, actors] : steps) {
    if (actors > made)
      (void)system.spawn_n<Walker>(actors - made);
    made = std::max(made, actors);
    const rk::MemoryUse use = system.memory();
    require(use.stateTaken >= use.stateUsed, "states have memory");
    const std::string name = std::string("memory-filling-") + count;
    const std::string checked = std::string(count) + " actors of 10M were made";
    printBytes(name + "-device", "MiB", double(use.deviceBytes) / MiB, checked);
    printBytes(name + "-states", "MiB", double(use.stateTaken) / MiB,
               checked + ", whose states have " +
                   std::to_string(use.stateUsed >> 20) + " MiB");
  }
  require(system.counters().spawned == most, "every actor was made");
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
  printBytes("memory-filled-per-actor", "bytes",
             (most.filled - least.filled) / more, state + "; with all made");
  printBytes("memory-process-per-actor", "bytes",
             (most.afterwards - most.started) / double(many),
             "of actors with " + std::to_string(sizeof(Walker)) +
                 " bytes of state; 10M were made");
  measureFilling(settings, many);
}

} // namespace rkbench
