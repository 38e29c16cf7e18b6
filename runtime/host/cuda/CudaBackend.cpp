//===- CudaBackend.cpp - Opening a GPU and loading code -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/CudaBackend.h"

#include "Places.h"
#include "cuda/CudaCurrentInternal.h"
#include "cuda/ImageChoice.h"
#include "cuda/LoadedImages.h"
#include "cuda/ProcessKernel.h"
#include "cuda/StencilCode.h"

#include <algorithm>

namespace rk::runtime {

Result<std::unique_ptr<Backend>> makeCudaBackend(int device,
                                                 LaneMemory laneMemory) {
  const Result<cuda::Driver> &driver = cuda::machineDriver();
  if (!driver.isOk())
    return driver.status();
  cuda::CUdevice handle = 0;
  const cuda::CUresult result = driver->deviceGet(&handle, device);
  if (result != cuda::Success) {
    int count = 0;
    driver->deviceGetCount(&count);
    return Status(StatusCode::NoDevice,
                  "GPU " + std::to_string(device) + " of " +
                      std::to_string(count) + ": " +
                      driver->check(result, "cuDeviceGet").detail());
  }
  return std::unique_ptr<Backend>(
      std::make_unique<cuda::CudaBackend>(*driver, device, handle, laneMemory));
}

} // namespace rk::runtime

