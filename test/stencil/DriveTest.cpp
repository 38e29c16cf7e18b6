//===- DriveTest.cpp - Stencils that run in the background ----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Stencils.h"
#include "Testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <optional>
#include <thread>

using namespace stencils;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t Side = 24;
constexpr auto Long = 60s;

/// A wave in a box, with a push in the middle.
rk::Stencil<Wave> makeWave(rk::StencilOptions options = {}) {
  auto made = rk::Stencil<Wave>::create({}, {Side, Side, Side}, options);
  if (!made.isOk())
    throw std::runtime_error(made.status().message());
  std::vector<float> values(Side * Side * Side), speed(values.size(), 0.125f);
  values[values.size() / 2 + Side / 2] = 1;
  isOk(made->set(&Wave::pressure, values));
  isOk(made->set(&Wave::speed, speed));
  return std::move(*made);
}

std::vector<float> pressure(rk::Stencil<Wave> &wave) {
  std::vector<float> values(Side * Side * Side);
  isOk(wave.get(&Wave::pressure, values));
  return values;
}

/// Batches of a step or two, so that much happens between them.
rk::StencilOptions shortBatches() {
  rk::StencilOptions options;
  options.batch = 1us;
  return options;
}

/// More steps than any test waits for.
constexpr std::int64_t Endless = std::int64_t(1) << 50;

TEST(Background, makesTheStepsOfRun) {
  auto expected = makeWave();
  isOk(expected.run(700));
  for (const auto batch : {0ns, 50000ns, 1000000000ns}) {
    rk::StencilOptions options;
    options.batch = batch;
    auto wave = makeWave(options);
    auto run = wave.start(700);
    ASSERT_TRUE(run.isOk()) << run.status().message();
    isOk(run->wait(Long));
    EXPECT_EQ(run->progress().state, rk::StencilRunState::Done);
    EXPECT_EQ(run->progress().made, 700);
    EXPECT_EQ(wave.step(), 700);
    EXPECT_EQ(pressure(wave), pressure(expected));
  }
}

TEST(Background, pausesResumesAndStops) {
  auto wave = makeWave(shortBatches());
  auto run = wave.start(Endless).value();
  while (run.progress().made < 10)
    std::this_thread::yield();
  isOk(run.pause());
  EXPECT_EQ(run.progress().state, rk::StencilRunState::Paused);
  const std::int64_t paused = wave.step();
  EXPECT_EQ(run.wait(20ms).code(), rk::StatusCode::DeadlineExceeded);
  EXPECT_EQ(wave.step(), paused);
  // A paused run lets others make steps.
  isOk(wave.run(3));
  EXPECT_EQ(wave.step(), paused + 3);
  EXPECT_EQ(run.progress().made, paused);
  run.resume();
  while (wave.step() < paused + 20)
    std::this_thread::yield();
  EXPECT_EQ(wave.run(1).code(), rk::StatusCode::InvalidArgument);
  EXPECT_EQ(wave.start(1).status().code(), rk::StatusCode::InvalidArgument);
  isOk(run.stop());
  EXPECT_EQ(run.progress().state, rk::StencilRunState::Stopped);
  isOk(run.wait(0ns));
  isOk(run.stop());
  isOk(run.pause());
  const std::int64_t made = wave.step();
  auto expected = makeWave();
  isOk(expected.run(made));
  EXPECT_EQ(pressure(wave), pressure(expected));
  // Another run may follow, and a paused one can be stopped.
  auto next = wave.start(Endless).value();
  isOk(next.pause());
  isOk(next.stop());
  EXPECT_EQ(next.progress().state, rk::StencilRunState::Stopped);
}

TEST(Background, looksAreOfOneStep) {
  auto expected = makeWave();
  std::vector<std::vector<float>> slices; // after each step
  std::vector<float> slice(Side * Side);
  for (int step = 0; step < 400; ++step) {
    isOk(expected.slice(&Wave::pressure, 1, Side / 2, slice));
    slices.push_back(slice);
    isOk(expected.run(1));
  }
  auto wave = makeWave(shortBatches());
  auto run = wave.start(399).value();
  std::atomic<int> failures = 0;
  auto look = [&] {
    std::vector<float> seen(Side * Side);
    for (std::int64_t step = 0; step < 399;) {
      if (!wave.slice(&Wave::pressure, 1, Side / 2, seen, &step).isOk() ||
          seen != slices[std::size_t(step)])
        ++failures;
    }
  };
  std::thread other(look);
  look();
  other.join();
  EXPECT_EQ(failures, 0);
  isOk(run.wait(Long));
}

