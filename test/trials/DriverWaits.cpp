//===- DriverWaits.cpp - What the driver waits for ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes calls into the driver while a kernel runs in another stream, and says
/// which of them wait for its end: what
/// docs/rationale/stencils-beside-actors.md rests on. Needs a GPU. Prints a
/// line for each call.
///
//===----------------------------------------------------------------------===//

#include "cuda/CurrentContext.h"
#include "cuda/Driver.h"

#include <chrono>
#include <cstdio>
#include <functional>
#include <thread>
#include <vector>

using namespace rk::runtime::cuda;

namespace {

constexpr unsigned SharedBytes = 200 << 10;
constexpr std::uint64_t SpinNanoseconds = 400'000'000;
constexpr const char *Code = R"(
.version 7.8
.target sm_90
.address_size 64
.visible .entry spin(.param .u64 time) {
  .reg .u64 %begin, %now, %time;
  .reg .pred %goesOn;
  ld.param.u64 %time, [time];
  mov.u64 %begin, %globaltimer;
again:
  mov.u64 %now, %globaltimer;
  sub.u64 %now, %now, %begin;
  setp.lt.u64 %goesOn, %now, %time;
  @%goesOn bra again;
  ret;
}
.visible .entry small() { ret; }
.visible .entry other() { ret; }
.visible .entry deep(.param .u32 at) {
  .local .align 16 .b8 %stack[16384];
  .reg .u64 %begin, %place;
  .reg .u32 %offset, %value;
  ld.param.u32 %offset, [at];
  cvt.u64.u32 %place, %offset;
  mov.u64 %begin, %stack;
  add.u64 %place, %place, %begin;
  st.local.u32 [%place], %offset;
  ld.local.u32 %value, [%place];
  ret;
}
)";

class Waits {
public:
  explicit Waits(const Driver &driver) : driver_(driver) {}

  /// Makes ready, and prints where this runs.
  bool open() {
    CUdevice device = 0;
    char name[256] = "";
    bool good =
        isGood(driver_.deviceGet(&device, 0)) &&
        isGood(driver_.deviceGetName(name, sizeof(name), device)) &&
        isGood(driver_.deviceGetAttribute(&multiprocessors_,
                                          MultiprocessorCount, device)) &&
        isGood(driver_.primaryContextRetain(&context_, device)) &&
        isGood(driver_.contextPush(context_)) &&
        isGood(driver_.moduleLoad(&module_, Code, 0, nullptr, nullptr)) &&
        isGood(driver_.moduleGetFunction(&spin_, module_, "spin")) &&
        isGood(driver_.moduleGetFunction(&small_, module_, "small")) &&
        isGood(driver_.functionSetAttribute(spin_, MaxDynamicSharedBytes,
                                            int(SharedBytes))) &&
        isGood(driver_.streamCreate(&busy_, StreamNonBlocking, 0)) &&
        isGood(driver_.streamCreate(&stream_, StreamNonBlocking, -1)) &&
        isGood(driver_.memoryAlloc(&memory_, Large)) &&
        isGood(launch(small_)) && isGood(wait());
    page_.resize(Large);
    std::printf("%s, driver %s, %d multiprocessors\n", name,
                driver_.versionText().c_str(), multiprocessors_);
    return good;
  }

  void testMemory();
  void testCopies();
  void testCode();
  void testGraphs();

private:
  static constexpr std::size_t Large = std::size_t(256) << 20;

  static bool isGood(CUresult result) {
    if (result != Success)
      std::printf("error %d\n", result);
    return result == Success;
  }
  CUresult launch(CUfunction kernel) {
    return driver_.launchKernel(kernel, 1, 1, 1, 32, 1, 1, 0, stream_, nullptr,
                                nullptr);
  }
  CUresult wait() { return driver_.streamSynchronize(stream_); }

  /// Says whether `call` waits for a kernel that leaves four multiprocessors.
  void test(const char *what, const std::function<CUresult()> &call) {
    std::uint64_t time = SpinNanoseconds;
    void *arguments[] = {&time};
    driver_.streamSynchronize(busy_);
    if (!isGood(driver_.launchKernel(spin_, unsigned(multiprocessors_ - 4), 1,
                                     1, 512, 1, 1, SharedBytes, busy_,
                                     arguments, nullptr)))
      return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const auto begin = std::chrono::steady_clock::now();
    const CUresult result = call();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    const bool runs = driver_.streamQuery(busy_) == ErrorNotReady;
    std::printf("%-36s %9.3f ms  %s\n", what, taken.count(),
                runs ? "does not wait" : "WAITS for the kernel");
    isGood(result);
  }

