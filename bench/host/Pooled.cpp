//===- Pooled.cpp - Messages between many actors ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every message that is handled sends one on, so the number in flight stays
/// what it is. Numbers of actors, patterns of traffic, sizes of messages and
/// numbers in flight are varied one at a time.
///
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "Traffic.h"

#include <algorithm>
#include <random>
#include <vector>

namespace rkbench {
namespace {

enum class Pattern { Random, Neighbour, HotSpot };

/// How many actors a quarter of all messages goes to.
constexpr std::size_t HotActors = 64;

/// The four actors that actor `i` of `count` sends to.
Neighbours neighboursOf(Pattern pattern, const Walkers &walkers, std::size_t i,
                        std::mt19937_64 &random) {
  const std::size_t count = walkers.size();
  Neighbours made;
  for (std::size_t k = 0; k < made.walkers.size(); ++k) {
    std::size_t to = random() % count;
    if (pattern == Pattern::Neighbour)
      to = (i + count + (k < 2 ? k + 1 : -(k - 1))) % count;
    else if (pattern == Pattern::HotSpot && k == 0)
      to = i % HotActors;
    made.walkers[k] = walkers[to];
  }
  return made;
}

void connect(rk::System &system, const Walkers &walkers, Pattern pattern) {
  std::mt19937_64 random(7);
  for (std::size_t i = 0; i < walkers.size(); ++i)
    require(system.send(walkers[i], neighboursOf(pattern, walkers, i, random)));
  require(system.waitIdle());
}

Walkers makeWalkers(rk::System &system, std::uint32_t count) {
  const Clock::time_point begin = Clock::now();
  Walkers walkers =
      system.spawnMany<Walker>(count, [](auto) { return Walker(); }).value();
  const double each = nanosecondsSince(begin) / count;
  require(system.counters().spawned == count, "every actor was made");
  print(summarize("spawn-from-host-" + std::to_string(count), "ns", {each},
                  Better::Lower, "counter of spawned actors"));
  return walkers;
}

rk::SystemOptions optionsFor(const Settings &settings, std::uint32_t actors) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = std::max(actors, 1024u);
  // Other actors of the module are larger.
  options.stateBytes =
      std::uint64_t(options.maxActors) * ((sizeof(Walker) + 15) / 16 * 16);
  return options;
}

void measureCount(const Settings &settings, const char *name,
                  std::uint32_t actors) {
  rk::System system(optionsFor(settings, actors));
  const Walkers walkers = makeWalkers(system, actors);
  connect(system, walkers, Pattern::Random);
  Traffic(system, walkers)
      .measure<Step>(name, UsualPerWorker * system.description().workers,
                     enough(settings));
}

/// Patterns, sizes and numbers in flight, all on one million actors.
void measureMillion(const Settings &settings) {
  const std::uint32_t actors =
      std::max(1u << 15, std::uint32_t((1u << 20) / settings.divisor));
  rk::System system(optionsFor(settings, actors));
  const Walkers walkers = makeWalkers(system, actors);
  connect(system, walkers, Pattern::Random);
  Traffic traffic(system, walkers);
  const std::uint64_t workers = system.description().workers;
  const std::uint64_t usual = UsualPerWorker * workers;
  const double time = enough(settings);
  traffic.measure<Step>("pooled-1M-actors", usual, time);
  for (const std::uint64_t each : {1, 4, 16, 64, 128, 320, 640})
    traffic.measure<Step>("pooled-1M-in-flight-" + std::to_string(each),
                          each * workers, time);
  // As many as its baselines have.
  if (settings.divisor == 1)
    traffic.measure<Step>("pooled-1M-actors-1M-in-flight", 1u << 20, time);
  traffic.measure<SizedStep<16>>("pooled-1M-16-bytes", usual, time);
  traffic.measure<SizedStep<48>>("pooled-1M-48-bytes", usual, time);
  traffic.measure<SizedStep<112>>("pooled-1M-112-bytes", usual, time);
  traffic.measure<SizedStep<1024>>("pooled-1M-1024-bytes",
                                   std::min<std::uint64_t>(usual, 32768), time);
  connect(system, walkers, Pattern::Neighbour);
  traffic.measure<Step>("pooled-1M-neighbour", usual, time);
  connect(system, walkers, Pattern::HotSpot);
  traffic.measure<Step>("pooled-1M-hot-spot", usual, time);
}

} // namespace

void measurePooled(const Settings &settings) {
  measureCount(settings, "pooled-1K-actors", 1u << 10);
  measureCount(settings, "pooled-32K-actors", 1u << 15);
  measureMillion(settings);
}

/// Ten million actors take a while to make, one by one from the host.
void measurePooledMany(const Settings &settings) {
  measureCount(settings, "pooled-10M-actors",
               std::uint32_t(10'000'000 / settings.divisor));
}

} // namespace rkbench
