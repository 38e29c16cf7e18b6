//===- ScheduleTest.cpp - A system under a scheduler ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Suite.h"

#include <chrono>
#include <coroutine>
#include <set>
#include <thread>

using namespace schedule;
using namespace std::chrono_literals;
using rk::StatusCode;

namespace {

struct Outcome {
  std::uint64_t digest = 0;
  std::string trace;
  std::uint64_t moves = 0;
};

/// Six reporters send ten notes each; a few answers and a stop come between.
Outcome runReporters(const std::shared_ptr<rk::Scheduler> &scheduler,
                     rk::Balance balance = rk::Balance::Off) {
  rk::SystemOptions options = rk::scheduledOptions(scheduler);
  options.workers = 4;
  options.balance = balance;
  rk::System system(options);
  const auto log = system.spawn<Log>();
  std::vector<rk::Future<Summary>> asked;
  for (std::uint32_t i = 0; i < 6; ++i) {
    const auto reporter = system.spawn<Reporter>(i, log);
    system.send(reporter, Report{10});
    asked.push_back(system.ask(log, Get{}));
  }
  std::uint64_t digest = 0;
  for (auto &summary : asked)
    digest = digest * 31 + summary.get().digest;
  EXPECT_TRUE(system.waitIdle().isOk());
  const Summary summary = system.ask(log, Get{}).get();
  EXPECT_EQ(summary.notes, 60u);
  EXPECT_EQ(summary.outOfOrder, 0u);
  return {digest * 31 + summary.digest, scheduler->trace().text(),
          system.counters().moves};
}

Outcome runSeed(std::uint64_t seed, rk::Balance balance = rk::Balance::Off) {
  return runReporters(std::make_shared<rk::SeededScheduler>(seed), balance);
}

TEST(Schedule, ASeedGivesTheSameRun) {
  std::set<std::uint64_t> digests;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Outcome first = runSeed(seed), second = runSeed(seed);
    EXPECT_EQ(first.trace, second.trace) << "seed " << seed;
    EXPECT_EQ(first.digest, second.digest) << "seed " << seed;
    digests.insert(first.digest);
  }
  EXPECT_EQ(digests.size(), 10u) << "seeds must differ";
}

/// Actors change their workers as the schedule has it, too.
TEST(Schedule, MovesAreRepeated) {
  std::uint64_t moves = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const Outcome first = runSeed(seed, rk::Balance::Random);
    const Outcome second = runSeed(seed, rk::Balance::Random);
    EXPECT_EQ(first.trace, second.trace) << "seed " << seed;
    EXPECT_EQ(first.digest, second.digest) << "seed " << seed;
    EXPECT_EQ(first.moves, second.moves) << "seed " << seed;
    moves += first.moves;
    (void)runSeed(seed, rk::Balance::Load);
  }
  EXPECT_GT(moves, 0u);
}

/// The numbers are those of every machine and compiler.
TEST(Schedule, ASeedChoosesTheSameEverywhere) {
  rk::SeededScheduler scheduler(7);
  const rk::AgentId ready[] = {{rk::AgentKind::Host, 0},
                               {rk::AgentKind::Worker, 0},
                               {rk::AgentKind::Worker, 1}};
  std::string chosen;
  for (int i = 0; i < 12; ++i)
    chosen += std::to_string(scheduler.choose({ready, ready[0]}));
  EXPECT_EQ(chosen, "000010102211"); // by another program
}

TEST(Schedule, ATraceReplaysASeed) {
  const Outcome first = runSeed(3);
  const auto trace = rk::ScheduleTrace::parse(first.trace);
  ASSERT_TRUE(trace.isOk());
  const auto scheduler = std::make_shared<rk::ReplayScheduler>(*trace);
  const Outcome second = runReporters(scheduler);
  EXPECT_EQ(second.trace, first.trace);
  EXPECT_EQ(second.digest, first.digest);
  EXPECT_FALSE(scheduler->hasDiverged());
}