TEST(Background, holdsStillForSeveralLooks) {
  auto wave = makeWave(shortBatches());
  auto run = wave.start(Endless).value();
  for (int round = 0; round < 20; ++round) {
    std::vector<float> all(Side * Side * Side), slice(Side * Side);
    std::int64_t before = 0, after = 0;
    isOk(wave.atOneStep([&] {
      isOk(wave.get(&Wave::pressure, all, 0, &before));
      isOk(wave.slice(&Wave::pressure, 2, 5, slice, &after));
      EXPECT_EQ(wave.step(), before);
    }));
    EXPECT_EQ(before, after);
    EXPECT_TRUE(
        std::equal(slice.begin(), slice.end(), all.begin() + 5 * Side * Side));
  }
  isOk(run.stop());
}

TEST(Background, injectsBetweenKnownSteps) {
  auto wave = makeWave(shortBatches());
  auto run = wave.start(Endless).value();
  const std::vector<float> push = {3, 2, 1};
  const rk::GridPoint cell = {3, 4, 5};
  std::int64_t first = 0;
  isOk(wave.atOneStep([&] {
    first = wave.step() + 1;
    isOk(wave.inject(&Wave::pressure, cell, push));
  }));
  while (wave.step() < first + 10)
    std::this_thread::yield();
  isOk(run.stop());
  auto expected = makeWave();
  isOk(expected.run(first - 1));
  isOk(expected.inject(&Wave::pressure, cell, push));
  isOk(expected.run(wave.step() - expected.step()));
  EXPECT_EQ(pressure(wave), pressure(expected));
}

TEST(Background, injectsInAGivenStep) {
  const std::vector<float> push = {3, 2, 1};
  auto expected = makeWave();
  isOk(expected.run(150));
  isOk(expected.inject(&Wave::pressure, {3, 4, 5}, push));
  isOk(expected.run(150));
  auto wave = makeWave();
  isOk(wave.inject(&Wave::pressure, {3, 4, 5}, push, 151));
  isOk(wave.start(300)->wait(Long));
  EXPECT_EQ(pressure(wave), pressure(expected));
  EXPECT_EQ(wave.inject(&Wave::pressure, {3, 4, 5}, push, 300).detail(),
            "a source of field 'pressure' is to begin with step 300, and 300 "
            "have been made");
  isOk(wave.inject(&Wave::pressure, {3, 4, 5}, push, 301));
}

TEST(Background, probesNowAndThen) {
  auto wave = makeWave(shortBatches());
  auto every = wave.probe(&Wave::pressure, {11, 12, 13}).value();
  auto third = wave.probe(&Wave::pressure, {11, 12, 13}, 3).value();
  auto hundredth = wave.probe(&Wave::pressure, {11, 12, 13}, 100).value();
  auto run = wave.start(600).value();
  std::vector<float> taken;
  while (run.wait(0ns).code() == rk::StatusCode::DeadlineExceeded) {
    const auto part = wave.takeSeries(&Wave::pressure, third);
    taken.insert(taken.end(), part.begin(), part.end());
  }
  isOk(run.wait(Long));
  const auto rest = wave.takeSeries(&Wave::pressure, third);
  taken.insert(taken.end(), rest.begin(), rest.end());
  EXPECT_TRUE(wave.series(&Wave::pressure, third).empty());
  const auto all = wave.series(&Wave::pressure, every);
  const auto few = wave.series(&Wave::pressure, hundredth);
  ASSERT_EQ(all.size(), 600U);
  ASSERT_EQ(taken.size(), 200U);
  ASSERT_EQ(few.size(), 6U);
  for (std::size_t index = 0; index < 200; ++index)
    EXPECT_EQ(taken[index], all[3 * index + 2]);
  for (std::size_t index = 0; index < 6; ++index)
    EXPECT_EQ(few[index], all[100 * index + 99]);
  EXPECT_EQ(wave.probe(&Wave::pressure, {0, 0, 0}, 0).status().detail(),
            "a probe every 0 steps is asked for; at least 1 is needed");
}

