//===- BulkTest.cpp - Payloads that travel by reference -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Actors.h"

#include "rk/system.h"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

namespace {

using namespace conformance;
using namespace std::chrono_literals;
using Values = std::vector<std::uint32_t>;

Values iota(std::uint32_t count) {
  Values values(count);
  std::iota(values.begin(), values.end(), 0u);
  return values;
}
constexpr std::uint64_t sumTo(std::uint64_t count) {
  return count * (count - 1) / 2;
}

class Bulk : public testing::Test {
protected:
  static rk::SystemOptions options() {
    rk::SystemOptions options;
    options.maxActors = 1 << 12;
    options.messageBytes = 64 << 20;
    options.bulkBytes = 32 << 20;
    return options;
  }
  /// Whatever a test does, nothing may be left in the pool.
  void TearDown() override {
    if (!system.status().isOk())
      return;
    ASSERT_TRUE(system.waitIdle(20s).isOk());
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (system.counters().bulkBytes != 0 &&
           std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(1ms);
    EXPECT_EQ(system.counters().bulkBytes, 0u);
  }
  Frames framesOf(rk::ActorRef<FrameSink> sink) {
    EXPECT_TRUE(system.waitIdle(20s).isOk());
    return system.ask(sink, GetFrames{}).get();
  }
  rk::Status sendFrame(rk::ActorRef<FrameSink> sink, const Values &values,
                       std::uint32_t number) {
    auto bulk = system.makeBulk(values);
    return bulk.isOk() ? system.send(sink, Frame{*bulk, number, 0})
                       : bulk.status();
  }

  rk::System system{options()};
};

TEST_F(Bulk, ComesFromTheHostInAllSizes) {
  const auto sink = system.spawn<FrameSink>();
  std::uint64_t sum = 0;
  std::uint32_t number = 0;
  for (std::uint32_t size : {1u, 3u, 1023u, 1024u, 1025u, 5000u, 262144u,
                             262145u, 1000003u, 4u << 20}) {
    ASSERT_TRUE(sendFrame(sink, iota(size), number++).isOk()) << size;
    sum += sumTo(size);
  }
  const Frames frames = framesOf(sink);
  EXPECT_EQ(frames.count, number);
  EXPECT_EQ(frames.outOfOrder, 0u);
  EXPECT_EQ(frames.sum, sum);
}

TEST_F(Bulk, AnEmptyPayloadIsNone) {
  const auto sink = system.spawn<FrameSink>();
  ASSERT_TRUE(sendFrame(sink, {}, 0).isOk());
  ASSERT_TRUE(system.send(sink, Frame{{}, 1, 0}).isOk());
  EXPECT_EQ(framesOf(sink).count, 2u);
}

TEST_F(Bulk, GoesFromActorToActorInOrder) {
  const auto sink = system.spawn<FrameSink>();
  const auto source = system.spawn<FrameSource<FrameSink>>(sink);
  const MadeFrames made = system.ask(source, MakeFrames{20, 10000}).get();
  EXPECT_EQ(made.made, 20u);
  const Frames frames = framesOf(sink);
  EXPECT_EQ(frames.count, 20u);
  EXPECT_EQ(frames.outOfOrder, 0u);
  EXPECT_EQ(frames.sum, sumTo(20) * 10000);
}

TEST_F(Bulk, IsUsedAgainWhenItsHandlerHasReturned) {
  const auto sink = system.spawn<FrameSink>();
  const auto source = system.spawn<FrameSource<FrameSink>>(sink);
  std::uint32_t sent = 0;
  // Ten times the pool.
  for (int i = 0; i < 40; ++i) {
    const MadeFrames made =
        system.ask(source, MakeFrames{8, (1 << 20) / 4}).get();
    EXPECT_EQ(made.made, 8u);
    sent += made.made;
    ASSERT_TRUE(system.waitIdle(20s).isOk());
  }
  EXPECT_EQ(framesOf(sink).count, sent);
}

TEST_F(Bulk, MovesOnWithoutACopyAndIsHeldAlone) {
  const auto sink = system.spawn<FrameSink>();
  const auto first = system.spawn<FrameRelay>();
  const auto second = system.spawn<FrameRelay>();
  system.send(first, FrameRelay::Next{second, sink});
  system.send(second, FrameRelay::Next{first, sink});
  ASSERT_TRUE(system.waitIdle(20s).isOk());
  constexpr std::uint32_t Hops = 31, Size = 3000;
  for (std::uint32_t i = 0; i < 4; ++i) {
    auto bulk = system.makeBulk(iota(Size));
    ASSERT_TRUE(bulk.isOk());
    ASSERT_TRUE(system.send(first, Frame{*bulk, i, Hops}).isOk());
  }
  const Frames frames = framesOf(sink);
  EXPECT_EQ(frames.count, 4u);
  EXPECT_EQ(frames.outOfOrder, 0u);
  EXPECT_EQ(frames.sum, 4 * (sumTo(Size) + std::uint64_t(Hops + 1) * Size));
  EXPECT_EQ(system.ask(first, GetFrames{}).get().count, 0u);
  EXPECT_EQ(system.ask(second, GetFrames{}).get().count, 0u);
}

TEST_F(Bulk, OnePayloadGoesToMany) {
  const auto sinks = system.spawn_n<FrameSink>(100);
  const auto scatter = system.spawn<FrameScatter>();
  ASSERT_TRUE(system.send(scatter, Scatter{sinks, 2000}).isOk());
  for (const auto sink : sinks) {
    const Frames frames = framesOf(sink);
    EXPECT_EQ(frames.count, 1u);
    EXPECT_EQ(frames.sum, 6000u);
  }
}

/// Of all lengths beside what the lanes and the hardware have under way
/// together, from addresses that are multiples of 16 and that are not.
template <class Copier> void testCopies(rk::System &system) {
  const auto shelf = system.spawn<FrameShelf>();
  const auto copier = system.spawn<Copier>(shelf);
  for (const std::uint32_t size :
       {5u, 8u, 131u, 1024u, 1028u, 1155u, 5000u, 8191u, 8192u, 18500u, 65536u,
        65540u, 300001u, 1u << 20}) {
    for (const std::uint32_t skipped : {0u, 1u, 4u}) {
      auto bulk = system.makeBulk(iota(size));
      ASSERT_TRUE(bulk.isOk());
      ASSERT_TRUE(system.send(copier, Frame{*bulk, 0, skipped}).isOk());
      ASSERT_TRUE(system.waitIdle(20s).isOk());
      Values expected(size - skipped);
      std::iota(expected.begin(), expected.end(), skipped);
      for (std::uint32_t i = 0; i < expected.size(); i += 1000)
        ++expected[i];
      auto copy = system.fetch(system.ask(shelf, TakeBack{}).get());
      ASSERT_TRUE(copy.isOk());
      EXPECT_EQ(*copy, expected) << size << " less " << skipped;
    }
  }
}
TEST_F(Bulk, IsCopiedByAWarp) { testCopies<FrameCopier>(system); }
TEST_F(Bulk, IsCopiedByABlock) {
  testCopies<FrameCopyTeam<rk::Lanes::Block>>(system);
}
TEST_F(Bulk, IsCopiedByACluster) {
  testCopies<FrameCopyTeam<rk::Lanes::Cluster>>(system);
}

TEST_F(Bulk, StaysInStateAndComesBackToTheHost) {
  const auto shelf = system.spawn<FrameShelf>();
  for (std::uint32_t size : {10u, 4097u, 300001u}) {
    for (std::uint32_t extra : {1u, 0u}) {
      auto bulk = system.makeBulk(iota(size + extra));
      ASSERT_TRUE(bulk.isOk());
      ASSERT_TRUE(system.send(shelf, Frame{*bulk, 0, 0}).isOk());
    }
    const Frame frame = system.ask(shelf, TakeBack{}).get();
    EXPECT_EQ(frame.number, 1u);
    auto values = system.fetch(frame);
    ASSERT_TRUE(values.isOk());
    EXPECT_EQ(*values, iota(size));
    ASSERT_TRUE(system.waitIdle(20s).isOk());
    EXPECT_EQ(system.fetch(frame).code(), rk::StatusCode::InvalidArgument);
  }
}

TEST_F(Bulk, ThePoolRunsOutWithAStatus) {
  const auto sink = system.spawn<FrameSink>();
  auto kept = system.makeBulk(Values(5 << 20)); // of 8 Mi elements
  ASSERT_TRUE(kept.isOk());
  EXPECT_EQ(system.makeBulk(Values(5 << 20), 0ns).code(),
            rk::StatusCode::BulkPoolExhausted);
  EXPECT_EQ(system.makeBulk(Values(9 << 20), 1h).code(),
            rk::StatusCode::BulkPoolExhausted);
  const auto source = system.spawn<FrameSource<FrameSink>>(sink);
  const MadeFrames made = system.ask(source, MakeFrames{1, 5 << 20}).get();
  EXPECT_EQ(made.made, 0u);
  EXPECT_EQ(made.status, std::uint32_t(rk::StatusCode::BulkPoolExhausted));
  EXPECT_TRUE(system.free(*kept).isOk());
  ASSERT_TRUE(system.waitIdle(20s).isOk());
  // Small ones become a large one again.
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ(system.ask(source, MakeFrames{2000, 1}).get().made, 2000u);
    ASSERT_TRUE(system.waitIdle(20s).isOk());
    auto large = system.makeBulk(Values(8 << 20), 1s);
    ASSERT_TRUE(large.isOk()) << large.status().message();
    EXPECT_TRUE(system.free(*large).isOk());
  }
}

TEST_F(Bulk, DeadLettersFreeIt) {
  const auto sink = system.spawn<FrameSink>();
  const auto source = system.spawn<FrameSource<FrameSink>>(sink);
  system.stop(sink);
  ASSERT_TRUE(system.waitIdle(20s).isOk());
  ASSERT_TRUE(sendFrame(sink, iota(10), 0).isOk());
  system.ask(source, MakeFrames{3, 10}).get();
  const auto nobody = system.spawn<FrameSource<FrameSink>>(
      rk::ActorRef<FrameSink>::fromBits(0x0fffffff));
  EXPECT_EQ(system.ask(nobody, MakeFrames{3, 10}).get().made, 0u);
  EXPECT_FALSE(sendFrame({}, iota(10), 0).isOk());
  ASSERT_TRUE(system.waitIdle(20s).isOk());
  const auto letters = system.counters().deadLetters;
  EXPECT_EQ(letters[rk::DeadLetterReason::ActorStopped], 4u);
  EXPECT_EQ(letters[rk::DeadLetterReason::NeverIssued], 3u);
}

TEST_F(Bulk, ALateAnswerFreesIt) {
  const auto slow = system.spawn<SlowSource>();
  EXPECT_EQ(system.ask(slow, Wait{100}, 10ms).result().code(),
            rk::StatusCode::DeadlineExceeded);
  {
    auto dropped = system.ask(slow, Wait{1});
  }
  { // Nobody takes it though it has come.
    auto dropped = system.ask(slow, Wait{1});
    dropped.wait();
  }
  EXPECT_TRUE(system.send(slow, Wait{1}).isOk());
}

TEST_F(Bulk, ReachesResidentsWarpsAndBlocks) {
  const auto sink = system.spawn<FrameSink>();
  const auto resident = system.spawn<ResidentSink>();
  const auto warp = system.spawn<FrameWarp>(sink);
  const auto block = system.spawn<FrameBlock>(sink);
  const auto source = system.spawn<FrameSource<ResidentSink>>(resident);
  EXPECT_EQ(system.ask(source, MakeFrames{5, 3000}).get().made, 5u);
  for (std::uint32_t i = 0; i < 8; ++i) {
    auto first = system.makeBulk(iota(5000 + i));
    auto second = system.makeBulk(iota(7000 + i));
    auto third = system.makeBulk(iota(100));
    ASSERT_TRUE(first.isOk() && second.isOk() && third.isOk());
    system.send(warp, Frame{*first, 2 * i, 0});
    ASSERT_TRUE(system.waitIdle(20s).isOk());
    system.send(block, Frame{*second, 2 * i + 1, 0});
    system.send(resident, Frame{*third, 0, 0});
    ASSERT_TRUE(system.waitIdle(20s).isOk());
  }
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < 8; ++i)
    sum += 2 * (sumTo(5000 + i) + sumTo(7000 + i));
  const Frames frames = framesOf(sink);
  EXPECT_EQ(frames.count, 16u);
  EXPECT_EQ(frames.outOfOrder, 0u);
  EXPECT_EQ(frames.sum, sum);
  const Frames seen = system.ask(resident, GetFrames{}).get();
  EXPECT_EQ(seen.count, 13u);
  EXPECT_EQ(seen.sum, 3000 * sumTo(5) + 8 * sumTo(100));
  auto values = system.fetch(system.ask(block, GetFrames{}).get());
  ASSERT_TRUE(values.isOk());
  EXPECT_EQ(*values, iota(100));
}

TEST_F(Bulk, ManyActorsMakeAndFreeAtOnce) {
  const auto sinks = system.spawn_n<FrameSink>(64);
  std::vector<rk::ActorRef<FrameSource<FrameSink>>> sources;
  for (const auto sink : sinks)
    sources.push_back(system.spawn<FrameSource<FrameSink>>(sink));
  std::vector<std::uint64_t> expected(64);
  for (std::uint32_t round = 0; round < 20; ++round) {
    std::vector<rk::Future<MadeFrames>> answers;
    for (std::uint32_t i = 0; i < 64; ++i)
      answers.push_back(
          system.ask(sources[i], MakeFrames{4, 1u << ((i + round) % 14)}));
    for (std::uint32_t i = 0; i < 64; ++i) {
      const MadeFrames made = answers[i].get();
      EXPECT_EQ(made.made, 4u);
      expected[i] += std::uint64_t(6) << ((i + round) % 14);
    }
  }
  for (std::uint32_t i = 0; i < 64; ++i) {
    const Frames frames = framesOf(sinks[i]);
    EXPECT_EQ(frames.count, 80u);
    EXPECT_EQ(frames.sum, expected[i]);
  }
}

} // namespace
