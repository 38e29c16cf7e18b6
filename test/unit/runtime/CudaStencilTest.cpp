//===- CudaStencilTest.cpp - Stencils and a system on one GPU -------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What is decided before anything reaches a GPU: who may load, what a system
/// leaves, and what becomes of steps that do not end. The driver is the fake.
///
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"
#include "TestProgram.h"

#include "Engine.h"
#include "cuda/CudaBackend.h"
#include "cuda/LoadedImages.h"
#include "cuda/ProcessKernel.h"
#include "cuda/StencilCode.h"
#include "stencil/CudaStencil.h"

#include "rk/abi/StencilResident.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

using namespace rk;
using namespace rk::test;
using namespace rk::runtime::cuda;
using namespace std::chrono_literals;

namespace {

modfile::Module moduleWith(std::byte content) {
  modfile::Module module = ownedCopy(testModule()->view);
  modfile::Image image;
  image.kind = modfile::ImageKind::Cubin;
  image.target = "sm_90";
  image.entry = "rk_kernel";
  image.payload.assign(64, content);
  module.images = {image};
  return module;
}

class Beside : public ::testing::Test {
protected:
  Beside()
      : driver(resetFakeDriver()), content(moduleWith(std::byte(1))),
        other(moduleWith(std::byte(2))) {
    fakeDriver().multiprocessors = 4;
    shape.dimensions = 1;
  }
  ~Beside() override { awaitFakeKernel(); }

  Result<System> start() {
    auto module = std::make_shared<runtime::LoadedModule>();
    module->view = modfile::viewOf(content);
    module->buildIndex();
    // 33 warps serve the host.
    fakeDriver().workers =
        16 * (4 - std::min(options.freeMultiprocessors, 3U)) - 33;
    auto engine = runtime::Engine::start(
        options, module, std::make_unique<CudaBackend>(driver, 0, 0), "test");
    if (!engine.isOk())
      return engine.status();
    return runtime::SystemAccess::make(std::move(*engine));
  }

  /// Opens a stencil of a module.
  Status open(std::unique_ptr<runtime::StencilBackend> &stencil,
              const modfile::Module &module) {
    stencil = makeStencil(driver, 0, 30ms);
    return stencil->open(modfile::viewOf(module), shape);
  }

