//===- CongestionTest.cpp - Senders that hold back ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "TestSystem.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>

using namespace rk::abi;
using namespace rk::test;

namespace {

struct State {
  uint64_t word[8] = {};
};

enum Message : uint32_t { Go = 0, Data = 1, Block = 2 };
constexpr uint32_t PoolSegments = 900;
constexpr uint64_t Slowdown = 20'000;
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define RK_UNDER_TSAN
#endif
#endif
#if defined(RK_UNDER_TSAN) || defined(__SANITIZE_THREAD__) ||                  \
    !defined(__OPTIMIZE__)
#define RK_PASSES_MESSAGES_SLOWLY
#endif
/// What a slow receiver does for each message, longer than it takes to pass one
/// on, and how much each gets; and how long 131071 messages may take.
#if defined(RK_PASSES_MESSAGES_SLOWLY)
constexpr std::chrono::microseconds Work(30);
constexpr uint32_t Load = 40'000;
constexpr std::chrono::seconds Crawl(10);
#else
constexpr std::chrono::microseconds Work(2);
constexpr uint32_t Load = 80'000;
constexpr std::chrono::milliseconds Crawl(2500);
#endif

struct Order {
  uint32_t left;
  uint32_t number;
};

void spin(std::chrono::nanoseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end)
    ;
}

/// Actors 0, 1 and 2, each on a worker of its own, and how much of the pool
/// they have used at most.
class Line {
public:
  explicit Line(uint64_t slowdownNs) : system(sizesFor(slowdownNs)) {}
  ~Line() { system.stop(); }

  static uint64_t actor(uint32_t slot) { return Address::make(slot, 1).bits; }

  void start() {
    system.start();
    const State state;
    for (uint32_t slot = 0; slot < 6; ++slot)
      ASSERT_EQ(system.spawn(&state), actor(slot));
  }
  void look() {
    const int64_t used = int64_t(PoolSegments) - system.freeSegments();
    int64_t most = mostSegments;
    while (used > most && !mostSegments.compare_exchange_weak(most, used))
      ;
  }

  TestSystem system;
  std::atomic<int64_t> mostSegments{0};

private:
  static TestSizes sizesFor(uint64_t slowdownNs) {
    TestSizes sizes;
    sizes.poolSegments = PoolSegments;
    sizes.slowdownNs = slowdownNs;
    return sizes;
  }
};

/// Two workers send to a third, which is slower. Each message of theirs is a
/// turn of its own.
int64_t segmentsOfFanIn(uint64_t slowdownNs) {
  constexpr uint32_t Each = Load / 2;
  Line line(slowdownNs);
  std::atomic<uint64_t> received{0};
  dispatch = [&](uint32_t message, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    Order order;
    std::memcpy(&order, bytes, sizeof(order));
    if (message == Data) {
      line.look();
      spin(Work);
      ++received;
      return 1;
    }
    rk_enqueue(context, Line::actor(1), Data, &order, sizeof(order), 0);
    if (--order.left != 0)
      rk_enqueue(context, rk_self(context), Go, &order, sizeof(order), 0);
    return 1;
  };
  line.start();
  const Order order{Each, 0};
  for (const uint32_t sender : {0, 2})
    line.system.send(Line::actor(sender), Go, &order, sizeof(order));
  EXPECT_TRUE(line.system.waitIdle());
  EXPECT_EQ(received, 2 * Each);
  EXPECT_EQ(line.system.deadLetters(DeadLetterReason::MailboxFull), 0u);
  return line.mostSegments;
}

TEST(Congestion, FanInUsesLittleOfThePool) {
  const int64_t without = segmentsOfFanIn(0), with = segmentsOfFanIn(Slowdown);
  EXPECT_GT(without, 48) << "the test must jam";
  EXPECT_LT(with, without);
  EXPECT_LE(with, 64);
}

/// A slow end slows those before it, back to the first.
int64_t segmentsOfPipeline(uint64_t slowdownNs) {
  constexpr uint32_t Count = Load / 2;
  Line line(slowdownNs);
  std::atomic<uint64_t> received{0}, disorder{0};
  dispatch = [&](uint32_t message, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    Order order;
    std::memcpy(&order, bytes, sizeof(order));
    const uint32_t self = Address{rk_self(context)}.slot();
    if (self == 2) {
      line.look();
      spin(Work);
      disorder += order.number != received++;
      return 1;
    }
    rk_enqueue(context, Line::actor(self + 1), Data, &order, sizeof(order), 0);
    if (message == Go && --order.left != 0) {
      ++order.number;
      rk_enqueue(context, rk_self(context), Go, &order, sizeof(order), 0);
    }
    return 1;
  };
  line.start();
  const Order order{Count, 0};
  line.system.send(Line::actor(0), Go, &order, sizeof(order));
  EXPECT_TRUE(line.system.waitIdle());
  EXPECT_EQ(received, Count);
  EXPECT_EQ(disorder, 0u);
  return line.mostSegments;
}

