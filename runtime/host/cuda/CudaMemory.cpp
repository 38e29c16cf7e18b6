//===- CudaMemory.cpp - Memory, copies and the end of a run ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/CudaBackend.h"

#include "PacketAccess.h"
#include "RoundUp.h"
#include "cuda/CudaCurrentInternal.h"
#include "cuda/LoadedImages.h"
#include "cuda/ProcessKernel.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>

namespace rk::runtime::cuda {

namespace {

/// How long to look for the kernel's end closely, and how far apart later.
constexpr auto CloseLook = std::chrono::milliseconds(2);
constexpr auto CloseStep = std::chrono::microseconds(5);
constexpr auto WideStep = std::chrono::microseconds(200);

} // namespace

rk::Result<DeviceAddress> CudaBackend::allocateDevice(std::uint64_t bytes) {
  const Current current(driver_, context_);
  CUdeviceptr address = 0;
  const CUresult result = driver_.memoryAlloc(&address, bytes);
  if (result != Success)
    return driver_.check(result, "cuMemAlloc",
                         result == ErrorOutOfMemory ? StatusCode::OutOfMemory
                                                    : StatusCode::DeviceError);
  deviceMemory_.push_back(address);
  return DeviceAddress(address);
}

/// All of it at once where the driver cannot map.
rk::Result<StateBlock> CudaBackend::reserveStates(std::uint64_t bytes,
                                                  std::uint64_t start) {
  int maps = 0;
  if (Status status =
          driver_.check(driver_.deviceGetAttribute(&maps, MapsMemory, device_),
                        "cuDeviceGetAttribute");
      !status.isOk())
    return status;
  if (maps == 0) {
    const std::uint64_t all = roundUp(bytes, abi::ActorArena::ReachUnit);
    rk::Result<DeviceAddress> whole = allocateDevice(all);
    if (!whole.isOk())
      return whole.status();
    return StateBlock{*whole, all};
  }
  const Current current(driver_, context_);
  Status status = states_.reserve(driver_, device_, bytes);
  if (status.isOk())
    status = states_.growTo(driver_, start);
  if (!status.isOk())
    return status;
  return StateBlock{states_.address(), states_.mapped()};
}

rk::Result<std::uint64_t> CudaBackend::growStates(std::uint64_t bytes) {
  const Current current(driver_, context_);
  if (Status status = states_.growTo(driver_, bytes); !status.isOk())
    return status;
  return states_.mapped();
}

rk::Result<HostBlock> CudaBackend::allocateHost(std::uint64_t bytes) {
  const Current current(driver_, context_);
  void *host = nullptr;
  const CUresult result =
      driver_.hostAlloc(&host, bytes, HostPortable | HostDeviceMap);
  if (result != Success)
    return driver_.check(result, "cuMemHostAlloc",
                         result == ErrorOutOfMemory ? StatusCode::OutOfMemory
                                                    : StatusCode::DeviceError);
  hostMemory_.push_back(host);
  CUdeviceptr device = 0;
  if (Status status = driver_.check(driver_.hostDevicePointer(&device, host, 0),
                                    "cuMemHostGetDevicePointer");
      !status.isOk())
    return status;
  std::memset(host, 0, bytes);
  return HostBlock{static_cast<unsigned char *>(host), device};
}

unsigned char *CudaBackend::copyHalf(std::uint64_t done) const {
  return static_cast<unsigned char *>(scratch_) +
         done / CopyHalfBytes % 2 * CopyHalfBytes;
}

/// Waits for the copy stream. `copyMutex_` is held.
/// Vulkan starts while CUDA loads code.
void CudaBackend::prepareWindow() {
  if (laneMemory_ != LaneMemory::Host && canWriteWholePackets())
    windowPrepared_ = std::async(std::launch::async, [this] {
      return prepareDeviceWindow(driver_, device_);
    });
}

Status CudaBackend::windowStatus() const {
  if (windowPrepared_.valid())
    return windowPrepared_.get();
  return Status(StatusCode::NoDevice, laneMemory_ == LaneMemory::Host
                                          ? "as asked"
                                          : "the processor has no AVX-512");
}

rk::Result<LaneBlock> CudaBackend::allocateLanes(std::uint64_t bytes) {
  Status status = windowStatus();
  if (status.isOk()) {
    const Current current(driver_, context_);
    rk::Result<DeviceWindow> window = makeDeviceWindow(driver_, device_, bytes);
    if (window.isOk())
      window_ = std::move(*window);
    status = window.status();
  }
  if (status.isOk()) {
    laneMemoryText_ = "device";
    status = fillZero(window_.device, bytes);
    if (!status.isOk())
      return status;
    return LaneBlock{{window_.host, window_.device}, true};
  }
  if (laneMemory_ == LaneMemory::Device)
    return Status(StatusCode::InvalidArgument,
                  "lanes were to lie in device memory (LaneMemory::Device), "
                  "which the host cannot write to: " +
                      status.detail());
  laneMemoryText_ = "host: " + status.detail();
  return Backend::allocateLanes(bytes);
}

Status CudaBackend::finishCopies(const char *call, CUresult result) {
  if (result != Success)
    return driver_.check(result, call);
  return driver_.check(driver_.streamSynchronize(copyStream_), call);
}

Status CudaBackend::fillZero(DeviceAddress to, std::uint64_t bytes) {
  const Current current(driver_, context_);
  const std::lock_guard lock(copyMutex_);
  return finishCopies("cuMemsetD8Async",
                      driver_.fillAsync(to, 0, bytes, copyStream_));
}

Status CudaBackend::copyIn(DeviceAddress to, const void *from,
                           std::uint64_t bytes) {
  const Current current(driver_, context_);
  const std::lock_guard lock(copyMutex_);
  return finishCopies("cuMemcpyHtoDAsync",
                      driver_.copyInAsync(to, from, bytes, copyStream_));
}

Status CudaBackend::copyInStrided(DeviceAddress to, std::uint64_t stride,
                                  const void *from, std::uint64_t itemBytes,
                                  std::uint64_t count) {
  const Current current(driver_, context_);
  const std::lock_guard lock(copyMutex_);
  Copy2D copy{};
  copy.srcMemoryType = MemoryHost;
  copy.srcHost = from;
  copy.srcPitch = itemBytes;
  copy.dstMemoryType = MemoryDevice;
  copy.dstDevice = to;
  copy.dstPitch = stride;
  copy.widthInBytes = itemBytes;
  copy.height = count;
  return finishCopies("cuMemcpy2DAsync",
                      driver_.copy2DAsync(&copy, copyStream_));
}

/// Through pinned memory: a copy from or to other memory may wait for other
/// streams, and so for the kernel. While one half of it is on the bus, the host
/// copies the other.
Status CudaBackend::copyInRunning(DeviceAddress to, const void *from,
                                  std::uint64_t bytes) {
  const Current current(driver_, context_);
  const std::lock_guard lock(copyMutex_);
  const auto *source = static_cast<const unsigned char *>(from);
  Status status;
  for (std::uint64_t done = 0; done < bytes && status.isOk();
       done += CopyHalfBytes) {
    const auto part = std::min(bytes - done, CopyHalfBytes);
    unsigned char *half = copyHalf(done);
    std::memcpy(half, source + done, part);
    status = finishCopies("cuMemcpyHtoDAsync", Success);
    if (status.isOk())
      status =
          driver_.check(driver_.copyInAsync(to + done, half, part, copyStream_),
                        "cuMemcpyHtoDAsync");
  }
  const Status last = finishCopies("cuMemcpyHtoDAsync", Success);
  return status.isOk() ? last : status;
}

Status CudaBackend::copyOut(void *to, DeviceAddress from, std::uint64_t bytes) {
  const Current current(driver_, context_);
  const std::lock_guard lock(copyMutex_);
  auto *target = static_cast<unsigned char *>(to);
  const auto ask = [&](std::uint64_t done) {
    return done >= bytes
               ? Success
               : driver_.copyOutAsync(copyHalf(done), from + done,
                                      std::min(bytes - done, CopyHalfBytes),
                                      copyStream_);
  };
  Status status = finishCopies("cuMemcpyDtoHAsync", ask(0));
  for (std::uint64_t done = 0; done < bytes && status.isOk();
       done += CopyHalfBytes) {
    const CUresult next = ask(done + CopyHalfBytes);
    std::memcpy(target + done, copyHalf(done),
                std::min(bytes - done, CopyHalfBytes));
    if (done + CopyHalfBytes < bytes)
      status = finishCopies("cuMemcpyDtoHAsync", next);
  }
  return status;
}

std::vector<CUstream> CudaBackend::kernelStreams() const {
  std::vector<CUstream> streams = {kernelStream_, residentStream_};
  streams.insert(streams.end(), teamStreams_.begin(), teamStreams_.end());
  std::erase(streams, nullptr);
  return streams;
}

Status CudaBackend::health() {
  if (ended_.load())
    return {};
  const Current current(driver_, context_);
  for (const CUstream stream : kernelStreams()) {
    const CUresult result = driver_.streamQuery(stream);
    if (result != ErrorNotReady && result != Success)
      return driver_.check(result,
                           "the kernel ended with an error: cuStreamQuery");
  }
  return {};
}

/// A kernel that failed has ended too.
bool CudaBackend::waitEnded(std::chrono::nanoseconds timeout) {
  if (ended_.load())
    return true;
  const Current current(driver_, context_);
  const std::vector<CUstream> streams = kernelStreams();
  const auto begin = std::chrono::steady_clock::now();
  for (;;) {
    if (std::none_of(streams.begin(), streams.end(), [this](CUstream stream) {
          return driver_.streamQuery(stream) == ErrorNotReady;
        })) {
      noteEnded();
      return true;
    }
    const auto waited = std::chrono::steady_clock::now() - begin;
    if (waited >= timeout)
      return false;
    std::this_thread::sleep_for(waited < CloseLook
                                    ? std::chrono::nanoseconds(CloseStep)
                                    : std::chrono::nanoseconds(WideStep));
  }
}

void CudaBackend::noteEnded() {
  ended_.store(true);
  if (holdsPlace_.exchange(false))
    ProcessKernel::release();
}

/// With a kernel that would not end, any call here could wait for ever: all is
/// left to the end of the process, and the place stays taken.
void CudaBackend::close(bool agentsRun) {
  if (closed_)
    return;
  closed_ = true;
  if (agentsRun)
    return;
  noteEnded();
  freeAll();
}

void CudaBackend::freeAll() {
  ProcessKernel::whenFree(
      [driver = driver_, context = context_, device = device_, module = module_,
       kernels = kernelStreams(), copies = copyStream_,
       deviceMemory = deviceMemory_, states = states_, hostMemory = hostMemory_,
       scratch = scratch_, releaseWindow = window_.release]() mutable {
        if (!context)
          return;
        {
          const Current current(driver, context);
          for (const CUdeviceptr address : deviceMemory)
            driver.memoryFree(address);
          states.release(driver);
          if (releaseWindow)
            releaseWindow();
          for (void *address : hostMemory)
            driver.hostFree(address);
          if (scratch)
            driver.hostFree(scratch);
          for (const CUstream stream : kernels)
            driver.streamDestroy(stream);
          if (copies)
            driver.streamDestroy(copies);
          if (module && LoadedImages::release(device, module))
            driver.moduleUnload(module);
        }
        driver.primaryContextRelease(device);
      });
}

} // namespace rk::runtime::cuda
