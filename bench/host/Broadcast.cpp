//===- Broadcast.cpp - One message from one actor to many -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Actors tell their news to others, drawn at random, in one handler. Every
/// actor must have received as many copies as those who have it for a listener
/// have made broadcasts, and all values together must add up.
///
//===----------------------------------------------------------------------===//

#include "Bench.h"
#include "Tallies.h"

#include <algorithm>
#include <bit>
#include <random>
#include <vector>

namespace rkbench {
namespace {

using Heralds = std::vector<rk::ActorRef<Herald>>;

/// The listeners of each herald, as indices.
using Circles = std::vector<std::array<std::uint32_t, BroadcastCopies>>;

/// Draws listeners that are not twice in one circle: an odd step through a
/// number of heralds that is a power of two.
Circles drawCircles(std::uint32_t count) {
  std::mt19937_64 random(11);
  Circles circles(count);
  for (auto &circle : circles) {
    const auto first = std::uint32_t(random());
    const auto step = std::uint32_t(random()) | 1;
    for (std::uint32_t i = 0; i < circle.size(); ++i)
      circle[i] = (first + i * step) % count;
  }
  return circles;
}

class Broadcasts {
public:
  Broadcasts(rk::System &system, std::uint32_t count)
      : system_(system),
        heralds_(system.spawnMany<Herald>(count, [](auto) { return Herald(); })
                     .value()),
        circles_(drawCircles(count)), expected_(count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      Listeners listeners;
      std::transform(circles_[i].begin(), circles_[i].end(),
                     listeners.heralds.begin(),
                     [this](std::uint32_t to) { return heralds_[to]; });
      require(system_.send(heralds_[i], listeners));
    }
    require(system_.waitIdle());
  }

  /// Starts `chains` chains of `length` broadcasts; returns seconds.
  double tell(std::uint64_t chains, std::uint32_t length) {
    std::mt19937_64 random(length);
    const Clock::time_point begin = Clock::now();
    for (std::uint64_t i = 0; i < chains; ++i) {
      const std::size_t first = random() % heralds_.size();
      const News news{heralds_[first], length, std::uint32_t(random()), 0};
      require(system_.send(heralds_[first], news));
      ++expected_[first];
      starts_.push_back(news);
    }
    require(system_.waitIdle());
    return secondsSince(begin);
  }

  /// Compares what every herald has received with what was sent to it.
  void check() {
    for (; !starts_.empty(); starts_.pop_back())
      for (News news = starts_.back(); news.left > 0;) {
        news = newsAfter(news);
        sum_ += BroadcastCopies * news.value;
      }
    const std::vector<NewsTally> tallies =
        askAll<NewsTally>(system_, heralds_, NewsQuery{});
    std::vector<std::uint64_t> copies = expected_;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < tallies.size(); ++i) {
      sum += tallies[i].sum;
      for (const std::uint32_t to : circles_[i])
        copies[to] += tallies[i].broadcasts;
    }
    for (std::size_t i = 0; i < tallies.size(); ++i)
      require(tallies[i].received == copies[i], "every copy came once");
    require(sum == sum_, "what was received adds up");
    requireNoDeadLetters(system_);
  }

private:
  rk::System &system_;
  const Heralds heralds_;
  const Circles circles_;
  /// What the host has sent to each herald.
  std::vector<std::uint64_t> expected_;
  std::vector<News> starts_;
  std::uint64_t sum_ = 0;
};

/// Doubles the length until a run is long enough for its ends not to matter.
std::uint32_t lengthFor(Broadcasts &broadcasts, std::uint64_t chains,
                        double enough) {
  for (std::uint32_t length = 16;; length *= 2) {
    const double seconds = broadcasts.tell(chains, length);
    if (seconds > enough / 2 || length >= 1u << 24)
      return std::uint32_t(std::max(1.0, length * enough / seconds));
  }
}

} // namespace

void measureBroadcast(const Settings &settings) {
  const auto count = std::uint32_t(
      std::max<std::uint64_t>(1u << 15, (1u << 20) / settings.divisor));
  rk::SystemOptions options;
  options.backend = settings.backend;
  options.maxActors = count;
  rk::System system(options);
  Broadcasts broadcasts(system, std::bit_floor(count));
  const std::uint64_t chains = system.description().workers;
  const std::uint32_t length =
      lengthFor(broadcasts, chains, 0.3 / double(settings.divisor));
  std::vector<double> rates;
  for (int run = 0; run < 5; ++run)
    rates.push_back(double(chains) * length * BroadcastCopies /
                    broadcasts.tell(chains, length) / 1e6);
  broadcasts.check();
  print(summarize("pooled-1M-broadcast", "M msg/s", rates, Better::Higher,
                  "copies that each actor received, and the sum of all; each "
                  "of " +
                      std::to_string(BroadcastCopies) + " copies, " +
                      std::to_string(chains) + " broadcasts under way"));
}

} // namespace rkbench
