//===- WaysTest.cpp - Messages to a resident actor ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Two blocks of one cluster, made of memory, and a resident actor in the
/// first: what four threads send it arrives whole and, for each thread, in
/// order, whether by ring or by inbox.
///
//===----------------------------------------------------------------------===//

#include "TestSystem.h"

#include "common/Resident.h"

#include <gtest/gtest.h>

#include <atomic>

using namespace rk::abi;
using namespace rk::test;
using namespace rk::device;

namespace {

constexpr uint32_t Blocks = 2, SendersPerBlock = 2;
constexpr uint32_t Senders = Blocks * SendersPerBlock;
constexpr uint64_t MessagesEach = 20000;
/// After so many, a sender waits until the way is open.
constexpr uint64_t MessagesPerBurst = 100;
constexpr uint32_t StateBytes = 64;

struct Numbered {
  uint32_t sender;
  uint32_t filler;
  uint64_t number;
};
static_assert(sizeof(Numbered) <= InlineBytes);

struct State {
  uint64_t expected[Senders];
  uint64_t wrong;
};
static_assert(sizeof(State) <= StateBytes);

/// Little by default, so that senders meet a full inbox too.
constexpr uint32_t FewSegments = 4;

TestSizes onePlace(uint32_t segments) {
  TestSizes sizes;
  sizes.places = 1;
  sizes.poolSegments = segments;
  return sizes;
}

struct alignas(128) Line {
  unsigned char bytes[128];
};

/// A cluster of two blocks with one place, in the first, that holds an actor.
class Cluster {
public:
  explicit Cluster(uint32_t segments = FewSegments)
      : system(onePlace(segments)) {
    layOut();
    for (uint32_t i = 0; i < Blocks; ++i) {
      memory[i].resize(residents().shared.total / sizeof(Line) + 1);
      shared[i] = memory[i][0].bytes;
    }
    nearBlocks = shared;
    for (uint32_t i = 0; i < Blocks; ++i) {
      thisBlock = shared[i];
      openWay(residents(), shared[i], i, 0);
      shutLastWay(residents(), shared[i]);
    }
    putActor();
  }
  ~Cluster() { thisBlock = nullptr; }

  Residents &residents() { return system.launch.residents; }
  Way *way(uint32_t block) { return wayTo(residents(), shared[block], 0); }

  /// Sends a sender's messages; runs in a thread of its own.
  void send(uint32_t sender) {
    const uint32_t block = sender / SendersPerBlock;
    const auto desk = enter(block, 1 + sender);
    for (uint64_t number = 0; number < MessagesEach; ++number) {
      if (number % MessagesPerBurst == 0)
        awaitOpen(block);
      const Record message = compose(sender, number);
      while (!putInRing(*desk, message)) {
        ++refused;
        std::this_thread::yield();
      }
    }
    sent += desk->ringSent;
  }

  /// Lets an actor that has been idle find full rings and, behind them, what
  /// has spilled. Idle, it looks at a ring once before it looks at the inbox.
  void spillThenReceive(uint64_t each) {
    const auto receiver = enter(0, 0);
    Resident resident(system.launch, 0, 0, *receiver, shared[0]);
    for (int i = 0; i < 1000; ++i)
      resident.turn();
    for (uint32_t block = 0; block < Blocks; ++block) {
      const auto desk = enter(block, 1 + block);
      for (uint64_t number = 0; number < each; ++number)
        refused += !putInRing(*desk, compose(block, number));
    }
    thisBlock = shared[0];
    for (int i = 0; i < 1000; ++i)
      resident.turn();
    readState();
  }

  /// Runs the actor until all messages have come.
  void receive() {
    const auto desk = enter(0, 0);
    Resident resident(system.launch, 0, 0, *desk, shared[0]);
    while (handled.load() != Senders * MessagesEach)
      if (!resident.turn())
        std::this_thread::yield();
    resident.turn();
    readState();
  }