TEST(Background, savesWhileItRuns) {
  const std::string path = ::testing::TempDir() + "rk-stencil-background";
  auto wave = makeWave(shortBatches());
  auto run = wave.start(Endless).value();
  while (run.progress().made < 20)
    std::this_thread::yield();
  isOk(wave.save(path));
  isOk(run.stop());
  auto loaded = makeWave();
  isOk(loaded.load(path));
  EXPECT_GE(loaded.step(), 20);
  EXPECT_LE(loaded.step(), wave.step());
  auto expected = makeWave();
  isOk(expected.run(loaded.step()));
  EXPECT_EQ(pressure(loaded), pressure(expected));
  std::remove(path.c_str());
}

TEST(Background, endsWhenItsConditionIsMet) {
  auto wave = makeWave();
  std::int64_t asked = 0;
  auto run = wave.startUntil(
      [&](rk::Stencil<Wave> &same) {
        ++asked;
        return same.step() >= 120;
      },
      25, 1000);
  ASSERT_TRUE(run.isOk()) << run.status().message();
  isOk(run->wait(Long));
  EXPECT_TRUE(run->progress().reached);
  EXPECT_EQ(run->progress().state, rk::StencilRunState::Done);
  EXPECT_EQ(wave.step(), 125);
  EXPECT_EQ(asked, 5);
  auto most = wave.startUntil([](rk::Stencil<Wave> &) { return false; }, 7, 20);
  isOk(most->wait(Long));
  EXPECT_FALSE(most->progress().reached);
  EXPECT_EQ(wave.step(), 145);
}

TEST(Background, tellsWhoWaitsWhatWentWrong) {
  rk::StencilOptions options;
  options.checksFinite = true;
  auto made = rk::Stencil<Stiff>::create({{}, 0.5}, {6, 0, 0}, options);
  ASSERT_TRUE(made.isOk()) << made.status().message();
  const std::vector<float> values = {1, 1, 1, 1, 1e20f, 1e15f};
  isOk(made->set(&Stiff::value, values));
  auto run = made->start(Endless).value();
  EXPECT_EQ(run.wait(Long).detail(),
            "field 'value' is not finite in cell (3, 0, 0) after step 2, for "
            "the first time");
  EXPECT_EQ(run.progress().state, rk::StencilRunState::Failed);
  EXPECT_EQ(run.wait(0ns).code(), rk::StatusCode::InvalidArgument);
  isOk(run.stop());
}

TEST(Background, endsWithItsStencil) {
  std::optional<rk::Stencil<Wave>> wave(makeWave(shortBatches()));
  auto run = wave->start(Endless).value();
  while (run.progress().made < 3)
    std::this_thread::yield();
  std::thread waiter([run] {
    EXPECT_EQ(run.wait(Long).code(), rk::StatusCode::ShuttingDown);
  });
  wave.reset();
  waiter.join();
  const auto status = run.wait(0ns);
  EXPECT_EQ(status.code(), rk::StatusCode::ShuttingDown);
  EXPECT_NE(status.detail().find("the stencil was destroyed after "),
            std::string::npos);
  isOk(run.pause());
  run.resume();
  isOk(run.stop());
}

TEST(Background, movesWithItsStencil) {
  auto wave = makeWave(shortBatches());
  auto run = wave.start(Endless).value();
  rk::Stencil<Wave> moved = std::move(wave);
  const std::int64_t step = moved.step();
  while (moved.step() == step)
    std::this_thread::yield();
  // What is assigned to ends first.
  auto other = makeWave(shortBatches());
  auto otherRun = other.start(Endless).value();
  other = std::move(moved);
  EXPECT_EQ(otherRun.wait(0ns).code(), rk::StatusCode::ShuttingDown);
  EXPECT_EQ(run.progress().state, rk::StencilRunState::Running);
  isOk(run.stop());
}

TEST(Background, refusesToWaitForItself) {
  auto wave = makeWave();
  std::optional<rk::StencilRun> run;
  std::atomic<bool> known = false;
  rk::Status waited, nested, paused;
  run = wave.startUntil(
                [&](rk::Stencil<Wave> &same) {
                  while (!known)
                    std::this_thread::yield();
                  waited = run->wait(Long);
                  nested = same.run(1);
                  paused = run->pause();
                  return false;
                },
                10, 20)
            .value();
  known = true;
  while (run->progress().state != rk::StencilRunState::Paused)
    std::this_thread::yield();
  isOk(run->stop());
  EXPECT_EQ(waited.code(), rk::StatusCode::InvalidArgument);
  EXPECT_EQ(nested.code(), rk::StatusCode::InvalidArgument);
  isOk(paused);
  EXPECT_EQ(wave.step(), 10);
}

