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
/// nothing is to be gained. Without balance, the baseline, and with it.
///
//===----------------------------------------------------------------------===//

#include "Traffic.h"

#include "rk/abi/Address.h"

#include <cmath>

namespace rkbench {
namespace {

struct Way {
  rk::Balance balance;
  const char *name;
};
constexpr Way Ways[] = {{rk::Balance::Off, "-off"},
                        {rk::Balance::Load, "-load"}};

rk::SystemOptions optionsFor(const Settings &settings, const Way &way,
                             std::uint32_t actors) {
  rk::SystemOptions options = optionsForWalkers(settings, actors);
  options.balance = way.balance;
  return options;
}

/// Prints the row, and how many shards have moved, so that it can be
/// understood. `next` draws a place; what is measured begins when there has
/// been time to move.
template <class Next>
void measureTraffic(const Settings &settings, rk::System &system,
                    const Walkers &walkers, const std::string &name,
                    Next next) {
  Traffic traffic(system, walkers);
  traffic.connect([&](auto, auto, auto &random) { return next(random); });
  const std::uint64_t usual = UsualPerWorker * system.description().workers;
  traffic.measure<Step<32>>(name, std::max<std::uint64_t>(usual, 4096),
                            runsFor(settings, 3));
  print(summarize(name + "-moves", "shards", {double(system.counters().moves)},
                  Better::Lower, "counter of moved shards"));
}

/// All traffic is among the actors that one worker has at first.
void measureOneWorker(const Settings &settings, const Way &way) {
  const std::uint32_t actors =
      std::max(1u << 15, std::uint32_t((1u << 20) / settings.divisor));
  rk::System system(optionsFor(settings, way, actors));
  const rk::RunDescription &run = system.description();
  Walkers walkers;
  for (const auto &walker : makeWalkers(system, actors))
    if (rk::abi::Address{walker.bits()}.slot() % run.shards % run.workers == 0)
      walkers.push_back(walker);
  measureTraffic(settings, system, walkers,
                 std::string("skew-one-worker") + way.name,
                 [&](auto &random) { return random() % walkers.size(); });
}

/// Ten thousand actors; the k-th gets a share of 1/k.
void measureZipf(const Settings &settings, const Way &way) {
  constexpr std::uint32_t Actors = 10'000;
  rk::System system(optionsFor(settings, way, Actors));
  std::vector<double> sums;
  for (std::uint32_t k = 1; k <= Actors; ++k)
    sums.push_back((sums.empty() ? 0 : sums.back()) + 1.0 / k);
  std::uniform_real_distribution<double> draw(0, sums.back());
  measureTraffic(settings, system, makeWalkers(system, Actors),
                 std::string("skew-zipf") + way.name, [&](auto &random) {
                   const auto found =
                       std::ranges::lower_bound(sums, draw(random));
                   return std::size_t(found - sums.begin());
                 });
}

/// As many actors as `pooled-32K` has, each as busy as the others.
void measureEven(const Settings &settings, const Way &way) {
  constexpr std::uint32_t Actors = 1u << 15;
  rk::System system(optionsFor(settings, way, Actors));
  measureTraffic(settings, system, makeWalkers(system, Actors),
                 std::string("skew-none") + way.name,
                 [&](auto &random) { return random() % Actors; });
}

} // namespace

void measureSkew(const Settings &settings) {
  for (const Way &way : Ways)
    if (settings.balance.value_or(way.balance) == way.balance) {
      measureEven(settings, way);
      measureOneWorker(settings, way);
      measureZipf(settings, way);
    }
}

} // namespace rkbench
