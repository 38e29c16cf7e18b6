//===- StateMemoryTest.cpp - States that get memory as they are made ------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StateMemory.h"
#include "TestProgram.h"
#include "cpu/CpuBackend.h"

#include <gtest/gtest.h>

#include <vector>

using namespace rk;
using namespace rk::test;
using namespace std::chrono_literals;
using rk::runtime::StateMemory;
namespace layout = rk::abi;

namespace {

constexpr std::uint64_t KiB = 1 << 10, MiB = 1 << 20;

TEST(StateMemory, KeepsHalfAheadButNoMoreThan64MiB) {
  EXPECT_EQ(StateMemory::quietPart(128 * KiB), 64 * KiB);
  EXPECT_EQ(StateMemory::quietPart(128 * MiB), 64 * MiB);
  EXPECT_EQ(StateMemory::quietPart(1024 * MiB), 960 * MiB);
}

TEST(StateMemory, DoublesThenGrowsBySteps) {
  constexpr std::uint64_t Limit = 4096 * MiB;
  EXPECT_EQ(StateMemory::nextSize(MiB, MiB / 2, Limit), MiB);
  EXPECT_EQ(StateMemory::nextSize(MiB, MiB / 2 + 1, Limit), 2 * MiB);
  EXPECT_EQ(StateMemory::nextSize(128 * MiB, 65 * MiB, Limit), 256 * MiB);
  EXPECT_EQ(StateMemory::nextSize(1024 * MiB, 961 * MiB, Limit), 1152 * MiB);
  // Who asks for much gets it at once, with some ahead.
  EXPECT_EQ(StateMemory::nextSize(MiB, 100 * MiB, Limit), 164 * MiB);
  EXPECT_EQ(StateMemory::nextSize(MiB, Limit, Limit), Limit);
  EXPECT_EQ(StateMemory::nextSize(Limit, Limit, Limit), Limit);
}

TEST(StateMemory, ReachKeepsItsParts) {
  using Arena = layout::ActorArena;
  for (const bool isFinal : {false, true}) {
    const std::uint64_t reach = Arena::packReach(
        Arena::MaxStateBytes - 64 * KiB, Arena::MaxStateBytes + 1, isFinal);
    EXPECT_EQ(Arena::quietOf(reach), Arena::MaxStateBytes - 64 * KiB);
    EXPECT_EQ(Arena::limitOf(reach), Arena::MaxStateBytes);
    EXPECT_EQ(Arena::isFinal(reach), isFinal);
  }
}

/// An arena that the test uses up, on the CPU back end.
class Growth : public testing::Test {
protected:
  Growth() {
    const auto address = backend.allocateDevice(sizeof(layout::ActorArena));
    arena = reinterpret_cast<layout::ActorArena *>(*address);
    const auto states = backend.reserveStates(Limit, 64 * KiB).value();
    first = reinterpret_cast<unsigned char *>(states.device);
    EXPECT_TRUE(memory.begin(backend, *address, states.mapped, Limit).isOk());
  }
  void use(std::uint64_t bytes) {
    arena->used = layout::ActorArena::pack(bytes / 16, bytes);
  }
  std::uint64_t limit() const {
    return layout::ActorArena::limitOf(arena->reach);
  }

