//===- CudaStencil.cpp - Stencils on a GPU --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilBackend.h"

#include "cuda/CurrentContext.h"
#include "cuda/Driver.h"
#include "cuda/ImageChoice.h"
#include "cuda/ProcessKernel.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <vector>

namespace rk::runtime {

namespace cuda {
namespace {

/// Any number of stencils share the process's place on its GPUs.
class SharedPlace {
public:
  static bool claim() {
    const std::lock_guard lock(mutex());
    if (count() == 0 && !ProcessKernel::claim())
      return false;
    ++count();
    return true;
  }
  static void release() {
    const std::lock_guard lock(mutex());
    if (--count() == 0)
      ProcessKernel::release();
  }

  /// Returns true once for each device.
  static bool isFirst(CUdevice device) {
    static std::vector<CUdevice> *const seen = new std::vector<CUdevice>;
    const std::lock_guard lock(mutex());
    if (std::find(seen->begin(), seen->end(), device) != seen->end())
      return false;
    seen->push_back(device);
    return true;
  }

private:
  static std::mutex &mutex() {
    static std::mutex *const instance = new std::mutex;
    return *instance;
  }
  static std::uint32_t &count() {
    static std::uint32_t value = 0;
    return value;
  }
};

constexpr unsigned ServiceThreads = 256, MostServiceBlocks = 4096;

/// The kernels of the device library that run between steps.
enum Service { Halo, Cells, Damp, Reduce, Search, ServiceCount };
constexpr const char *ServiceNames[ServiceCount] = {
    "rk_stencil_halo", "rk_stencil_cells", "rk_stencil_damp",
    "rk_stencil_reduce", "rk_stencil_search"};

class CudaStencil final : public StencilBackend {
public:
  CudaStencil(const Driver &driver, CUdevice device)
      : driver_(driver), device_(device) {}
  ~CudaStencil() override;

  Status open(const modfile::ModuleView &module,
              const modfile::StencilPlanView &plan) override;
  Result<std::uint64_t> allocate(std::size_t bytes) override;
  Status clear(std::uint64_t address, std::size_t bytes) override {
    const Current current(driver_, context_);
    return driver_.check(driver_.fillAsync(address, 0, bytes, stream_),
                         "cuMemsetD8Async");
  }
  Status copyIn(std::uint64_t to, const void *from, std::size_t bytes) override;
  Status copyOut(void *to, std::uint64_t from, std::size_t bytes) override {
    const Current current(driver_, context_);
    return driver_.check(driver_.copyOutAsync(to, from, bytes, stream_),
                         "cuMemcpyDtoHAsync");
  }
  Status launch(const abi::StencilLaunch &launch) override;
  Status fillHalo(const abi::StencilHalo &halo) override {
    return serve(Halo, halo, abi::haloCount(halo));
  }
  Status moveCells(const abi::StencilCells &cells) override {
    return serve(Cells, cells, cells.count);
  }
  Status damp(const abi::StencilDamping &damping) override {
    return serve(Damp, damping, abi::dampedCount(damping));
  }
  Status reduce(const abi::StencilReduction &reduction) override {
    return serve(Reduce, reduction,
                 abi::reductionChunks(abi::reductionCount(reduction)) *
                     abi::ReductionLanes);
  }
  Status search(const abi::StencilSearch &search) override {
    return serve(Search, search, abi::reductionCount(search.field));
  }
  Status wait() override {
    const Current current(driver_, context_);
    return driver_.check(driver_.streamSynchronize(stream_),
                         "cuStreamSynchronize");
  }
  [[nodiscard]] std::string device() const override { return name_; }

private:
  using Current = cuda::CurrentContext;

  Status openContext();
  /// Starts a kernel with about `count` threads.
  template <class Argument>
  Status serve(Service service, Argument argument, std::int64_t count);
  Status loadImage(const modfile::ModuleView &module,
                   const modfile::ImageView &image);

