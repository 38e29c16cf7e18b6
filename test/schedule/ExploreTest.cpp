//===- ExploreTest.cpp - Every schedule of small programs -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

using namespace schedule;

namespace {

/// What two clerks make of an account, each with a deposit of 1.
std::uint64_t depositTwice(const rk::SystemOptions &options) {
  rk::System system(options);
  const auto account = system.spawn<Account>();
  const auto first = system.spawn<Clerk>(account);
  const auto second = system.spawn<Clerk>(account);
  system.send(first, Deposit{1});
  system.send(second, Deposit{1});
  must(system.waitIdle());
  return system.ask(account, Read{}).get().value;
}

std::string checkDeposits(const rk::SystemOptions &options) {
  const std::uint64_t value = depositTwice(options);
  return value == 2 ? "" : "the account has " + std::to_string(value);
}

std::string replay(const rk::ScheduledProgram &program,
                   const rk::ScheduleTrace &trace) {
  const auto scheduler = std::make_shared<rk::ReplayScheduler>(trace);
  std::string failure = program(rk::scheduledOptions(scheduler));
  EXPECT_FALSE(scheduler->hasDiverged());
  EXPECT_EQ(scheduler->trace().text().substr(0, trace.text().size()),
            trace.text());
  return failure;
}

TEST(Explore, FindsARaceAndReplaysIt) {
  const rk::Exploration found = rk::explore(checkDeposits);
  EXPECT_EQ(found.failure, "the account has 1");
  EXPECT_FALSE(found.complete);
  ASSERT_FALSE(found.trace.chosen().empty());
  EXPECT_EQ(found.text(),
            "failed in schedule " + std::to_string(found.schedules) +
                ": the account has 1; replay " + found.trace.text());
  const auto pasted = rk::ScheduleTrace::parse(found.trace.text());
  ASSERT_TRUE(pasted.isOk());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(replay(checkDeposits, *pasted), "the account has 1");
}

/// The race needs that a clerk stops in its middle; with none of that, and the
/// usual order, everything works.
TEST(Explore, TheUsualScheduleHidesTheRace) {
  EXPECT_EQ(replay(checkDeposits, {}), "");
}

TEST(Explore, ReportsBothOutcomesAndCounts) {
  rk::ExploreLimits limits;
  limits.preemptions = 1;
  std::set<std::uint64_t> outcomes;
  const rk::Exploration all = rk::explore(
      [&](const rk::SystemOptions &options) -> std::string {
        outcomes.insert(depositTwice(options));
        return "";
      },
      limits);
  EXPECT_TRUE(all.complete);
  EXPECT_EQ(outcomes, (std::set<std::uint64_t>{1, 2}));
  EXPECT_GT(all.schedules, 20u);
  EXPECT_EQ(all.text(),
            "all " + std::to_string(all.schedules) + " schedules hold");
}

/// Two agents with three steps each, without a system: every order is run
/// once, and none that the bound forbids.
TEST(Explore, CountsAsOneDoesByHand) {
  constexpr rk::AgentId One{rk::AgentKind::Worker, 1};
  constexpr rk::AgentId Two{rk::AgentKind::Worker, 2};
  std::map<std::uint32_t, std::uint64_t> want; // schedules by preemptions
  std::string order = "111222";
  do {
    std::uint32_t preemptions = 0;
    for (std::size_t i = 1; i < order.size(); ++i)
      preemptions += order[i] != order[i - 1] &&
                     order.find(order[i - 1], i) != std::string::npos;
    ++want[preemptions];
  } while (std::next_permutation(order.begin(), order.end()));
  std::uint64_t sum = 0;
  for (std::uint32_t bound = 0; bound < 6; ++bound) {
    sum += want[bound];
    std::set<std::string> seen;
    rk::ExploreLimits limits;
    limits.preemptions = bound;
    const rk::Exploration all = rk::explore(
        [&](const rk::SystemOptions &options) -> std::string {
          std::uint32_t left[3] = {0, 3, 3};
          std::string steps;
          for (rk::AgentId last; left[1] + left[2] != 0;) {
            std::vector<rk::AgentId> ready;
            for (const rk::AgentId agent : {One, Two})
              if (left[agent.number] != 0)
                ready.push_back(agent);
            last = ready[ready.size() == 1
                             ? 0
                             : options.scheduler->choose({ready, last})];
            --left[last.number];
            steps += last.text();
          }
          return seen.insert(steps).second ? "" : "run twice: " + steps;
        },
        limits);
    EXPECT_TRUE(all.complete) << all.text();
    EXPECT_EQ(all.schedules, sum) << "bound " << bound;
  }
  EXPECT_EQ(sum, 20u);
}

TEST(Explore, StopsAtItsLimits) {
  rk::ExploreLimits limits;
  limits.schedules = 3;
  const rk::Exploration few = rk::explore(
      [](const rk::SystemOptions &options) -> std::string {
        depositTwice(options);
        return "";
      },
      limits);
  EXPECT_EQ(few.schedules, 3u);
  EXPECT_FALSE(few.complete);
  EXPECT_EQ(few.text(), "the first 3 schedules hold");
}

TEST(Explore, AProgramWithoutAnEndFails) {
  rk::ExploreLimits limits;
  limits.steps = 500;
  const rk::Exploration found = rk::explore(
      [](const rk::SystemOptions &options) -> std::string {
        rk::System system(options);
        const auto player = system.spawn<Player>();
        system.send(player, Ball{player.bits(), ~0u});
        return system.waitIdle().message();
      },
      limits);
  EXPECT_EQ(found.schedules, 1u);
  EXPECT_NE(found.failure.find("no end after 500 steps"), std::string::npos)
      << found.failure;
}

TEST(Explore, AnExceptionIsAFailure) {
  const rk::Exploration found =
      rk::explore([](const rk::SystemOptions &) -> std::string {
        throw std::runtime_error("thrown");
      });
  EXPECT_EQ(found.failure, "thrown");
}

TEST(Explore, AProgramThatDependsOnMoreIsFoundOut) {
  int runs = 0;
  const rk::Exploration found =
      rk::explore([&](const rk::SystemOptions &options) -> std::string {
        rk::System system(options);
        const auto account = system.spawn<Account>();
        const auto clerk = system.spawn<Clerk>(account);
        if (runs++ == 0)
          system.send(clerk, Deposit{1});
        system.send(clerk, Deposit{1});
        must(system.waitIdle());
        return "";
      });
  EXPECT_EQ(found.failure, "the program does not depend on its schedule alone: "
                           "at a second run it had other choices");
}

//===----------------------------------------------------------------------===//
// Programs that hold in every schedule
//===----------------------------------------------------------------------===//

void expectHolds(const rk::ScheduledProgram &program, std::uint64_t least,
                 std::uint32_t preemptions = 2) {
  rk::ExploreLimits limits;
  limits.preemptions = preemptions;
  const rk::Exploration all = rk::explore(program, limits);
  EXPECT_EQ(all.failure, "") << all.text();
  EXPECT_TRUE(all.complete);
  EXPECT_GE(all.schedules, least);
  testing::Test::RecordProperty("schedules", std::to_string(all.schedules));
}

std::string expectEqual(std::uint64_t is, std::uint64_t want,
                        const char *what) {
  return is == want ? ""
                    : std::string(what) + ": " + std::to_string(is) +
                          " and not " + std::to_string(want);
}

TEST(Explore, PingPong) {
  expectHolds(
      [](const rk::SystemOptions &options) {
        rk::System system(options);
        const auto one = system.spawn<Player>();
        const auto two = system.spawn<Player>();
        system.send(one, Ball{two.bits(), 5});
        system.send(two, Ball{one.bits(), 4});
        must(system.waitIdle());
        return expectEqual(system.ask(one, Get{}).get().value +
                               system.ask(two, Get{}).get().value,
                           11, "hits");
      },
      100);
}

TEST(Explore, FanInKeepsTheOrderOfEachSender) {
  expectHolds(
      [](const rk::SystemOptions &options) {
        rk::System system(options);
        const auto log = system.spawn<Log>();
        const auto one = system.spawn<Reporter>(1, log);
        const auto two = system.spawn<Reporter>(2, log);
        system.send(one, Report{2});
        system.send(two, Report{2});
        system.send(log, Note{0, 0});
        system.send(log, Note{0, 1});
        system.send(log, Note{0, 2});
        system.send(log, Note{0, 3});
        must(system.waitIdle());
        const Summary summary = system.ask(log, Get{}).get();
        return expectEqual(summary.notes, 8, "notes") +
               expectEqual(summary.outOfOrder, 0, "out of order");
      },
      100, 1);
}

TEST(Explore, ChildrenComeAndGo) {
  expectHolds(
      [](const rk::SystemOptions &options) {
        rk::System system(options);
        const auto parent = system.spawn<Parent>();
        system.send(parent, Raise{2});
        system.send(parent, Raise{1});
        must(system.waitIdle());
        const std::uint64_t grown = system.ask(parent, Get{}).get().value;
        const rk::Counters counters = system.counters();
        return expectEqual(grown, 3, "grown") +
               expectEqual(counters.spawned, 4, "spawned") +
               expectEqual(counters.stopped, 3, "stopped") +
               expectEqual(counters.deadLetters.total(), 0, "dead letters");
      },
      100);
}

/// A message may find its actor stopped; then it is a dead letter, never both.
TEST(Explore, AMessageAndAStopMeet) {
  std::set<std::uint64_t> outcomes;
  expectHolds(
      [&](const rk::SystemOptions &options) {
        rk::System system(options);
        const auto log = system.spawn<Log>();
        const auto reporter = system.spawn<Reporter>(1, log);
        system.send(reporter, Report{2});
        must(system.stop(reporter));
        must(system.waitIdle());
        const std::uint64_t notes = system.ask(log, Get{}).get().notes;
        outcomes.insert(notes);
        return expectEqual(notes + system.counters().deadLetters.total(), 2,
                           "notes and dead letters");
      },
      10);
  EXPECT_EQ(outcomes, (std::set<std::uint64_t>{1, 2}));
}

TEST(Explore, QuestionsAndAnswersInAnyOrder) {
  expectHolds(
      [](const rk::SystemOptions &options) {
        rk::System system(options);
        const auto oracle = system.spawn<Oracle>();
        const auto account = system.spawn<Account>();
        auto late = system.ask<Total>(oracle, Ask{});
        auto soon = system.ask(account, Read{});
        system.send(oracle, Answer{});
        return expectEqual(late.get().value, 42, "late") +
               expectEqual(soon.get().value, 0, "soon");
      },
      50);
}

} // namespace