  static constexpr std::uint64_t Limit = 1000 * KiB;
  runtime::CpuBackend backend;
  layout::ActorArena *arena = nullptr;
  unsigned char *first = nullptr;
  std::uint64_t wanted = 0;
  StateMemory memory;
};

TEST_F(Growth, NobodyAsksNothingHappens) {
  use(60 * KiB);
  memory.tend(wanted);
  EXPECT_EQ(limit(), 64 * KiB);
  EXPECT_TRUE(memory.canGrow());
  EXPECT_FALSE(memory.hasGrownOfLate());
}

TEST_F(Growth, WhatIsAskedForCanBeUsed) {
  use(60 * KiB);
  for (const std::uint64_t asked : {64 * KiB, 300 * KiB}) {
    wanted = asked;
    memory.tend(wanted);
    EXPECT_EQ(wanted, 0u);
    ASSERT_GE(limit(), asked + 64 * KiB);
    first[limit() - 1] = 1;
    EXPECT_EQ(memory.mapped(), limit());
    EXPECT_TRUE(memory.hasGrownOfLate());
  }
}

/// Agents that had read the reach before it grew do not ask at its new mark.
TEST_F(Growth, LooksForAWhileWhoHasPassedTheMarkSilently) {
  wanted = 64 * KiB;
  memory.tend(wanted);
  const std::uint64_t before = limit();
  use(before);
  memory.tend(wanted);
  EXPECT_GT(limit(), before);
  for (int i = 0; i < 1000 && memory.hasGrownOfLate(); ++i)
    memory.tend(wanted);
  EXPECT_FALSE(memory.hasGrownOfLate());
}

TEST_F(Growth, EndsAtTheLimit) {
  wanted = 100 * MiB;
  memory.tend(wanted);
  EXPECT_EQ(limit(), 1024 * KiB) << "in whole units";
  EXPECT_TRUE(layout::ActorArena::isFinal(arena->reach));
  EXPECT_EQ(layout::ActorArena::quietOf(arena->reach), limit());
  EXPECT_FALSE(memory.canGrow());
  first[limit() - 1] = 1;
}

TEST_F(Growth, NothingIsTouchedBehindTheEnd) {
  memory.end();
  wanted = 100 * KiB;
  memory.tend(wanted);
  EXPECT_EQ(limit(), 64 * KiB);
}

/// Of counters, which have 16 bytes of state.
SystemOptions growingOptions() {
  SystemOptions options = smallOptions();
  options.maxActors = 1 << 20;
  options.stateBytes = 16 * MiB;
  options.firstStateBytes = 1;
  return options;
}

TEST(StateMemory, SystemsTakeItAsActorsAreMade) {
  System system = startTest(growingOptions()).value();
  EXPECT_EQ(system.memory().stateTaken, 64 * KiB);
  const std::uint64_t others = system.memory().deviceBytes - 64 * KiB;
  std::vector<ActorRange<Counter>> made;
  for (std::int64_t i = 0; i < 100; ++i)
    made.push_back(system.spawn_n<Counter>(5000, i));
  for (std::int64_t i = 0; i < 100; ++i)
    EXPECT_EQ(system.ask(made[std::size_t(i)][4999], Get{}).get().value, i);
  const MemoryUse use = system.memory();
  EXPECT_EQ(use.stateUsed, 8'000'000u);
  EXPECT_GE(use.stateTaken, use.stateUsed);
  EXPECT_LE(use.stateTaken, 16 * MiB);
  EXPECT_EQ(use.deviceBytes, others + use.stateTaken);
  EXPECT_EQ(system.counters().refusedSpawns, 0u);
}

TEST(StateMemory, StoppedActorsStorageIsUsedAgain) {
  System system = startTest(growingOptions()).value();
  for (int i = 0; i < 50; ++i) {
    const auto counter = system.spawn<Counter>();
    EXPECT_TRUE(system.stop(counter).isOk());
    EXPECT_TRUE(system.waitIdle(5s).isOk());
  }
  EXPECT_EQ(system.memory().stateUsed, 16u);
}

TEST(StateMemory, TheLimitIsAnErrorAndNoEnd) {
  SystemOptions options = growingOptions();
  options.stateBytes = 160'000;
  System system = startTest(options).value();
  EXPECT_EQ(system.trySpawn_n<Counter>(10'001).code(),
            StatusCode::StatePoolExhausted);
  const auto counters = system.spawn_n<Counter>(10'000, 3);
  EXPECT_EQ(system.trySpawn<Counter>().code(), StatusCode::StatePoolExhausted);
  EXPECT_EQ(system.counters().refusedSpawns, 2u);
  EXPECT_EQ(system.memory().stateUsed, 160'000u);
  EXPECT_EQ(system.ask(counters[9'999], Get{}).get().value, 3);
  EXPECT_TRUE(system.stop(counters[0]).isOk());
  EXPECT_TRUE(system.waitIdle(5s).isOk());
  EXPECT_EQ(system.ask(system.spawn<Counter>(9), Get{}).get().value, 9);
}

TEST(StateMemory, MoreAtTheStartThanAtMostIsRefused) {
  SystemOptions options = growingOptions();
  options.firstStateBytes = 16 * MiB + 1;
  const auto refused = startTest(options);
  EXPECT_EQ(refused.code(), StatusCode::InvalidArgument);
  EXPECT_EQ(refused.status().detail(),
            "SystemOptions::firstStateBytes is 16777217, and states may take "
            "16777216 bytes in all (stateBytes); lower the one or raise the "
            "other");
}

} // namespace
