//===- MemoryTest.cpp - Memory that is taken as actors are made -----------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <algorithm>
#include <vector>

using namespace conformance;
using rk::StatusCode;

namespace {

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CONFORMANCE_SLOW
#endif
#endif
#ifdef CONFORMANCE_SLOW
constexpr std::uint32_t Many = 100'000;
#else
constexpr std::uint32_t Many = 1'000'000;
#endif

/// Memory for no more than so many actors at the start.
constexpr std::uint32_t Few = 10'000;
constexpr std::uint64_t CounterStride = 64; // the largest alignment

rk::SystemOptions growingOptions() {
  rk::SystemOptions options = smallOptions();
  options.maxActors = 1 << 20;
  options.firstStateBytes = Few * CounterStride;
  return options;
}

/// Asks each actor of the range, `Few` at a time.
void expectTotals(rk::System &system, rk::ActorRange<Counter> range,
                  std::int64_t total) {
  std::vector<rk::Future<Total>> answers;
  for (std::uint32_t begin = 0; begin < range.size(); begin += Few) {
    const auto end = std::uint32_t(
        std::min<std::uint64_t>(begin + std::uint64_t(Few), range.size()));
    answers.clear();
    for (std::uint32_t i = begin; i < end; ++i)
      answers.push_back(system.ask(range[i], Get{}, 60s));
    for (rk::Future<Total> &answer : answers)
      ASSERT_EQ(answer.get().value, total);
  }
}

TEST(Memory, AMillionActorsWhereTheStartHadRoomForTenThousand) {
  rk::System system(growingOptions());
  const rk::MemoryUse start = system.memory();
  EXPECT_EQ(start.stateUsed, 0u);
  EXPECT_GE(start.stateTaken, Few * CounterStride);
  EXPECT_LE(start.stateTaken, 2u << 20);
  EXPECT_EQ(start.deviceBytes, system.description().deviceBytes);
  std::vector<rk::ActorRange<Counter>> made;
  for (std::uint32_t i = 0; i < Many / Few; ++i)
    made.push_back(system.spawn_n<Counter>(Few, i));
  for (std::uint32_t i = 0; i < made.size(); ++i)
    ASSERT_NO_FATAL_FAILURE(expectTotals(system, made[i], i));
  const rk::MemoryUse use = system.memory();
  EXPECT_EQ(use.stateUsed, Many * CounterStride);
  EXPECT_GE(use.stateTaken, use.stateUsed);
  EXPECT_LE(use.stateTaken, use.stateUsed + (192u << 20));
  EXPECT_EQ(use.deviceBytes - use.stateTaken,
            start.deviceBytes - start.stateTaken);
  const rk::Counters counts = system.counters();
  EXPECT_EQ(counts.spawned, Many);
  EXPECT_EQ(counts.refusedSpawns, 0u);
  EXPECT_EQ(counts.deadLetters.total(), 0u);
}

/// Many handlers use the memory up at the same time, and wait for more.
TEST(Memory, GrowsWhileManyActorsMakeActors) {
  rk::System system(growingOptions());
  constexpr std::uint32_t Parents = 64, Each = 1000;
  const auto parents = system.spawn_n<Parent>(Parents);
  std::vector<rk::Future<ManyMade>> answers;
  for (std::uint32_t i = 0; i < Parents; ++i)
    answers.push_back(system.ask(parents[i], MakeMany{Each, i}, 60s));
  for (std::uint32_t i = 0; i < Parents; ++i) {
    const ManyMade made = answers[i].get();
    ASSERT_EQ(StatusCode(made.status), StatusCode::Ok);
    for (const std::uint32_t place : {0u, Each / 2, Each - 1})
      EXPECT_EQ(system.ask(made.range[place], Get{}).get().index, i + place);
  }
  EXPECT_EQ(system.counters().spawned, Parents * (Each + 1));
  EXPECT_GE(system.memory().stateTaken, system.memory().stateUsed);
}

/// One by one, from the host and from a handler.
TEST(Memory, TheLimitIsAnErrorAndTheSystemGoesOn) {
  rk::SystemOptions options = smallOptions();
  options.stateBytes = 8 << 20;
  options.firstStateBytes = 100'000;
  rk::System system(options);
  const auto tester = system.spawn<Tester>();
  std::vector<rk::ActorRef<Heavy>> heavies;
  rk::Status status;
  while (status.isOk() && heavies.size() < options.maxActors) {
    const auto heavy = system.trySpawn<Heavy>(5u);
    status = heavy.status();
    if (heavy.isOk())
      heavies.push_back(*heavy);
  }
  EXPECT_EQ(status.code(), StatusCode::StatePoolExhausted);
  const rk::MemoryUse use = system.memory();
  EXPECT_EQ(use.stateLimit, options.stateBytes);
  EXPECT_LE(use.stateUsed, use.stateLimit);
  EXPECT_GT(use.stateUsed, use.stateLimit - sizeof(Heavy) - 64);
  EXPECT_EQ(system.counters().refusedSpawns, 1u);
  // Small ones still fit, until they do not.
  const Made made = system.ask(tester, Try{1000}).get();
  EXPECT_LT(made.count, 1000u);
  EXPECT_EQ(StatusCode(made.status), StatusCode::StatePoolExhausted);
  for (const auto heavy : heavies)
    ASSERT_EQ(system.ask(heavy, Touch{5}).get().wrong, 0u);
  ASSERT_TRUE(system.stop(heavies.front()).isOk());
  ASSERT_TRUE(system.waitIdle().isOk());
  EXPECT_EQ(system.ask(system.spawn<Heavy>(6u), Touch{6}).get().wrong, 0u);
  EXPECT_EQ(system.trySpawn<Heavy>(7u).code(), StatusCode::StatePoolExhausted);
}

TEST(Memory, IsWhatItWasAtTheEndAfterShutdown) {
  rk::System system(smallOptions());
  (void)system.spawn_n<Counter>(1000);
  const rk::MemoryUse before = system.memory();
  EXPECT_TRUE(system.shutdown().isOk());
  EXPECT_EQ(system.memory().stateUsed, before.stateUsed);
  EXPECT_EQ(system.memory().stateTaken, before.stateTaken);
}

TEST(Memory, OptionsThatContradictAreRefused) {
  rk::SystemOptions options = smallOptions();
  options.stateBytes = 100'000;
  options.firstStateBytes = 100'001;
  const auto refused = rk::System::create(options);
  ASSERT_EQ(refused.code(), StatusCode::InvalidArgument);
  EXPECT_NE(refused.status().detail().find("SystemOptions::firstStateBytes is "
                                           "100001"),
            std::string::npos)
      << refused.status().detail();
  // More than the device has.
  options.stateBytes = 0;
  options.firstStateBytes = std::uint64_t(1) << 50;
  EXPECT_EQ(rk::System::create(options).code(), StatusCode::InvalidArgument);
}

} // namespace