namespace rk::runtime::cuda {

namespace {

/// The kernel is compiled for this many at most.
constexpr std::uint32_t MostWarpsPerBlock = 16;
/// Rings of a host thread. Of host memory, enough packets under way to fill the
/// bus.
constexpr std::uint32_t RingsPerGroup = 8;
/// Of device memory, where a warp that looks at an empty ring disturbs nobody:
/// as many as pass on what a thread can send.
constexpr std::uint32_t WindowRingsPerGroup = 16;
constexpr std::uint64_t DefaultMessageBytes = 1ull << 30;
/// Left free: the driver's own needs while the kernel runs.
constexpr std::uint64_t SpareBytes = 256ull << 20;
constexpr std::size_t JitLogBytes = 8192;
/// Added to what ptxas found, for calls whose depth it cannot know.
constexpr std::size_t SpareStackBytes = 2048;

} // namespace

Status CudaBackend::open(const modfile::ModuleView &module) {
  if (!ProcessKernel::claim())
    return Status(StatusCode::NoDevice,
                  "this process runs a system on a GPU already, or loads code "
                  "there, and the driver cannot load code while a system "
                  "runs; shut that one down first");
  holdsPlace_.store(true);
  prepareWindow();
  if (Status status = openContext(); !status.isOk())
    return status;
  const Current current(driver_, context_);
  auto image = chooseImage(module, major_, minor_);
  if (!image.isOk())
    return image.status();
  if (Status status = openStreams(); !status.isOk())
    return status;
  return loadImage(module, **image);
}

Status CudaBackend::openContext() {
  char name[256] = "";
  int major = 0, minor = 0, multiprocessors = 0;
  const CUresult results[] = {
      driver_.deviceGetName(name, sizeof(name), device_),
      driver_.deviceGetAttribute(&major, ComputeCapabilityMajor, device_),
      driver_.deviceGetAttribute(&minor, ComputeCapabilityMinor, device_),
      driver_.deviceGetAttribute(&multiprocessors, MultiprocessorCount,
                                 device_)};
  for (const CUresult result : results)
    if (Status status = driver_.check(result, "cuDeviceGetAttribute");
        !status.isOk())
      return status;
  name_ = name;
  major_ = std::uint32_t(major);
  minor_ = std::uint32_t(minor);
  multiprocessors_ = std::uint32_t(multiprocessors);
  return driver_.check(driver_.primaryContextRetain(&context_, device_),
                       "cuDevicePrimaryCtxRetain");
}

/// The kernel gets the lowest priority, so that copies and kernels of the user
/// come first where they compete.
Status CudaBackend::openStreams() {
  int least = 0, greatest = 0;
  driver_.contextPriorityRange(&least, &greatest);
  Status status;
  for (CUstream *stream : {&kernelStream_, &residentStream_})
    if (status.isOk())
      status =
          driver_.check(driver_.streamCreate(stream, StreamNonBlocking, least),
                        "cuStreamCreateWithPriority");
  if (status.isOk())
    status = driver_.check(
        driver_.streamCreate(&copyStream_, StreamNonBlocking, greatest),
        "cuStreamCreateWithPriority");
  if (status.isOk())
    status = driver_.check(
        driver_.hostAlloc(&scratch_, CopyScratchBytes, HostPortable),
        "cuMemHostAlloc");
  return status;
}

Status CudaBackend::loadImage(const modfile::ModuleView &module,
                              const modfile::ImageView &image) {
  // PTX is text and must end with a zero, which the file does not promise.
  std::vector<char> bytes(image.payload.size() + 1, 0);
  std::transform(image.payload.begin(), image.payload.end(), bytes.begin(),
                 [](std::byte byte) { return char(byte); });
  std::vector<char> log(JitLogBytes, 0);
  int options[] = {JitErrorLogBuffer, JitErrorLogBytes};
  void *values[] = {log.data(), reinterpret_cast<void *>(JitLogBytes - 1)};
  const CUresult result =
      driver_.moduleLoad(&module_, bytes.data(), 2, options, values);
  if (result != Success)
    return loadError(result, image, log.data());
  LoadedImages::add(device_, image.payload, module_);
  const std::string entry(image.entry);
  if (driver_.moduleGetFunction(&kernel_, module_, entry.c_str()) != Success)
    return Status(StatusCode::CorruptModule,
                  "the " + std::string(modfile::imageKindName(image.kind)) +
                      " image of module '" + std::string(module.name) +
                      "' has no kernel " + entry);
  if (Status status = fitBlock(); !status.isOk())
    return status;
  if (Status status = loadStencilCode(driver_, module_, module); !status.isOk())
    return status;
  residentStateBytes_ = residentStateBytes(module);
  if (residentStateBytes_ != 0)
    if (Status status = residentKernel_.load(driver_, device_, module_, major_);
        !status.isOk())
      return status;
  if (Status status =
          teamKernel_.load(driver_, device_, module_, major_, module);
      !status.isOk())
    return status;
  const TeamNeeds needs = teamNeeds(module);
  int least = 0, greatest = 0;
  driver_.contextPriorityRange(&least, &greatest);
  for (std::uint32_t kind = 0; kind < abi::TeamKinds; ++kind)
    if (needs[kind])
      if (Status status =
              driver_.check(driver_.streamCreate(&teamStreams_[kind],
                                                 StreamNonBlocking, least),
                            "cuStreamCreateWithPriority");
          !status.isOk())
        return status;
  imageName_ = std::string(modfile::imageKindName(image.kind)) + " " +
               std::string(image.target);
  return reserveStack(image);
}

/// Gives a block as many warps as there is shared memory for.
Status CudaBackend::fitBlock() {
  int sharedBytes = 0;
  Status status = driver_.check(
      driver_.deviceGetAttribute(&sharedBytes, SharedBytesPerBlock, device_),
      "cuDeviceGetAttribute");
  if (!status.isOk())
    return status;
  warpsPerBlock_ =
      std::min(std::uint32_t(sharedBytes) / abi::DeskBytes, MostWarpsPerBlock);
  sharedBytes_ = warpsPerBlock_ * abi::DeskBytes;
  status = driver_.check(driver_.functionSetAttribute(
                             kernel_, MaxDynamicSharedBytes, int(sharedBytes_)),
                         "cuFuncSetAttribute");
  if (!status.isOk())
    return status;
  int blocks = 0;
  status =
      driver_.check(driver_.occupancy(&blocks, kernel_,
                                      int(warpsPerBlock_ * 32), sharedBytes_),
                    "cuOccupancyMaxActiveBlocksPerMultiprocessor");
  blocksPerMultiprocessor_ = std::uint32_t(blocks);
  return status;
}

Status CudaBackend::loadError(CUresult result, const modfile::ImageView &image,
                              const char *log) const {
  std::string text = "loading the " +
                     std::string(modfile::imageKindName(image.kind)) +
                     " image for " + std::string(image.target) +
                     ": cuModuleLoadDataEx: " + driver_.errorText(result);
  if (*log)
    text += std::string(": ") + log;
  switch (result) {
  case ErrorOutOfMemory:
    return Status(StatusCode::OutOfMemory, std::move(text));
  case ErrorUnsupportedPtxVersion:
    return Status(StatusCode::DriverTooOld,
                  text + "; the driver supports CUDA " + driver_.versionText());
  case ErrorNoBinaryForGpu:
    return Status(StatusCode::NoImage, std::move(text));
  case ErrorInvalidImage:
  case ErrorInvalidPtx:
    return Status(StatusCode::CorruptModule,
                  text + "; the driver supports CUDA " + driver_.versionText());
  default:
    return Status(StatusCode::DeviceError, std::move(text));
  }
}

Status CudaBackend::reserveStack(const modfile::ImageView &image) {
  std::size_t bytes = 0;
  driver_.contextGetLimit(&bytes, StackSize);
  const std::size_t needed = image.stackBytes + SpareStackBytes;
  if (needed <= bytes)
    return {};
  return driver_.check(driver_.contextSetLimit(StackSize, needed),
                       "cuCtxSetLimit(CU_LIMIT_STACK_SIZE)");
}

/// Sets what is left to the system beside the stencils of the program.
Status CudaBackend::shareDevice(const SystemOptions &options) {
  const std::uint32_t left = options.freeMultiprocessors;
  if (left >= multiprocessors_)
    return Status(StatusCode::InvalidArgument,
                  "SystemOptions::freeMultiprocessors is " +
                      std::to_string(left) + ", and " + name_ + " has " +
                      std::to_string(multiprocessors_) +
                      "; leave one at least to the system");
  // Before: a stencil that is made meanwhile counts itself, then looks here.
  ProcessKernel::setLeft(device_, left);
  if (left == 0 && ProcessKernel::stencils(device_) != 0)
    return Status(StatusCode::InvalidArgument,
                  "this process has stencils on " + name_ +
                      ", and the system would take all of its " +
                      std::to_string(multiprocessors_) +
                      " multiprocessors; leave some to them with "
                      "SystemOptions::freeMultiprocessors");
  multiprocessors_ -= left;
  return {};
}

/// Where there are resident actors, warps for the host are taken from them.
std::uint32_t CudaBackend::ringsPerGroup() const {
  return residentStateBytes_ == 0 && windowStatus().isOk() ? WindowRingsPerGroup
                                                           : RingsPerGroup;
}

/// Some warps serve the host, the others are workers. All blocks must run at
/// once, so there are no more than fit.
rk::Result<AgentPlan> CudaBackend::plan(const SystemOptions &options) {
  if (Status status = shareDevice(options); !status.isOk())
    return status;
  const std::uint32_t rings = ringsPerGroup();
  const std::uint32_t allLinks = options.lanes * rings + 1;
  rk::Result<abi::Residents> residents = residentKernel_.plan(
      options, residentStateBytes_, allLinks, multiprocessors_);
  if (!residents.isOk())
    return residents.status();
  // A grid leaves an eighth of the device, if nobody asks for more or less.
  const std::uint32_t workerBlocks =
      options.workers ? (options.workers + warpsPerBlock_ - 1) / warpsPerBlock_
                      : std::max(multiprocessors_ / 8, 1u);
  if (Status status =
          teamKernel_.plan(options, *residents, workerBlocks, multiprocessors_);
      !status.isOk())
    return status;
  // Where there are resident actors, their kernel has the host's warps.
  const std::uint32_t multiprocessors =
      multiprocessors_ - residents->blocks - teamBlocks(residents->teams);
  const std::uint32_t links = residents->blocks ? 0 : allLinks;
  const std::uint32_t most =
      multiprocessors * blocksPerMultiprocessor_ * warpsPerBlock_;
  if (most <= links)
    return Status(StatusCode::DeviceError,
                  "the kernel needs " + std::to_string(links + 1) +
                      " warps at a time, and " + name_ + " has room for " +
                      std::to_string(most));
  if (options.workers > most - links)
    return Status(
        StatusCode::InvalidArgument,
        "SystemOptions::workers is " + std::to_string(options.workers) + "; " +
            name_ + " has room for " + std::to_string(most - links) +
            " beside " + std::to_string(links) + " warps for the host");
  const std::uint32_t agents =
      options.workers ? links + options.workers
                      : std::min(most, multiprocessors * warpsPerBlock_);
  blocks_ = (agents + warpsPerBlock_ - 1) / warpsPerBlock_;
  return AgentPlan{agents - links, rings, DefaultMessageBytes, blocks_,
                   *residents};
}

rk::Result<std::uint64_t> CudaBackend::availableBytes() {
  const Current current(driver_, context_);
  std::size_t free = 0, total = 0;
  if (Status status =
          driver_.check(driver_.memoryInfo(&free, &total), "cuMemGetInfo");
      !status.isOk())
    return status;
  return free > SpareBytes ? free - SpareBytes : 0;
}

/// The kernel takes its launch by value.
Status CudaBackend::start(DeviceAddress launch) {
  abi::Launch argument;
  if (Status status = copyOut(&argument, launch, sizeof(argument));
      !status.isOk())
    return status;
  const Current current(driver_, context_);
  void *arguments[] = {&argument};
  ended_.store(false);
  // First: its clusters need neighbouring multiprocessors.
  Status status = residentKernel_.start(driver_, argument, residentStream_);
  const bool residentsRun = status.isOk() && argument.residents.blocks != 0;
  if (status.isOk())
    status = teamKernel_.start(driver_, argument, teamStreams_);
  if (status.isOk())
    status = driver_.check(
        driver_.launchKernel(kernel_, blocks_, 1, 1, warpsPerBlock_ * 32, 1, 1,
                             sharedBytes_, kernelStream_, arguments, nullptr),
        "cuLaunchKernel");
  // Residents that run without workers hear of the end like others: the engine
  // asks for it and waits.
  if (!status.isOk() && !residentsRun)
    ended_.store(true);
  return status;
}

void CudaBackend::describe(RunDescription &description) const {
  description.backend = "cuda";
  description.device = name_;
  description.driver = driver_.versionText();
  description.image = imageName_;
  description.laneMemory = laneMemoryText_;
}

} // namespace rk::runtime::cuda
