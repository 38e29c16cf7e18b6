//===- Asking.cpp - Many requests of the host at a time ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include <deque>
#include <thread>

namespace rkbench {
namespace {

constexpr std::size_t InFlight = 64; ///< requests of a thread

using Echoes = std::vector<rk::ActorRef<Echo>>;

/// Asks `count` times, `InFlight` at a time; returns false for a wrong answer.
bool askMany(rk::System &system, const Echoes &echoes, std::uint64_t count,
             std::size_t offset) {
  std::deque<rk::Future<Pong>> waiting;
  std::uint64_t next = 0;
  bool isRight = true;
  for (std::uint64_t answered = 0; answered < count; ++answered) {
    for (; next < count && waiting.size() < InFlight; ++next)
      waiting.push_back(system.ask(echoes[(offset + next) % echoes.size()],
                                   Ping{offset + next}));
    isRight &= waiting.front().get().value == offset + answered + 1;
    waiting.pop_front();
  }
  return isRight;
}

/// Returns millions of answers a second.
double askOnce(rk::System &system, const Echoes &echoes, unsigned threads,
               std::uint64_t perThread) {
  std::vector<char> isRight(threads);
  const Clock::time_point begin = Clock::now();
  std::vector<std::thread> askers;
  for (unsigned t = 0; t < threads; ++t)
    askers.emplace_back([&, t] {
      isRight[t] = askMany(system, echoes, perThread, t * perThread);
    });
  for (std::thread &asker : askers)
    asker.join();
  const double seconds = secondsSince(begin);
  for (const char right : isRight)
    require(right != 0, "every answer equals its request plus one");
  return double(perThread) * threads / seconds / 1e6;
}

} // namespace

/// Host threads that ask and take answers, each with 64 requests under way.
void measureAsking(const Settings &settings) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  rk::System system(options);
  const Echoes echoes =
      system.spawnMany<Echo>(4096, [](auto) { return Echo(); }).value();
  for (unsigned threads : {1u, 4u, 16u}) {
    const std::uint64_t perThread = 1'000'000 / threads / settings.divisor;
    std::vector<double> rates;
    for (int run = 0; run <= 5; ++run) {
      const double rate = askOnce(system, echoes, threads, perThread);
      if (run > 0)
        rates.push_back(rate);
    }
    requireNoDeadLetters(system);
    print(summarize("host-asks-" + std::to_string(threads) + "-threads",
                    "M answers/s", rates, Better::Higher,
                    "every answer equals its request plus one; 64 under way a "
                    "thread"));
  }
}

} // namespace rkbench