TEST(Background, refusesWhatCannotBe) {
  rk::StencilOptions options;
  options.patience = 10ms;
  auto wave = makeWave(options);
  EXPECT_EQ(wave.start(-1).status().detail(), "start is asked for -1 steps");
  EXPECT_EQ(wave.startUntil([](rk::Stencil<Wave> &) { return true; }, 0, 5)
                .status()
                .detail(),
            "startUntil asks every 0 steps; at least 1 is needed");
  isOk(wave.start(0)->wait(Long));
  // One that keeps all others out does not make them wait for ever.
  std::vector<float> values(Side * Side * Side);
  isOk(wave.atOneStep([&] {
    std::thread([&] {
      EXPECT_EQ(wave.get(&Wave::pressure, values).code(),
                rk::StatusCode::DeadlineExceeded);
    }).join();
  }));
  isOk(wave.get(&Wave::pressure, values));
  options.batch = -1ns;
  EXPECT_EQ(rk::Stencil<Wave>::create({}, {1, 1, 1}, options).status().code(),
            rk::StatusCode::InvalidArgument);
}

struct Push {
  std::int64_t step;
  rk::GridPoint cell;
};

/// Gives pushes to a running wave, each in the step that comes next.
void push(rk::Stencil<Wave> &wave, std::int64_t row, std::vector<Push> &given) {
  const std::vector<float> one = {1};
  for (std::int64_t count = 0; count < 12; ++count)
    isOk(wave.atOneStep([&] {
      given.push_back({wave.step() + 1, {count, row, 3}});
      isOk(wave.inject(&Wave::pressure, given.back().cell, one));
    }));
}

TEST(Background, threadsDoAllAtOnce) {
  auto wave = makeWave(shortBatches());
  auto run = wave.start(Endless).value();
  std::vector<Push> given[2];
  std::thread first([&] { push(wave, 2, given[0]); });
  std::thread second([&] { push(wave, 9, given[1]); });
  std::thread pauser([&] {
    for (int round = 0; round < 20; ++round) {
      isOk(run.pause());
      const std::int64_t step = wave.step();
      EXPECT_EQ(run.progress().state, rk::StencilRunState::Paused);
      EXPECT_EQ(wave.step(), step);
      run.resume();
    }
  });
  for (int look = 0; look < 20; ++look)
    EXPECT_TRUE(wave.sum(&Wave::pressure).isOk());
  for (std::thread *thread : {&first, &second, &pauser})
    thread->join();
  const std::int64_t last =
      std::max(given[0].back().step, given[1].back().step);
  while (wave.step() < last)
    std::this_thread::yield();
  isOk(run.stop());
  // The same by one thread.
  std::vector<Push> all = given[0];
  all.insert(all.end(), given[1].begin(), given[1].end());
  std::sort(all.begin(), all.end(),
            [](const Push &a, const Push &b) { return a.step < b.step; });
  auto expected = makeWave();
  const std::vector<float> one = {1};
  for (const Push &each : all) {
    isOk(expected.run(each.step - 1 - expected.step()));
    isOk(expected.inject(&Wave::pressure, each.cell, one));
  }
  isOk(expected.run(wave.step() - expected.step()));
  EXPECT_EQ(pressure(wave), pressure(expected));
}

TEST(Background, keepsNobodyWaiting) {
  auto wave = makeWave();
  auto run = wave.start(Endless).value();
  while (run.progress().made < 100)
    std::this_thread::yield();
  std::vector<float> slice(Side * Side);
  const std::int64_t before = wave.step();
  const auto begin = std::chrono::steady_clock::now();
  for (int look = 0; look < 20; ++look)
    isOk(wave.slice(&Wave::pressure, 2, 0, slice));
  // Each waits for a batch of 5 ms; the bound is for slow machines.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  // They came again and again, and the run went on.
  EXPECT_GT(wave.step(), before);
  isOk(run.stop());
}

} // namespace
