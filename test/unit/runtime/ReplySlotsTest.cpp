//===- ReplySlotsTest.cpp - Answers in slots of their own -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "PacketAccess.h"
#include "ReplyTable.h"
#include "Seed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <thread>

#include <sys/mman.h>

using namespace rk;
using namespace rk::runtime;
using namespace rk::test;
using namespace std::chrono_literals;
using rk::abi::StatusCode;

namespace layout = rk::abi;

namespace {

const Question Small{0x10000001, 2, 5, 8};
const Question Large{0x10000001, 2, 5, 100};
constexpr std::uint32_t Rows = 1024; // as many as the table makes at a time

/// A table and its slots; the test is the device.
struct SlotMemory {
  explicit SlotMemory(std::uint32_t count = Rows)
      : slots(count), table(slots.data(), count) {}

  [[nodiscard]] bool hasSlot(std::uint64_t token) const {
    return layout::replyRow(token) < slots.size();
  }
  std::uint64_t open(const Question &question = Small) {
    return table.open(question, Clock::now() + 1h);
  }
  void answer(std::uint64_t token, std::uint64_t value,
              StatusCode status = StatusCode::Ok, std::uint32_t type = 5) {
    PacketContent content;
    content.header.sender = token;
    content.header.senderKind = layout::SenderKind::Host;
    content.header.status = std::uint32_t(status);
    content.header.message = type;
    std::memcpy(content.payload, &value, sizeof(value));
    writePacket(&slots[layout::replyRow(token)], content,
                layout::replyMark(token));
  }
  /// Opens requests until none with a slot is left, and cancels them again;
  /// returns the rows with a slot.
  std::set<std::uint32_t> freeSlots() {
    std::set<std::uint32_t> rows;
    std::vector<std::uint64_t> tokens;
    do {
      tokens.push_back(open());
      if (hasSlot(tokens.back()))
        rows.insert(layout::replyRow(tokens.back()));
    } while (hasSlot(tokens.back()));
    for (const std::uint64_t token : tokens)
      table.cancel(token);
    return rows;
  }
  StatusCode take(std::uint64_t token, std::uint64_t &value) {
    return table.take(token, &value).status;
  }

  std::vector<layout::Packet> slots;
  ReplyTable table;
};

TEST(ReplySlots, SmallQuestionsGetASlotAndLargeOnesNone) {
  SlotMemory memory;
  for (const std::uint32_t size : {0u, 1u, 8u, 31u, 32u})
    EXPECT_TRUE(memory.hasSlot(memory.open({1, 2, 5, size}))) << size;
  for (const std::uint32_t size : {33u, 100u, 4096u})
    EXPECT_FALSE(memory.hasSlot(memory.open({1, 2, 5, size}))) << size;
}

TEST(ReplySlots, AnAnswerInTheSlotEndsTheRequest) {
  SlotMemory memory;
  const std::uint64_t token = memory.open();
  EXPECT_FALSE(memory.table.isDone(token));
  memory.answer(token, 42);
  EXPECT_TRUE(memory.table.isDone(token));
  EXPECT_TRUE(memory.table.isDone(token));
  EXPECT_EQ(memory.table.waiting(), 0u);
  std::uint64_t value[2] = {0, 77};
  EXPECT_EQ(memory.take(token, value[0]), StatusCode::Ok);
  EXPECT_EQ(value[0], 42u);
  EXPECT_EQ(value[1], 77u) << "more than the answer was written";
  EXPECT_EQ(memory.table.slotAnswers(), 1u);
  EXPECT_EQ(memory.table.lateSlotAnswers(), 0u);
}

TEST(ReplySlots, HalfAnAnswerIsNone) {
  SlotMemory memory;
  const std::uint64_t token = memory.open();
  for (std::uint32_t piece = 0; piece < layout::PiecesPerPacket; ++piece) {
    EXPECT_FALSE(memory.table.isDone(token));
    layout::Packet &slot = memory.slots[layout::replyRow(token)];
    // In any order, as a GPU may write them.
    storePiece(&slot.piece[(piece + 2) % 4], 0, 0, 0, layout::replyMark(token));
  }
  EXPECT_TRUE(memory.table.isDone(token));
}

TEST(ReplySlots, TheAnswerBeforeIsNotTheNext) {
  SlotMemory memory;
  std::set<std::uint64_t> tokens;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const std::uint64_t token = memory.open();
    ASSERT_TRUE(tokens.insert(token).second);
    ASSERT_FALSE(memory.table.isDone(token));
    memory.answer(token, i);
    ASSERT_TRUE(memory.table.isDone(token));
    std::uint64_t value = 0;
    ASSERT_EQ(memory.take(token, value), StatusCode::Ok);
    ASSERT_EQ(value, i);
  }
  EXPECT_EQ(memory.table.slotAnswers(), 5000u);
}

