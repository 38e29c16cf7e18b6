//===- SpawnTest.cpp - Actors made one by one and many at once ------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Seed.h"
#include "TestSystem.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

using namespace rk::abi;
using namespace rk::test;

namespace {

struct State {
  uint64_t mark = 0, greeted = 0, unused[6] = {};
};
static_assert(sizeof(State) == 64);

struct Order {
  uint64_t seed, left;
};
struct Greeting {
  uint64_t mark;
};

/// What the handlers of a test have seen together.
struct Seen {
  std::atomic<uint64_t> made{0}, refused{0}, wrong{0}, greeted{0};

  /// Message 1: the state is what its spawner wrote, and this is the first
  /// message of the actor.
  void greet(State &state, const void *bytes) {
    Greeting greeting;
    std::memcpy(&greeting, bytes, sizeof(greeting));
    wrong += state.mark != greeting.mark || state.greeted++ != 0;
    ++greeted;
  }

  /// Message 0: makes some actors, greets them, and goes on.
  void make(const void *bytes, void *context) {
    Order order;
    std::memcpy(&order, bytes, sizeof(order));
    const auto count = uint32_t(order.seed % 9);
    State state;
    state.mark = order.seed;
    const Greeting greeting{order.seed};
    uint32_t status = 99;
    const uint64_t first =
        rk_spawn_n(context, 0, &state, sizeof(state), count, &status);
    if (first == 0 && count != 0) {
      wrong += status != uint32_t(StatusCode::ActorTableFull);
      ++refused;
    } else {
      wrong += status != 0 || (count == 0) != (first == 0);
      made += count;
      for (uint32_t i = 0; i < count; ++i)
        rk_send(context, first + i, 1, &greeting, sizeof(greeting), 0);
    }
    if (order.left == 0)
      return;
    order = {mix(order.seed), order.left - 1};
    rk_send(context, rk_self(context), 0, &order, sizeof(order), 0);
  }
};

uint64_t spawnedBy(const TestSystem &system) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < system.launch.workerCount + 2; ++i)
    total +=
        __atomic_load_n(&system.launch.reports[i].spawned, __ATOMIC_ACQUIRE);
  return total;
}

TEST(Spawn, RunsOfManyWorkersDoNotMeet) {
  TestSizes sizes;
  sizes.maxActors = 3000;
  TestSystem system(sizes);
  Seen seen;
  dispatch = [&](uint32_t message, void *state, const void *bytes, void *,
                 void *context) -> uint32_t {
    if (message == 1)
      seen.greet(*static_cast<State *>(state), bytes);
    else
      seen.make(bytes, context);
    return 1;
  };
  system.start();
  const State state;
  const uint64_t makers = system.spawn(&state, nullptr, 8);
  ASSERT_NE(makers, 0u);
  for (uint64_t i = 0; i < 8; ++i) {
    const Order order{mix(i), 200};
    system.send(makers + i, 0, &order, sizeof(order));
  }
  ASSERT_TRUE(system.waitIdle());
  system.stop();
  EXPECT_EQ(seen.wrong, 0u);
  EXPECT_EQ(seen.greeted, seen.made);
  EXPECT_GT(seen.refused, 0u) << "the test must fill the table";
  EXPECT_GT(seen.made, sizes.maxActors - 8 - 9) << "and to its end";
  EXPECT_EQ(spawnedBy(system), seen.made + 8);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::NeverIssued), 0u);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::ActorStopped), 0u);
  EXPECT_EQ(system.control.fault.status, 0u);
}

TEST(Spawn, TheLinkCopiesTheStateForEach) {
  TestSystem system({});
  std::atomic<uint64_t> sum{0};
  dispatch = [&](uint32_t, void *state, const void *, void *,
                 void *) -> uint32_t {
    auto &actor = *static_cast<State *>(state);
    sum += actor.mark + actor.unused[5];
    actor.mark = 0;
    return 1;
  };
  system.start();
  State state;
  state.mark = 3;
  state.unused[5] = 4;
  uint32_t status = 99;
  const uint64_t first = system.spawn(&state, &status, 50);
  ASSERT_EQ(status, 0u);
  for (int round = 0; round < 2; ++round)
    for (uint64_t i = 0; i < 50; ++i)
      system.send(first + i, 0, &state, 8);
  ASSERT_TRUE(system.waitIdle());
  EXPECT_EQ(sum, 50u * 7 + 50u * 4);
  EXPECT_EQ(system.spawn(&state, &status, 1u << 27), 0u);
  EXPECT_EQ(status, uint32_t(StatusCode::ActorTableFull));
  system.stop();
  EXPECT_EQ(spawnedBy(system), 50u);
}

