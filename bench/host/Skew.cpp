//===- Skew.cpp - When a few actors get most messages -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Traffic that would leave most workers idle if every actor stayed with the
/// worker that it was given first: all of it among the actors of one worker, or
/// the k-th actor gets a share of 1/k; and traffic without a skew, where
/// nothing is to be gained. `--balance=off` is the baseline.
///
//===----------------------------------------------------------------------===//

#include "Traffic.h"

#include "rk/abi/Address.h"

#include <cmath>

namespace rkbench {
namespace {

rk::SystemOptions optionsFor(const Settings &settings, std::uint32_t actors) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.balance = settings.balance;
  options.maxActors = actors;
  return options;
}

Walkers makeWalkers(rk::System &system, std::uint32_t count) {
  return system.spawnMany<Walker>(count, [](auto) { return Walker(); }).value();
}

/// Connects each walker with four that `next` draws.
template <class Next>
void connect(rk::System &system, const Walkers &walkers, Next next) {
  std::mt19937_64 random(7);
  for (const auto &walker : walkers) {
    Neighbours made;
    for (auto &neighbour : made.walkers)
      neighbour = walkers[next(random)];
    require(system.send(walker, made));
  }
  require(system.waitIdle());
}

/// Says how many shards have moved, so that a row can be understood.
void printMoves(rk::System &system, const std::string &name) {
  print(summarize(name + "-moves", "shards", {double(system.counters().moves)},
                  Better::Lower, "counter of moved shards"));
}

void measureTraffic(const Settings &settings, rk::System &system,
                    const Walkers &walkers, const std::string &name) {
  const std::uint64_t usual = UsualPerWorker * system.description().workers;
  Traffic(system, walkers)
      .measure<Step>(name, std::max<std::uint64_t>(usual, 4096),
                     enough(settings));
  printMoves(system, name);
}

/// All traffic is among the actors that one worker has at first.
void measureOneWorker(const Settings &settings) {
  const std::uint32_t actors =
      std::max(1u << 15, std::uint32_t((1u << 20) / settings.divisor));
  rk::System system(optionsFor(settings, actors));
  const Walkers all = makeWalkers(system, actors);
  const rk::RunDescription &run = system.description();
  Walkers walkers;
  for (const auto &walker : all)
    if (rk::abi::Address{walker.bits()}.slot() % run.shards % run.workers == 0)
      walkers.push_back(walker);
  connect(system, walkers,
          [&](auto &random) { return random() % walkers.size(); });
  measureTraffic(settings, system, walkers, "skew-one-worker");
}

/// Ten thousand actors; the k-th gets a share of 1/k.
void measureZipf(const Settings &settings) {
  constexpr std::uint32_t Actors = 10'000;
  rk::System system(optionsFor(settings, Actors));
  const Walkers walkers = makeWalkers(system, Actors);
  std::vector<double> sums;
  for (std::uint32_t k = 1; k <= Actors; ++k)
    sums.push_back((sums.empty() ? 0 : sums.back()) + 1.0 / k);
  std::uniform_real_distribution<double> draw(0, sums.back());
  connect(system, walkers, [&](auto &random) {
    const auto found = std::ranges::lower_bound(sums, draw(random));
    return std::size_t(found - sums.begin());
  });
  measureTraffic(settings, system, walkers, "skew-zipf");
}

/// As many actors as `pooled-32K` has, each as busy as the others.
void measureEven(const Settings &settings) {
  constexpr std::uint32_t Actors = 1u << 15;
  rk::System system(optionsFor(settings, Actors));
  const Walkers walkers = makeWalkers(system, Actors);
  connect(system, walkers,
          [&](auto &random) { return random() % walkers.size(); });
  measureTraffic(settings, system, walkers, "skew-none");
}

} // namespace

void measureSkew(const Settings &settings) {
  measureEven(settings);
  measureOneWorker(settings);
  measureZipf(settings);
}

} // namespace rkbench
