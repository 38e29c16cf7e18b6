//===- Traffic.h - Messages that go on among actors -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Keeps a number of messages on their way among walkers, and measures how many
/// are handled.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Bench.h"
#include "Tallies.h"

#include <algorithm>
#include <random>
#include <vector>

namespace rkbench {

using Walkers = std::vector<rk::ActorRef<Walker>>;

inline constexpr std::uint64_t UsualPerWorker = 32;

/// How long one run lasts, in seconds.
inline double enough(const Settings &settings) {
  return 0.3 / double(settings.divisor);
}

/// Messages on their way through one set of actors.
class Traffic {
public:
  Traffic(rk::System &system, const Walkers &walkers)
      : system_(system), walkers_(walkers) {}

  /// Starts `inFlight` messages that make `steps` steps each; returns seconds.
  template <class Message>
  double walk(std::uint64_t inFlight, std::uint32_t steps) {
    std::mt19937_64 random(steps);
    const Clock::time_point begin = Clock::now();
    for (std::uint64_t i = 0; i < inFlight; ++i) {
      Message message{};
      message.left = steps - 1;
      message.random = std::uint32_t(random());
      require(system_.send(walkers_[random() % walkers_.size()], message));
    }
    require(system_.waitIdle());
    expected_ += inFlight * steps;
    return secondsSince(begin);
  }

  /// Doubles the steps until a run is long enough for its ends not to matter,
  /// then measures; returns the median of millions of messages a second.
  template <class Message>
  double measure(const std::string &name, std::uint64_t inFlight,
                 double enough) {
    std::uint32_t steps = 64;
    double seconds = 0;
    for (;; steps *= 2) {
      seconds = walk<Message>(inFlight, steps);
      if (seconds > enough / 2 || steps >= 1u << 30)
        break;
    }
    steps = std::uint32_t(std::max(1.0, steps * enough / seconds));
    std::vector<double> rates;
    for (int run = 0; run < 5; ++run) {
      seconds = walk<Message>(inFlight, steps);
      rates.push_back(double(inFlight) * steps / seconds / 1e6);
    }
    require(addTallies(system_, walkers_).received == expected_,
            "every message was handled once");
    requireNoDeadLetters(system_);
    const Row row =
        summarize(name, "M msg/s", rates, Better::Higher,
                  "count of all receivers, " + std::to_string(inFlight) +
                      " messages in flight");
    print(row);
    return row.p50;
  }

private:
  rk::System &system_;
  const Walkers &walkers_;
  std::uint64_t expected_ = 0;
};

} // namespace rkbench
