//===- AnswerTest.cpp - Answers to the host, in slots and in the ring -----===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Seed.h"
#include "TestSystem.h"

#include <gtest/gtest.h>

#include <atomic>
#include <utility>

using namespace rk::abi;
using namespace rk::test;

namespace {

struct State {
  uint64_t token = 0, count = 0, rest[6] = {};
};

enum Message : uint32_t {
  Echo = 0,    ///< answered with the same bytes
  Hold = 1,    ///< answered later
  Release = 2, ///< answers what is held; the status goes to `lastReply`
  Tell = 3,    ///< sends `Count`s to the actor named, then answers
  Count = 4,
  Total = 5, ///< answered with the number of `Count`s
  /// `Tell`, with an answer before the handler's end, which waits for `seen`.
  TellEarly = 6,
  Big = FirstLarge
};
constexpr uint32_t BigBytes = 200;

TestSizes answerSizes(uint32_t slots) {
  TestSizes sizes;
  sizes.replySlots = slots;
  sizes.largeBytes = BigBytes;
  return sizes;
}

class Answers : public testing::Test {
protected:
  void begin(const TestSizes &sizes) {
    system = std::make_unique<TestSystem>(sizes);
    dispatch = [this](uint32_t message, void *state, const void *bytes,
                      void *reply, void *context) {
      return handle(message, *static_cast<State *>(state), bytes, reply,
                    context);
    };
    system->start();
    actor = spawn();
  }
  uint64_t spawn() {
    const State state;
    return system->spawn(&state);
  }
  void ask(uint64_t to, Message message, uint64_t word, uint64_t token) {
    system->send(to, message, &word, sizeof(word), token);
  }
  /// Returns the answer in the token's slot.
  uint64_t answerTo(uint64_t token, StatusCode want = StatusCode::Ok) {
    EXPECT_TRUE(system->fromSlot(token, header, payload, 5000));
    EXPECT_EQ(StatusCode(header.status), want);
    EXPECT_EQ(header.sender, token);
    EXPECT_EQ(header.senderKind, SenderKind::Host);
    return payload[0] | uint64_t(payload[1]) << 32;
  }
  void expectEmptyRing() {
    EXPECT_FALSE(system->fromDevice(header, payload, 0));
  }

  std::unique_ptr<TestSystem> system;
  uint64_t actor = 0;
  PacketHeader header;
  uint32_t payload[8] = {};
  std::atomic<uint32_t> lastReply{99};
  std::atomic<bool> seen{false};

private:
  uint32_t handle(uint32_t message, State &state, const void *bytes,
                  void *reply, void *context) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof(word));
    switch (message) {
    case Echo:
      std::memcpy(reply, &word, sizeof(word));
      return 2 + Echo;
    case Hold:
      state.token = rk_sender(context);
      return 1;
    case Release:
      lastReply = rk_reply(context, state.token, Total, &word, sizeof(word));
      return 1;
    case Tell:
      // More than wait in an outbox, and fewer.
      for (uint64_t i = 0; i < 1 + state.count % 4; ++i)
        rk_enqueue(context, word, Count, &word, sizeof(word), 0);
      std::memcpy(reply, &++state.count, sizeof(word));
      return 2 + Total;
    case TellEarly:
      rk_enqueue(context, word, Count, &word, sizeof(word), 0);
      rk_reply(context, rk_sender(context), Total, &word, sizeof(word));
      while (!seen)
        std::this_thread::yield();
      return 1;
    case Count:
      ++state.count;
      return 1;
    case Total:
      std::memcpy(reply, &state.count, sizeof(word));
      return 2 + Total;
    default: // Big
      std::memcpy(reply, bytes, BigBytes);
      return 2 + Big;
    }
  }
};

TEST_F(Answers, AHandlersReturnComesInItsSlot) {
  begin(answerSizes(8));
  for (uint32_t mark = 1; mark < 50; ++mark) {
    const uint64_t token = replyToken(mark % 8, mark);
    ask(actor, Echo, mark * 3, token);
    EXPECT_EQ(answerTo(token), mark * 3);
    EXPECT_EQ(header.message, uint32_t(Echo));
  }
  ASSERT_TRUE(system->waitIdle());
  expectEmptyRing();
}

TEST_F(Answers, LaterAnswersToo) {
  begin(answerSizes(8));
  const uint64_t token = replyToken(5, 1);
  ask(actor, Hold, 0, token);
  ASSERT_TRUE(system->waitIdle());
  EXPECT_FALSE(system->fromSlot(token, header, payload, 0));
  ask(actor, Release, 77, 0);
  EXPECT_EQ(answerTo(token), 77u);
  EXPECT_EQ(header.message, uint32_t(Total));
  ASSERT_TRUE(system->waitIdle());
  EXPECT_EQ(lastReply, 0u);
  expectEmptyRing();
}