  runtime::cuda::Driver driver;
  modfile::Module content, other;
  modfile::StencilView shape{};
  SystemOptions options = smallOptions(0);
  std::unique_ptr<runtime::StencilBackend> stencil;
};

TEST_F(Beside, ASystemLeavesMultiprocessors) {
  options.freeMultiprocessors = 1;
  {
    System system = start().value();
    EXPECT_EQ(fakeDriver().gridBlocks, 3U);
    EXPECT_EQ(system.description().workers, 15U);
    EXPECT_EQ(ProcessKernel::left(0), 1U);
    EXPECT_EQ(ProcessKernel::left(1), std::nullopt);
  }
  EXPECT_EQ(ProcessKernel::left(0), std::nullopt);
  options.freeMultiprocessors = 4;
  EXPECT_EQ(start().status().detail(),
            "SystemOptions::freeMultiprocessors is 4, and Fake GPU has 4; "
            "leave one at least to the system");
  EXPECT_EQ(fakeDriver().allocations, 0U);
}

TEST_F(Beside, ASystemMustLeaveSomeToStencils) {
  ASSERT_TRUE(open(stencil, content).isOk());
  const auto refused = start();
  EXPECT_EQ(refused.code(), StatusCode::InvalidArgument);
  EXPECT_EQ(refused.status().detail(),
            "this process has stencils on Fake GPU, and the system would take "
            "all of its 4 multiprocessors; leave some to them with "
            "SystemOptions::freeMultiprocessors");
  EXPECT_FALSE(stencil->isShared());
  options.freeMultiprocessors = 1;
  System system = start().value();
  EXPECT_TRUE(stencil->isShared());
}

/// A driver that loads a kernel at its first use may wait for the system's.
TEST_F(Beside, TheCodeOfStencilsIsLoadedBeforeASystemRuns) {
  modfile::Stencil wave;
  wave.name = "Wave";
  wave.plans.resize(2);
  wave.plans[0].name = "global";
  wave.plans[0].entry = "wave_global"; // and one for layers
  wave.plans[1].name = "resident";
  wave.plans[1].entry = "wave_resident";
  wave.boundary.entry = "wave_boundary";
  wave.reductions.resize(1);
  wave.reductions[0].entry = "wave_sum";
  wave.reductions[0].foldEntry = "wave_fold";
  content.stencils = {wave};
  options.freeMultiprocessors = 1;
  {
    const System system = start().value();
  }
  awaitFakeKernel();
  const auto &calls = fakeDriver().calls;
  const auto launched =
      std::find_if(calls.begin(), calls.end(), [](const std::string &call) {
        return call.starts_with("launchKernel");
      });
  ASSERT_NE(launched, calls.end());
  EXPECT_EQ(std::count(calls.begin(), launched, "functionGetAttribute"),
            StencilServiceNames.size() + 2 +
                std::size(rk::abi::ResidentSuffixes) + 1 + 2);
}

TEST_F(Beside, AStencilWhoseCodeCannotBeLoaded) {
  content.stencils = {modfile::Stencil{}};
  fakeDriver().failures["functionGetAttribute"] = 2;
  EXPECT_NE(open(stencil, content).detail().find("cuFuncGetAttribute"),
            std::string::npos);
}

TEST_F(Beside, AStencilNeedsCodeThatIsLoaded) {
  options.freeMultiprocessors = 1;
  {
    System system = start().value();
    // The system's own module has its code.
    EXPECT_TRUE(open(stencil, content).isOk());
    EXPECT_EQ(fakeDriver().count("moduleLoad"), 1U);
    EXPECT_EQ(stencil->figures().multiprocessors, 1U);
    std::unique_ptr<runtime::StencilBackend> another;
    const Status refused = open(another, other);
    EXPECT_EQ(refused.code(), StatusCode::NoDevice);
    EXPECT_EQ(refused.detail(),
              "this process runs a system on a GPU, and the driver cannot load "
              "the code of module 'test' while it runs; make the stencil "
              "before the system, or put the actors into the same module, or "
              "run the stencil with BackendKind::Cpu");
  }
  awaitFakeKernel();
  // The stencil still uses it.
  EXPECT_EQ(fakeDriver().count("moduleUnload"), 0U);
  stencil.reset();
  EXPECT_EQ(fakeDriver().count("moduleUnload"), 1U);
}

TEST_F(Beside, AStencilIsRefusedWhereNothingIsLeft) {
  System system = start().value();
  const Status refused = open(stencil, content);
  EXPECT_EQ(refused.code(), StatusCode::NoDevice);
  EXPECT_EQ(refused.detail(),
            "a system of this process takes all multiprocessors of Fake GPU; "
            "leave some with SystemOptions::freeMultiprocessors, or run the "
            "stencil with BackendKind::Cpu");
}

TEST_F(Beside, MemoryIsFreedWhenTheSystemHasEnded) {
  ASSERT_TRUE(open(stencil, content).isOk());
  options.freeMultiprocessors = 1;
  System system = start().value();
  ASSERT_TRUE(stencil->allocate(4096).isOk());
  const auto freed = fakeDriver().count("memoryFree");
  stencil.reset();
  EXPECT_EQ(fakeDriver().count("memoryFree"), freed);
  ASSERT_TRUE(system.shutdown().isOk());
  EXPECT_GT(fakeDriver().count("memoryFree"), freed);
}

TEST_F(Beside, StepsThatDoNotEndAreNoticed) {
  ASSERT_TRUE(open(stencil, content).isOk());
  const auto memory = stencil->allocate(4096);
  ASSERT_TRUE(memory.isOk());
  EXPECT_TRUE(stencil->wait().isOk());
  options.freeMultiprocessors = 1;
  System system = start().value();
  // The fake's streams are all busy while the system runs.
  const Status status = stencil->wait();
  EXPECT_EQ(status.code(), StatusCode::DeviceError);
  EXPECT_EQ(status.detail(),
            "steps did not end in 30 ms (StencilOptions::patience) beside a "
            "system of this process, which leaves 1 multiprocessors; leave "
            "more with SystemOptions::freeMultiprocessors, or make the grid "
            "smaller");
  // From then on nothing waits any more.
  char byte = 0;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(stencil->copyOut(&byte, *memory, 1), status);
  EXPECT_EQ(stencil->copyIn(*memory, &byte, 1), status);
  stencil.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20ms);
}

TEST(ProcessKernel, IsNotClaimedWhileCodeIsLoaded) {
  ASSERT_TRUE(ProcessKernel::beginLoading());
  EXPECT_FALSE(ProcessKernel::claim(10ms));
  auto claimed =
      std::async(std::launch::async, [] { return ProcessKernel::claim(10s); });
  EXPECT_EQ(claimed.wait_for(10ms), std::future_status::timeout);
  ProcessKernel::endLoading();
  EXPECT_TRUE(claimed.get());
  EXPECT_FALSE(ProcessKernel::beginLoading());
  EXPECT_FALSE(ProcessKernel::claim());
  ProcessKernel::release();
}

TEST(LoadedImages, AreUnloadedByTheLastUser) {
  const std::vector<std::byte> one(10, std::byte(1)), two(10, std::byte(2));
  auto *module = reinterpret_cast<CUmodule>(100);
  LoadedImages::add(0, one, module);
  EXPECT_EQ(LoadedImages::share(1, one), nullptr);
  EXPECT_EQ(LoadedImages::share(0, two), nullptr);
  EXPECT_EQ(LoadedImages::share(0, one), module);
  EXPECT_FALSE(LoadedImages::release(0, module));
  EXPECT_TRUE(LoadedImages::release(0, module));
  EXPECT_EQ(LoadedImages::share(0, one), nullptr);
}

} // namespace
