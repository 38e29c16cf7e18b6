//===- JamTest.cpp - Whatever can jam, and that nothing is lost by it -----===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every topology that can jam, with hardly any memory for messages: a message
/// is handled or counted, pairs keep their order, and all comes to an end.
///
//===----------------------------------------------------------------------===//

#include "JamActors.h"
#include "Suite.h"

#include <atomic>
#include <string>
#include <thread>

using namespace conformance;
using rk::DeadLetterReason;
using rk::StatusCode;

namespace {

/// How many workers (0: all), whether senders look at the status, whether they
/// are slowed, and whether actors change their workers meanwhile.
struct Case {
  std::uint32_t workers;
  bool looks;
  bool slowed;
  bool moves = false;
};
std::string caseName(const testing::TestParamInfo<Case> &test) {
  return std::string(test.param.workers == 0 ? "AllWorkers" : "ThreeWorkers") +
         (test.param.looks ? "Look" : "Ignore") +
         (test.param.slowed ? "Slowed" : "") +
         (test.param.moves ? "Moving" : "");
}

rk::SystemOptions tinyOptions(const Case &jam) {
  rk::SystemOptions options = smallOptions();
  options.messageBytes = 1; // the home segments only: 512 messages a worker
  options.workers = jam.workers;
  if (!jam.slowed)
    options.slowdown = 0ns;
  if (jam.moves)
    options.balance = rk::Balance::Random;
  return options;
}

template <class Actor>
Tally tallyOf(rk::System &system, rk::ActorRef<Actor> actor) {
  return system.ask(actor, GetTally{}, 60s).get();
}

/// Sums of what some actors count.
struct Sums {
  std::uint64_t sent = 0, received = 0, refused = 0, outOfOrder = 0;

