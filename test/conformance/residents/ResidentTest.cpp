//===- ResidentTest.cpp - Resident actors are actors ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Actors.h"

#include "rk/system.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using rk::DeadLetterReason;
using rk::StatusCode;

namespace {

bool onGpu(const rk::System &system) {
  return system.description().backend == "cuda";
}
rk::SystemOptions smallOptions(std::uint32_t residents = 0) {
  rk::SystemOptions options;
  options.maxActors = 1 << 12;
  options.residents = residents;
  return options;
}

TEST(Resident, KeepsItsState) {
  rk::System system(smallOptions());
  const auto keeper = system.spawn<Keeper>(100u);
  for (std::uint64_t i = 1; i <= 5000; ++i)
    ASSERT_TRUE(system.send(keeper, Add{i}).isOk());
  const Sum sum = system.ask(keeper, Read{}).get();
  EXPECT_EQ(sum.messages, 5000u);
  EXPECT_EQ(sum.value, 100u + 5000u * 5001 / 2);
  EXPECT_EQ(system.counters().deadLetters.total(), 0u);
}

TEST(Resident, TakesLargeMessages) {
  rk::System system(smallOptions());
  const auto keeper = system.spawn<Keeper>();
  for (std::uint32_t round = 0; round < 100; ++round) {
    Large large;
    for (std::uint32_t i = 0; i < 500; ++i)
      large.words[i] = i * 2654435761u + round;
    const Large answer = system.ask(keeper, large).get();
    for (std::uint32_t i = 0; i < 500; ++i)
      ASSERT_EQ(answer.words[i], ~large.words[499 - i]);
  }
}

TEST(Resident, RunsAHandlerOnAWholeWarp) {
  rk::System system(smallOptions());
  const auto keeper = system.spawn<Keeper>();
  for (int round = 0; round < 200; ++round) {
    const Lanes lanes = system.ask(keeper, Spread{}).get();
    ASSERT_EQ(lanes.size, onGpu(system) ? 32u : 1u);
    ASSERT_EQ(lanes.sum, lanes.size * (lanes.size + 1) / 2);
    ASSERT_TRUE(system.send(keeper, Add{1}).isOk());
  }
  EXPECT_EQ(system.ask(keeper, Read{}).get().messages, 200u);
}

TEST(Resident, PlacesAreUsedAgain) {
  rk::System system(smallOptions(3));
  rk::ActorRef<Keeper> last;
  for (std::uint64_t round = 0; round < 300; ++round) {
    const auto keeper = system.spawn<Keeper>(round);
    ASSERT_EQ(system.ask(keeper, Read{}).get().value, round);
    ASSERT_TRUE(system.stop(keeper).isOk());
    ASSERT_TRUE(system.waitIdle(20s).isOk());
    last = keeper;
  }
  EXPECT_EQ(system.ask(last, Read{}).result().code(), StatusCode::ActorStopped);
}

TEST(Resident, NoMoreThanThereArePlaces) {
  rk::System system(smallOptions(5));
  std::vector<rk::ActorRef<Keeper>> keepers;
  for (std::uint64_t i = 0; i < 5; ++i)
    keepers.push_back(system.spawn<Keeper>(i));
  EXPECT_EQ(system.trySpawn<Keeper>(9u).code(), StatusCode::ActorTableFull);
  for (std::uint64_t i = 0; i < 5; ++i)
    EXPECT_EQ(system.ask(keepers[i], Read{}).get().value, i);
  ASSERT_TRUE(system.stop(keepers[2]).isOk());
  ASSERT_TRUE(system.waitIdle(20s).isOk());
  const auto another = system.spawn<Keeper>(77u);
  EXPECT_EQ(system.ask(another, Read{}).get().value, 77u);
}

TEST(Resident, SpawnedAndStoppedByAnActor) {
  rk::System system(smallOptions(8));
  const auto nursery = system.spawn<Nursery>();
  std::uint64_t good = 0, asked = 0;
  for (int round = 0; round < 50; ++round) {
    const Raised raised = system.ask(nursery, Raise{20}).get();
    EXPECT_EQ(raised.good + raised.refused, 20u);
    good += raised.good;
    asked += 20;
    ASSERT_TRUE(system.waitIdle(20s).isOk());
  }
  const rk::Counters counters = system.counters();
  EXPECT_GE(good, 50u * 8);
  EXPECT_LE(good, asked);
  EXPECT_EQ(counters.spawned, good + 1);
  EXPECT_EQ(counters.stopped, good);
  EXPECT_EQ(counters.deadLetters.total(), 0u);
}

TEST(Resident, TellsThoseThatItHasPutBesideItself) {
  rk::System system(smallOptions());
  const auto founder = system.spawn<Founder>();
  // More than a block has places for.
  const Raised raised = system.ask(founder, Raise{100}).get();
  ASSERT_TRUE(system.waitIdle(20s).isOk());
  EXPECT_GE(raised.good, 1u);
  EXPECT_GE(raised.refused, 1u);
  EXPECT_EQ(raised.good + raised.refused, 100u);
  const Sum sum = system.ask<Sum>(founder, Read{}).get();
  EXPECT_EQ(sum.messages, 1u);
  EXPECT_EQ(sum.value, std::uint64_t(raised.good - 1) + 1);
  const rk::Counters counters = system.counters();
  EXPECT_EQ(counters.deadLetters[DeadLetterReason::NeverIssued],
            raised.refused);
  EXPECT_EQ(counters.deadLetters.total(), raised.refused);
}

/// All senders, each more than its ring holds, to one receiver.
template <class Source, class Receiver>
void floodInOrder(std::uint32_t residents, std::uint32_t sources,
                  std::uint64_t messages) {
  rk::System system(smallOptions(residents));
  const auto ledger = system.spawn<Receiver>();
  for (std::uint32_t i = 0; i < sources; ++i) {
    const auto source = system.spawn<Source>();
    ASSERT_TRUE(
        system.send(source, Flood<Receiver>{ledger, messages, i}).isOk());
  }
  ASSERT_TRUE(system.waitIdle(60s).isOk());
  const Report report = system.ask(ledger, Read{}).get();
  EXPECT_EQ(report.received, sources * messages);
  EXPECT_EQ(report.outOfOrder, 0u);
  EXPECT_EQ(system.counters().deadLetters.total(), 0u);
}

TEST(ResidentOrder, FromResidentsOfItsCluster) {
  floodInOrder<ResidentSource, ResidentLedger>(13, 12, 4000);
}
TEST(ResidentOrder, FromResidentsOfOtherClusters) {
  floodInOrder<ResidentSource, ResidentLedger>(70, 31, 1500);
}
TEST(ResidentOrder, FromPooledActors) {
  floodInOrder<PooledSource, ResidentLedger>(4, 16, 3000);
}
TEST(ResidentOrder, ToPooledActors) {
  floodInOrder<Outward, PooledLedger>(13, 12, 3000);
}

/// Each source has a receiver of its own, so that receivers are of many shards,
/// which move all the time.
template <class Source, class Receiver> void floodWhileShardsMove() {
  rk::SystemOptions options = smallOptions(40);
  options.workers = 6;
  options.balance = rk::Balance::Random;
  rk::System system(options);
  constexpr std::uint64_t Messages = 4000;
  constexpr int Rounds = 4, Pairs = 20;
  std::vector<rk::ActorRef<Source>> sources;
  std::vector<rk::ActorRef<Receiver>> ledgers;
  for (int i = 0; i < Pairs; ++i) {
    ledgers.push_back(system.spawn<Receiver>());
    sources.push_back(system.spawn<Source>());
  }
  for (std::uint32_t round = 0; round < Rounds; ++round) {
    for (int i = 0; i < Pairs; ++i)
      ASSERT_TRUE(
          system.send(sources[i], Flood<Receiver>{ledgers[i], Messages, round})
              .isOk());
    ASSERT_TRUE(system.waitIdle(60s).isOk());
  }
  for (const auto ledger : ledgers) {
    const Report report = system.ask(ledger, Read{}).get();
    EXPECT_EQ(report.received, Rounds * Messages);
    EXPECT_EQ(report.outOfOrder, 0u);
  }
  EXPECT_GT(system.counters().moves, 0u);
  EXPECT_EQ(system.counters().deadLetters.total(), 0u);
}

TEST(ResidentMoves, ToPooledActorsThatMove) {
  floodWhileShardsMove<Outward, PooledLedger>();
}
TEST(ResidentMoves, FromPooledActorsThatMove) {
  floodWhileShardsMove<PooledSource, ResidentLedger>();
}

TEST(ResidentOrder, FromTheHost) {
  rk::System system(smallOptions());
  const auto ledger = system.spawn<ResidentLedger>();
  constexpr std::uint64_t Messages = 20000;
  std::vector<std::thread> threads;
  for (std::uint32_t sender = 0; sender < 4; ++sender)
    threads.emplace_back([&, sender] {
      for (std::uint64_t i = 0; i < Messages; ++i)
        ASSERT_TRUE(system.send(ledger, Numbered{i, sender}).isOk());
    });
  for (std::thread &thread : threads)
    thread.join();
  ASSERT_TRUE(system.waitIdle(60s).isOk());
  const Report report = system.ask(ledger, Read{}).get();
  EXPECT_EQ(report.received, 4 * Messages);
  EXPECT_EQ(report.outOfOrder, 0u);
}

TEST(ResidentBadInput, TooManyPlaces) {
  rk::SystemOptions options = smallOptions(100000);
  EXPECT_THROW(rk::System system(options), rk::StatusError);
}

TEST(ResidentBadInput, AnAddressThatWasNeverIssued) {
  rk::System system(smallOptions());
  const auto keeper = system.spawn<Keeper>();
  const auto forged = rk::ActorRef<Keeper>::fromBits(
      keeper.bits() + (std::uint64_t(5) << rk::abi::SlotBits));
  EXPECT_EQ(system.ask(forged, Read{}).result().code(),
            StatusCode::InvalidAddress);
  EXPECT_EQ(system.ask(keeper, Read{}).get().messages, 0u);
}

} // namespace
