//===- Spawning.cpp - Making actors, one by one and at once -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where many actors are made, every sample is of a system of its own, since
/// `spawn_n` takes slots that were never used. Where one is made or ended at a
/// time, every one is a sample.
///
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include <algorithm>
#include <thread>

namespace rkbench {
namespace {

constexpr std::uint32_t PerNursery = 1024;
constexpr int Runs = 5;

/// How many actors rows have that measure one at a time.
std::uint32_t singles(const Settings &settings) {
  return settings.divisor == 1 ? 20'000 : 200;
}

rk::SystemOptions optionsFor(const Settings &settings, std::uint32_t actors) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = actors;
  return options;
}

/// Makes actors by `nurseries` of them; returns nanoseconds for each.
double breed(const Settings &settings, std::uint32_t nurseries, bool atOnce) {
  const std::uint32_t all = nurseries * PerNursery;
  rk::System system(optionsFor(settings, all + nurseries));
  const auto makers = system.spawn_n<Nursery>(nurseries);
  // The first message to an actor costs more.
  std::vector<rk::Future<Bred>> answers;
  answers.reserve(nurseries);
  for (const auto maker : makers)
    answers.push_back(system.ask(maker, Breed{0, 0, atOnce}));
  for (rk::Future<Bred> &answer : answers)
    require(answer.get().count == 0, "no actor was asked for");
  answers.clear();
  const Clock::time_point begin = Clock::now();
  for (std::uint32_t i = 0; i < makers.size(); ++i)
    answers.push_back(system.ask(makers[i], Breed{i, PerNursery, atOnce}));
  // A thread that waits for a millisecond in `get` sleeps in between. Where it
  // shares its processor with the workers it must.
  if (system.description().backend == "cuda")
    for (const rk::Future<Bred> &answer : answers)
      while (!answer.ready())
        std::this_thread::yield();
  std::vector<Bred> bred;
  bred.reserve(nurseries);
  for (rk::Future<Bred> &answer : answers)
    bred.push_back(answer.get());
  const double time = nanosecondsSince(begin);
  for (std::uint32_t i = 0; i < bred.size(); ++i) {
    require(bred[i].count == PerNursery, "every actor was made");
    const auto first = rk::ActorRef<Seedling>::fromBits(bred[i].first);
    require(system.ask(first, Mark{i}).get().value == 0, "with its state");
  }
  require(system.counters().spawned == all + nurseries, "and no other");
  requireNoDeadLetters(system);
  return time / all;
}

void measureOnDevice(const Settings &settings, const std::string &name,
                     std::uint32_t nurseries, bool atOnce) {
  std::vector<double> samples;
  for (int run = 0; run < Runs; ++run)
    samples.push_back(breed(settings, nurseries, atOnce));
  print(summarize(name, "ns", samples, Better::Lower,
                  "counter of actors, and the state of each maker's first; " +
                      std::to_string(nurseries) + " makers of " +
                      std::to_string(PerNursery)));
}

/// Makes `count` actors by one call of the host; returns nanoseconds for each.
double breedFromHost(const Settings &settings, std::uint32_t count) {
  rk::System system(optionsFor(settings, count));
  const Clock::time_point begin = Clock::now();
  const auto range = system.spawn_n<Seedling>(count, std::uint64_t(count));
  const double time = nanosecondsSince(begin);
  require(range.size() == count && system.counters().spawned == count,
          "every actor was made");
  for (std::uint64_t i = 0; i < count; i += std::max(1u, count / 1000))
    require(system.ask(range[std::uint32_t(i)], Mark{count}).get().value == 0,
            "with its state");
  requireNoDeadLetters(system);
  return time / count;
}

void measureFromHost(const Settings &settings, std::uint32_t count) {
  std::vector<double> samples;
  for (int run = 0; run < Runs; ++run)
    samples.push_back(breedFromHost(settings, count));
  print(summarize("spawn-n-from-host-" + std::to_string(count), "ns", samples,
                  Better::Lower,
                  "counter of actors, and a thousand of their states"));
}

/// Makes `count` actors from the host, several in flight; returns nanoseconds
/// for each.
double breedManyFromHost(const Settings &settings, std::uint32_t count) {
  rk::System system(optionsFor(settings, count));
  const Clock::time_point begin = Clock::now();
  const auto made = system.spawnMany<Seedling>(
      count, [](std::size_t i) { return Seedling(i); });
  const double time = nanosecondsSince(begin);
  require(made.status());
  require(system.counters().spawned == count, "every actor was made");
  for (std::size_t i = 0; i < count; i += std::max(1u, count / 1000))
    require(system.ask((*made)[i], Mark{i}).get().value == 0, "with its state");
  requireNoDeadLetters(system);
  return time / count;
}

/// Makes actors one at a time, and ends them one at a time.
void measureOneByOne(const Settings &settings) {
  const std::uint32_t count = singles(settings);
  rk::System system(optionsFor(settings, count));
  std::vector<rk::ActorRef<Seedling>> made;
  std::vector<double> spawns, stops;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Clock::time_point begin = Clock::now();
    made.push_back(system.spawn<Seedling>(std::uint64_t(i)));
    spawns.push_back(nanosecondsSince(begin));
  }
  require(system.counters().spawned == count, "every actor was made");
  for (std::uint32_t i = 0; i < count; ++i)
    require(system.ask(made[i], Mark{i}).get().value == 0, "with its state");
  print(summarize("spawn-one-from-host", "ns", spawns, Better::Lower,
                  "counter of actors, and the state of each; one at a time"));
  for (const auto actor : made) {
    const Clock::time_point begin = Clock::now();
    require(system.stop(actor));
    const rk::StatusCode code = system.ask(actor, Mark{0}).result().code();
    stops.push_back(nanosecondsSince(begin));
    require(code == rk::StatusCode::ActorStopped, "who was stopped is gone");
  }
  require(system.waitIdle());
  require(system.counters().stopped == count, "every actor was stopped");
  require(system.counters().deadLetters.total() == count,
          "and each was asked once more");
  print(summarize("stop-one-from-host", "ns", stops, Better::Lower,
                  "counter of actors; until a request that was sent behind it "
                  "has been refused"));
}