TEST(Schedule, ATraceOfAnotherProgramDiverges) {
  const auto trace = rk::ScheduleTrace::parse("w9");
  ASSERT_TRUE(trace.isOk());
  const auto scheduler = std::make_shared<rk::ReplayScheduler>(*trace);
  runReporters(scheduler);
  EXPECT_TRUE(scheduler->hasDiverged());
}

TEST(Schedule, TracesAreReadAndWritten) {
  for (const char *text : {"", "h", "h w0 w1*3 l0 o", "w12*1000 l1*2"}) {
    const auto trace = rk::ScheduleTrace::parse(text);
    ASSERT_TRUE(trace.isOk()) << text;
    EXPECT_EQ(trace->text(), text);
  }
  EXPECT_EQ(rk::ScheduleTrace::parse(" h\n h ")->text(), "h*2");
  for (const char *word : {"x", "w", "w1*", "w1*0", "*3", "h2", "w-1", "w1x",
                           "w1*99999999", "w99999999999"}) {
    const auto trace = rk::ScheduleTrace::parse(std::string("h ") + word);
    EXPECT_EQ(trace.status().detail(),
              "'" + std::string(word) +
                  "' in a trace is not h, w<number>, l<number> or o, with "
                  "*<count> behind it or not");
  }
}

//===----------------------------------------------------------------------===//
// Schedulers of the program's own
//===----------------------------------------------------------------------===//

class Rule : public rk::Scheduler {
public:
  using Function = std::function<std::size_t(const rk::SchedulePoint &)>;
  explicit Rule(Function rule) : rule_(std::move(rule)) {}
  std::size_t choose(const rk::SchedulePoint &point) override {
    return rule_(point);
  }

private:
  Function rule_;
};

/// Whether a message of the host is handled before its next call.
std::uint64_t notesBeforeTheStop(Rule::Function rule) {
  rk::System system(rk::scheduledOptions(std::make_shared<Rule>(rule)));
  const auto log = system.spawn<Log>();
  const auto reporter = system.spawn<Reporter>(1, log);
  system.send(reporter, Report{3});
  EXPECT_TRUE(system.stop(reporter).isOk());
  EXPECT_TRUE(system.waitIdle().isOk());
  return system.ask(log, Get{}).get().notes;
}

TEST(Schedule, ARuleOfTheProgramsOwnDecides) {
  const auto isHost = [](const rk::SchedulePoint &point) {
    return point.ready.front().kind == rk::AgentKind::Host;
  };
  EXPECT_EQ(notesBeforeTheStop([&](const rk::SchedulePoint &point) {
              // The host first, and then its lane before the workers.
              return isHost(point) ? 0 : point.ready.size() - 1;
            }),
            1u);
  EXPECT_EQ(notesBeforeTheStop([&](const rk::SchedulePoint &point) {
              return std::size_t(isHost(point)); // the host last
            }),
            3u);
}

TEST(Schedule, ARuleSeesWhoIsReadyAndWhoWentBefore) {
  bool sawHost = false, sawWorker = false, sawLane = false;
  notesBeforeTheStop([&](const rk::SchedulePoint &point) {
    EXPECT_GE(point.ready.size(), 2u);
    EXPECT_TRUE(std::is_sorted(point.ready.begin(), point.ready.end()));
    for (const rk::AgentId agent : point.ready) {
      sawHost |= agent.kind == rk::AgentKind::Host;
      sawWorker |= agent.kind == rk::AgentKind::Worker;
      sawLane |= agent.kind == rk::AgentKind::Lane;
    }
    return point.usual();
  });
  EXPECT_TRUE(sawHost);
  EXPECT_TRUE(sawWorker);
  EXPECT_TRUE(sawLane);
}

