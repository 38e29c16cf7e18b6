//===- LinkTest.cpp - Actors and stencils talk ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "../Testing.h"
#include "Actors.h"

#include "rk/stencil_link.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

using namespace linked;
using namespace std::chrono_literals;
using stencils::isOk;

namespace {

constexpr std::int64_t Cells = 40;
constexpr auto Long = 60s;

rk::SystemOptions smallOptions() {
  rk::SystemOptions options;
  options.maxActors = 256;
  options.messageBytes = 16 << 20;
  options.payloadBlocks = 256;
  options.freeMultiprocessors = 16;
  return options;
}

template <class S>
rk::Stencil<S> make(rk::GridPoint size, rk::StencilOptions options = {}) {
  auto made = rk::Stencil<S>::create({}, size, options);
  if (!made.isOk())
    throw std::runtime_error(made.status().message());
  return std::move(*made);
}

/// The stencil is made first: on a GPU its code is loaded with it.
class Link : public ::testing::Test {
protected:
  rk::Stencil<Rod> rod = make<Rod>({Cells, 0, 0});
  rk::Stencil<Steps> steps = make<Steps>({6, 5, 0});
  rk::System system{smallOptions()};

  static Reading reading(std::int64_t step, std::span<const double> values) {
    return {step, values[0]};
  }
  template <class S> rk::StencilLink<S> link(rk::Stencil<S> &stencil) {
    return rk::StencilLink<S>::create(stencil, system, options).value();
  }
  template <class S>
  void order(const rk::StencilLink<S> &link, rk::Injection injection,
             std::int32_t times = 1) {
    isOk(system.send(sender, Order{link.port(), injection, times}));
    isOk(system.waitIdle());
  }
  std::vector<std::int32_t> made() {
    std::vector<std::int32_t> values(30);
    isOk(steps.get(&Steps::made, values));
    return values;
  }

