//===- CudaBackendTest.cpp - The CUDA back end against a fake driver ------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/CudaBackend.h"
#include "FakeDriver.h"
#include "TestProgram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

using namespace rk;
using namespace rk::test;
using namespace std::chrono_literals;
using runtime::cuda::CudaBackend;

namespace {

class Cuda : public testing::Test {
protected:
  Cuda() : driver(resetFakeDriver()) {
    content = ownedCopy(testModule()->view);
    modfile::Image image;
    image.kind = modfile::ImageKind::Cubin;
    image.target = "sm_90";
    image.entry = "rk_kernel";
    image.stackBytes = 4000;
    image.payload.resize(64);
    content.images = {image};
  }

  Result<System> start(const SystemOptions &options = smallOptions(0),
                       LaneMemory laneMemory = LaneMemory::Host) {
    auto module = std::make_shared<runtime::LoadedModule>();
    module->view = modfile::viewOf(content);
    module->buildIndex();
    auto engine = runtime::Engine::start(
        options, module,
        std::make_unique<CudaBackend>(driver, 0, 0, laneMemory), "test");
    if (!engine.isOk())
      return engine.status();
    return runtime::SystemAccess::make(std::move(*engine));
  }

  runtime::cuda::Driver driver;
  modfile::Module content;
};

TEST_F(Cuda, RunsAndFreesEverything) {
  {
    System system = start().value();
    EXPECT_EQ(fakeDriver().gridBlocks, 3u);
    EXPECT_EQ(fakeDriver().blockThreads, 512u);
    EXPECT_EQ(fakeDriver().blockSharedBytes, 16 * rk::abi::DeskBytes);
    EXPECT_GE(fakeDriver().stackBytes, 4000u);
    // 4 groups of 8 lanes and the agent of late answers take 33 of 48 warps.
    EXPECT_EQ(system.description().workers, 15u);
    EXPECT_EQ(system.description().device, "Fake GPU");
    EXPECT_EQ(system.description().driver, "13.0");
    EXPECT_EQ(system.description().image, "cubin sm_90");
    const auto counter = system.spawn<Counter>(40);
    EXPECT_TRUE(system.send(counter, Add{2}).isOk());
    EXPECT_EQ(system.ask(counter, Get{}).get().value, 42);
    EXPECT_TRUE(system.waitIdle(5s).isOk());
    EXPECT_EQ(system.counters().spawned, 1u);
  }
  EXPECT_EQ(fakeDriver().allocations, 0u);
  EXPECT_EQ(fakeDriver().count("streamDestroy"), 3u);
  EXPECT_EQ(fakeDriver().count("moduleUnload"), 1u);
  EXPECT_EQ(fakeDriver().count("primaryContextRelease"), 1u);
}

/// No Vulkan device is the fake GPU.
TEST_F(Cuda, LanesLieInHostMemoryWhereTheDevicesCannotBeWritten) {
  System system = start(smallOptions(0), LaneMemory::Automatic).value();
  EXPECT_EQ(system.description().laneMemory.rfind("host: ", 0), 0u)
      << system.description().laneMemory;
  const auto counter = system.spawn<Counter>(1);
  EXPECT_EQ(system.ask(counter, Get{}).get().value, 1);
}

TEST_F(Cuda, LanesThatMustLieInDeviceMemoryAreRefused) {
  const auto refused = start(smallOptions(0), LaneMemory::Device);
  EXPECT_EQ(refused.code(), StatusCode::InvalidArgument);
  EXPECT_EQ(refused.status().detail().rfind(
                "lanes were to lie in device memory (LaneMemory::Device), "
                "which the host cannot write to: ",
                0),
            0u)
      << refused.status().detail();
  EXPECT_EQ(fakeDriver().allocations, 0u);
}

TEST_F(Cuda, NothingIsLoadedOrFreedWhileAKernelRuns) {
  std::optional<System> first = start().value();
  const auto refused = start();
  EXPECT_EQ(refused.code(), StatusCode::NoDevice);
  EXPECT_EQ(
      refused.status().detail(),
      "this process runs a system on a GPU already, or loads code there, and "
      "the driver cannot load code while a system runs; shut that one down "
      "first");
  EXPECT_EQ(fakeDriver().count("moduleLoad"), 1u);
  EXPECT_TRUE(first->shutdown().isOk());
  {
    System second = start().value();
    const std::size_t before = fakeDriver().count("memoryFree");
    first.reset();
    EXPECT_EQ(fakeDriver().count("memoryFree"), before);
    EXPECT_EQ(fakeDriver().count("moduleUnload"), 0u);
  }
  EXPECT_EQ(fakeDriver().allocations, 0u);
  EXPECT_EQ(fakeDriver().count("moduleUnload"), 2u);
}

TEST_F(Cuda, ErrorsNameTheCallAndTheDriversWords) {
  fakeDriver().fail("launchKernel", 719);
  const auto failed = start();
  EXPECT_EQ(failed.code(), StatusCode::DeviceError);
  EXPECT_EQ(failed.status().message(),
            "DeviceError: the device or its driver failed: cuLaunchKernel: "
            "CUDA_ERROR_FAKE 719 (made up) (read the driver's error in the "
            "message)");
  EXPECT_EQ(fakeDriver().allocations, 0u);
  fakeDriver().fail("launchKernel", 0);
  EXPECT_TRUE(start().isOk()) << "the place was not given back";
}

TEST_F(Cuda, EveryCallOfTheStartMayFail) {
  for (const char *call :
       {"deviceGetAttribute", "primaryContextRetain", "streamCreate",
        "hostAlloc", "moduleLoad", "moduleGetFunction", "functionSetAttribute",
        "memoryInfo", "memoryAlloc", "memoryGranularity", "addressReserve",
        "memoryCreate", "memoryMap", "memorySetAccess", "fillAsync",
        "copyInAsync", "copy2DAsync", "launchKernel"}) {
    driver = resetFakeDriver();
    fakeDriver().fail(call, 1);
    EXPECT_FALSE(start().isOk()) << call;
    EXPECT_EQ(fakeDriver().allocations, 0u) << call;
    EXPECT_EQ(fakeDriver().mappedBytes, 0u) << call;
  }
}

/// Counters have 16 bytes of state; a page of the fake has 2 MiB.
class CudaStates : public Cuda {
protected:
  CudaStates() {
    options.maxActors = 1 << 21;
    options.stateBytes = 32 << 20;
    options.firstStateBytes = 1;
  }
  static constexpr std::uint64_t PageBytes = 2 << 20;
  SystemOptions options = smallOptions(0);
};

TEST_F(CudaStates, GetMemoryAsTheyAreMade) {
  {
    System system = start(options).value();
    EXPECT_EQ(system.memory().stateTaken, PageBytes);
    EXPECT_EQ(system.memory().stateLimit, 32u << 20);
    EXPECT_EQ(system.memory().deviceBytes, system.description().deviceBytes);
    EXPECT_EQ(fakeDriver().count("memoryCreate"), 1u);
    const auto counters = system.spawn_n<Counter>(1'000'000, 5);
    EXPECT_EQ(system.ask(counters[999'999], Get{}).get().value, 5);
    const MemoryUse use = system.memory();
    EXPECT_EQ(use.stateUsed, 16'000'000u);
    EXPECT_GE(use.stateTaken, use.stateUsed);
    EXPECT_LE(use.stateTaken, use.stateLimit);
    EXPECT_EQ(use.deviceBytes,
              system.description().deviceBytes - PageBytes + use.stateTaken);
    EXPECT_EQ(system.counters().waitedSpawns, 1u);
    EXPECT_EQ(system.counters().refusedSpawns, 0u);
    EXPECT_GT(fakeDriver().count("memoryCreate"), 1u);
    EXPECT_TRUE(system.shutdown().isOk());
    EXPECT_EQ(system.memory().stateUsed, 16'000'000u);
  }
  EXPECT_EQ(fakeDriver().allocations, 0u);
  EXPECT_EQ(fakeDriver().mappedBytes, 0u);
}

TEST_F(CudaStates, ADeviceWithoutMoreMemoryRefusesForAWhile) {
  System system = start(options).value();
  fakeDriver().fail("memoryCreate", runtime::cuda::ErrorOutOfMemory);
  EXPECT_EQ(system.trySpawn_n<Counter>(1'000'000).code(),
            StatusCode::StatePoolExhausted);
  EXPECT_EQ(system.counters().refusedSpawns, 1u);
  // What there is can be used, and others run on.
  const auto counters = system.spawn_n<Counter>(100'000, 7);
  EXPECT_EQ(system.ask(counters[99'999], Get{}).get().value, 7);
  EXPECT_EQ(system.memory().stateTaken, PageBytes);
  fakeDriver().fail("memoryCreate", 0);
  bool isMade = false;
  for (int i = 0; i < 200 && !isMade; ++i) {
    std::this_thread::sleep_for(50ms);
    isMade = system.trySpawn_n<Counter>(1'000'000).isOk();
  }
  EXPECT_TRUE(isMade);
}

/// What is created and not mapped, or mapped and not accessible, is given back.
TEST_F(CudaStates, GrowthThatFailsHalfwayLeavesNothing) {
  for (const char *call : {"memoryMap", "memorySetAccess"}) {
    driver = resetFakeDriver();
    {
      System system = start(options).value();
      fakeDriver().fail(call, 1);
      EXPECT_EQ(system.trySpawn_n<Counter>(1'000'000).code(),
                StatusCode::StatePoolExhausted)
          << call;
      EXPECT_EQ(system.memory().stateTaken, PageBytes) << call;
    }
    EXPECT_EQ(fakeDriver().allocations, 0u) << call;
    EXPECT_EQ(fakeDriver().mappedBytes, 0u) << call;
  }
}

TEST_F(CudaStates, AreTakenWholeWhereTheDriverCannotMap) {
  fakeDriver().mapsMemory = false;
  {
    System system = start(options).value();
    EXPECT_EQ(system.memory().stateTaken, 32u << 20);
    EXPECT_EQ(system.spawn_n<Counter>(1'000'000).size(), 1'000'000u);
    EXPECT_EQ(system.counters().waitedSpawns, 0u);
    EXPECT_EQ(fakeDriver().count("addressReserve"), 0u);
  }
  EXPECT_EQ(fakeDriver().allocations, 0u);
}

TEST_F(Cuda, LoadErrorsHaveTheCompilersLogAndTheirOwnCodes) {
  const std::pair<int, StatusCode> cases[] = {
      {runtime::cuda::ErrorUnsupportedPtxVersion, StatusCode::DriverTooOld},
      {runtime::cuda::ErrorNoBinaryForGpu, StatusCode::NoImage},
      {runtime::cuda::ErrorInvalidPtx, StatusCode::CorruptModule},
      {runtime::cuda::ErrorInvalidImage, StatusCode::CorruptModule},
      {runtime::cuda::ErrorOutOfMemory, StatusCode::OutOfMemory},
      {700, StatusCode::DeviceError}};
  for (const auto &[result, code] : cases) {
    driver = resetFakeDriver();
    fakeDriver().jitLog = "line 3: no such thing";
    fakeDriver().fail("moduleLoad", result);
    const auto failed = start();
    EXPECT_EQ(failed.code(), code);
    EXPECT_NE(
        failed.status().detail().find("loading the cubin image for sm_90"),
        std::string::npos);
    EXPECT_NE(failed.status().detail().find("line 3: no such thing"),
              std::string::npos);
  }
}

TEST_F(Cuda, AModuleForAnotherGpu) {
  fakeDriver().major = 8;
  const auto failed = start();
  EXPECT_EQ(failed.code(), StatusCode::NoImage);
  EXPECT_EQ(failed.status().detail(),
            "this GPU is sm_80, and module 'test' has cubin sm_90; add "
            "--arch=sm_80");
}

TEST_F(Cuda, TooLittleMemory) {
  fakeDriver().freeBytes = 300 << 20;
  SystemOptions options = smallOptions(0);
  options.stateBytes = 1 << 30;
  const auto failed = start(options);
  EXPECT_EQ(failed.code(), StatusCode::OutOfMemory);
  EXPECT_EQ(fakeDriver().count("memoryAlloc"), 0u);
}

TEST_F(Cuda, AsManyWorkersAsFit) {
  SystemOptions options = smallOptions(50);
  EXPECT_EQ(fakeDriver().multiprocessors, 3);
  fakeDriver().workers = 50;
  EXPECT_EQ(start(options).value().description().workers, 50u);
  EXPECT_EQ(fakeDriver().gridBlocks, 6u);
  options.workers = 64;
  const auto refused = start(options);
  EXPECT_EQ(refused.status().detail(),
            "SystemOptions::workers is 64; Fake GPU has room for 63 beside 33 "
            "warps for the host");
  options.lanes = 7;
  fakeDriver().multiprocessors = 1;
  EXPECT_EQ(start(options).status().detail(),
            "the kernel needs 58 warps at a time, and Fake GPU has room for "
            "32");
}

TEST_F(Cuda, BlocksShrinkToTheSharedMemory) {
  fakeDriver().sharedBytes = 100 << 10;
  fakeDriver().workers = 3 * 15 - 33;
  EXPECT_EQ(start().value().description().workers, 3u * 15 - 33);
  EXPECT_EQ(fakeDriver().blockThreads, 15u * 32);
}

TEST_F(Cuda, AKernelThatFailsEndsTheRun) {
  System system = start().value();
  const auto counter = system.spawn<Counter>();
  auto pending = system.ask<Total>(counter, Hold{}, 1h);
  fakeDriver().fail("streamQuery", 700);
  const auto result = pending.result();
  EXPECT_EQ(result.code(), StatusCode::DeviceError);
  EXPECT_EQ(
      result.status().detail(),
      "the kernel ended with an error: cuStreamQuery: CUDA_ERROR_FAKE 700 "
      "(made up)");
  EXPECT_EQ(system.send(counter, Add{1}), result.status());
  EXPECT_EQ(system.waitIdle(), result.status());
  EXPECT_EQ(system.status(), result.status());
  // A real kernel would be gone; the fake's agents heard of the end too.
  awaitFakeKernel();
  fakeDriver().fail("streamQuery", 0);
  EXPECT_EQ(system.shutdown(), result.status());
}

TEST_F(Cuda, AKernelThatDoesNotBeginIsGivenUp) {
  SystemOptions options = smallOptions(0);
  options.startTimeout = 50ms;
  fakeDriver().workers = 14; // one warp never runs
  const auto failed = start(options);
  EXPECT_EQ(failed.code(), StatusCode::DeviceError);
  EXPECT_EQ(failed.status().detail(),
            "not every agent began within 50 ms; another program may hold the "
            "device");
  EXPECT_EQ(fakeDriver().allocations, 0u);
}

/// The fake runs no resident kernel, so no such system begins.
class CudaResidents : public Cuda {
protected:
  CudaResidents() {
    content.actors[0].isResident = true;
    fakeDriver().multiprocessors = 20;
    fakeDriver().workers = 1;
    options.startTimeout = 50ms;
  }
  SystemOptions options = smallOptions(0);
};

TEST_F(CudaResidents, HaveAKernelOfTheirOwnInClusters) {
  EXPECT_EQ(start(options).code(), StatusCode::DeviceError);
  const auto &fake = fakeDriver();
  EXPECT_EQ(fake.count("launchKernelWith"), 1u);
  EXPECT_EQ(fake.count("launchKernel"), 1u);
  const auto first = std::ranges::find(fake.calls, "launchKernelWith");
  EXPECT_NE(std::find(first, fake.calls.end(), "launchKernel"),
            fake.calls.end());
  EXPECT_EQ(fake.clusterBlocks, 8u);
  EXPECT_EQ(fake.residentBlocks, 8u);
  EXPECT_EQ(fake.residentThreads % 32, 0u);
  EXPECT_GT(fake.residentSharedBytes, 8 * rk::abi::DeskBytes);
  // The workers have the other multiprocessors.
  EXPECT_EQ(fake.gridBlocks, 12u);
  EXPECT_EQ(fake.allocations, 0u);
}

TEST_F(CudaResidents, WithoutClustersBeforeHopper) {
  fakeDriver().major = 8;
  content.images[0].target = "sm_80";
  EXPECT_EQ(start(options).code(), StatusCode::DeviceError);
  EXPECT_EQ(fakeDriver().count("launchKernelWith"), 1u);
  EXPECT_EQ(fakeDriver().clusterBlocks, 0u);
}

TEST_F(CudaResidents, TooManyAreRefused) {
  options.residents = 1000;
  EXPECT_EQ(start(options).code(), StatusCode::InvalidArgument);
  EXPECT_EQ(fakeDriver().count("launchKernelWith"), 0u);
}

TEST_F(CudaResidents, AreStoppedIfTheWorkersDoNotStart) {
  fakeDriver().runsResidents = true;
  fakeDriver().fail("launchKernel", 719);
  EXPECT_EQ(start(options).code(), StatusCode::DeviceError);
  EXPECT_TRUE(fakeDriver().residentsWereAsked);
  EXPECT_EQ(fakeDriver().allocations, 0u);
  fakeDriver().fail("launchKernel", 0);
  content.actors[0].isResident = false;
  fakeDriver().workers = 20 * 16 - 33;
  EXPECT_TRUE(start().isOk()) << "the place was not given back";
}

TEST_F(CudaResidents, StayWhereOthersMove) {
  options.balance = Balance::Load;
  EXPECT_EQ(start(options).code(), StatusCode::DeviceError) << "not refused";
  EXPECT_EQ(fakeDriver().count("launchKernelWith"), 1u);
}

TEST_F(Cuda, WithoutResidentActorsThereIsOneKernel) {
  const System system = start().value();
  EXPECT_EQ(fakeDriver().count("launchKernelWith"), 0u);
}

TEST(CudaDriver, NoLibraryIsNoDevice) {
  const auto none = runtime::cuda::loadDriver("libdoes-not-exist.so.1");
  EXPECT_EQ(none.code(), StatusCode::NoDevice);
  EXPECT_EQ(none.status().detail(),
            "libdoes-not-exist.so.1: cannot open shared object file: No such "
            "file or directory");
}

TEST(CudaDriver, AnOldLibraryIsTooOld) {
  const auto old = runtime::cuda::loadDriver(RK_OLD_DRIVER);
  EXPECT_EQ(old.code(), StatusCode::DriverTooOld);
  EXPECT_EQ(old.status().detail(),
            std::string("the driver supports CUDA 11.4, at least 12.0 is "
                        "needed; ") +
                RK_OLD_DRIVER + " has no cuGetErrorName");
}

TEST(CudaDriver, VersionsAreReadable) {
  EXPECT_EQ(runtime::cuda::Driver::textOf(13000), "13.0");
  EXPECT_EQ(runtime::cuda::Driver::textOf(12080), "12.8");
}

} // namespace