  /// Runs an actor that keeps `turns` messages to itself under way, until four
  /// others have each asked `questions` times and been heard.
  void keepBusy(uint64_t turns, uint64_t questions) {
    const auto desk = enter(0, 0);
    std::atomic<uint64_t> heard[Senders] = {};
    std::atomic<uint32_t> done{0};
    residentDispatch = [&](uint32_t, void *, const void *message, void *,
                           void *context) {
      Numbered got;
      std::memcpy(&got, message, sizeof(got));
      if (got.sender < Senders) {
        ++heard[got.sender];
        return 1u;
      }
      ++handled;
      const uint64_t again = got.sender == Senders ? turns : 1;
      got.sender = Senders + 1;
      for (uint64_t i = 0; i < again && done != Senders; ++i)
        rk_enqueue(context, rk_self(context), 0, &got, sizeof(got), 0);
      return 1u;
    };
    putInRing(*desk, compose(Senders, 0));
    std::vector<std::thread> threads;
    for (uint32_t sender = 0; sender < Senders; ++sender)
      threads.emplace_back([&, sender] {
        const auto own = enter(sender / SendersPerBlock, 1 + sender);
        for (uint64_t number = 0; number < questions; ++number) {
          EXPECT_TRUE(putInRing(*own, compose(sender, number)));
          while (heard[sender] == number)
            std::this_thread::yield();
        }
        ++done;
      });
    Resident resident(system.launch, 0, 0, *desk, shared[0]);
    while (done != Senders)
      resident.turn();
    for (std::thread &thread : threads)
      thread.join();
  }

  /// Lets the actor handle what is there.
  void handleAll() {
    const auto receiver = enter(0, 0);
    Resident resident(system.launch, 0, 0, *receiver, shared[0]);
    for (int i = 0; i < 1000; ++i)
      resident.turn();
    readState();
  }

  /// Makes this thread a warp of a block.
  std::unique_ptr<Desk> enter(uint32_t block, uint32_t agent) {
    auto desk = std::make_unique<Desk>();
    makeAgent(system.launch, agent, *desk);
    joinBlock(*desk, shared[block], block);
    thisBlock = shared[block];
    return desk;
  }

  Record compose(uint32_t sender, uint64_t number) const {
    PacketHeader header;
    header.slot = system.launch.maxActors;
    header.generation = 1;
    Record message{};
    message.setHeader(header);
    const Numbered content{sender, 0, number};
    std::memcpy(message.payload(), &content, sizeof(content));
    return message;
  }

  TestSystem system;
  unsigned char *shared[Blocks];
  RingCount count{};
  std::atomic<uint64_t> handled{0}, refused{0}, reopened{0};
  std::atomic<uint32_t> sent{0};
  uint64_t wrong = 0;

private:
  void readState() {
    wrong =
        reinterpret_cast<State *>(shared[0] + residents().shared.states)->wrong;
  }
  void layOut() {
    Residents &places = residents();
    places.places = places.inboxes = places.columns = 1;
    places.blocks = places.clusterBlocks = Blocks;
    places.warpsPerBlock = 1;
    places.stateStride = StateBytes;
    places.states = reinterpret_cast<unsigned char *>(&initial);
    places.ringCounts = &count;
    places.farRings = notAsked;
    places.shared = layOutShared(places, DeskBytes);
  }

  void putActor() {
    Slot &row = system.launch.slots[system.launch.maxActors];
    row.generation = 1;
    row.status = SlotStatus::Active;
    residentDispatch = [this](uint32_t, void *bytes, const void *message,
                              void *, void *) {
      Numbered got;
      std::memcpy(&got, message, sizeof(got));
      State &state = *static_cast<State *>(bytes);
      if (got.sender >= Senders || got.number != state.expected[got.sender]++)
        ++state.wrong;
      ++handled;
      return 1u;
    };
  }

  void awaitOpen(uint32_t block) {
    const bool wasShut =
        loadWay(way(block)).spills != 0 && !isWayOpen(loadWay(way(block)));
    while (!isWayOpen(loadWay(way(block))))
      std::this_thread::yield();
    reopened += wasShut;
  }

