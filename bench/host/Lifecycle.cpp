//===- Lifecycle.cpp - Starting and stopping a system -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

namespace rkbench {
namespace {

struct Times {
  std::vector<double> start, stop;
};

/// Starts and stops one system; `pairs` of actors send to each other forever.
void startAndStop(const Settings &settings, unsigned pairs, Times &times) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = 4096;
  const Clock::time_point begin = Clock::now();
  rk::System system(options);
  times.start.push_back(nanosecondsSince(begin));
  const auto echo = system.spawn<Echo>();
  require(system.ask(echo, Ping{1}).get().value == 2, "the system works");
  for (unsigned i = 0; i < pairs; ++i) {
    const auto first = system.spawn<Rallier>();
    const auto second = system.spawn<Rallier>();
    require(system.send(first, Rallier::Forever{second}));
  }
  const Clock::time_point end = Clock::now();
  require(system.shutdown());
  times.stop.push_back(nanosecondsSince(end));
}

} // namespace

void measureLifecycle(const Settings &settings) {
  Times idle, busy, discard;
  startAndStop(settings, 0, discard);
  for (int run = 0; run < 10; ++run) {
    startAndStop(settings, 0, idle);
    startAndStop(settings, 256, busy);
  }
  print(summarize("system-start-first", "ns", discard.start, Better::Lower,
                  "one request answered"));
  print(summarize("system-start", "ns", idle.start, Better::Lower,
                  "one request answered"));
  print(summarize("system-stop-idle", "ns", idle.stop, Better::Lower,
                  "shutdown returned Ok"));
  print(summarize("system-stop-busy", "ns", busy.stop, Better::Lower,
                  "shutdown returned Ok; 256 pairs of actors were sending"));
}

} // namespace rkbench
