//===- WatchdogTest.cpp - Stalls from made-up samples ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Watchdog.h"

#include "rk/abi/Address.h"

#include <gtest/gtest.h>

using namespace rk;
using namespace rk::runtime;
using namespace std::chrono_literals;

namespace {

class Watched : public testing::Test {
protected:
  Watched() : progress(2), reports(2) {
    content.name = "m";
    content.messages = {{"Ping", 1, 8, 8, 0}, {"Pong", 2, 8, 8, 1}};
    content.actors = {{"Player", 3, 8, 8, 0, "", 0, {}}};
    content.handlers = {{0, 1, rk::abi::NoMessage, 1, "p.cpp", 44, 1}};
    module.view = modfile::viewOf(content);
    module.buildIndex();
    watchdog.emplace(module, 2, 1s);
  }
  std::size_t sample(std::chrono::milliseconds time) {
    fresh = watchdog->sample(progress, reports, Clock::time_point(time),
                             generation);
    return fresh.size();
  }
  void run(std::uint32_t worker, std::uint32_t lane, std::uint32_t slot,
           std::uint32_t key) {
    reports[worker].activity[lane] = {slot, key + 1};
    progress[worker].turns |= 1;
  }

  GenerationOf generation = [](std::uint32_t slot) { return slot + 1; };
  modfile::Module content;
  LoadedModule module;
  std::vector<rk::abi::Progress> progress;
  std::vector<rk::abi::WorkerReport> reports;
  std::optional<Watchdog> watchdog;
  std::vector<StallReport> fresh;
};

TEST_F(Watched, ACallThatStaysIsReportedOnce) {
  run(1, 3, 20, 1);
  EXPECT_EQ(sample(0ms), 0u);
  EXPECT_EQ(sample(900ms), 0u);
  EXPECT_EQ(sample(1100ms), 1u);
  EXPECT_EQ(fresh[0].worker, 1u);
  EXPECT_EQ(fresh[0].lane, 3u);
  EXPECT_EQ(fresh[0].actor, rk::abi::Address::make(20, 21).bits);
  EXPECT_EQ(fresh[0].handler, "Player::on(Pong)");
  EXPECT_EQ(fresh[0].actorType, "Player");
  EXPECT_EQ(fresh[0].file, "p.cpp");
  EXPECT_EQ(fresh[0].line, 44u);
  EXPECT_EQ(fresh[0].since, 1100ms);
  EXPECT_EQ(sample(1200ms), 0u);
  EXPECT_EQ(watchdog->running(1s, generation).size(), 1u);
}

TEST_F(Watched, AnotherBatchIsAnotherCall) {
  run(0, 0, 5, 0);
  for (int i = 0; i < 50; ++i) {
    progress[0].turns = 2 * std::uint64_t(i) + 1;
    EXPECT_EQ(sample(i * 100ms), 0u);
  }
}

TEST_F(Watched, AnotherActorOrHandlerIsAnotherCall) {
  run(0, 0, 5, 0);
  EXPECT_EQ(sample(0ms), 0u);
  run(0, 0, 6, 0);
  EXPECT_EQ(sample(2000ms), 0u);
  run(0, 0, 6, 1);
  EXPECT_EQ(sample(4000ms), 0u);
  EXPECT_EQ(sample(5000ms), 1u);
}

TEST_F(Watched, AnEndClearsTheCall) {
  run(0, 0, 5, 0);
  sample(0ms);
  EXPECT_EQ(sample(2000ms), 1u);
  ++progress[0].turns;
  EXPECT_EQ(sample(3000ms), 0u);
  EXPECT_TRUE(watchdog->running(0ns, generation).empty());
}

TEST_F(Watched, IdleWorkersAreNoStall) {
  EXPECT_EQ(sample(0ms), 0u);
  EXPECT_EQ(sample(100000ms), 0u);
}

TEST_F(Watched, UnknownHandlersStillHaveAText) {
  run(0, 0, 5, 0);
  sample(0ms);
  ASSERT_EQ(sample(2000ms), 1u);
  EXPECT_EQ(fresh[0].handler, "Player::on(Ping)");
  EXPECT_EQ(fresh[0].line, 0u);
  run(0, 0, 5, 9 << 12 | 9);
  sample(3000ms);
  ASSERT_EQ(sample(5000ms), 1u);
  EXPECT_EQ(fresh[0].handler, "handler 36873");
}

} // namespace