TEST(Schedule, AStopEndsTheRun) {
  rk::System system(rk::scheduledOptions(std::make_shared<Rule>(
      [](const rk::SchedulePoint &) { return rk::Scheduler::Stop; })));
  const auto log = system.spawn<Log>();
  system.send(log, Note{1, 0});
  (void)system.send(log, Note{1, 1});
  (void)system.waitIdle();
  EXPECT_EQ(system.status().detail(), "the scheduler has stopped the run");
  EXPECT_EQ(system.ask(log, Get{}).result().code(), StatusCode::ShuttingDown);
}

TEST(Schedule, GpusAreRefused) {
  rk::SystemOptions options =
      rk::scheduledOptions(std::make_shared<rk::SeededScheduler>(1));
  options.backend = rk::BackendKind::Cuda;
  const auto system = rk::System::create(options);
  EXPECT_EQ(system.code(), StatusCode::InvalidArgument);
  EXPECT_EQ(system.status().detail(),
            "SystemOptions::scheduler is set, and the back end is a GPU (asked "
            "for by SystemOptions::backend); a scheduler can choose on the CPU "
            "back end alone");
}

TEST(Schedule, TwoWorkersUnlessToldOtherwise) {
  rk::SystemOptions options;
  options.backend = rk::BackendKind::Cpu;
  options.scheduler = std::make_shared<rk::SeededScheduler>(1);
  rk::System system(options);
  EXPECT_EQ(system.description().workers, 2u);
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

TEST(Schedule, TimeMovesWithTheSteps) {
  Elapsed seen[2];
  for (Elapsed &elapsed : seen) {
    rk::System system(
        rk::scheduledOptions(std::make_shared<rk::SeededScheduler>(5)));
    const auto sleeper = system.spawn<Sleeper>();
    elapsed = system.ask(sleeper, PauseFor{2'000'000'000}, 10s).get();
    EXPECT_GE(elapsed.after - elapsed.before, 2'000'000'000u);
    EXPECT_LT(elapsed.after - elapsed.before, 2'001'000'000u);
  }
  EXPECT_EQ(seen[0].before, seen[1].before);
  EXPECT_EQ(seen[0].after, seen[1].after);
}

TEST(Schedule, ADeadlinePassesWhenNothingElseCan) {
  rk::System system(
      rk::scheduledOptions(std::make_shared<rk::SeededScheduler>(5)));
  const auto oracle = system.spawn<Oracle>();
  const auto begin = std::chrono::steady_clock::now();
  auto answer = system.ask<Total>(oracle, Ask{}, 1h);
  EXPECT_FALSE(answer.waitFor(30min));
  EXPECT_EQ(answer.result().code(), StatusCode::DeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  // The answer comes late, and reaches nobody.
  system.send(oracle, Answer{});
  EXPECT_TRUE(system.waitIdle().isOk());
  EXPECT_EQ(system.counters().lateReplies, 1u);
}

TEST(Schedule, LongPausesMakeNoStall) {
  rk::SystemOptions options =
      rk::scheduledOptions(std::make_shared<rk::SeededScheduler>(5));
  options.onStall = [](const rk::StallReport &) { ADD_FAILURE(); };
  rk::System system(options);
  const auto sleeper = system.spawn<Sleeper>();
  system.send(sleeper, PauseFor{4'000'000'000});
  EXPECT_TRUE(system.waitIdle().isOk());
  EXPECT_TRUE(system.stalls().empty());
}

TEST(Schedule, AHandlerThatPausesForEverIsReportedAtTheEnd) {
  rk::System system(
      rk::scheduledOptions(std::make_shared<rk::SeededScheduler>(5)));
  const auto sleeper = system.spawn<Sleeper>();
  system.send(sleeper, PauseForEver{});
  EXPECT_EQ(system.waitIdle(10ms).code(), StatusCode::DeadlineExceeded);
  const rk::Status status = system.shutdown(10ms);
  EXPECT_EQ(status.code(), StatusCode::WorkerStalled);
  EXPECT_NE(status.detail().find("Sleeper::on(schedule::PauseForEver)"),
            std::string::npos)
      << status.detail();
}

//===----------------------------------------------------------------------===//
// Ways to wait
//===----------------------------------------------------------------------===//

TEST(Schedule, AskingAgainAndAgainLetsTheAgentsGoOn) {
  rk::System system(
      rk::scheduledOptions(std::make_shared<rk::SeededScheduler>(1)));
  const auto account = system.spawn<Account>();
  auto answer = system.ask(account, Read{});
  while (!answer.ready())
    ;
  EXPECT_EQ(answer.get().value, 0u);
  auto other = system.ask(account, Read{});
  while (!other.waitFor(0ns))
    ;
  EXPECT_EQ(other.get().value, 0u);
}

TEST(Schedule, MoreThanTheWayToTheDeviceHolds) {
  rk::System system(rk::scheduledOptions(
      std::make_shared<rk::ReplayScheduler>(rk::ScheduleTrace{})));
  const auto log = system.spawn<Log>();
  constexpr std::uint32_t Many = 20'000;
  for (std::uint32_t i = 0; i < Many; ++i)
    ASSERT_TRUE(system.send(log, Note{1, i}).isOk());
  EXPECT_TRUE(system.waitIdle().isOk());
  const std::uint64_t refused = system.counters().deadLetters.total();
  EXPECT_EQ(system.ask(log, Get{}).get().notes + refused, Many);
}

/// A coroutine that nobody holds.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

Detached readThrice(rk::System &system, rk::ActorRef<Account> account,
                    int &read) {
  for (int i = 0; i < 3; ++i) {
    const auto value = co_await system.ask(account, Read{});
    read += value.isOk();
  }
}

TEST(Schedule, CoroutinesGoOnWhereSomebodyWaits) {
  rk::System system(
      rk::scheduledOptions(std::make_shared<rk::SeededScheduler>(1)));
  const auto account = system.spawn<Account>();
  int read = 0;
  readThrice(system, account, read);
  EXPECT_TRUE(system.waitIdle().isOk());
  EXPECT_EQ(read, 3);
}

TEST(Schedule, ManyThreadsMayUseIt) {
  rk::SystemOptions options =
      rk::scheduledOptions(std::make_shared<rk::SeededScheduler>(1));
  options.lanes = 3;
  rk::System system(options);
  const auto log = system.spawn<Log>();
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::uint32_t i = 0; i < 200; ++i) {
        EXPECT_TRUE(system.send(log, Note{t, i}).isOk());
        if (i % 10 == 0) {
          EXPECT_GT(system.ask(log, Get{}).get().notes, i);
        }
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_TRUE(system.waitIdle().isOk());
  const Summary summary = system.ask(log, Get{}).get();
  EXPECT_EQ(summary.notes, 800u);
  EXPECT_EQ(summary.outOfOrder, 0u);
}

TEST(Schedule, AThreadThatWaitsLetsAnotherSend) {
  rk::System system(
      rk::scheduledOptions(std::make_shared<rk::SeededScheduler>(1)));
  const auto oracle = system.spawn<Oracle>();
  // Known from now on as one that uses the system, too.
  std::thread other;
  auto answer = system.ask<Total>(oracle, Ask{}, 60s);
  other = std::thread([&] {
    (void)system.waitIdle();
    std::this_thread::sleep_for(50ms);
    EXPECT_TRUE(system.send(oracle, Answer{}).isOk());
  });
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(answer.get().value, 42u);
  other.join();
}

TEST(Schedule, TwoSystemsAtATime) {
  const auto scheduler = std::make_shared<rk::SeededScheduler>(1);
  rk::System one(rk::scheduledOptions(scheduler));
  rk::System two(rk::scheduledOptions(scheduler));
  rk::SystemOptions options;
  options.backend = rk::BackendKind::Cpu;
  rk::System threads(options);
  for (rk::System *system : {&one, &two, &threads}) {
    const auto account = system->spawn<Account>();
    EXPECT_EQ(system->ask(account, Read{}).get().value, 0u);
  }
}

} // namespace
