//===- MovesTest.cpp - Shards that change their worker --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Order, delivery and idleness hold while shards move at random; and a load
/// that one worker had is spread.
///
//===----------------------------------------------------------------------===//

#include "Seed.h"
#include "TestSystem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <set>

using namespace rk::abi;
using namespace rk::test;

namespace {

struct State {
  uint64_t word[8] = {};
};
static_assert(sizeof(State) == 64);

enum Message : uint32_t { Go = 0, Data = 1, Ask = 2, Work = 3 };

/// The first word of a message.
uint64_t wordOf(const void *bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

void spin(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end)
    ;
}

TestSizes movingSizes(BalanceMode mode) {
  TestSizes sizes;
  sizes.balance = mode;
  sizes.workers = 4;
  sizes.poolSegments = 4096;
  sizes.shards = 64;
  return sizes;
}

std::vector<uint64_t> spawnSome(TestSystem &system, uint32_t count) {
  const State state;
  std::vector<uint64_t> actors;
  for (uint32_t i = 0; i < count; ++i)
    actors.push_back(system.spawn(&state));
  return actors;
}

//===----------------------------------------------------------------------===//
// Nothing is overtaken
//===----------------------------------------------------------------------===//

/// Askers ask tellers, which send to a counter before they answer; the asker
/// then sends to the same counter, straight or by another actor. What the
/// teller sent is there first.
class Gossip {
public:
  static constexpr uint32_t Triples = 16;

  explicit Gossip(TestSystem &system) : system(system) {
    dispatch = [this](uint32_t message, void *, const void *bytes, void *,
                      void *context) {
      return handle(message, wordOf(bytes), context);
    };
    system.start();
    actors = spawnSome(system, 4 * Triples);
  }

  /// Each asker asks `rounds` times.
  void run(uint64_t rounds) {
    for (uint32_t i = 0; i < Triples; ++i)
      system.send(actors[4 * i], Go, &rounds, sizeof(rounds));
  }

  std::atomic<uint64_t> wrong{0}, counted{0};

private:
  /// Of four actors, the first asks, the second answers, the third passes on
  /// and the fourth counts: for question k 2k from the one that answers, then
  /// 2k + 1 over the one that passes on, which ends it.
  uint32_t handle(uint32_t message, uint64_t word, void *context) {
    const uint32_t self = Address{rk_self(context)}.slot();
    const uint32_t first = self / 4 * 4;
    switch (self % 4) {
    case 0:
      return ask(first, message, word, context);
    case 1:
      send(context, first + 3, 2 * word);
      send(context, first, word, Ask);
      return 1;
    case 2:
      send(context, first + 3, word);
      return 1;
    default:
      ++counted;
      wrong += expected[first / 4]++ != word;
      if (word % 2 == 1)
        send(context, first, word / 2);
      return 1;
    }
  }

  uint32_t ask(uint32_t first, uint32_t message, uint64_t word, void *context) {
    uint64_t &end = ends[first / 4];
    if (message == Ask) {
      send(context, first + 2, 2 * word + 1);
    } else if (message == Go) {
      send(context, first + 1, end);
      end += word;
    } else if (word + 1 != end) {
      send(context, first + 1, word + 1);
    }
    return 1;
  }

  void send(void *context, uint32_t to, uint64_t word,
            uint32_t message = Work) {
    rk_enqueue(context, actors[to], message, &word, sizeof(word), 0);
  }

  TestSystem &system;
  std::vector<uint64_t> actors;
  uint64_t ends[Triples] = {};     ///< questions, once all are asked
  uint64_t expected[Triples] = {}; ///< what the counter gets next
};

class MovesAndRoom : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(HeldLimit, MovesAndRoom,
                         testing::Values(0u, 1u, MaxHeld));

TEST_P(MovesAndRoom, WhatWasSentBeforeAnAnswerIsThereFirst) {
  TestSizes sizes = movingSizes(BalanceMode::Random);
  sizes.heldLimit = GetParam();
  TestSystem system(sizes);
  Gossip gossip(system);
  for (uint64_t round = 1; round <= 4; ++round) {
    gossip.run(2000);
    ASSERT_TRUE(system.waitIdle());
    EXPECT_EQ(gossip.counted, round * 2 * 2000 * Gossip::Triples);
  }
  system.stop();
  EXPECT_EQ(gossip.wrong, 0u);
  EXPECT_GT(system.moves(), 20u);
  EXPECT_EQ(system.control.fault.status, 0u);
}

/// The host sends to actors that move, faster than they handle: their new
/// workers hold back as much as they can, and leave the rest in their inboxes.
class Flood {
public:
  static constexpr uint32_t Actors = 64;