  const Driver &driver_;
  int multiprocessors_ = 0;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
  CUfunction spin_ = nullptr, small_ = nullptr;
  CUstream busy_ = nullptr, stream_ = nullptr;
  CUdeviceptr memory_ = 0;
  std::vector<char> page_;
};

void Waits::testMemory() {
  CUdeviceptr device = 0;
  void *host = nullptr;
  test("cuMemAlloc, 256 MiB",
       [&] { return driver_.memoryAlloc(&device, Large); });
  test("cuMemsetD8Async, and wait", [&] {
    driver_.fillAsync(device, 0, Large, stream_);
    return wait();
  });
  test("cuMemFree", [&] { return driver_.memoryFree(device); });
  test("cuMemHostAlloc, 1 MiB",
       [&] { return driver_.hostAlloc(&host, 1 << 20, HostPortable); });
  test("cuMemFreeHost", [&] { return driver_.hostFree(host); });
}

void Waits::testCopies() {
  test("to the device, 256 MiB, and wait", [&] {
    driver_.copyInAsync(memory_, page_.data(), Large, stream_);
    return wait();
  });
  test("to the host, 256 MiB, and wait", [&] {
    driver_.copyOutAsync(page_.data(), memory_, Large, stream_);
    return wait();
  });
}

void Waits::testCode() {
  CUfunction other = nullptr, deep = nullptr;
  CUmodule module = nullptr;
  CUstream stream = nullptr;
  test("cuModuleGetFunction",
       [&] { return driver_.moduleGetFunction(&other, module_, "other"); });
  test("a kernel's first launch, and wait", [&] {
    launch(other);
    return wait();
  });
  test("cuFuncGetAttribute of a kernel", [&] {
    int bytes = 0;
    driver_.moduleGetFunction(&deep, module_, "deep");
    return driver_.functionGetAttribute(&bytes, NumRegisters, deep);
  });
  test("a launch with 16 KiB of stack, and wait", [&] {
    std::uint32_t at = 0;
    void *arguments[] = {&at};
    driver_.launchKernel(deep, 1, 1, 1, 32, 1, 1, 0, stream_, arguments,
                         nullptr);
    return wait();
  });
  test("cuOccupancyMaxActiveClusters", [&] {
    LaunchAttribute cluster{};
    cluster.id = ClusterDimension;
    cluster.value.words[0] = 2;
    cluster.value.words[1] = cluster.value.words[2] = 1;
    LaunchConfig config{};
    config.gridX = 2;
    config.gridY = config.gridZ = 1;
    config.blockX = 32;
    config.blockY = config.blockZ = 1;
    config.attributes = &cluster;
    config.attributeCount = 1;
    int count = 0;
    return driver_.clusterOccupancy(&count, small_, &config);
  });
  test("cuStreamCreateWithPriority",
       [&] { return driver_.streamCreate(&stream, StreamNonBlocking, -1); });
  test("cuStreamDestroy", [&] { return driver_.streamDestroy(stream); });
  test("cuModuleLoadDataEx",
       [&] { return driver_.moduleLoad(&module, Code, 0, nullptr, nullptr); });
  test("cuModuleUnload", [&] { return driver_.moduleUnload(module); });
}

void Waits::testGraphs() {
  CUgraph graph = nullptr;
  CUgraphExec made = nullptr;
  test("capture of 64 launches", [&] {
    driver_.streamBeginCapture(stream_, CaptureModeRelaxed);
    for (int count = 0; count < 64; ++count)
      launch(small_);
    return driver_.streamEndCapture(stream_, &graph);
  });
  test("cuGraphInstantiateWithFlags",
       [&] { return driver_.graphInstantiate(&made, graph, 0); });
  test("cuGraphLaunch, and wait", [&] {
    driver_.graphLaunch(made, stream_);
    return wait();
  });
  test("cuGraphExecDestroy", [&] { return driver_.graphExecDestroy(made); });
}

} // namespace

int main() {
  const rk::Result<Driver> &driver = machineDriver();
  if (!driver.isOk()) {
    std::fprintf(stderr, "rk-driver-waits: %s\n",
                 driver.status().message().c_str());
    return 1;
  }
  Waits waits(*driver);
  if (!waits.open())
    return 1;
  waits.testMemory();
  waits.testCopies();
  waits.testCode();
  waits.testGraphs();
}