  template <class Actor>
  void add(rk::System &system, rk::ActorRef<Actor> actor) {
    const Tally tally = tallyOf(system, actor);
    sent += tally.sent;
    received += tally.received;
    refused += tally.refused;
    outOfOrder += tally.outOfOrder;
  }
};

/// Everything was handled or is a dead letter, and the books agree.
void expectNothingLost(rk::System &system, const Sums &sums,
                       std::uint64_t fromHost) {
  const rk::Counters counters = system.counters();
  EXPECT_EQ(sums.sent + fromHost, sums.received + counters.deadLetters.total());
  EXPECT_EQ(sums.outOfOrder, 0u);
  EXPECT_EQ(counters.sent, counters.handled);
}

class Jam : public testing::TestWithParam<Case> {
protected:
  /// Actor 0 is another's: its worker serves the host on the CPU.
  template <class To> rk::ActorRef<To> sinkOf(rk::System &system) {
    system.spawn<Counter>();
    return system.spawn<To>();
  }
  template <class To>
  std::vector<rk::ActorRef<Pump<To>>> pumpsOf(rk::System &system,
                                              std::size_t count) {
    return system
        .spawnMany<Pump<To>>(count, [](std::size_t) { return Pump<To>(); })
        .value();
  }
  template <class To>
  void pour(rk::System &system,
            const std::vector<rk::ActorRef<Pump<To>>> &pumps,
            rk::ActorRef<To> sink, std::uint32_t count, std::uint32_t each) {
    for (std::size_t i = 0; i < pumps.size(); ++i)
      ASSERT_TRUE(system
                      .send(pumps[i], Pour<To>{sink, std::uint32_t(i), count,
                                               each, GetParam().looks})
                      .isOk());
  }
  template <class To>
  Sums sumsOf(rk::System &system,
              const std::vector<rk::ActorRef<Pump<To>>> &pumps,
              rk::ActorRef<To> sink) {
    Sums sums;
    for (const auto pump : pumps)
      sums.add(system, pump);
    sums.add(system, sink);
    return sums;
  }
};

/// Twelve to one, that takes 2 us for each.
TEST_P(Jam, FanInToASlowReceiver) {
  rk::System system(tinyOptions(GetParam()));
  const auto sink = sinkOf<FailSink>(system);
  const auto pumps = pumpsOf<FailSink>(system, 12);
  ASSERT_TRUE(system.send(sink, Slow{2000}).isOk());
  pour(system, pumps, sink, 2000, 20);
  ASSERT_TRUE(system.waitIdle().isOk());
  expectNothingLost(system, sumsOf(system, pumps, sink), pumps.size());
}

/// All that is sent while it is held up, and it gets what fits.
TEST_P(Jam, AReceiverThatIsHeldUp) {
  rk::System system(tinyOptions(GetParam()));
  const auto sink = sinkOf<FailSink>(system);
  const auto pumps = pumpsOf<FailSink>(system, 8);
  ASSERT_TRUE(system.send(sink, Loop{150}).isOk());
  pour(system, pumps, sink, 5000, 500);
  ASSERT_TRUE(system.waitIdle().isOk());
  const Sums sums = sumsOf(system, pumps, sink);
  expectNothingLost(system, sums, pumps.size());
  const auto full =
      system.counters().deadLetters[DeadLetterReason::MailboxFull];
  EXPECT_GT(full, 0u) << "the mailbox was never full";
  if (GetParam().looks) {
    EXPECT_GT(sums.refused, 0u);
    EXPECT_LE(sums.refused, full);
  } else {
    EXPECT_EQ(sums.refused, 0u);
  }
}

/// It ends while they send, or after they did: both are races to be won. What
/// they send to it then is dead.
TEST_P(Jam, AReceiverThatStops) {
  rk::System system(tinyOptions(GetParam()));
  const auto sink = sinkOf<FailSink>(system);
  const auto pumps = pumpsOf<FailSink>(system, 8);
  ASSERT_TRUE(system.send(sink, Loop{20}).isOk());
  pour(system, pumps, sink, 5000, 20);
  ASSERT_TRUE(system.stop(sink).isOk());
  ASSERT_TRUE(system.waitIdle().isOk());
  pour(system, pumps, sink, 10, 5);
  ASSERT_TRUE(system.waitIdle().isOk());
  Sums sums;
  for (const auto pump : pumps)
    sums.add(system, pump);
  const rk::Counters counters = system.counters();
  EXPECT_GE(counters.deadLetters[DeadLetterReason::ActorStopped],
            10 * pumps.size());
  // What the sink has handled it cannot tell any more: it is what all handled
  // but the orders, the spawns, the loop, the stop and the questions.
  EXPECT_EQ(counters.sent, counters.handled);
  EXPECT_LE(counters.deadLetters.total(), sums.sent);
  EXPECT_EQ(system.ask(sink, GetTally{}).result().code(),
            StatusCode::ActorStopped);
}

/// Two for one round a ring, 65535 tokens if there were room.
TEST_P(Jam, ACycle) {
  for (const std::size_t nodes : {2u, 3u, 7u}) {
    rk::System system(tinyOptions(GetParam()));
    const auto links =
        system.spawnMany<Link>(nodes, [](std::size_t) { return Link(); })
            .value();
    for (std::size_t i = 0; i < nodes; ++i)
      ASSERT_TRUE(
          system.send(links[i], Next{links[(i + 1) % nodes].bits()}).isOk());
    ASSERT_TRUE(system.waitIdle().isOk());
    ASSERT_TRUE(system.send(links[0], Token{15, 0, GetParam().looks}).isOk());
    ASSERT_TRUE(system.waitIdle().isOk());
    Sums sums;
    for (const auto link : links)
      sums.add(system, link);
    expectNothingLost(system, sums, 1);
    // Links that have come to one worker share its room.
    EXPECT_GT(sums.received, GetParam().moves ? 100u : 1000u);
  }
}

/// Actors that fill their own inboxes.
TEST_P(Jam, SelfSends) {
  rk::System system(tinyOptions(GetParam()));
  const auto links =
      system.spawnMany<Link>(6, [](std::size_t) { return Link(); }).value();
  for (const auto link : links) {
    ASSERT_TRUE(system.send(link, Next{link.bits()}).isOk());
    ASSERT_TRUE(system.send(link, Token{12, 0, GetParam().looks}).isOk());
  }
  ASSERT_TRUE(system.waitIdle().isOk());
  Sums sums;
  for (const auto link : links)
    sums.add(system, link);
  expectNothingLost(system, sums, links.size());
  EXPECT_GT(system.counters().deadLetters[DeadLetterReason::MailboxFull], 0u)
      << "the inboxes were never full";
}

TEST_P(Jam, DeadLettersTellNobody) {
  rk::System system(tinyOptions(GetParam()));
  const auto sink = sinkOf<LetterSink>(system);
  const auto pumps = pumpsOf<LetterSink>(system, 8);
  ASSERT_TRUE(system.send(sink, Loop{150}).isOk());
  pour(system, pumps, sink, 5000, 500);
  ASSERT_TRUE(system.waitIdle().isOk());
  const Sums sums = sumsOf(system, pumps, sink);
  expectNothingLost(system, sums, pumps.size());
  EXPECT_EQ(sums.refused, 0u);
  EXPECT_GT(system.counters().deadLetters[DeadLetterReason::MailboxFull], 0u);
}

/// The last that anybody sent is received, though most found no room.
TEST_P(Jam, TheNewestIsKept) {
  rk::System system(tinyOptions(GetParam()));
  const auto sink = sinkOf<NewestSink>(system);
  const auto pumps = pumpsOf<NewestSink>(system, 1);
  for (std::uint32_t round = 1; round <= 5; ++round) {
    ASSERT_TRUE(system.send(sink, Loop{50}).isOk());
    pour(system, pumps, sink, 3000, 3000);
    ASSERT_TRUE(system.waitIdle().isOk());
    EXPECT_EQ(tallyOf(system, sink).last, round * 3000);
  }
  const Sums sums = sumsOf(system, pumps, sink);
  expectNothingLost(system, sums, 5);
  EXPECT_EQ(sums.refused, 0u);
  EXPECT_GT(system.counters().deadLetters[DeadLetterReason::DroppedOldest], 0u);
}

TEST_P(Jam, TheNewestOfManyIsKept) {
  rk::System system(tinyOptions(GetParam()));
  const auto sink = sinkOf<NewestSink>(system);
  const auto pumps = pumpsOf<NewestSink>(system, 24);
  ASSERT_TRUE(system.send(sink, Slow{1000}).isOk());
  pour(system, pumps, sink, 1000, 20);
  ASSERT_TRUE(system.waitIdle().isOk());
  const Sums sums = sumsOf(system, pumps, sink);
  expectNothingLost(system, sums, pumps.size());
  EXPECT_EQ(sums.refused, 0u);
  EXPECT_EQ(system.counters().moves != 0, GetParam().moves);
}

INSTANTIATE_TEST_SUITE_P(
    , Jam,
    testing::Values(Case{3, true, false}, Case{3, false, false},
                    Case{3, false, true}, Case{3, true, false, true},
                    Case{3, false, true, true}, Case{0, true, true},
                    Case{0, false, false}),
    caseName);

//===----------------------------------------------------------------------===//
// The host
//===----------------------------------------------------------------------===//

/// Threads flood a slow actor and wait for room: all arrives.
TEST(HostJam, WaitsForRoom) {
  for (const bool slowed : {false, true}) {
    rk::System system(tinyOptions({3, false, slowed}));
    system.spawn<Counter>();
    const auto sink = system.spawn<FailSink>();
    ASSERT_TRUE(system.send(sink, Slow{1000}).isOk());
    ASSERT_TRUE(system.waitIdle().isOk());
    constexpr std::uint32_t Threads = 3, Each = 8000;
    std::atomic<std::uint32_t> failures{0};
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < Threads; ++t)
      threads.emplace_back([&, t] {
        for (std::uint32_t i = 1; i <= Each; ++i)
          failures += !system.send(sink, Mail{t, i}, 30s).isOk();
      });
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_EQ(failures, 0u);
    ASSERT_TRUE(system.waitIdle().isOk());
    const Tally tally = tallyOf(system, sink);
    EXPECT_EQ(tally.received, Threads * Each);
    EXPECT_EQ(tally.outOfOrder, 0u);
    EXPECT_EQ(system.counters().deadLetters.total(), 0u);
  }
}

