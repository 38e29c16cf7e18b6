//===- Programs.h - Savina's programs on CAF --------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the programs share. Each does what its namesake in `bench/savina` does,
/// written as CAF's manual writes actors. The clock runs from the message that
/// starts a run to the message that ends it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "../../common/Rows.h"
#include "../../savina/Parameters.h"

#include <caf/all.hpp>

#include <cmath>
#include <stdexcept>

namespace peers {

/// What an actor is asked for, and its answer: how many messages it received.
struct TallyQuery {};
struct Tally {
  std::uint64_t received;
};
struct WorkDone {
  std::uint64_t count;
  double sum;
};
/// What every run ends with; programs use the field that they need.
struct Done {
  std::uint64_t count;
  double sum;
};

struct Settings {
  savina::Parameters parameters = savina::Full;
  std::size_t workers = 1;
  /// CAF's scheduler: by default each worker has a queue and takes from the
  /// others' when it has nothing left; else all share one queue.
  bool sharesQueue = false;
};

inline void require(bool condition, const char *what) {
  if (!condition)
    throw std::runtime_error(std::string("check failed: ") + what);
}

/// CAF starts at least four workers unless told; we start one for each hardware
/// thread, as our own CPU back end does.
class Config : public caf::actor_system_config {
public:
  explicit Config(const Settings &settings) {
    set("scheduler.max-threads", settings.workers);
    if (settings.sharesQueue)
      set("scheduler.policy", caf::atom("sharing"));
  }
};

/// Waits for `Done`, at most a minute.
inline Done awaitDone(caf::scoped_actor &self) {
  Done done{};
  bool late = false;
  self->receive([&](Done value) { done = value; },
                caf::after(std::chrono::seconds(60)) >> [&] { late = true; });
  require(!late, "the run ended within a minute");
  return done;
}

/// Calls `start`, waits for `Done`, and returns both it and milliseconds.
template <class Start>
std::pair<Done, double> timed(caf::scoped_actor &self, Start start) {
  const rkbench::Clock::time_point begin = rkbench::Clock::now();
  start();
  const Done done = awaitDone(self);
  return {done, rkbench::nanosecondsSince(begin) * 1e-6};
}

/// Asks an actor for its count.
inline std::uint64_t askTally(caf::scoped_actor &self,
                              const caf::actor &actor) {
  std::uint64_t received = 0;
  self->request(actor, caf::infinite, TallyQuery{})
      .receive([&](Tally tally) { received = tally.received; },
               [](const caf::error &) { require(false, "an actor answered"); });
  return received;
}

/// Calls `once` for each run; it checks its run and returns milliseconds.
template <class Once>
void measure(const Settings &settings, const char *name, const char *checked,
             Once once) {
  once(); // warm-up
  std::vector<double> samples;
  for (std::uint64_t run = 0; run < settings.parameters.Runs; ++run)
    samples.push_back(once());
  rkbench::print(rkbench::summarize(std::string("savina-") + name, "ms",
                                    samples, rkbench::Better::Lower, checked));
}

inline double compute(double theta) {
  const double sine = std::sin(theta);
  return sine * sine;
}
inline bool isSumOfWork(Done done, std::uint64_t count) {
  const double expected = double(count) * compute(savina::Theta);
  return done.count == count && std::abs(done.sum - expected) < 1e-9 * expected;
}

void pingPong(const Settings &settings);
void counting(const Settings &settings);
void forkJoinThroughput(const Settings &settings);
void forkJoinCreate(const Settings &settings);
void threadRing(const Settings &settings);
void big(const Settings &settings);
void skynet(const Settings &settings);

} // namespace peers

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::TallyQuery)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::Tally)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::WorkDone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(peers::Done)