TEST(ReplySlots, AnswersThatFail) {
  SlotMemory memory;
  std::uint64_t value = 99;
  const std::uint64_t stopped = memory.open();
  memory.answer(stopped, 1, StatusCode::ActorStopped, layout::NoMessage);
  EXPECT_TRUE(memory.table.isDone(stopped));
  EXPECT_EQ(memory.take(stopped, value), StatusCode::ActorStopped);
  const std::uint64_t wrongType = memory.open();
  memory.answer(wrongType, 1, StatusCode::Ok, 6);
  EXPECT_TRUE(memory.table.isDone(wrongType));
  EXPECT_EQ(memory.take(wrongType, value), StatusCode::LayoutMismatch);
  EXPECT_EQ(value, 99u);
  EXPECT_EQ(memory.freeSlots().size(), Rows);
}

/// An answer that is larger than asked for comes by the ring.
TEST(ReplySlots, AnAnswerOfAnotherSizeComesByTheRing) {
  SlotMemory memory;
  std::uint64_t value = 99;
  const std::uint64_t token = memory.open();
  const unsigned char large[100] = {};
  EXPECT_TRUE(memory.table.complete(token, StatusCode::Ok, 6, large, 100));
  EXPECT_EQ(memory.take(token, value), StatusCode::LayoutMismatch);
  EXPECT_EQ(value, 99u);
  EXPECT_EQ(memory.freeSlots().size(), Rows);
  const std::uint64_t givenUp = memory.open();
  EXPECT_TRUE(memory.table.complete(givenUp, StatusCode::Ok, 6, large, 100));
  memory.table.giveUp(givenUp);
  EXPECT_EQ(memory.freeSlots().size(), Rows) << "it has had its answer";
}

TEST(ReplySlots, ExpiredRowsWaitForTheirAnswers) {
  SlotMemory memory;
  const std::uint64_t token = memory.open();
  memory.table.expire(Clock::now() + 2h);
  EXPECT_TRUE(memory.table.isDone(token));
  std::uint64_t value = 99;
  EXPECT_EQ(memory.take(token, value), StatusCode::DeadlineExceeded);
  EXPECT_EQ(value, 99u);
  memory.table.reclaim();
  EXPECT_FALSE(memory.freeSlots().contains(layout::replyRow(token)));
  memory.answer(token, 1);
  EXPECT_EQ(memory.table.lateSlotAnswers(), 0u);
  memory.table.reclaim();
  EXPECT_EQ(memory.table.lateSlotAnswers(), 1u);
  EXPECT_EQ(memory.table.slotAnswers(), 0u);
  EXPECT_EQ(memory.freeSlots().size(), Rows);
  memory.table.reclaim();
  EXPECT_EQ(memory.table.lateSlotAnswers(), 1u);
}

TEST(ReplySlots, RowsGivenUpWaitForTheirAnswers) {
  SlotMemory memory;
  const std::uint64_t token = memory.open();
  memory.table.giveUp(token);
  EXPECT_EQ(memory.table.waiting(), 0u);
  memory.table.reclaim();
  EXPECT_EQ(memory.freeSlots().size(), Rows - 1);
  memory.answer(token, 1);
  memory.table.reclaim();
  EXPECT_EQ(memory.table.lateSlotAnswers(), 1u);
  EXPECT_EQ(memory.freeSlots().size(), Rows);
}

