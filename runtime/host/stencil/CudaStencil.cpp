//===- CudaStencil.cpp - Stencils on a GPU --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/CudaStencil.h"

#include "stencil/CudaStencilInternal.h"

#include "cuda/ImageChoice.h"
#include "cuda/LoadedImages.h"
#include "cuda/ProcessKernel.h"
#include "cuda/StencilCode.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

namespace rk::runtime {

namespace cuda {
namespace {

/// Returns true once for each device.
bool isFirst(CUdevice device) {
  static std::mutex *const mutex = new std::mutex;
  static std::vector<CUdevice> *const seen = new std::vector<CUdevice>;
  const std::lock_guard lock(*mutex);
  if (std::find(seen->begin(), seen->end(), device) != seen->end())
    return false;
  seen->push_back(device);
  return true;
}

static_assert(StencilServiceNames.size() == ServiceCount);

} // namespace

/// Beside a system, all waits for its end, as the driver's freeing would.
CudaStencil::~CudaStencil() {
  if (context_)
    ProcessKernel::whenFree([driver = driver_, context = context_,
                             device = device_, module = module_,
                             stream = stream_, recorded = recorded_,
                             memory = std::move(memory_)] {
      {
        const Current current(driver, context);
        if (stream) {
          driver.streamSynchronize(stream);
          if (recorded)
            driver.graphExecDestroy(recorded);
          driver.streamDestroy(stream);
        }
        for (const CUdeviceptr address : memory)
          driver.memoryFree(address);
        if (module && LoadedImages::release(device, module))
          driver.moduleUnload(module);
      }
      driver.primaryContextRelease(device);
    });
  ProcessKernel::removeStencil(device_);
}

Status CudaStencil::openContext() {
  char name[256] = "";
  for (const CUresult result :
       {driver_.deviceGetName(name, sizeof(name), device_),
        driver_.deviceGetAttribute(&major_, ComputeCapabilityMajor, device_),
        driver_.deviceGetAttribute(&minor_, ComputeCapabilityMinor, device_)})
    if (Status status = driver_.check(result, "cuDeviceGetAttribute");
        !status.isOk())
      return status;
  name_ = name;
  // Held to the end of the process: a context takes long to make, and programs
  // make one stencil after the other.
  CUcontext kept = nullptr;
  if (isFirst(device_))
    driver_.primaryContextRetain(&kept, device_);
  return driver_.check(driver_.primaryContextRetain(&context_, device_),
                       "cuDevicePrimaryCtxRetain");
}

/// Code that a system or another stencil has loaded can be used at any time;
/// other code can be loaded while no system runs.
Status CudaStencil::loadImage(const modfile::ModuleView &module,
                              const modfile::ImageView &image) {
  module_ = LoadedImages::share(device_, image.payload);
  if (module_)
    return findServices(std::string(module.name));
  if (!ProcessKernel::beginLoading())
    return Status(StatusCode::NoDevice,
                  "this process runs a system on a GPU, and the driver cannot "
                  "load the code of module '" +
                      std::string(module.name) +
                      "' while it runs; make the stencil before the system, or "
                      "put the actors into the same module, or run the stencil "
                      "with BackendKind::Cpu");
  std::vector<char> bytes(image.payload.size() + 1, 0);
  std::memcpy(bytes.data(), image.payload.data(), image.payload.size());
  Status status = driver_.check(
      driver_.moduleLoad(&module_, bytes.data(), 0, nullptr, nullptr),
      "cuModuleLoadDataEx");
  if (status.isOk()) {
    LoadedImages::add(device_, image.payload, module_);
    status = loadStencilCode(driver_, module_, module);
  }
  ProcessKernel::endLoading();
  return status.isOk() ? findServices(std::string(module.name)) : status;
}

Status CudaStencil::findServices(const std::string &name) {
  for (unsigned service = 0; service < ServiceCount; ++service)
    if (driver_.moduleGetFunction(&services_[service], module_,
                                  StencilServiceNames[service]) != Success)
      return Status(StatusCode::CorruptModule,
                    "module '" + name + "' has no kernel " +
                        StencilServiceNames[service] +
                        "; compile it with the rkc of this runtime");
  return {};
}

/// A system's kernel has the lowest priority. At another, nothing that is
/// started here waits in a queue behind it.
Status CudaStencil::openStream() {
  int least = 0, greatest = 0;
  driver_.contextPriorityRange(&least, &greatest);
  return driver_.check(driver_.streamCreate(&stream_, StreamNonBlocking,
                                            std::max(least - 1, greatest)),
                       "cuStreamCreateWithPriority");
}

Status CudaStencil::open(const modfile::ModuleView &module,
                         const modfile::StencilView &stencil) {
  if (Status status = openContext(); !status.isOk())
    return status;
  const Current current(driver_, context_);
  if (ProcessKernel::left(device_) == 0U)
    return Status(StatusCode::NoDevice,
                  "a system of this process takes all multiprocessors of " +
                      name_ +
                      "; leave some with SystemOptions::freeMultiprocessors, "
                      "or run the stencil with BackendKind::Cpu");
  if (Status status = readFigures(); !status.isOk())
    return status;
  auto image =
      chooseImage(module, std::uint32_t(major_), std::uint32_t(minor_));
  if (!image.isOk())
    return image.status();
  if (Status status = openStream(); !status.isOk())
    return status;
  moduleName_ = module.name;
  lastAxis_ = stencil.dimensions - 1;
  stencil_ = &stencil;
  if (Status status = loadImage(module, **image); !status.isOk())
    return status;
  readClusters();
  return {};
}

LaunchConfig CudaStencil::residentConfig(unsigned blocks, unsigned sharedBytes,
                                         LaunchAttribute &cluster,
                                         unsigned clusterBlocks) const {
  cluster.id = ClusterDimension;
  cluster.value.words[0] = clusterBlocks;
  cluster.value.words[1] = cluster.value.words[2] = 1;
  LaunchConfig config{};
  config.gridX = blocks;
  config.gridY = config.gridZ = 1;
  config.blockX = resident_ && resident_->grid.isDirect ? abi::ResidentComputers
                                                        : abi::ResidentThreads;
  config.blockY = config.blockZ = 1;
  config.sharedBytes = sharedBytes;
  config.stream = stream_;
  config.attributes = &cluster;
  config.attributeCount = clusterBlocks > 1 ? 1 : 0;
  return config;
}

void CudaStencil::readClusters() {
  for (std::uint32_t &clusters : figures_.clusters)
    clusters = 0;
  if (major_ < 9)
    return;
  for (const modfile::StencilPlanView &plan : stencil_->plans) {
    CUfunction kernel = nullptr;
    const std::string entry(plan.entry);
    const int shared = int(figures_.sharedBytes) - 1024;
    if (modfile::stencilPlanKind(plan.name) !=
            modfile::StencilPlanKind::Resident ||
        driver_.moduleGetFunction(&kernel, module_, entry.c_str()) != Success ||
        driver_.functionSetAttribute(kernel, MaxDynamicSharedBytes, shared) !=
            Success)
      continue;
    figures_.clusters[0] = figures_.multiprocessors;
    CUfunction direct = nullptr;
    figures_.hasDirect =
        driver_.moduleGetFunction(&direct, module_,
                                  (entry + abi::ResidentSuffixes[1]).c_str()) ==
        Success;
    // Beside a system there are none: how many find room in what it leaves is
    // not known, and whether the question waits for its kernel neither.
    if (ProcessKernel::left(device_))
      continue;
    // Sizes above eight blocks are allowed where the device has them.
    driver_.functionSetAttribute(kernel, NonPortableClusters, 1);
    for (unsigned power = 1; power < std::size(figures_.clusters); ++power) {
      LaunchAttribute cluster{};
      const LaunchConfig config =
          residentConfig(figures_.multiprocessors >> power << power,
                         unsigned(shared), cluster, 1u << power);
      int count = 0;
      if (driver_.clusterOccupancy(&count, kernel, &config) == Success &&
          count > 0)
        figures_.clusters[power] = std::uint32_t(count);
    }
  }
}

/// What the cost model asks.
Status CudaStencil::readFigures() {
  int multiprocessors = 0, clock = 0, memoryClock = 0, busBits = 0, cache = 0,
      shared = 0, registers = 0;
  const std::pair<int *, int> wanted[] = {
      {&multiprocessors, MultiprocessorCount},
      {&clock, ClockRate},
      {&memoryClock, MemoryClockRate},
      {&busBits, MemoryBusWidth},
      {&cache, CacheBytes},
      {&shared, SharedBytesPerMultiprocessor},
      {&registers, RegistersPerMultiprocessor}};
  for (const auto &[value, attribute] : wanted)
    if (Status status =
            driver_.check(driver_.deviceGetAttribute(value, attribute, device_),
                          "cuDeviceGetAttribute");
        !status.isOk())
      return status;
  figures_ = modfile::referenceDevice();
  // Clocks are in kHz. Some drivers do not tell that of the memory.
  if (memoryClock > 0 && busBits > 0)
    figures_.memoryRate = modfile::copyRate(1e3 * memoryClock, busBits);
  modfile::setMultiprocessors(
      figures_,
      ProcessKernel::left(device_).value_or(std::uint32_t(multiprocessors)),
      clock > 0 ? 1e3 * clock : figures_.clock);
  figures_.cacheBytes = std::uint64_t(cache);
  figures_.sharedBytes = std::uint32_t(shared);
  figures_.registerBytes = 4 * std::uint32_t(registers);
  return {};
}

Result<CUfunction> CudaStencil::find(std::string_view entry) {
  const std::string name(entry);
  CUfunction kernel = nullptr;
  if (driver_.moduleGetFunction(&kernel, module_, name.c_str()) == Success)
    return kernel;
  return Status(StatusCode::CorruptModule,
                "module '" + moduleName_ + "' has no kernel " + name);
}

Result<std::uint32_t> CudaStencil::loadFunction(std::string_view entry) {
  const Current current(driver_, context_);
  auto kernel = find(entry);
  if (!kernel.isOk())
    return kernel.status();
  functions_.push_back(*kernel);
  return std::uint32_t(functions_.size() - 1);
}

Result<std::uint32_t> CudaStencil::load(const modfile::StencilPlanView &plan) {
  const Current current(driver_, context_);
  auto found = find(plan.entry);
  if (!found.isOk())
    return found.status();
  Loaded loaded = {&plan, *found, *found};
  const std::string damped = std::string(plan.entry) + abi::DampedSuffix;
  CUfunction other = nullptr;
  if (driver_.moduleGetFunction(&other, module_, damped.c_str()) == Success)
    loaded.damped = other;
  for (const CUfunction kernel : {loaded.kernel, loaded.damped})
    if (plan.sharedBytes != 0)
      if (Status status = driver_.check(
              driver_.functionSetAttribute(kernel, MaxDynamicSharedBytes,
                                           int(plan.sharedBytes)),
              "cuFuncSetAttribute");
          !status.isOk())
        return status;
  plans_.push_back(loaded);
  return std::uint32_t(plans_.size() - 1);
}

Status CudaStencil::prepare(std::uint32_t plan,
                            const abi::StencilLaunch &launch) {
  if (modfile::stencilPlanKind(plans_[plan].plan->name) !=
      modfile::StencilPlanKind::Resident)
    return {};
  const Current current(driver_, context_);
  return beginResident(*plans_[plan].plan, launch);
}

void CudaStencil::reset() {
  // As where this ends: beside a system, all waits for its end.
  ProcessKernel::whenFree([driver = driver_, context = context_,
                           stream = stream_, memory = std::move(memory_)] {
    const Current current(driver, context);
    driver.streamSynchronize(stream);
    for (const CUdeviceptr address : memory)
      driver.memoryFree(address);
  });
  memory_.clear();
  plans_.clear();
  functions_.clear();
  resident_.reset();
}

Result<std::uint64_t> CudaStencil::allocate(std::size_t bytes) {
  const Current current(driver_, context_);
  CUdeviceptr address = 0;
  const CUresult result = driver_.memoryAlloc(&address, bytes);
  if (result == ErrorOutOfMemory) {
    std::size_t free = 0, total = 0;
    driver_.memoryInfo(&free, &total);
    return Status(StatusCode::OutOfMemory,
                  "an array of the stencil has " + std::to_string(bytes) +
                      " bytes, and " + name_ + " has " + std::to_string(free) +
                      " of " + std::to_string(total) +
                      " left; make the grid smaller");
  }
  if (Status status = driver_.check(result, "cuMemAlloc"); !status.isOk())
    return status;
  memory_.push_back(address);
  if (Status status = clear(address, bytes); !status.isOk())
    return status;
  return std::uint64_t(address);
}

Status CudaStencil::copyIn(std::uint64_t to, const void *from,
                           std::size_t bytes) {
  // A large copy from memory that is not pinned waits in the call.
  if (isShared())
    if (Status status = waitShared(); !status.isOk())
      return status;
  const Current current(driver_, context_);
  return driver_.check(driver_.copyInAsync(to, from, bytes, stream_),
                       "cuMemcpyHtoDAsync");
}

Status CudaStencil::copyOut(void *to, std::uint64_t from, std::size_t bytes) {
  if (isShared())
    if (Status status = waitShared(); !status.isOk())
      return status;
  const Current current(driver_, context_);
  return driver_.check(driver_.copyOutAsync(to, from, bytes, stream_),
                       "cuMemcpyDtoHAsync");
}

std::unique_ptr<StencilBackend> makeStencil(const Driver &driver,
                                            CUdevice device,
                                            std::chrono::nanoseconds patience) {
  return std::make_unique<CudaStencil>(driver, device, patience);
}

} // namespace cuda

Result<std::unique_ptr<StencilBackend>>
makeCudaStencil(int device, std::chrono::nanoseconds patience) {
  const Result<cuda::Driver> &driver = cuda::machineDriver();
  if (!driver.isOk())
    return driver.status();
  cuda::CUdevice handle = 0;
  if (Status status = driver->check(driver->deviceGet(&handle, device),
                                    "cuDeviceGet", StatusCode::NoDevice);
      !status.isOk())
    return status;
  return cuda::makeStencil(*driver, handle, patience);
}

} // namespace rk::runtime
