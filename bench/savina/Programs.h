//===- Programs.h - What the programs' host sides share --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each program starts one system, runs several times in it, and prints one
/// row, after counts and sums were checked. The clock runs from the request
/// that starts a run to the reply that ends it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "../common/System.h"
#include "actors.h"

#include <cmath>

namespace savina {

struct Settings {
  rk::BackendKind backend = rk::BackendKind::Automatic;
  std::uint64_t divisor = 1; ///< another than 1: `Quick`
  [[nodiscard]] const Parameters &parameters() const {
    return divisor == 1 ? Full : Quick;
  }
};

using rkbench::require;

/// Sends `message` and returns the reply and how long it took, in
/// milliseconds.
template <class Reply, class Actor, class Message>
std::pair<Reply, double> timedAsk(rk::System &system, rk::ActorRef<Actor> actor,
                                  const Message &message) {
  const rkbench::Clock::time_point begin = rkbench::Clock::now();
  const Reply reply =
      system.ask<Reply>(actor, message, std::chrono::seconds(60)).get();
  return {reply, rkbench::nanosecondsSince(begin) * 1e-6};
}

/// Calls `once` for each run; it checks its run and returns milliseconds.
template <class Once>
void measure(const Settings &settings, rk::System &system, const char *name,
             const char *checked, Once once) {
  once(); // warm-up
  std::vector<double> samples;
  for (std::uint64_t run = 0; run < settings.parameters().Runs; ++run)
    samples.push_back(once());
  require(system.waitIdle());
  rkbench::requireNoDeadLetters(system);
  rkbench::print(rkbench::summarize(std::string("savina-") + name, "ms",
                                    samples, rkbench::Better::Lower, checked));
}

/// Whether `count` workers have each computed the square of Theta's sine.
inline bool isSumOfWork(WorkDone done, std::uint64_t count) {
  const double expected = double(count) * std::sin(Theta) * std::sin(Theta);
  return done.count == count && std::abs(done.sum - expected) < 1e-9 * expected;
}

void pingPong(const Settings &settings);
void counting(const Settings &settings);
void forkJoinThroughput(const Settings &settings);
void forkJoinCreate(const Settings &settings);
void threadRing(const Settings &settings);
void big(const Settings &settings);
void skynet(const Settings &settings);

} // namespace savina
