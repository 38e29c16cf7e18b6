//===- FakeDriver.cpp - The functions of the fake driver ------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "FakeDriver.h"

#include "rk/abi/Runtime.h"

#include "rk/abi/Stepping.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include <sys/mman.h>

extern "C" void rk_agent_run(const rk::abi::Launch *launch, std::uint32_t agent,
                             const rk::abi::Stepping *stepping);

namespace rk::test {

using namespace runtime::cuda;

namespace {

constexpr std::size_t FakePageBytes = 2 << 20;

std::mutex mutex;
std::atomic<int> alive{0};
std::atomic<bool> residentsAlive{false};

/// Notes a call; returns what it was told to return.
int note(const char *name) {
  const std::lock_guard lock(mutex);
  FakeDriver &fake = fakeDriver();
  fake.calls.emplace_back(name);
  const auto found = fake.failures.find(name);
  return found == fake.failures.end() ? 0 : found->second;
}

void *allocate(std::size_t bytes) {
  const std::lock_guard lock(mutex);
  ++fakeDriver().allocations;
  return std::aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
}
void release(void *memory) {
  const std::lock_guard lock(mutex);
  --fakeDriver().allocations;
  std::free(memory);
}
void *pointer(CUdeviceptr address) { return reinterpret_cast<void *>(address); }

void fillDevice(Driver &driver) {
  driver.init = [](unsigned) { return note("init"); };
  driver.driverGetVersion = [](int *version) { return *version = 13000, 0; };
  driver.getErrorName = [](CUresult, const char **text) {
    return *text = "CUDA_ERROR_FAKE", 0;
  };
  driver.getErrorString = [](CUresult, const char **text) {
    return *text = "made up", 0;
  };
  driver.deviceGetCount = [](int *count) { return *count = 1, 0; };
  driver.deviceGet = [](CUdevice *device, int) { return *device = 0, 0; };
  driver.deviceGetName = [](char *name, int bytes, CUdevice) {
    std::snprintf(name, std::size_t(bytes), "Fake GPU");
    return 0;
  };
  driver.deviceGetAttribute = [](int *value, int attribute, CUdevice) {
    const FakeDriver &fake = fakeDriver();
    *value = attribute == ComputeCapabilityMajor   ? fake.major
             : attribute == ComputeCapabilityMinor ? fake.minor
             : attribute == SharedBytesPerBlock    ? fake.sharedBytes
             : attribute == MapsMemory             ? int(fake.mapsMemory)
                                                   : fake.multiprocessors;
    return note("deviceGetAttribute");
  };
  driver.deviceGetUuid = [](CUuuid *uuid, CUdevice) {
    return *uuid = {"no GPU at all"}, note("deviceGetUuid");
  };
  driver.primaryContextRetain = [](CUcontext *context, CUdevice) {
    *context = reinterpret_cast<CUcontext>(1);
    return note("primaryContextRetain");
  };
  driver.primaryContextRelease = [](CUdevice) {
    return note("primaryContextRelease");
  };
  driver.contextPush = [](CUcontext) { return 0; };
  driver.contextPop = [](CUcontext *) { return 0; };
  driver.contextGetLimit = [](std::size_t *value, int) {
    return *value = fakeDriver().stackBytes, 0;
  };
  driver.contextSetLimit = [](int, std::size_t value) {
    return fakeDriver().stackBytes = value, 0;
  };
  driver.contextPriorityRange = [](int *least, int *greatest) {
    return *least = 0, *greatest = -5, 0;
  };
}

void fillCode(Driver &driver) {
  driver.moduleLoad = [](CUmodule *module, const void *, unsigned count,
                         int *options, void **values) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == JitErrorLogBuffer)
        std::strcpy(static_cast<char *>(values[i]),
                    fakeDriver().jitLog.c_str());
    *module = reinterpret_cast<CUmodule>(2);
    return note("moduleLoad");
  };
  driver.moduleUnload = [](CUmodule) { return note("moduleUnload"); };
  driver.moduleGetFunction = [](CUfunction *, CUmodule, const char *) {
    return note("moduleGetFunction");
  };
  driver.functionGetAttribute = [](int *value, int, CUfunction) {
    return *value = 32, note("functionGetAttribute");
  };
  driver.functionSetAttribute = [](CUfunction, int, int) {
    return note("functionSetAttribute");
  };
  driver.occupancy = [](int *blocks, CUfunction, int, std::size_t) {
    return *blocks = fakeDriver().blocksPerMultiprocessor, 0;
  };
  driver.launchKernel = [](CUfunction, unsigned gridX, unsigned, unsigned,
                           unsigned blockX, unsigned, unsigned,
                           unsigned sharedBytes, CUstream, void **arguments,
                           void **) {
    FakeDriver &fake = fakeDriver();
    fake.gridBlocks = gridX;
    fake.blockThreads = blockX;
    fake.blockSharedBytes = sharedBytes;
    const int result = note("launchKernel");
    if (result != 0)
      return result;
    // By value, as a kernel takes it.
    const auto launch = std::make_shared<const abi::Launch>(
        *static_cast<const abi::Launch *>(arguments[0]));
    alive = int(fake.workers);
    for (std::uint32_t i = 0; i < fake.workers; ++i)
      std::thread([launch, i] {
        rk_agent_run(launch.get(), i, nullptr);
        --alive;
      }).detach();
    return 0;
  };
}