  Flood(TestSystem &system, std::chrono::microseconds each) : system(system) {
    dispatch = [this, each](uint32_t, void *state, const void *bytes, void *,
                            void *) -> uint32_t {
      // The state is the actor's own, whoever runs it.
      auto &own = *static_cast<State *>(state);
      wrong += own.word[0]++ != wordOf(bytes);
      if (each.count() != 0)
        spin(each);
      handled.fetch_add(1, std::memory_order_relaxed);
      return 1;
    };
    system.start();
    actors = spawnSome(system, Actors);
  }

  void send(uint32_t rounds) {
    for (uint32_t i = 0; i < rounds; ++i, ++next)
      for (const uint64_t actor : actors)
        system.send(actor, Work, &next, sizeof(next));
    sent += uint64_t(rounds) * Actors;
  }

  std::atomic<uint64_t> wrong{0}, handled{0};
  uint64_t sent = 0;

private:
  TestSystem &system;
  std::vector<uint64_t> actors;
  uint64_t next = 0;
};

uint32_t mostHeld(const TestSystem &system) {
  uint32_t most = 0;
  for (uint32_t i = 0; i < system.launch.moves->arrivalLimit; ++i)
    most = std::max(most, system.launch.moves->arrivals[i].held);
  return most;
}

TEST(Moves, AFloodFromTheHostStaysInOrder) {
  TestSystem system(movingSizes(BalanceMode::Random));
  Flood flood(system, std::chrono::microseconds(2));
  flood.send(400);
  ASSERT_TRUE(system.waitIdle());
  EXPECT_EQ(flood.handled, flood.sent);
  system.stop();
  EXPECT_EQ(flood.wrong, 0u);
  EXPECT_GT(system.moves(), 0u);
  // Each inbox may be within one, and has the next.
  EXPECT_GE(system.freeSegments(), 4096 - 2 * 4);
}

/// New owners get more messages than they can hold back.
TEST(Moves, AWorkerThatHoldsAllItCanLeavesTheRest) {
  TestSizes sizes = movingSizes(BalanceMode::Random);
  sizes.heldLimit = 3;
  uint32_t most = 0;
  for (int round = 0; round < 200 && most < sizes.heldLimit; ++round) {
    TestSystem system(sizes);
    Flood flood(system, std::chrono::microseconds(5));
    flood.send(50);
    // In the middle of it, but for the first time.
    if (round == 0) {
      ASSERT_TRUE(system.waitIdle());
      EXPECT_EQ(flood.handled, flood.sent);
    }
    system.stop();
    EXPECT_EQ(flood.wrong, 0u);
    most = std::max(most, mostHeld(system));
  }
  EXPECT_EQ(most, sizes.heldLimit);
}

//===----------------------------------------------------------------------===//
// Idleness, and the end
//===----------------------------------------------------------------------===//

/// Idle means that nothing is held back either.
TEST(Moves, IdleMeansNothingIsHeld) {
  TestSystem system(movingSizes(BalanceMode::Random));
  Flood flood(system, {});
  for (int round = 0; round < 300; ++round) {
    flood.send(1 + round % 7);
    ASSERT_TRUE(system.waitIdle());
    ASSERT_EQ(flood.handled, flood.sent) << "round " << round;
  }
  system.stop();
  EXPECT_GT(system.moves(), 0u);
}

/// Ends at any moment of a move, and soon.
TEST(Moves, ARunEndsInTheMiddle) {
  RK_NAME_SEED();
  Random random(1);
  std::set<MoveStage> stages;
  for (int round = 0; round < 40; ++round) {
    TestSystem system(movingSizes(BalanceMode::Random));
    Flood flood(system, std::chrono::microseconds(round % 2));
    flood.send(20 + uint32_t(random.below(20)));
    spin(std::chrono::microseconds(random.below(2000)));
    const auto begin = std::chrono::steady_clock::now();
    system.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin,
              std::chrono::seconds(10));
    EXPECT_EQ(flood.wrong, 0u);
    stages.insert(system.launch.moves->stage);
    // What is left is counted by the host as sent and not handled.
    uint64_t sent = 0, handled = 0;
    for (uint32_t i = 0; i < 6; ++i) {
      sent += system.launch.progress[i].sent;
      handled += system.launch.progress[i].handled;
    }
    EXPECT_GE(sent + Flood::Actors, handled);
  }
  EXPECT_GT(stages.size(), 1u);
}

//===----------------------------------------------------------------------===//
// The load
//===----------------------------------------------------------------------===//

