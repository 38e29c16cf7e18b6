//===- StencilChoiceTest.cpp - The plan that is taken, and what follows ---===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What is taken without `StencilOptions::plan`, what happens if a plan cannot
/// run, and which steps are made by which plan. The back end is a fake that
/// writes down what it is told; its device has the figures of a GPU.
///
//===----------------------------------------------------------------------===//

#include "TestProgram.h"

#include "Environment.h"
#include "stencil/StencilEngine.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

using namespace rk;
using namespace rk::runtime;

namespace {

/// What the back end did, and what it is to refuse.
struct Seen {
  std::vector<std::string> launches;                ///< "temporal 3"
  std::map<std::string, Status> prepared, launched; ///< refusals, by plan
  std::uint64_t freeBytes = ~std::uint64_t(0);
  std::uint64_t records = 0, replays = 0, resets = 0, damped = 0;
  std::vector<std::uint64_t> moves; ///< of each launch that has any
};

class FakeBackend final : public StencilBackend {
public:
  explicit FakeBackend(Seen &seen) : seen_(seen) {}
  Status open(const modfile::ModuleView &,
              const modfile::StencilView &stencil) override {
    stencil_ = &stencil;
    return {};
  }
  [[nodiscard]] modfile::DeviceFigures figures() const override {
    return modfile::referenceDevice();
  }
  [[nodiscard]] std::vector<modfile::StencilPlanView>
  plans(const modfile::StencilExtent &,
        const modfile::StencilFaces &) const override {
    return stencil_->plans;
  }
  Result<std::uint32_t> load(const modfile::StencilPlanView &plan) override {
    plans_.emplace_back(plan.name);
    return std::uint32_t(plans_.size() - 1);
  }
  Status prepare(std::uint32_t plan, const rk::abi::StencilLaunch &) override {
    return seen_.prepared[plans_[plan]];
  }
  void reset() override {
    ++seen_.resets;
    plans_.clear();
    used_ = 0;
  }
  Result<std::uint64_t> allocate(std::size_t bytes) override {
    if (used_ + bytes > seen_.freeBytes)
      return Status(StatusCode::OutOfMemory, "the fake has no more");
    used_ += bytes;
    return ++addresses_;
  }
  Status clear(std::uint64_t, std::size_t) override { return {}; }
  Status copyIn(std::uint64_t, const void *, std::size_t) override {
    return {};
  }
  Status copyOut(void *, std::uint64_t, std::size_t) override { return {}; }
  Status launch(std::uint32_t plan,
                const rk::abi::StencilLaunch &launch) override {
    Status refused = seen_.launched[plans_[plan]];
    if (refused.isOk())
      seen_.launches.push_back(plans_[plan] + " " +
                               std::to_string(launch.steps));
    if (launch.moveCount != 0)
      seen_.moves.push_back(launch.moveCount);
    return refused;
  }
  [[nodiscard]] bool
  movesInLaunch(modfile::StencilPlanKind kind) const override {
    return kind == modfile::StencilPlanKind::Resident;
  }
  Result<std::uint32_t> loadFunction(std::string_view) override { return 0U; }
  Status launchFunction(std::uint32_t, const void *, std::int64_t) override {
    return {};
  }
  Status fillHalo(const rk::abi::StencilHalo &) override { return {}; }
  Status moveCells(const rk::abi::StencilCells &) override { return {}; }
  Status damp(const rk::abi::StencilDamping &) override {
    ++seen_.damped;
    return {};
  }
  Status reduce(const rk::abi::StencilReduction &) override { return {}; }
  Status search(const rk::abi::StencilSearch &) override { return {}; }
  bool beginRecord() override {
    ++seen_.records;
    return true;
  }
  Status replay() override {
    ++seen_.replays;
    return {};
  }
  Status wait() override { return {}; }
  [[nodiscard]] std::string device() const override { return "Fake GPU"; }

private:
  Seen &seen_;
  const modfile::StencilView *stencil_ = nullptr;
  std::vector<std::string> plans_;
  std::uint64_t used_ = 0, addresses_ = 0;
};

modfile::StencilPlanView plan(const char *name, std::uint32_t height,
                              std::uint32_t steps = 1) {
  modfile::StencilPlanView made;
  made.name = name;
  made.block[0] = 32;
  made.block[1] = made.tile[1] = height;
  made.tile[0] = 128;
  made.steps = steps;
  return made;
}

class Choosing : public ::testing::Test {
protected:
  Choosing() {
    wave.name = "Wave";
    wave.dimensions = 3;
    wave.operations = 11;
    modfile::StencilArrayView array;
    array.name = "pressure";
    array.elementBytes = 4;
    array.isFloat = array.isWritten = true;
    array.levels = array.entries = 2;
    std::fill_n(array.halo, 3, 1U);
    wave.arrays.push_back(array);
    wave.plans = {plan("global", 4), plan("streaming", 16),
                  plan("temporal", 26, 3), plan("resident", 1)};
    wave.plans[0].tile[0] = wave.plans[0].block[0] = 64;
    wave.plans[1].block[1] = 4;
    wave.plans[2].block[1] = 32;
  }