  Packet notAsked[RingDepth] = {}; ///< of far blocks, which there are none of
  std::vector<Line> memory[Blocks];
  alignas(16) unsigned char initial[StateBytes] = {};
};

TEST(Ways, WhatSpilledWaitsForTheRingBeforeIt) {
  Cluster cluster;
  cluster.spillThenReceive(20);
  EXPECT_EQ(cluster.refused, 0u);
  EXPECT_EQ(cluster.handled, Blocks * 20u);
  EXPECT_EQ(cluster.wrong, 0u);
  for (uint32_t block = 0; block < Blocks; ++block) {
    EXPECT_EQ(cluster.way(block)->tail, RingDepth);
    EXPECT_EQ(cluster.way(block)->spills, 20 - RingDepth);
    EXPECT_TRUE(isWayOpen(*cluster.way(block)));
  }
}

void sendFromFour() {
  Cluster cluster;
  std::vector<std::thread> threads;
  threads.emplace_back([&] { cluster.receive(); });
  for (uint32_t i = 0; i < Senders; ++i)
    threads.emplace_back([&cluster, i] { cluster.send(i); });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(cluster.handled, Senders * MessagesEach);
  EXPECT_EQ(cluster.wrong, 0u);
  EXPECT_GT(cluster.reopened, 0u);
  EXPECT_EQ(cluster.count.handled, cluster.sent);
  for (uint32_t block = 0; block < Blocks; ++block) {
    const Way way = loadWay(cluster.way(block));
    EXPECT_GT(way.spills, 0u) << "block " << block;
    EXPECT_EQ(way.spillsHandled, way.spills) << "block " << block;
    EXPECT_EQ(way.consumed, way.tail) << "block " << block;
    EXPECT_EQ(way.tail + way.spills, SendersPerBlock * MessagesEach);
  }
}

/// One round in six does not notice if spilled messages do not wait for those
/// before them.
TEST(Ways, EverythingArrivesInOrderThroughRingAndInbox) {
  for (int round = 0; round < 5; ++round)
    sendFromFour();
}

TEST(Ways, ABusyActorHearsOthers) {
  // What its ring holds, and what has to spill.
  for (const uint64_t turns : {1u, 10u, 300u}) {
    Cluster cluster(64);
    cluster.keepBusy(turns, 100);
    // How many it gets to depends on how soon the others are done.
    EXPECT_GT(cluster.handled, 0u) << "it must have been busy";
  }
}

/// One warp has the way to itself; whatever another sends there goes through
/// the inbox at once, and asks for the way.
TEST(Ways, WhoHasAWayToItselfGivesItUpWhenOthersWantIt) {
  Cluster cluster(64);
  const uint32_t slot = cluster.system.launch.maxActors;
  const auto owner = cluster.enter(0, 1), other = cluster.enter(0, 2);
  ASSERT_TRUE(takeOutlet(*owner, slot));
  EXPECT_TRUE(isOwned(loadWay(cluster.way(0))));
  uint64_t number = 0;
  for (; number < RingDepth; ++number)
    EXPECT_TRUE(putInRing(*owner, cluster.compose(0, number)));
  EXPECT_TRUE(putInRing(*other, cluster.compose(1, 0))) << "by the inbox";
  EXPECT_EQ(cluster.way(0)->isWanted, 1u);
  EXPECT_TRUE(putInRing(*owner, cluster.compose(0, number)));
  EXPECT_EQ(owner->outlet.slot, Outlet::None) << "full, and wanted";
  EXPECT_FALSE(isOwned(loadWay(cluster.way(0))));
  EXPECT_EQ(cluster.way(0)->tail, RingDepth);
  EXPECT_EQ(cluster.way(0)->spills, 2u);
  EXPECT_FALSE(takeOutlet(*owner, slot)) << "the ring is not empty";
  cluster.handleAll();
  EXPECT_EQ(cluster.handled, RingDepth + 2);
  EXPECT_EQ(cluster.wrong, 0u);
  EXPECT_TRUE(takeOutlet(*other, slot));
}

TEST(Ways, OnlyAPlaceIsReachedAtOnce) {
  Cluster cluster;
  const Record message = cluster.compose(0, 0);
  const Launch &launch = cluster.system.launch;
  for (const uint32_t slot : {0u, launch.maxActors - 1, launch.maxActors + 1})
    EXPECT_FALSE(putInRingAtOnce(launch, cluster.shared[0], slot, message))
        << "slot " << slot;
  for (uint32_t i = 0; i < RingDepth; ++i)
    EXPECT_TRUE(
        putInRingAtOnce(launch, cluster.shared[0], launch.maxActors, message));
  EXPECT_FALSE(
      putInRingAtOnce(launch, cluster.shared[0], launch.maxActors, message))
      << "the ring is full";
  EXPECT_EQ(cluster.way(0)->tail, RingDepth);
}

} // namespace

namespace {

/// Of the message that is served.
thread_local uint32_t servedKey;

void runServed(void *state, const void *message, void *reply, void *context) {
  EXPECT_EQ(residentDispatch(servedKey, state, message, reply, context), 1u);
}

} // namespace

extern "C" {
uint32_t rk_serve_resident(uint32_t key, void *turn) {
  servedKey = key & NoMessage;
  rk_serve_messages(turn, runServed, 1);
  return 1;
}
void rk_serve_messages(void *turn, rk_handler *handler, uint32_t outcome) {
  Serving::serve(turn, handler, outcome);
}
}
