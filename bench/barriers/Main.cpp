//===- Main.cpp - What a barrier in a handler takes -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// rk-barriers: the mean time of `rk::Group::sync` in handlers that run in a
/// block, a cluster and the grid, read on the device. On the CPU back end,
/// whose groups have one lane, the rows only show that the program works.
///
//===----------------------------------------------------------------------===//

#include "../common/Program.h"
#include "actors.h"

#include <vector>

namespace rkbench {
namespace {

struct Settings {
  rk::BackendKind backend = rk::BackendKind::Automatic;
  std::uint32_t divisor = 1;
};

/// As few others as can be, so that the grid is as large as it gets.
rk::SystemOptions optionsFor(const Settings &settings) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = 1 << 12;
  options.workers = 1;
  options.blockActors = 1;
  options.clusterActors = 1;
  return options;
}

template <class Actor>
void measure(const Settings &settings, const char *name) {
  constexpr auto Patience = std::chrono::seconds(60);
  rk::System system(optionsFor(settings));
  const auto team = system.spawn<Actor>();
  const std::uint32_t rounds = 20000 / settings.divisor;
  const Checked checked = system.ask(team, Check{rounds}, Patience).get();
  require(checked.missed == 0, "every round saw the mark of another lane");
  std::vector<double> samples;
  std::uint64_t lanes = 0;
  for (int run = 0; run < 21; ++run) {
    const Took took = system.ask(team, Time{rounds}, Patience).get();
    samples.push_back(double(took.ns) / rounds);
    lanes = took.lanes;
  }
  require(system.ask(team, Check{rounds}, Patience).get().missed == 0,
          "every round saw the mark of another lane, afterwards");
  requireNoDeadLetters(system);
  char text[160];
  std::snprintf(text, sizeof text,
                "a mark of another of %llu lanes in each of %u rounds before, "
                "which took %.4g ns with it, and after",
                static_cast<unsigned long long>(lanes), rounds,
                double(checked.ns) / rounds);
  print(summarize(name, "ns", samples, Better::Lower, text));
}

void measureBlock(const Settings &settings) {
  measure<BlockTeam>(settings, "block-barrier");
}
void measureCluster(const Settings &settings) {
  measure<ClusterTeam>(settings, "cluster-barrier");
}
void measureGrid(const Settings &settings) {
  measure<GridTeam>(settings, "grid-barrier");
}

constexpr Part<Settings> Parts[] = {
    {"block-barrier", "sync() of a block", measureBlock},
    {"cluster-barrier", "sync() of a cluster", measureCluster},
    {"grid-barrier", "sync() of the grid", measureGrid},
};

} // namespace
} // namespace rkbench

int main(int count, char **arguments) {
  return rkbench::runProgram("rk-barriers", rkbench::Parts, count, arguments);
}