/// Holds `sink` up and sends to it, with a patience of 0 or of the options,
/// until there has been no room for a while; returns how much was sent.
std::uint32_t fillTheWay(rk::System &system, rk::ActorRef<FailSink> sink,
                         bool saysPatience) {
  EXPECT_TRUE(system.send(sink, Loop{1000}).isOk());
  std::uint32_t sent = 0;
  for (int refusals = 0; refusals < 30;) {
    const Mail mail{0, sent + 1};
    const rk::Status status =
        saysPatience ? system.send(sink, mail, 0ns) : system.send(sink, mail);
    if (status.isOk()) {
      ++sent;
      refusals = 0;
      continue;
    }
    EXPECT_EQ(status.code(), StatusCode::MailboxFull);
    EXPECT_EQ(status.detail(),
              "no room towards the device; a receiver's mailbox may be full");
    ++refusals;
    std::this_thread::sleep_for(2ms);
  }
  return sent;
}

TEST(HostJam, IsToldAtOnceIfItLikes) {
  rk::System system(tinyOptions({3, false, false}));
  system.spawn<Counter>();
  const auto sink = system.spawn<FailSink>();
  const std::uint32_t sent = fillTheWay(system, sink, true);
  // With patience the next is sent, if it is enough.
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(system.send(sink, Mail{0, sent + 1}, 20ms).detail(),
            "no room towards the device for 20 ms; a receiver's mailbox may "
            "be full");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms);
  EXPECT_TRUE(system.send(sink, Mail{0, sent + 1}, 30s).isOk());
  ASSERT_TRUE(system.waitIdle().isOk());
  const Tally tally = tallyOf(system, sink);
  EXPECT_EQ(tally.received, sent + 1);
  EXPECT_EQ(tally.outOfOrder, 0u);
  EXPECT_EQ(system.counters().deadLetters.total(), 0u);
}

