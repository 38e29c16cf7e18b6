//===- Main.cpp - Resident actors, by the way their messages take ---------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// rk-residents: round trips from the host, hops between two resident actors of
/// a block, of a cluster, of the device, many senders to one receiver, and what
/// residents send to themselves and to pooled actors.
///
//===----------------------------------------------------------------------===//

#include "../common/Program.h"
#include "../common/RoundTrip.h"
#include "actors.h"

#include <vector>

namespace rkbench {
namespace {

struct Settings {
  rk::BackendKind backend = rk::BackendKind::Automatic;
  std::uint64_t divisor = 1;
};

rk::SystemOptions optionsFor(const Settings &settings) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  return options;
}

/// host -> handler -> host: `ask` and wait, one at a time.
void measureRoundTrip(const Settings &settings) {
  measureRoundTripTo<Echo, Ping>("host-resident-host", settings.backend,
                                 settings.divisor);
}

/// Returns the mean time of one way, in nanoseconds.
double rally(rk::System &system, rk::ActorRef<Rallier> from,
             rk::ActorRef<Rallier> to, std::uint64_t trips) {
  const std::uint64_t hops = 2 * trips;
  const Clock::time_point begin = Clock::now();
  const RallyDone done =
      system.ask<RallyDone>(from, Rally{to, trips}, std::chrono::seconds(60))
          .get();
  const double time = nanosecondsSince(begin);
  require(done.sum == hops * (hops - 1) / 2, "every hop was counted");
  return time / double(hops);
}

void measureHops(const Settings &settings, const char *name,
                 std::uint32_t residents, std::size_t partner) {
  rk::SystemOptions options = optionsFor(settings);
  options.residents = residents;
  rk::System system(options);
  std::vector<rk::ActorRef<Rallier>> ralliers;
  for (std::size_t i = 0; i <= partner; ++i)
    ralliers.push_back(system.spawn<Rallier>());
  const std::uint64_t trips = 20000 / settings.divisor;
  rally(system, ralliers[0], ralliers[partner], trips / 10 + 1);
  std::vector<double> samples;
  for (int run = 0; run < 21; ++run)
    samples.push_back(rally(system, ralliers[0], ralliers[partner], trips));
  requireNoDeadLetters(system);
  print(summarize(name, "ns", samples, Better::Lower,
                  "every hop counted; runs of " + std::to_string(trips) +
                      " trips"));
}

/// Places are given out round robin over the blocks of the kernel.
void measureBlockHop(const Settings &settings) {
  measureHops(settings, "resident-hop-block", 0, 8);
}
void measureClusterHop(const Settings &settings) {
  measureHops(settings, "resident-hop-cluster", 0, 1);
}
/// Two clusters of eight blocks.
void measureDeviceHop(const Settings &settings) {
  measureHops(settings, "resident-hop-device", 60, 12);
}

void measureFanIn(const Settings &settings, const char *name,
                  std::uint32_t senders, std::uint32_t residents) {
  rk::SystemOptions options = optionsFor(settings);
  options.residents = residents;
  rk::System system(options);
  const auto depot = system.spawn<Depot>();
  std::vector<rk::ActorRef<Source>> sources;
  for (std::uint32_t i = 0; i < senders; ++i)
    sources.push_back(system.spawn<Source>());
  const std::uint64_t parcels = 2000000 / settings.divisor / senders;
  std::vector<double> samples;
  for (int run = 0; run < 5; ++run) {
    const Tally before = system.ask(depot, TallyQuery{}).get();
    const Clock::time_point begin = Clock::now();
    for (std::uint32_t i = 0; i < senders; ++i)
      require(system.send(sources[i], Start{depot, parcels, i, 4}));
    require(system.waitIdle(std::chrono::seconds(60)));
    const double time = nanosecondsSince(begin);
    const Tally after = system.ask(depot, TallyQuery{}).get();
    require(after.received - before.received == parcels * senders,
            "every parcel arrived");
    samples.push_back(double(parcels * senders) / time * 1e9);
    require(after.outOfOrder == 0, "in the order of their senders");
  }
  requireNoDeadLetters(system);
  print(summarize(name, "messages/s", samples, Better::Higher,
                  "counted, and in order"));
}
void measureFanInBlock(const Settings &settings) {
  measureFanIn(settings, "resident-fan-in", 14, 0);
}

/// A resident's messages to itself: what is known of their way is all of it.
void measureSelf(const Settings &settings) {
  rk::System system(optionsFor(settings));
  const auto ticker = system.spawn<Ticker>();
  const std::uint64_t ticks = 40000 / settings.divisor;
  std::vector<double> samples;
  for (int run = 0; run < 21; ++run) {
    const Clock::time_point begin = Clock::now();
    const RallyDone done =
        system.ask<RallyDone>(ticker, Ticks{ticks}, std::chrono::seconds(60))
            .get();
    samples.push_back(nanosecondsSince(begin) / double(ticks));
    require(done.sum == ticks * (ticks - 1) / 2, "every tick was counted");
  }
  requireNoDeadLetters(system);
  print(summarize("resident-to-itself", "ns", samples, Better::Lower,
                  "every tick counted; runs of " + std::to_string(ticks)));
}

/// What a message to a pooled actor takes of a resident's time.
void measureToPooled(const Settings &settings) {
  rk::System system(optionsFor(settings));
  const auto basket = system.spawn<Basket>();
  const auto filler = system.spawn<Filler>();
  constexpr std::uint32_t Items = 200;
  const int runs = int(2000 / settings.divisor) + 1;
  std::vector<double> samples;
  for (int run = 0; run < runs; ++run) {
    const Filled filled = system.ask(filler, Fill{basket, Items}).get();
    samples.push_back(double(filled.ns) / Items);
    require(system.waitIdle(std::chrono::seconds(60)));
  }
  const Basketful full = system.ask(basket, TallyQuery{}).get();
  require(full.items == std::uint64_t(runs) * Items &&
              full.sum == std::uint64_t(runs) * Items * (Items - 1) / 2,
          "every item arrived");
  requireNoDeadLetters(system);
  print(summarize("resident-to-pooled", "ns", samples, Better::Lower,
                  "every item counted; handlers that send " +
                      std::to_string(Items)));
}

constexpr Part<Settings> Parts[] = {
    {"round-trip", "host to a resident actor and back", measureRoundTrip},
    {"hop-block", "between two warps of a block", measureBlockHop},
    {"hop-cluster", "between two blocks of a cluster", measureClusterHop},
    {"hop-device", "between two clusters", measureDeviceHop},
    {"fan-in", "from 14 senders to one", measureFanInBlock},
    {"self", "from a resident actor to itself", measureSelf},
    {"to-pooled", "from a resident actor to a pooled one", measureToPooled},
};

} // namespace
} // namespace rkbench

int main(int count, char **arguments) {
  return rkbench::runProgram("rk-residents", rkbench::Parts, count, arguments);
}