/// Memory for the first 1024 states; the test is the host.
class States : public testing::Test {
protected:
  States() { system.launch.arena->reach = reachOf(64 << 10, false); }
  static uint64_t reachOf(uint64_t bytes, bool isFinal) {
    return ActorArena::packReach(bytes, bytes, isFinal);
  }
  void publish(uint64_t reach) {
    __atomic_store_n(&system.launch.arena->reach, reach, __ATOMIC_RELEASE);
  }
  uint64_t wanted() {
    return __atomic_load_n(&system.control.stateWanted, __ATOMIC_RELAXED);
  }
  uint64_t waited() {
    return system.launch.reports[system.launch.workerCount].waited;
  }
  uint64_t refused() {
    return system.launch.reports[system.launch.workerCount].refused;
  }

  TestSystem system{{}};
  State state;
  uint32_t status = 99;
};

TEST_F(States, WaitForTheHost) {
  system.start();
  EXPECT_NE(system.spawn(&state, &status, 1024), 0u);
  EXPECT_EQ(wanted(), 0u);
  std::thread host([&] {
    while (wanted() == 0)
      std::this_thread::yield();
    EXPECT_EQ(wanted(), 1025 * sizeof(State));
    publish(reachOf(128 << 10, false));
  });
  EXPECT_NE(system.spawn(&state, &status, 1), 0u);
  host.join();
  system.stop();
  EXPECT_EQ(waited(), 1u);
  EXPECT_EQ(refused(), 0u);
}

TEST_F(States, WaitNoLongerThanTheBound) {
  system.start();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(system.spawn(&state, &status, 1025), 0u);
  EXPECT_EQ(status, uint32_t(StatusCode::StatePoolExhausted));
  EXPECT_GE(std::chrono::steady_clock::now() - begin,
            std::chrono::nanoseconds(StateWaitBoundNs));
  // Nothing was taken for it.
  EXPECT_NE(system.spawn(&state, &status, 1024), 0u);
  system.stop();
  EXPECT_EQ(waited(), 1u);
  EXPECT_EQ(refused(), 1u);
}

TEST_F(States, AreNotWaitedForIfNoMoreComes) {
  publish(reachOf(64 << 10, true));
  system.start();
  EXPECT_NE(system.spawn(&state, &status, 1023), 0u);
  EXPECT_EQ(system.spawn(&state, &status, 2), 0u);
  EXPECT_EQ(status, uint32_t(StatusCode::StatePoolExhausted));
  EXPECT_NE(system.spawn(&state, &status, 1), 0u);
  EXPECT_EQ(system.spawn(&state, &status, 1), 0u);
  system.stop();
  EXPECT_EQ(waited(), 0u);
  EXPECT_EQ(refused(), 2u);
}

TEST_F(States, TellTheHostWhereTheQuietPartEnds) {
  publish(ActorArena::packReach(64 << 10, 128 << 10, false));
  system.start();
  EXPECT_NE(system.spawn(&state, &status, 1024), 0u);
  EXPECT_EQ(wanted(), 0u);
  EXPECT_NE(system.spawn(&state, &status, 1), 0u);
  EXPECT_EQ(wanted(), 1025 * sizeof(State));
  // Who comes behind is silent.
  system.control.stateWanted = 0;
  EXPECT_NE(system.spawn(&state, &status, 10), 0u);
  EXPECT_EQ(wanted(), 0u);
  system.stop();
  EXPECT_EQ(waited(), 0u);
}

/// A message to the slot's earlier actor neither starts the next one nor
/// reaches it.
TEST(Spawn, AnOldAddressDoesNotStartTheNextActor) {
  TestSizes sizes;
  sizes.maxActors = 1;
  TestSystem system(sizes);
  std::atomic<uint64_t> handled{0};
  dispatch = [&](uint32_t, void *, const void *, void *,
                 void *context) -> uint32_t {
    ++handled;
    rk_stop(context, rk_self(context));
    return 1;
  };
  system.start();
  const State state;
  const uint64_t old = system.spawn(&state);
  system.send(old, 0, &state, 8);
  ASSERT_TRUE(system.waitIdle());
  const uint64_t next = system.spawn(&state);
  ASSERT_NE(next, 0u);
  EXPECT_EQ(Address{next}.slot(), Address{old}.slot());
  system.send(old, 0, &state, 8);
  ASSERT_TRUE(system.waitIdle());
  EXPECT_EQ(handled, 1u);
  EXPECT_EQ(system.launch.slots[0].status, SlotStatus::Made);
  EXPECT_EQ(system.deadLetters(DeadLetterReason::ActorStopped), 1u);
  system.send(next, 0, &state, 8);
  ASSERT_TRUE(system.waitIdle());
  EXPECT_EQ(handled, 2u);
}

} // namespace