/// The option says it for all calls.
TEST(HostJam, TheOptionSaysItForAll) {
  rk::SystemOptions options = tinyOptions({3, false, false});
  options.sendTimeout = 0ns;
  rk::System system(options);
  system.spawn<Counter>();
  const auto sink = system.spawn<FailSink>();
  const std::uint32_t sent = fillTheWay(system, sink, false);
  EXPECT_EQ(system.ask(sink, GetTally{}).result().code(),
            StatusCode::MailboxFull);
  ASSERT_TRUE(system.waitIdle().isOk());
  EXPECT_EQ(tallyOf(system, sink).received, sent);
}

/// An actor that drops its oldest does not make the host wait, nor those whose
/// messages come behind.
TEST(HostJam, DoesNotWaitForWhoDropsTheOldest) {
  rk::System system(tinyOptions({3, false, true}));
  const auto other = system.spawn<Counter>();
  const auto sink = system.spawn<NewestSink>();
  constexpr std::uint32_t Count = 20'000;
  ASSERT_TRUE(system.send(sink, Loop{1500}).isOk());
  for (std::uint32_t i = 1; i <= Count; ++i)
    ASSERT_TRUE(system.send(sink, Mail{0, i}, 30s).isOk());
  EXPECT_EQ(system.ask(other, Get{}).get().value, 0);
  ASSERT_TRUE(system.waitIdle().isOk());
  const Tally tally = tallyOf(system, sink);
  EXPECT_EQ(tally.last, Count);
  EXPECT_EQ(tally.outOfOrder, 0u);
  const auto dropped =
      system.counters().deadLetters[DeadLetterReason::DroppedOldest];
  EXPECT_EQ(tally.received + dropped, Count);
}

} // namespace
