//===- Traffic.h - Messages that go on among actors -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Keeps a number of messages on their way among walkers, and measures how many
/// are handled. What all walkers have received, their number and the sum of
/// their hashes, must be what follows from the seeds of the walks; and of one
/// walk before those that are measured, the host goes all ways as well and
/// compares each walker's.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Bench.h"
#include "Tallies.h"

#include <algorithm>
#include <random>
#include <span>
#include <vector>

namespace rkbench {

using Walkers = std::vector<rk::ActorRef<Walker>>;

inline constexpr std::uint64_t UsualPerWorker = 32;
inline constexpr std::uint32_t Ledgers = 256;

/// How often and how long a row is measured.
struct Runs {
  int count = 5;
  double seconds = 0.3;
};

inline Runs runsFor(const Settings &settings, int count = 5, double times = 1) {
  return {count, 0.3 * times / double(settings.divisor)};
}

/// A system with room for so many walkers, and no more than they need.
rk::SystemOptions optionsForWalkers(const Settings &settings,
                                    std::uint32_t actors);
Walkers makeWalkers(rk::System &system, std::uint32_t count);

/// What a message is to a walk: its content, how many receive it, and what is
/// left of a walk at its begin.
template <class Message> struct WalkOf;
template <unsigned Size> struct WalkOf<Step<Size>> {
  using Content = Step<Size>;
  static constexpr unsigned Bytes = Size, Copies = 1;
};
template <unsigned Size> struct WalkOf<Tidings<Size>> {
  using Content = Step<Size>;
  static constexpr unsigned Bytes = Size, Copies = 4;
};

/// What the receivers of a walk count, all together.
template <class Message>
Tally tallyOfWalk(typename WalkOf<Message>::Content step) {
  Tally tally{1, hashOf(step)};
  while (step.words[1] != 0) {
    step = stepAfter(step);
    tally.received += WalkOf<Message>::Copies;
    tally.sum += hashOf(step);
    typename WalkOf<Message>::Content last = step;
    last.words[1] = 0;
    tally.sum += (WalkOf<Message>::Copies - 1) * hashOf(last);
  }
  return tally;
}

/// Messages on their way through one set of actors.
class Traffic {
public:
  /// Takes `Ledgers` actors of the system.
  Traffic(rk::System &system, Walkers walkers);

  /// Connects each walker with four: `draw(walker, k, random)` is the place of
  /// the k-th. Then makes a walk that the host makes too.
  template <class Draw> void connect(Draw draw) {
    std::mt19937_64 random(7);
    routes_.resize(walkers_.size());
    for (std::size_t i = 0; i < walkers_.size(); ++i)
      for (std::uint32_t k = 0; k < 4; ++k)
        routes_[i][k] = std::uint32_t(draw(i, k, random));
    sendRoutes();
    checkRoutes();
  }

  /// Prints the row `name` with `inFlight` messages on their way.
  template <class Message>
  void measure(const std::string &name, std::uint64_t inFlight, Runs runs) {
    const std::uint64_t steps = stepsFor<Message>(inFlight, runs.seconds);
    std::vector<double> rates;
    for (int run = 0; run < runs.count; ++run)
      rates.push_back(walk<Message>(inFlight, steps));
    check(WalkOf<Message>::Bytes == 8 ? UINT32_MAX : UINT64_MAX);
    Row row = summarize(
        name, "M msg/s", rates, Better::Higher,
        "number and hash of all bytes of all messages, computed by the "
        "host from " +
            std::to_string(inFlight) + " walks in flight");
    row.content = WalkOf<Message>::Bytes;
    print(row);
  }

private:
  /// Seeds are all different.
  template <class Word> static Word seedOf(std::uint64_t walk) {
    if constexpr (sizeof(Word) == 4)
      return Word(walk * 2654435761u);
    walk *= 0x9e3779b97f4a7c15u;
    walk = (walk ^ walk >> 30) * 0xbf58476d1ce4e5b9u;
    return Word(walk ^ walk >> 27);
  }

  /// Starts `inFlight` walks of `steps` steps each; returns millions of
  /// messages a second.
  template <class Message>
  double walk(std::uint64_t inFlight, std::uint64_t steps) {
    using Content = typename WalkOf<Message>::Content;
    constexpr std::uint64_t RowLength = 256;
    std::mt19937_64 random(steps);
    std::vector<rk::ActorRef<Walker>> receivers;
    std::vector<Message> messages;
    std::uint64_t seeds = 0;
    const Clock::time_point begin = Clock::now();
    for (std::uint64_t i = 0; i < inFlight;) {
      receivers.clear();
      messages.clear();
      for (; i < inFlight && messages.size() < RowLength; ++i) {
        const auto seed = seedOf<typename Content::Word>(i + 1);
        seeds += seed;
        receivers.push_back(walkers_[random() % walkers_.size()]);
        messages.push_back({beginWalk<WalkOf<Message>::Bytes>(seed, steps)});
      }
      require(system_.sendAll(receivers, messages));
    }
    require(system_.waitIdle());
    const double seconds = secondsSince(begin);
    // All is added and multiplied by constants, so what is counted is a
    // multiple of the seed and something that all walks have.
    const Tally none =
        tallyOfWalk<Message>(beginWalk<WalkOf<Message>::Bytes>(0, steps));
    const Tally one =
        tallyOfWalk<Message>(beginWalk<WalkOf<Message>::Bytes>(1, steps));
    expected_.received += inFlight * none.received;
    expected_.sum += inFlight * none.sum + seeds * (one.sum - none.sum);
    return double(inFlight) * double(none.received) / seconds / 1e6;
  }

  /// Returns how many steps take `seconds`: long enough for the ends of a run
  /// not to matter.
  template <class Message>
  std::uint64_t stepsFor(std::uint64_t inFlight, double seconds) {
    constexpr std::uint64_t Most = 1u << 24;
    for (std::uint64_t steps = 16;;) {
      const Clock::time_point begin = Clock::now();
      walk<Message>(inFlight, steps);
      const double times = seconds / secondsSince(begin);
      const auto more = std::uint64_t(double(steps) * std::min(times, 16.0));
      if (times < 6 || more >= Most)
        return std::clamp<std::uint64_t>(more, 1, Most);
      steps = more;
    }
  }

  void sendRoutes();
  void checkRoutes();
  /// Compares what all walkers have received with what follows from the seeds,
  /// in those bits of the sum.
  void check(std::uint64_t bits);
  Tally addTallies();

  rk::System &system_;
  const Walkers walkers_;
  std::vector<rk::ActorRef<Ledger>> ledgers_;
  std::vector<std::array<std::uint32_t, 4>> routes_;
  Tally expected_{};
};

} // namespace rkbench