  const Driver &driver_;
  CUdevice device_;
  bool holdsPlace_ = false;
  std::string name_;
  int major_ = 0, minor_ = 0;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
  CUfunction kernel_ = nullptr;
  CUfunction services_[ServiceCount] = {};
  CUstream stream_ = nullptr;
  std::array<std::uint32_t, 3> block_ = {1, 1, 1}, tile_ = {1, 1, 1};
  std::uint32_t sharedBytes_ = 0;
  std::vector<CUdeviceptr> memory_;
};

CudaStencil::~CudaStencil() {
  if (context_) {
    {
      const Current current(driver_, context_);
      if (stream_) {
        driver_.streamSynchronize(stream_);
        driver_.streamDestroy(stream_);
      }
      for (const CUdeviceptr address : memory_)
        driver_.memoryFree(address);
      if (module_)
        driver_.moduleUnload(module_);
    }
    driver_.primaryContextRelease(device_);
  }
  if (holdsPlace_)
    SharedPlace::release();
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
  if (SharedPlace::isFirst(device_))
    driver_.primaryContextRetain(&kept, device_);
  return driver_.check(driver_.primaryContextRetain(&context_, device_),
                       "cuDevicePrimaryCtxRetain");
}

Status CudaStencil::loadImage(const modfile::ModuleView &module,
                              const modfile::ImageView &image) {
  std::vector<char> bytes(image.payload.size() + 1, 0);
  std::memcpy(bytes.data(), image.payload.data(), image.payload.size());
  if (Status status = driver_.check(
          driver_.moduleLoad(&module_, bytes.data(), 0, nullptr, nullptr),
          "cuModuleLoadDataEx");
      !status.isOk())
    return status;
  for (unsigned service = 0; service < ServiceCount; ++service)
    if (driver_.moduleGetFunction(&services_[service], module_,
                                  ServiceNames[service]) != Success)
      return Status(StatusCode::CorruptModule,
                    "module '" + std::string(module.name) + "' has no kernel " +
                        ServiceNames[service] +
                        "; compile it with the rkc of this runtime");
  return {};
}

Status CudaStencil::open(const modfile::ModuleView &module,
                         const modfile::StencilPlanView &plan) {
  holdsPlace_ = SharedPlace::claim();
  if (!holdsPlace_)
    return Status(StatusCode::NoDevice,
                  "this process runs a system on a GPU, and the driver cannot "
                  "load code while it runs; shut it down first, or run the "
                  "stencil with BackendKind::Cpu");
  if (Status status = openContext(); !status.isOk())
    return status;
  const Current current(driver_, context_);
  auto image =
      chooseImage(module, std::uint32_t(major_), std::uint32_t(minor_));
  if (!image.isOk())
    return image.status();
  if (Status status =
          driver_.check(driver_.streamCreate(&stream_, StreamNonBlocking, 0),
                        "cuStreamCreateWithPriority");
      !status.isOk())
    return status;
  if (Status status = loadImage(module, **image); !status.isOk())
    return status;
  const std::string entry(plan.entry);
  if (driver_.moduleGetFunction(&kernel_, module_, entry.c_str()) != Success)
    return Status(StatusCode::CorruptModule, "module '" +
                                                 std::string(module.name) +
                                                 "' has no kernel " + entry);
  std::copy_n(plan.block, 3, block_.begin());
  std::copy_n(plan.tile, 3, tile_.begin());
  sharedBytes_ = plan.sharedBytes;
  if (sharedBytes_ == 0)
    return {};
  return driver_.check(driver_.functionSetAttribute(
                           kernel_, MaxDynamicSharedBytes, int(sharedBytes_)),
                       "cuFuncSetAttribute");
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
  const Current current(driver_, context_);
  return driver_.check(driver_.copyInAsync(to, from, bytes, stream_),
                       "cuMemcpyHtoDAsync");
}

Status CudaStencil::launch(const abi::StencilLaunch &launch) {
  const Current current(driver_, context_);
  unsigned grid[3];
  for (unsigned axis = 0; axis < 3; ++axis)
    grid[axis] =
        tile_[axis] == 0
            ? 1u
            : unsigned((launch.extent[axis] + tile_[axis] - 1) / tile_[axis]);
  abi::StencilLaunch argument = launch;
  void *arguments[] = {&argument};
  return driver_.check(driver_.launchKernel(kernel_, grid[0], grid[1], grid[2],
                                            block_[0], block_[1], block_[2],
                                            sharedBytes_, stream_, arguments,
                                            nullptr),
                       "cuLaunchKernel");
}

template <class Argument>
Status CudaStencil::serve(Service service, Argument argument,
                          std::int64_t count) {
  if (count == 0)
    return {};
  const Current current(driver_, context_);
  const auto blocks = unsigned(std::min<std::int64_t>(
      (count + ServiceThreads - 1) / ServiceThreads, MostServiceBlocks));
  void *arguments[] = {&argument};
  return driver_.check(driver_.launchKernel(services_[service], blocks, 1, 1,
                                            ServiceThreads, 1, 1, 0, stream_,
                                            arguments, nullptr),
                       "cuLaunchKernel");
}

} // namespace
} // namespace cuda

Result<std::unique_ptr<StencilBackend>> makeCudaStencil(int device) {
  const Result<cuda::Driver> &driver = cuda::machineDriver();
  if (!driver.isOk())
    return driver.status();
  cuda::CUdevice handle = 0;
  if (Status status = driver->check(driver->deviceGet(&handle, device),
                                    "cuDeviceGet", StatusCode::NoDevice);
      !status.isOk())
    return status;
  return std::unique_ptr<StencilBackend>(
      std::make_unique<cuda::CudaStencil>(*driver, handle));
}

} // namespace rk::runtime
