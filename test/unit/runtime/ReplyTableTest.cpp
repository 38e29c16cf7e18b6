//===- ReplyTableTest.cpp - Requests and their ends -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "ReplyTable.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

using namespace rk;
using namespace rk::runtime;
using namespace std::chrono_literals;
using rk::abi::StatusCode;

namespace {

const Question Eight{0x10000001, 2, 5, 8};

TEST(ReplyTable, AnswerReachesItsRequest) {
  ReplyTable table;
  const auto token = table.open(Eight, Clock::now() + 1h);
  EXPECT_NE(token, 0u);
  EXPECT_LT(token, std::uint64_t(1) << rk::abi::TokenBits);
  EXPECT_EQ(table.waiting(), 1u);
  EXPECT_FALSE(table.isDone(token));
  const std::uint64_t words[4] = {42, 1, 2, 3};
  EXPECT_TRUE(table.complete(token, StatusCode::Ok, 5, words, sizeof(words)));
  EXPECT_TRUE(table.isDone(token));
  EXPECT_EQ(table.waiting(), 0u);
  std::uint64_t answer[2] = {0, 77};
  const Outcome outcome = table.take(token, answer);
  EXPECT_EQ(outcome.status, StatusCode::Ok);
  EXPECT_EQ(outcome.question.address, Eight.address);
  EXPECT_EQ(answer[0], 42u);
  EXPECT_EQ(answer[1], 77u) << "more than the answer was written";
}

TEST(ReplyTable, ASecondAnswerFindsNobody) {
  ReplyTable table;
  const auto token = table.open(Eight, Clock::now() + 1h);
  const std::uint64_t word = 1;
  EXPECT_TRUE(table.complete(token, StatusCode::Ok, 5, &word, 8));
  EXPECT_FALSE(table.complete(token, StatusCode::Ok, 5, &word, 8));
  std::uint64_t answer;
  table.take(token, &answer);
  EXPECT_FALSE(table.complete(token, StatusCode::Ok, 5, &word, 8));
  EXPECT_FALSE(table.complete(0, StatusCode::Ok, 5, &word, 8));
  EXPECT_FALSE(table.complete((std::uint64_t(1) << 48) - 1, StatusCode::Ok, 5,
                              &word, 8));
}

TEST(ReplyTable, ARowsNextRequestHasAnotherToken) {
  ReplyTable table;
  const auto first = table.open(Eight, Clock::now() + 1h);
  table.giveUp(first);
  EXPECT_EQ(table.waiting(), 0u);
  const auto second = table.open(Eight, Clock::now() + 1h);
  EXPECT_NE(first, second);
  const std::uint64_t word = 1;
  EXPECT_FALSE(table.complete(first, StatusCode::Ok, 5, &word, 8));
  EXPECT_FALSE(table.isDone(second));
}

TEST(ReplyTable, AnswersOfAnotherTypeOrSizeAreRefused) {
  ReplyTable table;
  const std::uint64_t word = 1;
  std::uint64_t answer = 99;
  auto token = table.open(Eight, Clock::now() + 1h);
  EXPECT_TRUE(table.complete(token, StatusCode::Ok, 6, &word, 8));
  EXPECT_EQ(table.take(token, &answer).status, StatusCode::LayoutMismatch);
  token = table.open(Eight, Clock::now() + 1h);
  EXPECT_TRUE(table.complete(token, StatusCode::Ok, 5, &word, 4));
  EXPECT_EQ(table.take(token, &answer).status, StatusCode::LayoutMismatch);
  EXPECT_EQ(answer, 99u);
}

TEST(ReplyTable, FailuresNeedNoBytes) {
  ReplyTable table;
  const auto token = table.open(Eight, Clock::now() + 1h);
  EXPECT_TRUE(table.complete(token, StatusCode::ActorStopped,
                             rk::abi::NoMessage, nullptr, 0));
  std::uint64_t answer = 99;
  EXPECT_EQ(table.take(token, &answer).status, StatusCode::ActorStopped);
  EXPECT_EQ(answer, 99u);
}

TEST(ReplyTable, DeadlinesEndOnlyWhatIsPastThem) {
  ReplyTable table;
  const auto now = Clock::now();
  std::vector<std::uint64_t> early, late;
  for (int i = 0; i < 3000; ++i) {
    early.push_back(table.open(Eight, now + 1s));
    late.push_back(table.open(Eight, now + 1h));
  }
  table.expire(now);
  EXPECT_EQ(table.waiting(), 6000u);
  table.expire(now + 2s);
  EXPECT_EQ(table.waiting(), 3000u);
  std::uint64_t answer;
  for (const auto token : early)
    EXPECT_EQ(table.take(token, &answer).status, StatusCode::DeadlineExceeded);
  for (const auto token : late)
    EXPECT_FALSE(table.isDone(token));
  // What stayed is found again at its own time.
  table.expire(now + 2h);
  EXPECT_EQ(table.waiting(), 0u);
}

TEST(ReplyTable, FailAllEndsEverything) {
  ReplyTable table;
  std::vector<std::uint64_t> tokens;
  for (int i = 0; i < 2000; ++i)
    tokens.push_back(table.open(Eight, Clock::now() + 1h));
  EXPECT_EQ(std::set<std::uint64_t>(tokens.begin(), tokens.end()).size(),
            2000u);
  table.failAll(StatusCode::ShuttingDown);
  std::uint64_t answer;
  for (const auto token : tokens)
    EXPECT_EQ(table.take(token, &answer).status, StatusCode::ShuttingDown);
}

TEST(ReplyTable, SleepersAreWoken) {
  ReplyTable table;
  for (int round = 0; round < 300; ++round) {
    const auto token = table.open(Eight, Clock::now() + 1h);
    std::thread answers([&] {
      const std::uint64_t word = std::uint64_t(round);
      table.complete(token, StatusCode::Ok, 5, &word, 8);
    });
    const auto begin = Clock::now();
    while (!table.isDone(token))
      table.sleep(token, 30s);
    EXPECT_LT(Clock::now() - begin, 10s);
    std::uint64_t answer;
    table.take(token, &answer);
    EXPECT_EQ(answer, std::uint64_t(round));
    answers.join();
  }
}

TEST(ReplyTable, EndsRaceOnce) {
  ReplyTable table;
  for (int round = 0; round < 500; ++round) {
    const auto token = table.open(Eight, Clock::now() + 1h);
    const std::uint64_t word = 3;
    bool answered = false;
    std::thread expires([&] { table.expire(Clock::now() + 2h); });
    std::thread answers(
        [&] { answered = table.complete(token, StatusCode::Ok, 5, &word, 8); });
    expires.join();
    answers.join();
    std::uint64_t answer = 0;
    const Outcome outcome = table.take(token, &answer);
    EXPECT_EQ(outcome.status,
              answered ? StatusCode::Ok : StatusCode::DeadlineExceeded);
    EXPECT_EQ(answer, answered ? 3u : 0u);
  }
}

TEST(ReplyTable, GivingUpRacesWithTheAnswer) {
  ReplyTable table;
  for (int round = 0; round < 500; ++round) {
    const auto token = table.open(Eight, Clock::now() + 1h);
    const std::uint64_t word = 3;
    std::thread answers(
        [&] { table.complete(token, StatusCode::Ok, 5, &word, 8); });
    table.giveUp(token);
    answers.join();
    EXPECT_EQ(table.waiting(), 0u);
  }
}

} // namespace
