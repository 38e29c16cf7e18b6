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
#include "rk/modfile/ResidentLayout.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>
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
              const modfile::StencilView &stencil) override;
  [[nodiscard]] modfile::DeviceFigures figures() const override {
    return figures_;
  }
  Result<std::uint32_t> load(const modfile::StencilPlanView &plan) override;
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
  Status launch(std::uint32_t plan, const abi::StencilLaunch &launch) override;
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
  bool beginRecord() override;
  Status endRecord() override;
  Status replay() override {
    const Current current(driver_, context_);
    return driver_.check(driver_.graphLaunch(recorded_, stream_),
                         "cuGraphLaunch");
  }
  Status wait() override;
  [[nodiscard]] std::string device() const override { return name_; }

private:
  using Current = cuda::CurrentContext;

  /// A plan that was loaded, and its kernel.
  struct Loaded {
    const modfile::StencilPlanView *plan;
    CUfunction kernel;
  };

  Status openContext();
  /// Starts a kernel with about `count` threads.
  template <class Argument>
  Status serve(Service service, Argument argument, std::int64_t count);
  Status readFigures();
  /// Asks how many clusters of each size run at once.
  void readClusters();
  /// A launch of blocks of the plan `resident`, in clusters.
  LaunchConfig residentConfig(unsigned blocks, unsigned sharedBytes,
                              LaunchAttribute &cluster,
                              unsigned clusterBlocks) const;
  Status loadImage(const modfile::ModuleView &module,
                   const modfile::ImageView &image);

  const Driver &driver_;
  CUdevice device_;
  bool holdsPlace_ = false;
  std::string name_;
  int major_ = 0, minor_ = 0;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
  CUfunction services_[ServiceCount] = {};
  CUstream stream_ = nullptr;
  CUgraphExec recorded_ = nullptr;
  modfile::DeviceFigures figures_;
  std::string moduleName_;
  std::uint32_t lastAxis_ = 0;
  std::vector<Loaded> plans_;
  std::vector<CUdeviceptr> memory_;
  Status beginResident(CUfunction kernel, const abi::StencilLaunch &launch);
  Status launchResident(CUfunction kernel, const abi::StencilLaunch &launch);
  const modfile::StencilView *stencil_ = nullptr;
  std::optional<modfile::ResidentLayout> resident_;
  std::uint32_t fault_ = 0;
};

