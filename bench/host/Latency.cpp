//===- Latency.cpp - Round trips and hops -----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include "../common/RoundTrip.h"

namespace rkbench {

/// host -> handler -> host: `ask` and wait, one at a time.
void measureRoundTrip(const Settings &settings) {
  measureRoundTripTo<Echo, Ping>("host-handler-host", settings.backend,
                                 settings.divisor);
}

namespace {

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

} // namespace

/// handler -> handler through device memory. Workers lie near to each other or
/// far apart, so actor 0 plays with several partners: "near" is the quickest
/// of them, "far" the slowest.
void measureHop(const Settings &settings) {
  constexpr std::size_t Actors = 1024;
  rk::SystemOptions options;
  options.backend = settings.backend;
  rk::System system(options);
  const auto ralliers =
      system.spawnMany<Rallier>(Actors, [](auto) { return Rallier(); }).value();
  const std::uint64_t trips = 10000 / settings.divisor;
  Row near, far;
  for (std::size_t partner : {1, 3, 17, 129, 515, 1001}) {
    rally(system, ralliers[0], ralliers[partner], trips / 10 + 1);
    std::vector<double> samples;
    for (int run = 0; run < 21; ++run)
      samples.push_back(rally(system, ralliers[0], ralliers[partner], trips));
    const Row row = summarize(
        "handler-handler-one-way", "ns", samples, Better::Lower,
        "every hop counted; runs of " + std::to_string(trips) + " trips");
    if (near.runs == 0 || row.p50 < near.p50)
      near = row;
    if (far.runs == 0 || row.p50 > far.p50)
      far = row;
  }
  requireNoDeadLetters(system);
  near.name += "-near";
  far.name += "-far";
  print(near);
  print(far);
}

} // namespace rkbench