/// The answer comes after the request has ended, but before anybody takes it or
/// gives it up: still too late, and counted.
TEST(ReplySlots, LateAnswersBeforeTheRowIsFreeAreCounted) {
  SlotMemory memory;
  const std::uint64_t expired = memory.open(), givenUp = memory.open();
  memory.answer(givenUp, 1);
  memory.table.giveUp(givenUp);
  memory.table.expire(Clock::now() + 2h);
  memory.answer(expired, 1);
  std::uint64_t value;
  EXPECT_EQ(memory.take(expired, value), StatusCode::DeadlineExceeded);
  memory.table.reclaim();
  EXPECT_EQ(memory.table.slotAnswers(), 0u);
  EXPECT_EQ(memory.table.lateSlotAnswers(), 2u);
  EXPECT_EQ(memory.freeSlots().size(), Rows);
}

TEST(ReplySlots, AnAnswerInTimeIsNoLateOne) {
  SlotMemory memory;
  const std::uint64_t token = memory.open();
  memory.answer(token, 1);
  EXPECT_TRUE(memory.table.isDone(token));
  memory.table.giveUp(token);
  memory.table.reclaim();
  EXPECT_EQ(memory.table.slotAnswers(), 1u);
  EXPECT_EQ(memory.table.lateSlotAnswers(), 0u);
  EXPECT_EQ(memory.freeSlots().size(), Rows);
}

/// The deadline has passed, but the answer is there: nobody wants to hear of
/// the deadline.
TEST(ReplySlots, AnAnswerThatLiesThereOutrunsTheDeadline) {
  SlotMemory memory;
  const std::uint64_t token = memory.open();
  memory.answer(token, 7);
  memory.table.expire(Clock::now() + 2h);
  std::uint64_t value = 0;
  EXPECT_TRUE(memory.table.isDone(token));
  EXPECT_EQ(memory.take(token, value), StatusCode::Ok);
  EXPECT_EQ(value, 7u);
  const std::uint64_t other = memory.open();
  memory.answer(other, 8);
  memory.table.failAll(StatusCode::ShuttingDown);
  EXPECT_EQ(memory.take(other, value), StatusCode::Ok);
  EXPECT_EQ(value, 8u);
}

TEST(ReplySlots, ACancelledRowIsFreeAtOnce) {
  SlotMemory memory;
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t token = memory.open();
    ASSERT_TRUE(memory.hasSlot(token));
    memory.table.cancel(token);
    ASSERT_EQ(memory.table.waiting(), 0u);
  }
  // Though its deadline has ended it before.
  const std::uint64_t token = memory.open();
  memory.table.expire(Clock::now() + 2h);
  memory.table.cancel(token);
  EXPECT_EQ(memory.freeSlots().size(), Rows);
}

/// A request is withdrawn at the very moment at which its deadline ends it.
TEST(ReplySlots, CancellingRacesWithTheDeadline) {
  SlotMemory memory;
  std::set<std::uint64_t> tokens;
  std::atomic<bool> stop{false};
  std::thread expires([&] {
    while (!stop)
      memory.table.expire(Clock::now() + 2h);
  });
  for (int i = 0; i < 50000; ++i) {
    const std::uint64_t token = memory.open();
    ASSERT_TRUE(tokens.insert(token).second) << "a token came twice";
    memory.table.cancel(token);
  }
  stop = true;
  expires.join();
  EXPECT_EQ(memory.table.waiting(), 0u);
}

TEST(ReplySlots, RequestsBeyondTheSlotsAreServed) {
  SlotMemory memory;
  std::vector<std::uint64_t> tokens;
  for (std::uint32_t i = 0; i < 3 * Rows; ++i) {
    tokens.push_back(memory.open());
    ASSERT_EQ(memory.hasSlot(tokens[i]), i < Rows);
  }
  EXPECT_EQ(std::set<std::uint64_t>(tokens.begin(), tokens.end()).size(),
            tokens.size());
  for (std::uint64_t i = 0; i < tokens.size(); ++i) {
    if (memory.hasSlot(tokens[i]))
      memory.answer(tokens[i], i);
    else
      ASSERT_TRUE(
          memory.table.complete(tokens[i], StatusCode::Ok, 5, &i, sizeof(i)));
    std::uint64_t value = 0;
    ASSERT_TRUE(memory.table.isDone(tokens[i]));
    ASSERT_EQ(memory.take(tokens[i], value), StatusCode::Ok);
    ASSERT_EQ(value, i);
  }
  EXPECT_EQ(memory.freeSlots().size(), Rows);
}