/// Makes an actor, asks it and stops it, in a table that is much smaller than
/// the number of actors: so slots are used again and again.
void measureChurn(const Settings &settings) {
  constexpr std::uint32_t Slots = 128;
  const std::uint32_t count = singles(settings);
  rk::System system(optionsFor(settings, Slots));
  std::vector<double> samples;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Clock::time_point begin = Clock::now();
    const auto made = system.spawn<Seedling>(std::uint64_t(i));
    require(system.ask(made, Mark{i}).get().value == 0, "with its state");
    require(system.stop(made));
    samples.push_back(nanosecondsSince(begin));
  }
  require(system.waitIdle());
  const rk::Counters counters = system.counters();
  require(counters.spawned == count && counters.stopped == count,
          "every actor was made and stopped");
  requireNoDeadLetters(system);
  print(summarize("churn-from-host", "ns", samples, Better::Lower,
                  "counters of actors, and the state of each; made, asked and "
                  "stopped, in " +
                      std::to_string(Slots) + " slots"));
}

void measureManyFromHost(const Settings &settings, std::uint32_t count,
                         int runs) {
  std::vector<double> samples;
  for (int run = 0; run < runs; ++run)
    samples.push_back(breedManyFromHost(settings, count));
  print(summarize("spawn-from-host-" + std::to_string(count), "ns", samples,
                  Better::Lower,
                  "counter of actors, and a thousand of their states; mean, "
                  "several in flight"));
}

} // namespace

void measureSpawning(const Settings &settings) {
  const auto makers = std::uint32_t(1024 / settings.divisor);
  const auto million = std::uint32_t((1u << 20) / settings.divisor);
  measureOneByOne(settings);
  measureChurn(settings);
  measureOnDevice(settings, "spawn-on-device", 1, false);
  measureOnDevice(settings, "spawn-n-on-device", 1, true);
  measureOnDevice(settings, "spawn-on-device-1M", makers, false);
  measureOnDevice(settings, "spawn-n-on-device-1M", makers, true);
  measureFromHost(settings, 1024);
  measureFromHost(settings, million);
  measureManyFromHost(settings, 1024, Runs);
  measureManyFromHost(settings, million, 2);
}

} // namespace rkbench