  rk::ActorRef<Sender> sender = system.spawn<Sender>();
  rk::LinkOptions options;
};

/// The rod as the controller heats it: every `every` steps, from the next on.
std::vector<double> controlled(int steps, int every, double wanted) {
  std::vector<double> heat(Cells), next(Cells);
  for (int step = 1; step <= steps; ++step) {
    for (std::size_t x = 0; x < Cells; ++x) {
      const double around =
          (x == 0 ? 0 : heat[x - 1]) + (x == Cells - 1 ? 0 : heat[x + 1]);
      next[x] = heat[x] + 0.25 * (around - 2 * heat[x]);
    }
    heat.swap(next);
    if (step % every == 0)
      heat[10] += (wanted - heat[12]) * 0.5;
  }
  return heat;
}

TEST_F(Link, LockstepIsOneProgram) {
  options.every = 4;
  for (const bool inBackground : {false, true}) {
    rk::StencilOptions short_;
    short_.batch = 1us;
    auto run = make<Rod>({Cells, 0, 0}, short_);
    auto linked = link(run);
    const auto controller = system.spawn<Controller>(linked.port(), 20.0);
    ASSERT_EQ(linked.source(&Rod::heat, {10, 0, 0}).value(), 0U);
    isOk(linked.probe(&Rod::heat, {12, 0, 0}, 4, controller, reading));
    if (inBackground) {
      isOk(run.start(401)->wait(Long));
    } else {
      isOk(run.run(203));
      isOk(run.run(198));
    }
    std::vector<double> found(Cells);
    isOk(run.get(&Rod::heat, found));
    EXPECT_EQ(found, controlled(401, 4, 20));
    const rk::LinkCounters counters = linked.counters();
    EXPECT_EQ(counters.exchanges, 101U); // one before the first step
    EXPECT_EQ(counters.messages, 100U);
    EXPECT_EQ(counters.injections, 100U);
    EXPECT_EQ(counters.late, 0U);
  }
}

TEST_F(Link, InjectionsTakeEffectInTheirStep) {
  options.every = 10;
  auto linked = link(steps);
  const auto add = linked.source(&Steps::made, {2, 3, 0}).value();
  const std::vector<rk::GridPoint> two = {{0, 0, 0}, {5, 4, 0}};
  const auto set =
      linked.source(&Steps::made, two, rk::abi::StencilTransfer::Set).value();
  const auto probe = steps.probe(&Steps::made, {2, 3, 0}).value();
  order(linked, {100, 0, add});   // in step 1
  order(linked, {1000, 25, add}); // in step 25
  order(linked, {-7, 30, set});
  isOk(steps.run(20));
  order(linked, {10000, 3, add}); // late: in step 21
  isOk(steps.run(20));
  const auto seen = steps.series(&Steps::made, probe);
  ASSERT_EQ(seen.size(), 40U);
  for (std::int32_t step = 1; step <= 40; ++step)
    EXPECT_EQ(seen[std::size_t(step - 1)],
              step + 100 + (step >= 25 ? 1000 : 0) + (step >= 21 ? 10000 : 0))
        << step;
  // Set before step 30, which added one, as the ten after it did.
  EXPECT_EQ(made()[0], -7 + 11);
  EXPECT_EQ(made()[29], -7 + 11);
  EXPECT_EQ(made()[1], 40);
  EXPECT_EQ(linked.counters().injections, 4U);
  EXPECT_EQ(linked.counters().late, 1U);
}

TEST_F(Link, ProbesTellEachStepOnceAndInOrder) {
  options.every = 50;
  options.pace = rk::LinkPace::Free;
  auto linked = link(steps);
  const auto third = system.spawn<Listener>(), each = system.spawn<Listener>();
  auto first = [](std::int64_t step, std::span<const std::int32_t> values) {
    return Reading{step, double(values[0])};
  };
  const std::vector<rk::GridPoint> cells = {{1, 1, 0}, {2, 2, 0}};
  isOk(linked.probe(&Steps::made, cells, 3, third, first));
  isOk(linked.probe(&Steps::made, {1, 1, 0}, 1, each, first));
  auto run = steps.start(600).value();
  isOk(run.wait(Long));
  isOk(system.waitIdle());
  const Heard thirds = system.ask(third, Ask{}).get();
  EXPECT_EQ(thirds.count, 200);
  EXPECT_EQ(thirds.lastStep, 600);
  EXPECT_EQ(thirds.outOfOrder, 0);
  EXPECT_EQ(thirds.sum, 3 * 200 * 201 / 2);
  const Heard all = system.ask(each, Ask{}).get();
  EXPECT_EQ(all.count, 600);
  EXPECT_EQ(all.outOfOrder, 0);
  EXPECT_EQ(all.sum, 600 * 601 / 2);
}

TEST_F(Link, ItsEndLetsTheStencilGoOn) {
  options.pace = rk::LinkPace::Free;
  auto run = steps.start(std::int64_t(1) << 50).value();
  const auto listener = system.spawn<Listener>();
  for (int round = 0; round < 3; ++round) {
    auto linked = link(steps);
    isOk(linked.probe(&Steps::made, {1, 1, 0}, 1, listener,
                      [](std::int64_t step, std::span<const std::int32_t>) {
                        return Reading{step, 0};
                      }));
    while (linked.counters().messages < 5)
      std::this_thread::yield();
  }
  const std::int64_t step = steps.step();
  while (steps.step() < step + 10)
    std::this_thread::yield();
  isOk(run.stop());
  EXPECT_EQ(made()[7], steps.step());
}

TEST_F(Link, OutlivesItsStencil) {
  std::optional<rk::Stencil<Rod>> gone(make<Rod>({Cells, 0, 0}));
  auto linked = link(*gone);
  gone.reset();
  EXPECT_EQ(linked.source(&Rod::heat, {1, 0, 0}).status().code(),
            rk::StatusCode::ShuttingDown);
  EXPECT_EQ(linked.counters().exchanges, 0U);
}

TEST_F(Link, WhatGoesWrongEndsTheRun) {
  options.every = 5;
  {
    auto linked = link(steps);
    order(linked, {1, 0, 3});
    EXPECT_EQ(steps.run(10).detail(),
              "an injection is for source 3 of the stencil, which has 0");
    isOk(steps.run(10)); // it is gone
  }
  {
    auto linked = link(steps);
    ASSERT_TRUE(linked.source(&Steps::made, {0, 0, 0}).isOk());
    isOk(steps.run(2));
    order(linked, {1}, 70);
    auto run = steps.start(10).value();
    const rk::Status status = run.wait(Long);
    EXPECT_EQ(status.code(), rk::StatusCode::MailboxFull);
    EXPECT_EQ(status.detail(),
              "the port of the stencil had no room for 6 injections before "
              "step 16; it keeps 64 between two exchanges: make "
              "LinkOptions::every less");
  }
  EXPECT_EQ(link(steps).source(&Steps::made, {6, 0, 0}).status().detail(),
            "cell (6, 0, 0) is outside of the grid of 6 x 5 x 1 cells");
  EXPECT_EQ(link(steps)
                .probe(&Steps::made, {0, 0, 0}, 0, system.spawn<Listener>(),
                       [](std::int64_t step, std::span<const std::int32_t>) {
                         return Reading{step, 0};
                       })
                .detail(),
            "a probe every 0 steps is asked for; at least 1 is needed");
  options.every = 0;
  EXPECT_EQ(
      rk::StencilLink<Steps>::create(steps, system, options).status().detail(),
      "an exchange every 0 steps is asked for; at least 1 is needed");
  options.every = 1;
  auto linked = link(steps);
  isOk(system.shutdown());
  EXPECT_EQ(steps.run(1).code(), rk::StatusCode::ShuttingDown);
}

TEST_F(Link, RunsBesideABusySystem) {
  // The system takes workers and the stencil threads; on a GPU each its part.
  const auto listener = system.spawn<Listener>();
  auto run = rod.start(5000).value();
  for (std::int64_t message = 1; message <= 20000; ++message)
    isOk(system.send(listener, Reading{message, 1}));
  isOk(run.wait(Long));
  EXPECT_EQ(rod.step(), 5000);
  const Heard heard = system.ask(listener, Ask{}).get();
  EXPECT_EQ(heard.count, 20000);
  EXPECT_EQ(heard.outOfOrder, 0);
}

/// Every plan beside a system that has messages on their way all the time. On a
/// GPU the code is loaded with the system, and the plans are laid out for the
/// multiprocessors that it leaves.
class Beside : public ::testing::TestWithParam<const char *> {};
INSTANTIATE_TEST_SUITE_P(Plans, Beside,
                         ::testing::Values("global", "streaming", "temporal",
                                           "resident"));

TEST_P(Beside, equalsTheReferenceBesideActors) {
  rk::System system(smallOptions());
  const auto listener = system.spawn<Listener>();
  constexpr rk::GridPoint Size = {70, 37, 41};
  rk::StencilOptions options;
  options.plan = GetParam();
  options.faces[2].boundary = options.faces[3].boundary =
      rk::Boundary::Periodic;
  options.faces[5].boundary = rk::Boundary::Reflecting;
  auto sound = make<Sound>(Size, options);
  EXPECT_EQ(sound.plan(), GetParam());
  std::mt19937_64 random(41);
  reference::Grid<float> now(Size, options.faces), before(Size, options.faces);
  reference::randomize(now, random);
  reference::randomize(before, random);
  isOk(sound.set(&Sound::pressure, before.values, 1));
  isOk(sound.set(&Sound::pressure, now.values));
  auto run = sound.start(50).value();
  for (std::int64_t message = 1; message <= 5000; ++message)
    isOk(system.send(listener, Reading{message, 1}));
  for (int step = 0; step < 50; ++step) {
    reference::Grid<float> next = now;
    reference::forEachCell(now, [&](auto x, auto y, auto z) {
      const float here = now.at(x, y, z);
      const float around = now.at(x + 1, y, z) + now.at(x - 1, y, z) +
                           now.at(x, y + 1, z) + now.at(x, y - 1, z) +
                           now.at(x, y, z + 1) + now.at(x, y, z - 1);
      next.cell(x, y, z) =
          2 * here - before.at(x, y, z) + 0.1f * (around - 6 * here);
    });
    before = now;
    now = next;
  }
  isOk(run.wait(Long));
  stencils::expectField(sound, &Sound::pressure, now);
  stencils::expectField(sound, &Sound::pressure, before, 1);
  EXPECT_EQ(system.ask(listener, Ask{}).get().count, 5000);
}

} // namespace
