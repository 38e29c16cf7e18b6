//===- Blocks.cpp - Payloads that block actors copy -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// rk-bulk-blocks: how fast block actors copy payloads, by `rk::copyTogether`
/// and by their lanes' registers alone. Each sends itself the copy; the last is
/// looked at.
///
//===----------------------------------------------------------------------===//

#include "blocks.h"
#include "Measure.h"

#include <algorithm>

namespace rkbench {
namespace {

template <Way way>
void measureCopies(const Settings &settings, const char *name,
                   std::uint32_t blocks, std::uint64_t bytes) {
  using Actor = BlockCarrier<way>;
  rk::SystemOptions options = optionsFor(settings);
  options.blockActors = blocks;
  rk::System system(options);
  const auto collector = system.spawn<Collector>();
  std::vector<rk::ActorRef<Actor>> actors;
  for (std::uint32_t i = 0; i < blocks; ++i)
    actors.push_back(system.spawn<Actor>());
  const std::uint64_t total = (std::min(blocks, 32u) * (2ull << 30)) /
                              settings.divisor / settings.divisor;
  const auto hops = std::uint32_t(
      std::clamp<std::uint64_t>(total / (bytes * blocks), 4, 4096));
  std::vector<double> rates;
  for (int run = 0; run < 4; ++run) {
    const auto start = Clock::now();
    for (const auto actor : actors)
      require(system.send(
          actor, typename Actor::Begin{actor, collector,
                                       std::uint32_t(bytes / 16), hops}));
    const Sums sums =
        system.ask<Sums>(collector, Expect{blocks}, Patience).get();
    require(sums.wrong == 0, "every payload was whole");
    if (run != 0)
      rates.push_back(double(bytes) * blocks * (hops + 1) /
                      secondsSince(start) / 1e9);
    requireEmptyPool(system);
  }
  print(summarize(std::string(name) + "-" + sizeName(bytes) + "-" +
                      std::to_string(blocks),
                  "GB/s", rates, Better::Higher,
                  "each element behind " + std::to_string(hops) +
                      " hops of a payload of each of so many block actors"));
}

template <std::uint32_t Blocks> void measureBlocks(const Settings &settings) {
  for (const std::uint64_t bytes : {1ull << 20, 4ull << 20}) {
    measureCopies<Way::Together>(settings, "bulk-block-copy", Blocks, bytes);
    measureCopies<Way::Registers>(settings, "bulk-block-registers", Blocks,
                                  bytes);
  }
}

constexpr Part<Settings> Parts[] = {
    {"few", "8 block actors", measureBlocks<8>},
    {"many", "64 block actors", measureBlocks<64>},
};

} // namespace
} // namespace rkbench

int main(int count, char **arguments) {
  return rkbench::runProgram({.name = "rk-bulk-blocks", .quick = 32},
                             rkbench::Parts, count, arguments);
}
