//===- Pooled.cpp - Messages between many actors ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every message that is handled sends one on, so the number in flight stays
/// what it is. The first group varies that number; the second the number of
/// actors, the pattern of traffic and the size of messages, each with each.
///
//===----------------------------------------------------------------------===//

#include "Traffic.h"

namespace rkbench {
namespace {

enum class Pattern { Random, Neighbour, HotSpot };

/// How many actors a quarter of all messages goes to.
constexpr std::size_t HotActors = 64;

void connect(Traffic &traffic, std::size_t count, Pattern pattern) {
  traffic.connect([=](std::size_t i, std::size_t k, std::mt19937_64 &random) {
    if (pattern == Pattern::Neighbour)
      return (i + count + (k < 2 ? k + 1 : -(k - 1))) % count;
    if (pattern == Pattern::HotSpot && k == 0)
      return i % HotActors;
    return std::size_t(random() % count);
  });
}

/// A row of the matrix for each size; those of more than 32 bytes go by
/// reference.
template <template <unsigned> class Message>
void measureSizes(const Settings &settings, Traffic &traffic,
                  const std::string &name, std::uint64_t inFlight) {
  const Runs once = runsFor(settings, 1);
  const std::uint64_t few = std::min<std::uint64_t>(inFlight, 32768);
  traffic.measure<Message<16>>(name + "-16-bytes", inFlight, once);
  traffic.measure<Message<48>>(name + "-48-bytes", inFlight, once);
  traffic.measure<Message<112>>(name + "-112-bytes", inFlight, once);
  traffic.measure<Message<1024>>(name + "-1024-bytes", few, once);
}

void measureCount(const Settings &settings, const std::string &name,
                  std::uint32_t actors) {
  rk::SystemOptions options = optionsForWalkers(settings, actors);
  // Copies of a broadcast wait at receivers that many send to, while its walk
  // goes on: four times what is under way if none did.
  options.payloadBlocks = 1u << 18;
  rk::System system(options);
  Traffic traffic(system, makeWalkers(system, actors));
  const std::uint64_t usual = UsualPerWorker * system.description().workers;
  connect(traffic, actors, Pattern::Random);
  if (name != "pooled-1M") // which the group `pooled` measures
    traffic.measure<Step<32>>(name + "-actors", usual, runsFor(settings));
  measureSizes<Step>(settings, traffic, name + "-random", usual);
  measureSizes<Tidings>(settings, traffic, name + "-broadcast", usual / 4);
  connect(traffic, actors, Pattern::Neighbour);
  measureSizes<Step>(settings, traffic, name + "-neighbour", usual);
  connect(traffic, actors, Pattern::HotSpot);
  measureSizes<Step>(settings, traffic, name + "-hot-spot", usual);
}

} // namespace

/// Numbers in flight, all on one million actors.
void measurePooled(const Settings &settings) {
  const std::uint32_t actors =
      std::max(1u << 15, std::uint32_t((1u << 20) / settings.divisor));
  rk::System system(optionsForWalkers(settings, actors));
  Traffic traffic(system, makeWalkers(system, actors));
  connect(traffic, actors, Pattern::Random);
  const std::uint64_t workers = system.description().workers;
  traffic.measure<Step<32>>("pooled-1M-actors", UsualPerWorker * workers,
                            runsFor(settings));
  traffic.measure<Step<8>>("pooled-1M-8-bytes", UsualPerWorker * workers,
                           runsFor(settings));
  for (const std::uint64_t each : {1, 4, 16, 64, 128, 320, 640, 1280, 3200}) {
    // The more there are, the longer it takes to start them.
    const double times = each > 1280 ? 4 : each > 640 ? 2 : 1;
    traffic.measure<Step<32>>("pooled-1M-in-flight-" + std::to_string(each),
                              each * workers, runsFor(settings, 3, times));
  }
  // As many as its baselines have.
  if (settings.divisor == 1)
    traffic.measure<Step<32>>("pooled-1M-actors-1M-in-flight", 1u << 20,
                              runsFor(settings, 3));
}

void measureMatrix1K(const Settings &settings) {
  measureCount(settings, "pooled-1K", 1u << 10);
}
void measureMatrix32K(const Settings &settings) {
  measureCount(settings, "pooled-32K",
               (1u << 15) / std::uint32_t(settings.divisor));
}
void measureMatrix1M(const Settings &settings) {
  measureCount(settings, "pooled-1M",
               (1u << 20) / std::uint32_t(settings.divisor));
}
void measureMatrix10M(const Settings &settings) {
  measureCount(settings, "pooled-10M",
               10'000'000 / std::uint32_t(settings.divisor));
}

} // namespace rkbench