TEST_F(Answers, ASecondAnswerIsRefused) {
  begin(answerSizes(8));
  const uint64_t token = replyToken(5, 1);
  ask(actor, Hold, 0, token);
  ask(actor, Release, 1, 0);
  for (uint64_t i = 2; i <= 5; ++i) {
    ask(actor, Release, i, 0);
    ASSERT_TRUE(system->waitIdle());
    EXPECT_EQ(StatusCode(lastReply.load()), StatusCode::InvalidArgument);
    EXPECT_EQ(answerTo(token), 1u);
    EXPECT_EQ(system->deadLetters(DeadLetterReason::AnsweredBefore), i - 1);
  }
  expectEmptyRing();
}

/// The row has been given to other requests, answered at once and later.
TEST_F(Answers, ASecondAnswerToAnOldRequestIsRefused) {
  begin(answerSizes(8));
  const uint64_t old = replyToken(5, 1);
  ask(actor, Hold, 0, old);
  ask(actor, Release, 1, 0);
  EXPECT_EQ(answerTo(old), 1u);
  const uint64_t other = spawn();
  for (uint32_t mark = 2; mark < 6; ++mark) {
    const uint64_t token = replyToken(5, mark);
    ask(other, mark % 2 != 0 ? Echo : Hold, 10 + mark, token);
    if (mark % 2 == 0)
      ask(other, Release, 10 + mark, 0);
    EXPECT_EQ(answerTo(token), 10 + mark);
    ask(actor, Release, 2, 0);
    ASSERT_TRUE(system->waitIdle());
    EXPECT_EQ(StatusCode(lastReply.load()), StatusCode::InvalidArgument)
        << "mark " << mark;
    // The host may not have looked yet.
    EXPECT_TRUE(system->fromSlot(token, header, payload, 0))
        << "mark " << mark << ": the answer has been overwritten";
  }
  EXPECT_EQ(system->deadLetters(DeadLetterReason::AnsweredBefore), 4u);
}

/// A row's marks go round after 2^24 requests. Most of them may have been
/// answered by their handlers' returns, and only a few later.
TEST_F(Answers, MarksGoRound) {
  begin(answerSizes(8));
  const auto returned = [&](uint32_t mark) {
    ask(actor, Echo, mark, replyToken(3, mark));
    return answerTo(replyToken(3, mark)) == mark;
  };
  const auto later = [&](uint32_t mark) {
    const uint64_t token = replyToken(3, mark);
    ask(actor, Hold, 0, token);
    ask(actor, Release, mark, 0);
    const bool right = answerTo(token) == mark;
    ask(actor, Release, 5, 0);
    EXPECT_TRUE(system->waitIdle());
    return right && answerTo(token) == mark;
  };
  ASSERT_TRUE(later(1));
  for (const uint32_t before : {0x900000u, 0xfffffdu}) {
    ASSERT_TRUE(returned(before)) << before;
    ASSERT_TRUE(later(before + 1)) << before;
  }
  for (const uint32_t mark : {0xffffffu, 1u, 2u})
    ASSERT_TRUE(later(mark)) << mark;
  EXPECT_EQ(system->deadLetters(DeadLetterReason::AnsweredBefore), 6u);
}

TEST_F(Answers, DeadLettersAreAnsweredInSlots) {
  begin(answerSizes(8));
  ask(actor, Message(15), 0, replyToken(0, 1));
  answerTo(replyToken(0, 1), StatusCode::NoHandler);
  ask(Address::make(999, 1).bits, Echo, 0, replyToken(1, 1));
  answerTo(replyToken(1, 1), StatusCode::InvalidAddress);
  ask(Address::make(system->launch.maxActors, 1).bits, Echo, 0,
      replyToken(2, 1));
  answerTo(replyToken(2, 1), StatusCode::InvalidAddress);
  PacketHeader stop;
  stop.kind = PacketKind::Stop;
  stop.slot = Address{actor}.slot();
  stop.generation = Address{actor}.generation();
  stop.senderKind = SenderKind::Host;
  stop.sender = replyToken(3, 1);
  system->toDevice(stop, "", 0);
  answerTo(replyToken(3, 1));
  ask(actor, Echo, 0, replyToken(0, 2));
  answerTo(replyToken(0, 2), StatusCode::ActorStopped);
  ASSERT_TRUE(system->waitIdle());
  expectEmptyRing();
}

