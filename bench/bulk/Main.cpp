//===- Main.cpp - Payloads by reference -----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// rk-bulk: how fast payloads go from actor to actor, untouched, read by a warp
/// each, and copied; and between host and actors. A payload that is read is
/// added up at each hop; one that is copied is looked at behind the last.
///
//===----------------------------------------------------------------------===//

#include "Measure.h"
#include "actors.h"

#include <algorithm>
#include <string>
#include <vector>

namespace rkbench {
namespace {

/// Hands `pairs` payloads of `bytes` bytes to and fro; returns seconds a hop of
/// all of them.
template <Work what>
std::vector<double> measureHops(const Settings &settings, std::uint32_t pairs,
                                std::uint64_t bytes, std::uint32_t hops) {
  using Actor = Carrier<what>;
  rk::System system(optionsFor(settings));
  const auto collector = system.spawn<Collector>();
  const auto actors = system.spawn_n<Actor>(2 * pairs);
  for (std::uint32_t i = 0; i < 2 * pairs; ++i)
    require(system.send(
        actors[i], typename Actor::Meet{
                       actors[i < pairs ? i + pairs : i - pairs], collector}));
  require(system.waitIdle());
  std::vector<double> samples;
  for (int run = 0; run < 6; ++run) {
    const auto start = Clock::now();
    for (std::uint32_t i = 0; i < pairs; ++i)
      require(system.send(
          actors[i], typename Actor::Begin{actors[i + pairs], collector,
                                           std::uint32_t(bytes / 16), hops}));
    const Sums sums =
        system.ask<Sums>(collector, Expect{pairs}, Patience).get();
    require(sums.wrong == 0, "every payload was whole");
    if (run != 0)
      samples.push_back(secondsSince(start) / (hops + 1));
    requireEmptyPool(system);
  }
  return samples;
}

template <Work what>
void measureRate(const Settings &settings, const char *name,
                 std::uint32_t pairs, std::uint64_t bytes) {
  pairs = std::max(pairs / settings.divisor, 1u);
  const std::uint32_t hops =
      std::max(std::uint32_t((64ull << 30) / settings.divisor /
                             settings.divisor / (bytes * pairs)),
               16u);
  std::vector<double> samples = measureHops<what>(settings, pairs, bytes, hops);
  for (double &sample : samples)
    sample = double(bytes) * pairs / sample / 1e9;
  print(summarize(std::string(name) + "-" + sizeName(bytes), "GB/s", samples,
                  Better::Higher,
                  std::to_string(pairs) + " payloads, " +
                      (what == Work::Copy ? "each element behind "
                                          : "their sums at each of ") +
                      std::to_string(hops) +
                      " hops; their making is in the time"));
}

void measureRead(const Settings &settings) {
  measureRate<Work::Read>(settings, "bulk-read", 1024, 16 << 10);
  measureRate<Work::Read>(settings, "bulk-read", 1024, 256 << 10);
  measureRate<Work::Read>(settings, "bulk-read", 512, 4 << 20);
}
void measureCopy(const Settings &settings) {
  measureRate<Work::Copy>(settings, "bulk-copy", 1024, 16 << 10);
  measureRate<Work::Copy>(settings, "bulk-copy", 1024, 256 << 10);
  measureRate<Work::Copy>(settings, "bulk-copy", 256, 4 << 20);
}
void measureHop(const Settings &settings) {
  for (const std::uint64_t bytes : {4ull << 10, 64ull << 20}) {
    const std::uint32_t hops = 20000 / settings.divisor;
    std::vector<double> samples =
        measureHops<Work::Nothing>(settings, 1, bytes, hops);
    for (double &sample : samples)
      sample *= 1e9;
    print(summarize("bulk-hop-" + sizeName(bytes), "ns", samples, Better::Lower,
                    std::to_string(hops) + " hops of one payload, untouched"));
  }
}

void measureHost(const Settings &settings) {
  rk::System system(optionsFor(settings));
  const auto collector = system.spawn<Collector>();
  const auto port = system.spawn<Port>(collector);
  for (const std::uint64_t bytes : {64ull << 10, 1ull << 20, 64ull << 20}) {
    const std::vector<Quad> values(bytes / 16, Quad{1, 1, 1, 1});
    const auto count = std::uint32_t(std::clamp<std::uint64_t>(
        (2ull << 30) / settings.divisor / bytes, 4, 4000 / settings.divisor));
    std::vector<double> in, out;
    for (int run = 0; run < 4; ++run) {
      auto start = Clock::now();
      for (std::uint32_t i = 0; i < count; ++i) {
        auto payload = system.makeBulk(values);
        require(payload.status());
        require(system.send(port, Load{*payload, 0}));
      }
      const Sums sums =
          system.ask<Sums>(collector, Expect{count}, Patience).get();
      require(sums.wrong == 0, "every payload had its sum");
      if (run != 0)
        in.push_back(double(bytes) * count / secondsSince(start) / 1e9);
      start = Clock::now();
      for (std::uint32_t i = 0; i < std::max(count / 4, 1u); ++i) {
        auto got = system.fetch(
            system.ask(port, Give{std::uint32_t(bytes / 16)}).get());
        require(got.status());
        require(got->size() == bytes / 16 && sumOf(got->back()) == 4,
                "the host has all of it");
      }
      if (run != 0)
        out.push_back(double(bytes) * std::max(count / 4, 1u) /
                      secondsSince(start) / 1e9);
    }
    print(summarize(
        "bulk-from-host-" + sizeName(bytes), "GB/s", in, Better::Higher,
        "sums of " + std::to_string(count) + " payloads, one host thread"));
    print(summarize("bulk-to-host-" + sizeName(bytes), "GB/s", out,
                    Better::Higher, "asked for one by one by one host thread"));
  }
  requireEmptyPool(system);
}

constexpr Part<Settings> Parts[] = {
    {"hop", "a payload from actor to actor, untouched", measureHop},
    {"read", "payloads that a warp reads", measureRead},
    {"copy", "payloads that a warp copies", measureCopy},
    {"host", "payloads from and to the host", measureHost},
};

} // namespace
} // namespace rkbench

int main(int count, char **arguments) {
  return rkbench::runProgram({.name = "rk-bulk", .quick = 32}, rkbench::Parts,
                             count, arguments);
}