/// Messages that go on for ever among actors; the first word of a message says
/// how many steps it has to go.
class Walk {
public:
  Walk(TestSystem &system, uint32_t count,
       std::function<uint32_t(Random &)> next)
      : system(system), next(std::move(next)) {
    dispatch = [this](uint32_t, void *, const void *bytes, void *,
                      void *context) -> uint32_t {
      const uint32_t self = Address{rk_self(context)}.slot();
      handled[self].fetch_add(1, std::memory_order_relaxed);
      const uint64_t left = wordOf(bytes);
      if (left == 0)
        return 1;
      spin(std::chrono::microseconds(2));
      const uint64_t word = left - 1;
      rk_enqueue(context, actors[this->next(random[self])], Work, &word,
                 sizeof(word), 0);
      return 1;
    };
    system.start();
    actors = spawnSome(system, count);
    for (uint32_t i = 0; i < count; ++i)
      random.emplace_back(i);
    handled = std::vector<std::atomic<uint64_t>>(count);
  }

  void run(uint32_t messages, uint64_t steps) {
    Random draw(99);
    for (uint32_t i = 0; i < messages; ++i)
      system.send(actors[next(draw)], Work, &steps, sizeof(steps));
    expected += messages * (steps + 1);
  }

  uint64_t allHandled() const {
    uint64_t sum = 0;
    for (const auto &count : handled)
      sum += count;
    return sum;
  }
  uint64_t expected = 0;

private:
  TestSystem &system;
  std::function<uint32_t(Random &)> next;
  std::vector<uint64_t> actors;
  std::vector<Random> random;
  std::vector<std::atomic<uint64_t>> handled;
};

/// The share of all messages that the busiest worker handled.
double busiestShare(const TestSystem &system) {
  uint64_t most = 0, sum = 0;
  for (uint32_t i = 0; i < system.launch.workerCount; ++i) {
    most = std::max(most, system.launch.progress[i].handled);
    sum += system.launch.progress[i].handled;
  }
  return double(most) / double(sum);
}

/// All messages are for actors of one worker's shards.
void walkOnOneWorker(BalanceMode mode, double &share, uint64_t &moves) {
  const TestSizes sizes = movingSizes(mode);
  TestSystem system(sizes);
  Walk walk(system, 1024, [&](Random &random) {
    return uint32_t(random.below(1024 / sizes.workers)) * sizes.workers;
  });
  walk.run(1000, 200);
  ASSERT_TRUE(system.waitIdle());
  EXPECT_EQ(walk.allHandled(), walk.expected);
  system.stop();
  share = busiestShare(system);
  moves = system.moves();
}

TEST(Moves, OneWorkersLoadIsSpread) {
  double fixed, spread;
  uint64_t none, some;
  walkOnOneWorker(BalanceMode::Off, fixed, none);
  walkOnOneWorker(BalanceMode::Load, spread, some);
  EXPECT_EQ(none, 0u);
  EXPECT_GT(fixed, 0.98);
  EXPECT_GE(some, 2u);
  EXPECT_LT(spread, 0.8);
}

/// The k-th actor gets its share 1/k.
TEST(Moves, ZipfGoesOn) {
  constexpr uint32_t Actors = 4096;
  std::vector<double> sums{0};
  for (uint32_t i = 1; i <= Actors; ++i)
    sums.push_back(sums.back() + 1.0 / i);
  TestSystem system(movingSizes(BalanceMode::Load));
  Walk walk(system, Actors, [&](Random &random) {
    const double at = double(random.below(1u << 30)) / (1u << 30) * sums.back();
    const auto found = std::upper_bound(sums.begin(), sums.end(), at);
    return uint32_t(std::min<ptrdiff_t>(found - sums.begin() - 1, Actors - 1));
  });
  walk.run(2000, 50);
  ASSERT_TRUE(system.waitIdle());
  EXPECT_EQ(walk.allHandled(), walk.expected);
  system.stop();
}

/// A system that has nothing to do, or the same everywhere, stays as it is.
TEST(Moves, NothingMovesWithoutNeed) {
  TestSystem system(movingSizes(BalanceMode::Load));
  Walk walk(system, 256,
            [](Random &random) { return uint32_t(random.below(256)); });
  // Too few for a backlog, even of a worker that the system has put aside.
  walk.run(16, 200);
  ASSERT_TRUE(system.waitIdle());
  EXPECT_EQ(walk.allHandled(), walk.expected);
  system.stop();
  EXPECT_EQ(system.moves(), 0u);
}

} // namespace