/// Stands for the resident kernel: ends when the host asks, or after 10 s.
void runFakeResidents(const abi::Control *control) {
  const auto limit =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  bool asked = false;
  while (!asked && std::chrono::steady_clock::now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    asked = __atomic_load_n(&control->request, __ATOMIC_ACQUIRE) ==
            std::uint32_t(abi::Phase::Stopping);
  }
  {
    const std::lock_guard lock(mutex);
    fakeDriver().residentsWereAsked = asked;
  }
  residentsAlive = false;
}

void fillResidentLaunch(Driver &driver) {
  driver.launchKernelWith = [](const LaunchConfig *config, CUfunction,
                               void **arguments, void **) {
    FakeDriver &fake = fakeDriver();
    fake.residentBlocks = config->gridX;
    fake.residentThreads = config->blockX;
    fake.residentSharedBytes = config->sharedBytes;
    fake.clusterBlocks = 0;
    for (unsigned i = 0; i < config->attributeCount; ++i)
      if (config->attributes[i].id == ClusterDimension)
        fake.clusterBlocks = config->attributes[i].value.words[0];
    const int result = note("launchKernelWith");
    if (result == 0 && fake.runsResidents) {
      residentsAlive = true;
      std::thread(runFakeResidents,
                  static_cast<const abi::Launch *>(arguments[0])->control)
          .detach();
    }
    return result;
  };
}

void fillMemory(Driver &driver) {
  driver.memoryInfo = [](std::size_t *free, std::size_t *total) {
    return *free = *total = fakeDriver().freeBytes, note("memoryInfo");
  };
  driver.memoryAlloc = [](CUdeviceptr *address, std::size_t bytes) {
    if (const int result = note("memoryAlloc"))
      return result;
    *address = reinterpret_cast<CUdeviceptr>(allocate(bytes));
    return 0;
  };
  driver.memoryFree = [](CUdeviceptr address) {
    return release(pointer(address)), note("memoryFree");
  };
  driver.hostAlloc = [](void **address, std::size_t bytes, unsigned) {
    if (const int result = note("hostAlloc"))
      return result;
    *address = allocate(bytes);
    return 0;
  };
  driver.hostFree = [](void *address) {
    return release(address), note("hostFree");
  };
  driver.hostDevicePointer = [](CUdeviceptr *address, void *host, unsigned) {
    return *address = reinterpret_cast<CUdeviceptr>(host), 0;
  };
  driver.fillAsync = [](CUdeviceptr address, unsigned char value,
                        std::size_t bytes, CUstream) {
    return std::memset(pointer(address), value, bytes), note("fillAsync");
  };
  driver.copyInAsync = [](CUdeviceptr to, const void *from, std::size_t bytes,
                          CUstream) {
    // A word may be one that agents read meanwhile. Release: a copy comes
    // behind what the host did before.
    std::uint64_t word = 0;
    if (bytes != sizeof(word))
      return std::memcpy(pointer(to), from, bytes), note("copyInAsync");
    std::memcpy(&word, from, sizeof(word));
    __atomic_store_n(static_cast<std::uint64_t *>(pointer(to)), word,
                     __ATOMIC_RELEASE);
    return note("copyInAsync");
  };
  driver.copyOutAsync = [](void *to, CUdeviceptr from, std::size_t bytes,
                           CUstream) {
    auto *words = static_cast<std::uint32_t *>(to);
    const auto *source = static_cast<const std::uint32_t *>(pointer(from));
    for (std::size_t i = 0; i < bytes / 4; ++i)
      words[i] = __atomic_load_n(&source[i], __ATOMIC_RELAXED);
    return note("copyOutAsync");
  };
  driver.copy2DAsync = [](const Copy2D *copy, CUstream) {
    for (std::size_t row = 0; row < copy->height; ++row)
      std::memcpy(pointer(copy->dstDevice + row * copy->dstPitch),
                  static_cast<const char *>(copy->srcHost) +
                      row * copy->srcPitch,
                  copy->widthInBytes);
    return note("copy2DAsync");
  };
  driver.streamCreate = [](CUstream *stream, unsigned, int priority) {
    // The kernel's stream has the lowest priority.
    *stream = reinterpret_cast<CUstream>(priority == 0 ? 10 : 11);
    return note("streamCreate");
  };
  driver.streamDestroy = [](CUstream) { return note("streamDestroy"); };
  driver.streamQuery = [](CUstream) {
    const int failure = note("streamQuery");
    return failure != 0 ? failure
           : alive.load() != 0 || residentsAlive.load()
               ? int(ErrorNotReady)
               : fakeDriver().kernelResult;
  };
  driver.streamSynchronize = [](CUstream) { return note("streamSynchronize"); };
}