TEST(Congestion, APipelineIsAsSlowAsItsEnd) {
  const int64_t without = segmentsOfPipeline(0),
                with = segmentsOfPipeline(Slowdown);
  EXPECT_GT(without, 48) << "the test must jam";
  EXPECT_LT(with, without);
  EXPECT_LE(with, 64);
}

/// Each sends two for one until there are many: all are behind, for each other.
TEST(Congestion, ACycleGoesOn) {
  constexpr uint32_t Depth = 16;
  Line line(Slowdown);
  std::atomic<uint64_t> handled{0};
  dispatch = [&](uint32_t, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    Order order;
    std::memcpy(&order, bytes, sizeof(order));
    line.look();
    ++handled;
    const uint32_t next = (Address{rk_self(context)}.slot() + 1) % 3;
    if (order.left-- != 0)
      for (int i = 0; i < 2; ++i)
        rk_enqueue(context, Line::actor(next), Data, &order, sizeof(order), 0);
    return 1;
  };
  line.start();
  const auto begin = std::chrono::steady_clock::now();
  const Order order{Depth, 0};
  line.system.send(Line::actor(0), Data, &order, sizeof(order));
  ASSERT_TRUE(line.system.waitIdle());
  EXPECT_EQ(handled, (2u << Depth) - 1);
  EXPECT_GT(line.mostSegments, 8) << "the test must jam";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, Crawl);
}

/// Senders to an actor that has stopped go on, slowly, and are of use to others
/// meanwhile.
TEST(Congestion, AStoppedReceiverSlowsAndDoesNotStop) {
  constexpr uint32_t Count = 3000;
  Line line(Slowdown);
  std::atomic<bool> blocked{false};
  std::atomic<uint32_t> sent{0}, other{0}, received{0};
  dispatch = [&](uint32_t message, void *, const void *bytes, void *,
                 void *context) -> uint32_t {
    Order order;
    std::memcpy(&order, bytes, sizeof(order));
    const uint32_t self = Address{rk_self(context)}.slot();
    if (message == Block) {
      blocked = true;
      while (blocked)
        std::this_thread::yield();
    } else if (self == 1) {
      ++received;
    } else if (self == 3) { // on the sender's worker
      ++other;
    } else {
      rk_enqueue(context, Line::actor(1), Data, &order, sizeof(order), 0);
      rk_enqueue(context, Line::actor(3), Data, &order, sizeof(order), 0);
      ++sent;
      if (--order.left != 0)
        rk_enqueue(context, rk_self(context), Go, &order, sizeof(order), 0);
    }
    return 1;
  };
  line.start();
  const Order order{Count, 0};
  line.system.send(Line::actor(1), Block, &order, sizeof(order));
  while (!blocked)
    std::this_thread::yield();
  line.system.send(Line::actor(0), Go, &order, sizeof(order));
  for (int ms = 0; sent < Count && ms < 20000; ++ms)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(sent, Count);
  EXPECT_GE(other, Count - 1);
  EXPECT_EQ(received, 0u);
  blocked = false;
  ASSERT_TRUE(line.system.waitIdle());
  EXPECT_EQ(received, Count);
}

/// What the host sends waits in the ring, and the host for room there, while
/// the receiver does something else.
int64_t segmentsOfHost(uint64_t slowdownNs) {
  constexpr uint32_t Count = 20'000;
  Line line(slowdownNs);
  std::atomic<bool> hostIsDone{false};
  std::atomic<uint64_t> received{0};
  dispatch = [&](uint32_t message, void *, const void *, void *,
                 void *) -> uint32_t {
    // Who is slowed is not done before.
    const int patienceMs = slowdownNs == 0 ? 10'000 : 60;
    for (int ms = 0; message == Block && ms < patienceMs && !hostIsDone; ++ms)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    line.look();
    ++received;
    return 1;
  };
  line.start();
  const Order order{0, 0};
  line.system.send(Line::actor(1), Block, &order, sizeof(order));
  for (uint32_t i = 0; i < Count; ++i)
    line.system.send(Line::actor(1), Data, &order, sizeof(order));
  hostIsDone = true;
  EXPECT_TRUE(line.system.waitIdle());
  EXPECT_EQ(received, Count + 1);
  return line.mostSegments;
}

TEST(Congestion, TheHostIsSlowedToo) {
  const int64_t without = segmentsOfHost(0), with = segmentsOfHost(Slowdown);
  EXPECT_GT(without, 100) << "the test must jam";
  EXPECT_LE(with, without / 2);
}

} // namespace
