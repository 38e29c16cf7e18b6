//===- SendAllTest.cpp - Rows of messages ---------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <array>
#include <span>
#include <thread>

using namespace conformance;
using rk::ActorRef;
using rk::StatusCode;

namespace {

std::vector<ActorRef<Sequencer>> spawnSequencers(rk::System &system,
                                                 std::size_t count) {
  return system
      .spawnMany<Sequencer>(count, [](std::size_t) { return Sequencer(); })
      .value();
}

/// Each thread has receivers of its own, and rows of every length: many more
/// messages than a lane holds.
TEST(SendAll, RowsArriveInOrder) {
  constexpr std::size_t Threads = 4, Receivers = 61;
  constexpr std::uint32_t Rows = 400;
  rk::System system(smallOptions());
  std::array<std::uint64_t, Threads> sent{};
  std::array<std::vector<ActorRef<Sequencer>>, Threads> receivers;
  for (auto &some : receivers)
    some = spawnSequencers(system, Receivers);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < Threads; ++t)
    threads.emplace_back([&, t] {
      std::array<std::uint32_t, Receivers> next{};
      std::size_t at = t;
      for (std::uint32_t row = 0; row < Rows; ++row) {
        std::vector<ActorRef<Sequencer>> to;
        std::vector<Numbered> what;
        for (std::uint32_t i = 0; i < row; ++i) {
          const std::size_t receiver = at++ * 7 % Receivers;
          to.push_back(receivers[t][receiver]);
          what.push_back({0, next[receiver]++});
        }
        std::size_t count = 1;
        ASSERT_TRUE(system.sendAll(to, what, &count).isOk());
        ASSERT_EQ(count, row);
        sent[t] += count;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  ASSERT_TRUE(system.waitIdle(60s).isOk());
  for (std::size_t t = 0; t < Threads; ++t) {
    std::uint64_t received = 0;
    for (const auto receiver : receivers[t]) {
      const Faults faults = system.ask(receiver, Get{}).get();
      EXPECT_EQ(faults.outOfOrder, 0u);
      received += faults.received;
    }
    EXPECT_EQ(received, sent[t]);
  }
}

TEST(SendAll, ToOneReceiverBehindAndBeforeSingleMessages) {
  rk::System system(smallOptions());
  const auto counter = system.spawn<Counter>();
  const std::vector<Add> adds(10000, Add{3});
  ASSERT_TRUE(system.send(counter, Add{1}).isOk());
  ASSERT_TRUE(system.sendAll(counter, adds).isOk());
  EXPECT_EQ(system.ask(counter, Get{}).get().value, 30001);
  const std::span<const Add> none;
  EXPECT_TRUE(system.sendAll(counter, none).isOk());
  EXPECT_EQ(system.ask(counter, Get{}).get().value, 30001);
}

/// By reference, and as large as a packet takes.
TEST(SendAll, MessagesOfOtherSizes) {
  rk::System system(smallOptions());
  const auto counters =
      system.spawnMany<Counter>(3, [](std::size_t) { return Counter(); })
          .value();
  std::array<Largest, 3> large{};
  std::size_t sent = 0;
  EXPECT_TRUE(system.sendAll(counters, large, &sent).isOk());
  EXPECT_EQ(sent, 3u);
  std::array<Odd, 3> odd{};
  EXPECT_TRUE(system.sendAll(counters, odd).isOk());
  ASSERT_TRUE(system.waitIdle().isOk());
  EXPECT_EQ(system.counters().deadLetters.total(), 0u);
  EXPECT_EQ(system.counters().handled, 6u);
}

TEST(SendAll, StopsAtANullReference) {
  rk::System system(smallOptions());
  std::vector<ActorRef<Counter>> counters(5, system.spawn<Counter>());
  counters[3] = {};
  const std::vector<Add> adds(5, Add{1});
  std::size_t sent = 0;
  EXPECT_EQ(system.sendAll(counters, adds, &sent).code(),
            StatusCode::InvalidAddress);
  EXPECT_EQ(sent, 3u);
  EXPECT_EQ(system.ask(counters[0], Get{}).get().value, 3);
}

TEST(SendAll, WantsAReceiverForEachMessage) {
  rk::System system(smallOptions());
  const std::vector<ActorRef<Counter>> counters(5, system.spawn<Counter>());
  const std::vector<Add> adds(4, Add{1});
  std::size_t sent = 9;
  const rk::Status status = system.sendAll(counters, adds, &sent);
  EXPECT_EQ(status.code(), StatusCode::InvalidArgument);
  EXPECT_NE(status.message().find("4 messages for 5 receivers"),
            std::string::npos)
      << status.message();
  EXPECT_EQ(sent, 0u);
  EXPECT_EQ(system.ask(counters[0], Get{}).get().value, 0);
}

TEST(SendAll, AfterTheEnd) {
  rk::System system(smallOptions());
  const auto counter = system.spawn<Counter>();
  ASSERT_TRUE(system.shutdown().isOk());
  std::size_t sent = 9;
  EXPECT_EQ(system.sendAll(counter, std::vector<Add>(4, Add{1}), &sent).code(),
            StatusCode::ShuttingDown);
  EXPECT_EQ(sent, 0u);
}

} // namespace