CudaStencil::~CudaStencil() {
  if (context_) {
    {
      const Current current(driver_, context_);
      if (stream_) {
        driver_.streamSynchronize(stream_);
        if (recorded_)
          driver_.graphExecDestroy(recorded_);
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
                         const modfile::StencilView &stencil) {
  holdsPlace_ = SharedPlace::claim();
  if (!holdsPlace_)
    return Status(StatusCode::NoDevice,
                  "this process runs a system on a GPU, and the driver cannot "
                  "load code while it runs; shut it down first, or run the "
                  "stencil with BackendKind::Cpu");
  if (Status status = openContext(); !status.isOk())
    return status;
  const Current current(driver_, context_);
  if (Status status = readFigures(); !status.isOk())
    return status;
  auto image =
      chooseImage(module, std::uint32_t(major_), std::uint32_t(minor_));
  if (!image.isOk())
    return image.status();
  if (Status status =
          driver_.check(driver_.streamCreate(&stream_, StreamNonBlocking, 0),
                        "cuStreamCreateWithPriority");
      !status.isOk())
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
  config.blockX = abi::ResidentThreads;
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

/// What the cost model asks. A copy moves about nine tenths of what the memory
/// could, and of the last cache one and a half times as much.
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
  // Clocks are in kHz; memory moves data at both edges of its clock.
  const double memory = 2e3 * memoryClock * busBits / 8;
  if (memory > 0)
    figures_.memoryRate = 0.9 * memory;
  figures_.instructionRate = 128e3 * multiprocessors * clock;
  figures_.multiprocessors = std::uint32_t(multiprocessors);
  figures_.cacheBytes = std::uint64_t(cache);
  figures_.sharedBytes = std::uint32_t(shared);
  figures_.registerBytes = 4 * std::uint32_t(registers);
  return {};
}

Result<std::uint32_t> CudaStencil::load(const modfile::StencilPlanView &plan) {
  const Current current(driver_, context_);
  const std::string entry(plan.entry);
  CUfunction kernel = nullptr;
  if (driver_.moduleGetFunction(&kernel, module_, entry.c_str()) != Success)
    return Status(StatusCode::CorruptModule,
                  "module '" + moduleName_ + "' has no kernel " + entry);
  if (plan.sharedBytes != 0)
    if (Status status = driver_.check(
            driver_.functionSetAttribute(kernel, MaxDynamicSharedBytes,
                                         int(plan.sharedBytes)),
            "cuFuncSetAttribute");
        !status.isOk())
      return status;
  plans_.push_back({&plan, kernel});
  return std::uint32_t(plans_.size() - 1);
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

Status CudaStencil::launch(std::uint32_t number,
                           const abi::StencilLaunch &launch) {
  const Current current(driver_, context_);
  const auto &[plan, kernel] = plans_[number];
  if (modfile::stencilPlanKind(plan->name) ==
      modfile::StencilPlanKind::Resident)
    return launchResident(kernel, launch);
  unsigned grid[3];
  for (unsigned axis = 0; axis < 3; ++axis) {
    const std::int64_t tile = axis == lastAxis_ && launch.depth != 0
                                  ? launch.depth
                                  : plan->tile[axis];
    grid[axis] =
        tile == 0 ? 1u : unsigned((launch.extent[axis] + tile - 1) / tile);
  }
  abi::StencilLaunch argument = launch;
  void *arguments[] = {&argument};
  return driver_.check(driver_.launchKernel(kernel, grid[0], grid[1], grid[2],
                                            plan->block[0], plan->block[1],
                                            plan->block[2], plan->sharedBytes,
                                            stream_, arguments, nullptr),
                       "cuLaunchKernel");
}

/// Cuts the grid, and makes the boards.
Status CudaStencil::beginResident(CUfunction kernel,
                                  const abi::StencilLaunch &launch) {
  modfile::StencilExtent extent;
  modfile::StencilFaces faces;
  std::copy_n(launch.extent, 3, extent.begin());
  for (std::uint32_t face = 0; face < abi::StencilFaceCount; ++face)
    faces.boundary[face] = abi::StencilBoundary(launch.boundary[face]);
  auto layout = modfile::layOutResident(*stencil_, extent, faces, figures_);
  if (!layout)
    return Status(StatusCode::InvalidArgument,
                  "the stencil's fields do not fit the chip");
  abi::ResidentGrid &grid = layout->grid;
  for (std::size_t a = 0; a < stencil_->arrays.size(); ++a) {
    const modfile::StencilArrayView &array = stencil_->arrays[a];
    if (!array.isWritten)
      continue;
    auto board =
        allocate(2 * grid.boardCells * (array.elementBytes == 8 ? 16 : 8));
    if (!board.isOk())
      return board.status();
    grid.arrays[a].board = *board;
  }
  auto fault = allocate(sizeof(fault_));
  if (!fault.isOk())
    return fault.status();
  grid.fault = *fault;
  resident_ = layout;
  return driver_.check(driver_.functionSetAttribute(kernel,
                                                    MaxDynamicSharedBytes,
                                                    int(layout->sharedBytes)),
                       "cuFuncSetAttribute");
}

Status CudaStencil::launchResident(CUfunction kernel,
                                   const abi::StencilLaunch &launch) {
  if (!resident_)
    if (Status status = beginResident(kernel, launch); !status.isOk())
      return status;
  abi::ResidentLaunch argument{launch, resident_->grid};
  resident_->grid.mark += std::uint32_t(launch.steps);
  void *arguments[] = {&argument};
  const abi::ResidentGrid &grid = resident_->grid;
  LaunchAttribute cluster{};
  const LaunchConfig config =
      residentConfig(resident_->blocks, resident_->sharedBytes, cluster,
                     grid.tile[0] * grid.tile[1] * grid.tile[2]);
  return driver_.check(
      driver_.launchKernelWith(&config, kernel, arguments, nullptr),
      "cuLaunchKernelEx");
}

Status CudaStencil::wait() {
  const Current current(driver_, context_);
  if (resident_)
    if (Status status = copyOut(&fault_, resident_->grid.fault, sizeof(fault_));
        !status.isOk())
      return status;
  if (Status status = driver_.check(driver_.streamSynchronize(stream_),
                                    "cuStreamSynchronize");
      !status.isOk() || fault_ == 0)
    return status;
  return Status(StatusCode::Internal,
                "a block of the plan 'resident' waited in vain for the halo of "
                "its neighbours, packet " +
                    std::to_string(fault_) +
                    "; choose another plan with StencilOptions::plan");
}

bool CudaStencil::beginRecord() {
  const Current current(driver_, context_);
  return driver_.streamBeginCapture(stream_, CaptureModeRelaxed) == Success;
}

Status CudaStencil::endRecord() {
  const Current current(driver_, context_);
  CUgraph graph = nullptr;
  if (Status status = driver_.check(driver_.streamEndCapture(stream_, &graph),
                                    "cuStreamEndCapture");
      !status.isOk())
    return status;
  Status status = driver_.check(driver_.graphInstantiate(&recorded_, graph, 0),
                                "cuGraphInstantiate");
  driver_.graphDestroy(graph);
  return status;
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