/// Addresses are the process's, and what is mapped can be read and written.
void fillMapping(Driver &driver) {
  driver.memoryGranularity = [](std::size_t *bytes, const MemoryProperties *,
                                int) {
    return *bytes = FakePageBytes, note("memoryGranularity");
  };
  driver.addressReserve = [](CUdeviceptr *address, std::size_t bytes,
                             std::size_t, CUdeviceptr, unsigned long long) {
    if (const int result = note("addressReserve"))
      return result;
    const std::lock_guard lock(mutex);
    ++fakeDriver().allocations;
    *address = reinterpret_cast<CUdeviceptr>(
        mmap(nullptr, bytes, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    return 0;
  };
  driver.addressFree = [](CUdeviceptr address, std::size_t bytes) {
    const std::lock_guard lock(mutex);
    --fakeDriver().allocations;
    return munmap(pointer(address), bytes);
  };
  driver.memoryCreate = [](CUmemoryHandle *memory, std::size_t bytes,
                           const MemoryProperties *, unsigned long long) {
    if (const int result = note("memoryCreate"))
      return result;
    const std::lock_guard lock(mutex);
    if (bytes % FakePageBytes != 0)
      return 1;
    ++fakeDriver().allocations;
    *memory = bytes;
    return 0;
  };
  driver.memoryRelease = [](CUmemoryHandle) {
    const std::lock_guard lock(mutex);
    --fakeDriver().allocations;
    return 0;
  };
  driver.memoryMap = [](CUdeviceptr, std::size_t bytes, std::size_t,
                        CUmemoryHandle, unsigned long long) {
    if (const int result = note("memoryMap"))
      return result;
    const std::lock_guard lock(mutex);
    fakeDriver().mappedBytes += bytes;
    return 0;
  };
  driver.memorySetAccess = [](CUdeviceptr address, std::size_t bytes,
                              const MemoryAccess *, std::size_t) {
    if (const int result = note("memorySetAccess"))
      return result;
    return mprotect(pointer(address), bytes, PROT_READ | PROT_WRITE);
  };
  driver.memoryUnmap = [](CUdeviceptr address, std::size_t bytes) {
    const std::lock_guard lock(mutex);
    fakeDriver().mappedBytes -= bytes;
    return mprotect(pointer(address), bytes, PROT_NONE);
  };
}

} // namespace

void FakeDriver::fail(const std::string &call, int result) {
  const std::lock_guard lock(mutex);
  failures[call] = result;
}

std::size_t FakeDriver::count(const std::string &call) const {
  const std::lock_guard lock(mutex);
  return std::size_t(std::ranges::count(calls, call));
}

FakeDriver &fakeDriver() {
  static FakeDriver fake;
  return fake;
}

void awaitFakeKernel() {
  while (alive.load() != 0 || residentsAlive.load())
    std::this_thread::yield();
}

Driver resetFakeDriver() {
  {
    const std::lock_guard lock(mutex);
    fakeDriver() = {};
  }
  Driver driver{};
  fillDevice(driver);
  fillCode(driver);
  fillResidentLaunch(driver);
  fillMemory(driver);
  fillMapping(driver);
  driver.version = 13000;
  return driver;
}

} // namespace rk::test