  std::unique_ptr<StencilEngine> make(std::int64_t n,
                                      const StencilOptions &options = {}) {
    auto made =
        StencilEngine::createOn(std::make_unique<FakeBackend>(seen),
                                std::make_shared<runtime::LoadedModule>(), wave,
                                "", {n, n, n}, options);
    status = made.status();
    return made.isOk() ? std::move(*made) : nullptr;
  }
  void run(StencilEngine &engine, std::int64_t steps) {
    seen.launches.clear();
    ASSERT_TRUE(engine.run(steps).isOk());
  }

  modfile::StencilView wave;
  Seen seen;
  Status status;
};

using Launches = std::vector<std::string>;

TEST_F(Choosing, TakesWhatIsPredictedToBeFast) {
  EXPECT_EQ(make(64)->plan(), "resident");
  EXPECT_EQ(make(512)->plan(), "temporal");
  StencilOptions options;
  options.plan = "streaming";
  const auto forced = make(512, options);
  EXPECT_EQ(forced->plan(), "streaming");
  EXPECT_TRUE(forced->choice().isForced);
}

TEST_F(Choosing, ShortRunsAreNotWorthAStart) {
  const auto engine = make(128);
  ASSERT_EQ(engine->plan(), "resident");
  const std::int64_t least = engine->choice().leastSteps;
  ASSERT_GT(least, 2);
  run(*engine, least - 1);
  EXPECT_EQ(seen.launches.size(), std::size_t(least - 1));
  run(*engine, least);
  EXPECT_EQ(seen.launches, Launches{"resident " + std::to_string(least)});
}

TEST_F(Choosing, TakesTheNextWithoutMemory) {
  // Four arrays of temporal do not fit, and two do.
  seen.freeBytes = 3 * std::uint64_t(600 * 520 * 520) * 4;
  const auto engine = make(512);
  ASSERT_TRUE(engine) << status.message();
  EXPECT_EQ(engine->plan(), "streaming");
  EXPECT_EQ(engine->choice().fallbacks,
            Launches{"'temporal', the fake has no more"});
  EXPECT_NE(engine->choice().text().find(
                "given up: 'temporal', the fake has no more\n"),
            std::string::npos);
  seen.freeBytes = 0;
  EXPECT_FALSE(make(512));
  EXPECT_EQ(status.code(), StatusCode::OutOfMemory);
}

TEST_F(Choosing, TakesTheNextIfTheDeviceRefuses) {
  seen.prepared["resident"] =
      Status(StatusCode::InvalidArgument, "too few clusters");
  const auto engine = make(64);
  EXPECT_EQ(engine->plan(), "global");
  EXPECT_EQ(engine->choice().fallbacks,
            Launches{"'resident', too few clusters"});
  EXPECT_EQ(seen.resets, 1U);
  StencilOptions options;
  options.plan = "resident";
  EXPECT_FALSE(make(64, options));
  EXPECT_EQ(status.detail(), "too few clusters");
}

TEST_F(Choosing, GoesOnIfALaunchIsRefused) {
  const auto engine = make(512);
  ASSERT_EQ(engine->plan(), "temporal");
  seen.launched["temporal"] =
      Status(StatusCode::DeviceError, "cuLaunchKernel: too large");
  run(*engine, 7);
  EXPECT_EQ(seen.launches, Launches(7, "streaming 1"));
  EXPECT_EQ(engine->choice().fallbacks,
            Launches{"'temporal' in step 1, cuLaunchKernel: too large"});
  // What cannot make single steps either is an error.
  seen.launched["streaming"] =
      Status(StatusCode::DeviceError, "cuLaunchKernel: lost");
  std::int64_t steps = 3;
  EXPECT_EQ(engine->run(steps).detail(), "cuLaunchKernel: lost");
  EXPECT_EQ(engine->step(), 7);
}

TEST_F(Choosing, ForcedPlansAreNotGivenUp) {
  StencilOptions options;
  options.plan = "temporal";
  const auto engine = make(512, options);
  seen.launched["temporal"] =
      Status(StatusCode::DeviceError, "cuLaunchKernel: too large");
  std::int64_t steps = 7;
  EXPECT_EQ(engine->run(steps).detail(), "cuLaunchKernel: too large");
}

TEST_F(Choosing, StepsThatAreLookedAtAreMadeOneByOne) {
  StencilOptions options;
  options.checksFinite = true;
  const auto engine = make(512, options);
  EXPECT_EQ(engine->plan(), "streaming");
  for (const PlanPrediction &one : engine->choice().predictions)
    if (one.plan == "temporal") {
      EXPECT_EQ(one.refusal,
                "not taken, as StencilOptions::checksFinite is on: its steps "
                "would be made one by one");
    }
}

/// Levels before the newest are damped by the host, as often as steps were made
/// since: once here, as there is one of them.
TEST_F(Choosing, LayersAreDampedWithinLaunches) {
  StencilOptions options;
  options.faces[3] = {Boundary::Absorbing};
  const auto engine = make(512, options);
  ASSERT_EQ(engine->plan(), "temporal");
  run(*engine, 7);
  EXPECT_EQ(seen.launches,
            (Launches{"temporal 3", "temporal 3", "streaming 1"}));
  EXPECT_EQ(seen.damped, 3U);
}

/// A source of eight steps and a probe every five: all that a launch of many
/// steps is told.
TEST_F(Choosing, SourcesAndProbesAreWithinLaunches) {
  StencilOptions options;
  options.plan = "resident";
  const auto engine = make(64, options);
  const GridPoint cell = {3, 4, 5};
  detail::Feed feed{};
  feed.transfer = rk::abi::StencilTransfer::Add;
  feed.scalar = rk::abi::StencilScalar::F32;
  const std::vector<float> values(8, 1);
  ASSERT_TRUE(engine
                  ->feed(0, {&cell, 1}, feed,
                         std::as_bytes(std::span<const float>(values)))
                  .isOk());
  ASSERT_TRUE(engine->probe(0, {&cell, 1}, 5).isOk());
  run(*engine, 12);
  // The source ends with step 8; four steps are made beside the probe alone.
  EXPECT_EQ(seen.launches, (Launches{"resident 8", "resident 4"}));
  EXPECT_EQ(seen.moves, (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(engine->takeRecord(0).steps, (std::vector<std::int64_t>{5, 10}));
}

TEST_F(Choosing, BatchesAreLaunchesOfThePlan) {
  const auto engine = make(512);
  EXPECT_EQ(engine->suitedSteps(1, 100), 3);
  EXPECT_EQ(engine->suitedSteps(5, 100), 3);
  EXPECT_EQ(engine->suitedSteps(7, 100), 6);
  EXPECT_EQ(engine->suitedSteps(1, 2), 2);
  EXPECT_EQ(engine->suitedSteps(100, 7), 7);
}

/// What a boundary knows of the step no longer hinders it.
TEST_F(Choosing, StepsOfATimedBoundaryAreRecorded) {
  wave.boundary.entry = "boundary";
  wave.boundary.sets = 1;
  wave.boundary.levels = 2;
  wave.boundary.readsStep = true;
  StencilOptions options;
  for (Face &face : options.faces)
    face.boundary = Boundary::Function;
  const auto engine = make(512, options);
  ASSERT_TRUE(engine) << status.message();
  run(*engine, 200);
  EXPECT_EQ(seen.records, 1U);
  EXPECT_EQ(seen.replays, 3U);
  EXPECT_EQ(engine->step(), 200);
}

TEST(StencilRemarks, AreAskedForByTheEnvironment) {
  auto asked = [](const char *value) {
    return asksForRemarks([value](const char *) { return value; });
  };
  EXPECT_FALSE(*asked(nullptr));
  EXPECT_FALSE(*asked(""));
  EXPECT_FALSE(*asked("0"));
  EXPECT_TRUE(*asked("1"));
  EXPECT_EQ(asked("yes").status().detail(),
            "RK_STENCIL_REMARKS is 'yes'; it must be 0 or 1");
}

} // namespace