/// Actors that never answer cost their slots and nothing else.
TEST(ReplySlots, SlotsThatNeverComeBack) {
  SlotMemory memory;
  for (std::uint32_t i = 0; i < 2 * Rows; ++i)
    memory.table.giveUp(memory.open());
  memory.table.reclaim();
  const std::uint64_t token = memory.open();
  EXPECT_FALSE(memory.hasSlot(token));
  const std::uint64_t word = 3;
  std::uint64_t value = 0;
  EXPECT_TRUE(memory.table.complete(token, StatusCode::Ok, 5, &word, 8));
  EXPECT_EQ(memory.take(token, value), StatusCode::Ok);
  EXPECT_EQ(value, 3u);
}

/// Slots that are taken away once nobody may read them any more.
class Detached : public testing::Test {
protected:
  void SetUp() override {
    memory_ = mmap(nullptr, Bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory_, MAP_FAILED);
    table_ = std::make_unique<ReplyTable>(
        static_cast<const layout::Packet *>(memory_), Rows);
  }
  void TearDown() override {
    table_.reset();
    munmap(memory_, Bytes);
  }
  void detach() {
    table_->detach();
    ASSERT_EQ(mprotect(memory_, Bytes, PROT_NONE), 0);
  }

  static constexpr std::size_t Bytes = Rows * sizeof(layout::Packet);
  void *memory_ = nullptr;
  std::unique_ptr<ReplyTable> table_;
};

TEST_F(Detached, WhatHasEndedIsTaken) {
  const auto limit = Clock::now() + 1h;
  const std::uint64_t failed = table_->open(Small, limit);
  const std::uint64_t expired = table_->open(Small, Clock::now());
  const std::uint64_t forgotten = table_->open(Small, limit);
  const std::uint64_t late = table_->open(Small, limit);
  table_->giveUp(late);
  table_->expire(Clock::now());
  table_->failAll(StatusCode::ShuttingDown);
  detach();
  std::uint64_t value;
  EXPECT_EQ(table_->take(failed, &value).status, StatusCode::ShuttingDown);
  EXPECT_EQ(table_->take(expired, &value).status, StatusCode::DeadlineExceeded);
  table_->giveUp(forgotten);
  table_->reclaim();
  EXPECT_EQ(table_->waiting(), 0u);
  EXPECT_EQ(table_->lateSlotAnswers(), 0u);
}

TEST_F(Detached, WhatIsOpenedLaterIsCancelled) {
  detach();
  for (int i = 0; i < 10; ++i)
    table_->cancel(table_->open(Small, Clock::now() + 1h));
  table_->giveUp(table_->open(Small, Clock::now() + 1h));
  EXPECT_EQ(table_->waiting(), 0u);
}

//===----------------------------------------------------------------------===//
// All at once
//===----------------------------------------------------------------------===//

/// Threads that ask, threads that answer, and one that ends what is late. The
/// oracle: an answer carries its token, and no row is given out again while
/// its answer is on its way.
class Traffic {
public:
  void run() {
    std::vector<std::thread> askers, devices;
    for (std::uint64_t i = 0; i < Askers; ++i)
      askers.emplace_back([this, i] { ask(Random(i)); });
    for (std::uint64_t i = 0; i < 2; ++i)
      devices.emplace_back([this, i] { answer(Random(100 + i)); });
    std::thread service([this] { serve(); });
    for (std::thread &asker : askers)
      asker.join();
    asked_ = true;
    for (std::thread &device : devices)
      device.join();
    served_ = true;
    service.join();
  }

