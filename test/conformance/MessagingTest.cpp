//===- MessagingTest.cpp - Messages arrive once, whole and in order -------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <atomic>
#include <thread>

using namespace conformance;
using rk::DeadLetterReason;
using rk::StatusCode;

namespace {

/// Returns a source on the same worker as `other`, which therefore handles
/// nothing while the source floods it. `other` is the system's first actor.
rk::ActorRef<Source> sourceBeside(rk::System &system,
                                  rk::ActorRef<Sequencer> other) {
  const std::uint32_t workers = system.description().workers;
  const std::uint32_t slot = rk::abi::Address{other.bits()}.slot() + workers;
  const auto sources =
      system.spawnMany<Source>(workers, [](std::size_t) { return Source(); })
          .value();
  for (const auto source : sources)
    if (rk::abi::Address{source.bits()}.slot() == slot)
      return source;
  ADD_FAILURE() << "no source has slot " << slot;
  return {};
}

TEST(Messaging, SizesOfAllKinds) {
  rk::System system(smallOptions());
  const auto counter = system.spawn<Counter>();
  for (std::uint32_t round = 0; round < 200; ++round) {
    Odd odd;
    for (std::uint32_t i = 0; i < 29; ++i)
      odd.bytes[i] = static_cast<unsigned char>(i * 7 + round);
    const Odd oddAnswer = system.ask(counter, odd).get();
    for (std::uint32_t i = 0; i < 29; ++i)
      ASSERT_EQ(oddAnswer.bytes[i],
                static_cast<unsigned char>(odd.bytes[i] + 1));
    Medium medium;
    for (std::uint32_t i = 0; i < 9; ++i)
      medium.words[i] = i * 2654435761u + round;
    const Medium mediumAnswer = system.ask(counter, medium).get();
    for (std::uint32_t i = 0; i < 9; ++i)
      ASSERT_EQ(mediumAnswer.words[i], medium.words[8 - i]);
    Largest largest;
    for (std::uint32_t i = 0; i < 1024; ++i)
      largest.words[i] = i * 2246822519u + round;
    const Largest largestAnswer = system.ask(counter, largest).get();
    for (std::uint32_t i = 0; i < 1024; ++i)
      ASSERT_EQ(largestAnswer.words[i], ~largest.words[i]);
  }
}

/// Sends `Size` bytes to and fro between two actors and compares them.
template <unsigned Size> void passBytes(unsigned char hops) {
  rk::System system(smallOptions());
  const auto first = system.spawn<Passer>();
  const auto second = system.spawn<Passer>();
  ASSERT_TRUE(system.send(first, Passer::Partner{second}).isOk());
  ASSERT_TRUE(system.send(second, Passer::Partner{first}).isOk());
  Bytes<Size> bytes{hops, {}};
  for (unsigned i = 0; i < Size - 1; ++i)
    bytes.values[i] = static_cast<unsigned char>(i * 31 + Size);
  ASSERT_TRUE(system.send(first, bytes).isOk());
  ASSERT_TRUE(system.waitIdle().isOk());
  const auto last =
      system.ask(hops % 2 == 0 ? first : second, Passer::Take{}).get();
  for (unsigned i = 0; i < 1020; ++i)
    ASSERT_EQ(last.values[i],
              i < Size - 1 ? static_cast<unsigned char>(bytes.values[i] + hops)
                           : 0)
        << "byte " << i << " of " << Size;
}

TEST(Messaging, BytesWithoutAlignmentArriveWhole) {
  passBytes<33>(40);
  passBytes<130>(41);
  passBytes<1021>(42);
}

TEST(Messaging, MoreLargeMessagesThanBlocks) {
  rk::SystemOptions options = smallOptions();
  options.payloadBlocks = 8;
  rk::System system(options);
  const auto counter = system.spawn<Counter>();
  std::vector<rk::Future<Largest>> answers;
  for (std::uint32_t i = 0; i < 500; ++i) {
    Largest largest{};
    largest.words[1023] = i;
    answers.push_back(system.ask(counter, largest, 60s));
  }
  for (std::uint32_t i = 0; i < 500; ++i)
    ASSERT_EQ(answers[i].get().words[1023], ~i);
}

TEST(Messaging, OrderFromHostThreads) {
  rk::System system(smallOptions());
  const auto sequencer = system.spawn<Sequencer>();
  constexpr std::uint32_t Threads = 6, Each = 5000;
  std::vector<std::thread> threads;
  std::atomic<std::uint32_t> failures{0};
  for (std::uint32_t t = 0; t < Threads; ++t)
    threads.emplace_back([&, t] {
      for (std::uint32_t i = 0; i < Each; ++i)
        failures += !system.send(sequencer, Numbered{t, i}).isOk();
    });
  for (std::thread &thread : threads)
    thread.join();
  ASSERT_EQ(failures, 0u);
  ASSERT_TRUE(system.waitIdle().isOk());
  const Faults faults = system.ask(sequencer, Get{}).get();
  EXPECT_EQ(faults.received, Threads * Each);
  EXPECT_EQ(faults.outOfOrder, 0u);
}

TEST(Messaging, OrderFromActors) {
  rk::System system(smallOptions());
  const auto sequencer = system.spawn<Sequencer>();
  constexpr std::uint32_t Sources = 40, Each = 500;
  std::vector<rk::Future<Outcomes>> floods;
  for (std::uint32_t s = 0; s < Sources; ++s)
    floods.push_back(
        system.ask(system.spawn<Source>(), Flood{sequencer, s, Each}, 60s));
  for (auto &flood : floods)
    EXPECT_EQ(flood.get().placed, Each);
  ASSERT_TRUE(system.waitIdle().isOk());
  const Faults faults = system.ask(sequencer, Get{}).get();
  EXPECT_EQ(faults.received, Sources * Each);
  EXPECT_EQ(faults.outOfOrder, 0u);
}

TEST(Messaging, ExactlyOnceAmongManyActorsAndThreads) {
  rk::System system(smallOptions());
  constexpr std::size_t Actors = 2000;
  constexpr int Threads = 4, Each = 25000;
  const auto counters =
      system.spawnMany<Counter>(Actors, [](std::size_t) { return Counter(); })
          .value();
  std::vector<std::thread> threads;
  std::vector<std::vector<std::int64_t>> expected(
      Threads, std::vector<std::int64_t>(Actors));
  std::atomic<int> failures{0};
  for (int t = 0; t < Threads; ++t)
    threads.emplace_back([&, t] {
      std::uint64_t random = std::uint64_t(t) + 1;
      for (int i = 0; i < Each; ++i) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const std::size_t to = (random >> 33) % Actors;
        failures += !system.send(counters[to], Add{i}).isOk();
        expected[std::size_t(t)][to] += i;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  ASSERT_EQ(failures, 0);
  std::vector<rk::Future<Total>> answers;
  ASSERT_TRUE(system.waitIdle().isOk());
  for (const auto counter : counters)
    answers.push_back(system.ask(counter, Get{}));
  for (std::size_t i = 0; i < Actors; ++i) {
    std::int64_t sum = 0;
    for (const auto &part : expected)
      sum += part[i];
    ASSERT_EQ(answers[i].get().value, sum) << i;
  }
  const rk::Counters counts = system.counters();
  EXPECT_EQ(counts.deadLetters.total(), 0u);
  EXPECT_EQ(counts.hostSent, Actors + Threads * Each + Actors);
}

TEST(Messaging, AFullMailboxIsToldAndCounted) {
  rk::SystemOptions options = smallOptions();
  options.messageBytes = 1; // the least: two segments for each worker
  rk::System system(options);
  const auto sequencer = system.spawn<Sequencer>();
  constexpr std::uint32_t Count = 400'000;
  auto outcome = system.ask(sourceBeside(system, sequencer),
                            Flood{sequencer, 0, Count}, 60s);
  const Outcomes outcomes = outcome.get();
  ASSERT_TRUE(system.waitIdle().isOk());
  const Faults faults = system.ask(sequencer, Get{}).get();
  EXPECT_EQ(outcomes.placed + outcomes.full, Count);
  EXPECT_EQ(outcomes.other, 0u);
  EXPECT_EQ(faults.received, outcomes.placed);
  EXPECT_EQ(faults.outOfOrder, 0u);
  EXPECT_EQ(system.counters().deadLetters[DeadLetterReason::MailboxFull],
            outcomes.full);
  EXPECT_GT(outcomes.full, 0u) << "the mailbox was never full";
}

/// The host is told after its own time-out; what was accepted is handled.
TEST(Messaging, AMailboxThatStaysFull) {
  rk::SystemOptions options = smallOptions();
  options.messageBytes = 1;
  options.sendTimeout = 100ms;
  rk::System system(options);
  const auto looper = system.spawn<Looper>();
  ASSERT_TRUE(system.send(looper, Loop{2500}).isOk());
  std::int64_t accepted = 0;
  rk::Status status;
  while (status.isOk() && accepted < 2'000'000) {
    status = system.send(looper, Add{1});
    accepted += status.isOk();
  }
  EXPECT_EQ(status.code(), StatusCode::MailboxFull);
  EXPECT_EQ(status.detail(), "no room towards the device for 100 ms; a "
                             "receiver's mailbox may be full");
  ASSERT_TRUE(system.waitIdle().isOk());
  EXPECT_EQ(system.ask(looper, Get{}).get().value, accepted);
  EXPECT_EQ(system.counters().deadLetters.total(), 0u);
}

TEST(Messaging, DeadLettersByReason) {
  rk::System system(smallOptions());
  const auto counter = system.spawn<Counter>();
  const auto tester = system.spawn<Tester>();
  ASSERT_TRUE(system.stop(counter).isOk());
  ASSERT_TRUE(system.waitIdle().isOk());
  const auto code = [&](std::uint64_t address) {
    return StatusCode(system.ask(tester, Probe{address}).get().status);
  };
  // The sender learns at once only of an address that is none.
  EXPECT_EQ(code(0), StatusCode::InvalidAddress);
  EXPECT_EQ(code(rk::abi::Address::make(rk::abi::MaxSlots - 1, 1).bits),
            StatusCode::InvalidAddress);
  EXPECT_EQ(code(rk::abi::Address::make(9999, 1).bits), StatusCode::Ok);
  EXPECT_EQ(code(counter.bits()), StatusCode::Ok);
  // An actor of another type: no handler there.
  EXPECT_EQ(code(tester.bits()), StatusCode::Ok);
  ASSERT_TRUE(system.waitIdle().isOk());
  const rk::DeadLetters letters = system.counters().deadLetters;
  EXPECT_EQ(letters[DeadLetterReason::NeverIssued], 3u);
  EXPECT_EQ(letters[DeadLetterReason::ActorStopped], 1u);
  EXPECT_EQ(letters[DeadLetterReason::NoHandler], 1u);
  EXPECT_EQ(letters.total(), 5u);
}

TEST(Messaging, IdleMeansIdle) {
  rk::System system(smallOptions());
  const auto sequencer = system.spawn<Sequencer>();
  for (std::uint32_t round = 0; round < 30; ++round) {
    for (std::uint32_t s = 0; s < 8; ++s)
      ASSERT_TRUE(
          system.send(system.spawn<Source>(), Flood{sequencer, s, 100}).isOk());
    ASSERT_TRUE(system.waitIdle().isOk());
    const rk::Counters counts = system.counters();
    ASSERT_EQ(counts.sent, counts.handled);
    ASSERT_EQ(system.ask(sequencer, Get{}).get().received, (round + 1) * 800);
  }
}

} // namespace
