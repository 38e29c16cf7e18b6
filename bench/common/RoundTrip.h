//===- RoundTrip.h - From the host to an actor and back ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "System.h"

#include <cstdint>
#include <vector>

namespace rkbench {

/// Asks an `Echo`, which replies one more, and waits; one at a time. Prints the
/// row `name`.
template <class Echo, class Ping>
void measureRoundTripTo(const char *name, rk::BackendKind backend,
                        std::uint64_t divisor) {
  rk::SystemOptions options;
  options.backend = backend;
  rk::System system(options);
  const auto echo = system.spawn<Echo>();
  const std::uint64_t warmUp = 1000, trips = 50000 / divisor;
  std::vector<double> samples;
  samples.reserve(trips);
  for (std::uint64_t i = 0; i < warmUp + trips; ++i) {
    const Clock::time_point begin = Clock::now();
    const auto pong = system.ask(echo, Ping{i}).get();
    const double time = nanosecondsSince(begin);
    require(pong.value == i + 1, "the reply belongs to its request");
    if (i >= warmUp)
      samples.push_back(time);
  }
  requireNoDeadLetters(system);
  print(summarize(name, "ns", samples, Better::Lower,
                  "every reply equals its request plus one"));
}

} // namespace rkbench