  SlotMemory memory{Rows};
  std::atomic<std::uint64_t> wrong{0}, reused{0}, early{0};
  std::atomic<std::uint64_t> answered{0}, expired{0}, inSlots{0};

private:
  static constexpr std::uint64_t Askers = 3, Each = 4000;

  struct Sent {
    std::uint64_t token;
    bool small;
  };
  struct Held {
    std::uint64_t token;
    bool small, patient;
  };

  void ask(Random random) {
    std::vector<Held> held;
    for (std::uint64_t i = 0; i < Each; ++i) {
      // Now and then more at a time than there are slots.
      if (held.size() > (i / 1000 % 2 != 0 ? 600 : 20))
        end(held, random);
      begin(held, random);
    }
    while (!held.empty())
      end(held, random);
  }

  void begin(std::vector<Held> &held, Random &random) {
    const bool small = !random.oneIn(4), patient = !random.oneIn(3);
    const auto limit =
        Clock::now() +
        (patient ? 1h : std::chrono::microseconds(random.below(200)));
    const std::uint64_t token = memory.table.open(small ? Small : Large, limit);
    if (random.oneIn(10))
      return memory.table.cancel(token);
    const std::lock_guard lock(mutex_);
    reused += !onTheWay_.insert(layout::replyRow(token)).second &&
              memory.hasSlot(token);
    queue_.push_back({token, small});
    held.push_back({token, small, patient});
  }

  void end(std::vector<Held> &held, Random &random) {
    std::swap(held[random.below(held.size())], held.back());
    const Held request = held.back();
    held.pop_back();
    if (random.oneIn(4))
      return memory.table.giveUp(request.token);
    while (!memory.table.isDone(request.token))
      memory.table.sleep(request.token, 50us);
    std::uint64_t words[100 / 8 + 1] = {};
    const Outcome outcome = memory.table.take(request.token, words);
    if (outcome.status == StatusCode::DeadlineExceeded) {
      ++expired;
      early += request.patient;
      return;
    }
    ++answered;
    wrong += outcome.status != StatusCode::Ok || words[0] != request.token;
  }

  void answer(Random random) {
    for (;;) {
      const bool last = asked_;
      Sent sent;
      {
        const std::lock_guard lock(mutex_);
        if (queue_.empty()) {
          if (last)
            return;
          sent = {};
        } else {
          std::swap(queue_[random.below(queue_.size())], queue_.back());
          sent = queue_.back();
          queue_.pop_back();
          onTheWay_.erase(layout::replyRow(sent.token));
        }
      }
      if (sent.token == 0)
        std::this_thread::yield();
      else
        answer(sent);
    }
  }
  void answer(Sent sent) {
    if (sent.small && memory.hasSlot(sent.token)) {
      ++inSlots;
      return memory.answer(sent.token, sent.token);
    }
    std::uint64_t words[100 / 8 + 1] = {sent.token};
    memory.table.complete(sent.token, StatusCode::Ok, 5, words, 100);
  }

  void serve() {
    while (!served_) {
      memory.table.expire(Clock::now());
      memory.table.reclaim();
      std::this_thread::sleep_for(50us);
    }
    memory.table.reclaim();
  }

  std::mutex mutex_;
  std::vector<Sent> queue_;
  std::set<std::uint32_t> onTheWay_;
  std::atomic<bool> asked_{false}, served_{false};
};

TEST(ReplySlots, ManyThreadsAskAnswerAndGiveUp) {
  RK_NAME_SEED();
  Traffic traffic;
  traffic.run();
  EXPECT_EQ(traffic.wrong, 0u);
  EXPECT_EQ(traffic.reused, 0u);
  EXPECT_EQ(traffic.early, 0u);
  EXPECT_GT(traffic.answered, 0u);
  EXPECT_GT(traffic.expired, 0u);
  ReplyTable &table = traffic.memory.table;
  EXPECT_EQ(table.waiting(), 0u);
  EXPECT_EQ(table.slotAnswers() + table.lateSlotAnswers(), traffic.inSlots);
  EXPECT_EQ(traffic.memory.freeSlots().size(), Rows);
}

} // namespace
