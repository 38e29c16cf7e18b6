//===- Throughput.cpp - Messages per second ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include <algorithm>
#include <random>
#include <thread>

namespace rkbench {
namespace {

/// Asks all actors for their tallies, many at a time, and adds them up.
template <class Actor>
Tally addTallies(rk::System &system,
                 const std::vector<rk::ActorRef<Actor>> &actors) {
  constexpr std::size_t AtATime = 512;
  Tally total{};
  std::vector<rk::Future<Tally>> answers;
  for (std::size_t i = 0; i < actors.size(); ++i) {
    answers.push_back(system.ask(actors[i], TallyQuery{}));
    if (answers.size() < AtATime && i + 1 < actors.size())
      continue;
    for (rk::Future<Tally> &answer : answers) {
      const Tally tally = answer.get();
      total.received += tally.received;
      total.sum += tally.sum;
    }
    answers.clear();
  }
  return total;
}

using Depots = std::vector<rk::ActorRef<Depot>>;

/// Sends `count` messages to all depots in turn; content is 1, 2, 3 and 4
/// times the message's number.
void sendParcels(rk::System &system, const Depots &depots, std::uint64_t count,
                 std::size_t offset, rk::Status &failure) {
  std::size_t receiver = offset % depots.size();
  for (std::uint64_t i = 0; i < count; ++i) {
    const rk::Status status =
        system.send(depots[receiver], Parcel{{i, 2 * i, 3 * i, 4 * i}});
    if (!status.isOk()) {
      failure = status;
      return;
    }
    if (++receiver == depots.size())
      receiver = 0;
  }
}

/// Returns millions of messages a second, handled.
double injectOnce(rk::System &system, const Depots &depots, unsigned threads,
                  std::uint64_t perThread) {
  std::vector<rk::Status> failures(threads);
  const Clock::time_point begin = Clock::now();
  std::vector<std::thread> senders;
  for (unsigned t = 0; t < threads; ++t)
    senders.emplace_back([&, t] {
      sendParcels(system, depots, perThread, t * depots.size() / threads,
                  failures[t]);
    });
  for (std::thread &sender : senders)
    sender.join();
  require(system.waitIdle());
  const double seconds = secondsSince(begin);
  for (const rk::Status &failure : failures)
    require(failure);
  return double(perThread) * threads / seconds / 1e6;
}

} // namespace

/// host -> handlers: messages of 64 bytes (32 of them content) to many actors.
void measureInjection(const Settings &settings) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  rk::System system(options);
  const Depots depots =
      system.spawnMany<Depot>(4096, [](auto) { return Depot(); }).value();
  std::uint64_t messages = 0, sum = 0;
  for (unsigned threads : {1u, 4u}) {
    const std::uint64_t perThread = 40'000'000 / threads / settings.divisor;
    std::vector<double> rates;
    for (int run = 0; run < 6; ++run) {
      const double rate = injectOnce(system, depots, threads, perThread);
      if (run > 0)
        rates.push_back(rate);
      messages += perThread * threads;
      sum += perThread * (perThread - 1) / 2 * 10 * threads;
    }
    const Tally total = addTallies(system, depots);
    require(total.received == messages && total.sum == sum,
            "every message was handled once, unchanged");
    requireNoDeadLetters(system);
    print(summarize("host-to-handlers-" + std::to_string(threads) + "-threads",
                    "M msg/s", rates, Better::Higher,
                    "count and sum of all receivers"));
  }
}

namespace {

using Walkers = std::vector<rk::ActorRef<Walker>>;

Walkers makeWalkers(rk::System &system, std::uint32_t count) {
  const Clock::time_point begin = Clock::now();
  Walkers walkers =
      system.spawnMany<Walker>(count, [](auto) { return Walker(); }).value();
  const double each = nanosecondsSince(begin) / count;
  std::mt19937_64 random(7);
  for (rk::ActorRef<Walker> walker : walkers) {
    Neighbours neighbours;
    for (rk::ActorRef<Walker> &neighbour : neighbours.walkers)
      neighbour = walkers[random() % count];
    require(system.send(walker, neighbours));
  }
  require(system.waitIdle());
  require(system.counters().spawned == count, "every actor was made");
  print(summarize("spawn-from-host-" + std::to_string(count), "ns", {each},
                  Better::Lower, "counter of spawned actors"));
  return walkers;
}

/// Starts `inFlight` messages that make `steps` steps each; returns seconds.
double walk(rk::System &system, const Walkers &walkers, std::uint32_t inFlight,
            std::uint32_t steps) {
  std::mt19937_64 random(steps);
  const Clock::time_point begin = Clock::now();
  for (std::uint32_t i = 0; i < inFlight; ++i)
    require(system.send(walkers[random() % walkers.size()],
                        Step{steps - 1, std::uint32_t(random())}));
  require(system.waitIdle());
  return secondsSince(begin);
}

void measureWalkers(const Settings &settings, const char *name,
                    std::uint32_t count) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = count;
  rk::System system(options);
  const Walkers walkers = makeWalkers(system, count);
  const std::uint32_t inFlight = 32 * system.description().workers;
  std::uint64_t expected = 0;
  // Double the steps until a run is long enough for its ends not to matter.
  const double enough = 0.4 / double(settings.divisor);
  std::uint32_t steps = 64;
  double seconds = 0;
  for (;; steps *= 2) {
    seconds = walk(system, walkers, inFlight, steps);
    expected += std::uint64_t(inFlight) * steps;
    if (seconds > enough / 2 || steps >= 1u << 30)
      break;
  }
  steps = std::uint32_t(std::max(1.0, steps * enough / seconds));
  std::vector<double> rates;
  for (int run = 0; run < 5; ++run) {
    seconds = walk(system, walkers, inFlight, steps);
    expected += std::uint64_t(inFlight) * steps;
    rates.push_back(double(inFlight) * steps / seconds / 1e6);
  }
  require(addTallies(system, walkers).received == expected,
          "every message was handled once");
  requireNoDeadLetters(system);
  print(summarize(name, "M msg/s", rates, Better::Higher,
                  "count of all receivers, " + std::to_string(inFlight) +
                      " messages in flight"));
}

} // namespace

/// Between pooled actors, each message to a random one.
void measurePooled(const Settings &settings) {
  measureWalkers(settings, "pooled-32K-actors", 1u << 15);
  measureWalkers(settings, "pooled-1M-actors", 1u << 20);
}

} // namespace rkbench