TEST_F(Answers, WhatHasNoSlotOrDoesNotFitGoesByTheRing) {
  begin(answerSizes(8));
  const auto expectInRing = [&](uint64_t token, uint32_t message) {
    ASSERT_TRUE(system->fromDevice(header, payload));
    EXPECT_EQ(header.sender, token);
    EXPECT_EQ(header.message, message);
  };
  ask(actor, Echo, 7, replyToken(8, 1));
  expectInRing(replyToken(8, 1), Echo);
  EXPECT_EQ(payload[0], 7u);
  EXPECT_FALSE(header.byReference);
  ask(actor, Hold, 0, replyToken(1000, 9));
  ask(actor, Release, 8, 0);
  expectInRing(replyToken(1000, 9), Total);
  ask(actor, Message(15), 0, replyToken(9, 1));
  expectInRing(replyToken(9, 1), NoMessage);
  unsigned char big[BigBytes];
  std::memset(big, 5, sizeof(big));
  system->send(actor, Big, big, sizeof(big), replyToken(2, 1));
  expectInRing(replyToken(2, 1), Big);
  EXPECT_TRUE(header.byReference);
  EXPECT_EQ(payload[1], BigBytes);
  EXPECT_FALSE(system->fromSlot(replyToken(2, 1), header, payload, 0));
}

/// What a handler sends before it answers arrives before anything that the host
/// does once it has the answer.
TEST_F(Answers, NoAnswerOvertakesWhatItsHandlerSent) {
  for (const uint32_t slots : {16u, 0u}) {
    begin(answerSizes(slots));
    std::vector<uint64_t> receivers{spawn(), spawn(), spawn()};
    const auto wait = [&](uint64_t token) {
      EXPECT_TRUE(slots != 0 ? system->fromSlot(token, header, payload)
                             : system->fromDevice(header, payload));
      return payload[0] | uint64_t(payload[1]) << 32;
    };
    uint64_t want[3] = {};
    for (uint32_t round = 0; round < 800; ++round) {
      const uint64_t token = replyToken(round % 7, round + 1);
      ask(actor, Tell, receivers[round % 3], token);
      EXPECT_EQ(wait(token), round + 1);
      want[round % 3] += 1 + round % 4;
      const uint64_t second = replyToken(7 + round % 7, round + 1);
      ask(receivers[round % 3], Total, 0, second);
      ASSERT_EQ(wait(second), want[round % 3]) << "round " << round;
    }
    system.reset();
  }
}

TEST_F(Answers, NoEarlyAnswerOvertakesWhatItsHandlerSent) {
  for (const uint32_t slots : {8u, 0u}) {
    begin(answerSizes(slots));
    // On three workers; the first also serves the link.
    const uint64_t teller = spawn(), receiver = spawn();
    const auto wait = [&](uint64_t token) {
      EXPECT_TRUE(slots != 0 ? system->fromSlot(token, header, payload)
                             : system->fromDevice(header, payload));
      return payload[0] | uint64_t(payload[1]) << 32;
    };
    for (uint32_t round = 1; round <= 20; ++round) {
      seen = false;
      ask(teller, TellEarly, receiver, replyToken(0, round));
      EXPECT_EQ(wait(replyToken(0, round)), receiver);
      ask(receiver, Total, 0, replyToken(1, round));
      EXPECT_EQ(wait(replyToken(1, round)), round);
      seen = true;
      ASSERT_TRUE(system->waitIdle());
    }
    system.reset();
  }
}

/// Many requests at a time, with slots and without, to all workers.
TEST_F(Answers, EachRequestGetsItsOwn) {
  RK_NAME_SEED();
  constexpr uint32_t Slots = 64, Rows = 80;
  begin(answerSizes(Slots));
  std::vector<uint64_t> actors{actor};
  for (int i = 0; i < 8; ++i)
    actors.push_back(spawn());
  Random random(1);
  for (uint32_t mark = 1; mark <= 60; ++mark) {
    std::vector<uint64_t> words(Rows);
    for (uint32_t row = 0; row < Rows; ++row) {
      words[row] = random.next();
      ask(actors[random.below(actors.size())], Echo, words[row],
          replyToken(row, mark));
    }
    for (uint32_t row = 0; row < Slots; ++row)
      ASSERT_EQ(answerTo(replyToken(row, mark)), words[row]);
    for (uint32_t row = Slots; row < Rows; ++row) {
      ASSERT_TRUE(system->fromDevice(header, payload));
      ASSERT_EQ(replyMark(header.sender), mark);
      EXPECT_EQ(payload[0] | uint64_t(payload[1]) << 32,
                std::exchange(words[replyRow(header.sender)], 0));
    }
  }
  ASSERT_TRUE(system->waitIdle());
  expectEmptyRing();
}

} // namespace
