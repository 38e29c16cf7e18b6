//===- CudaStencilInternal.h - One grid on a GPU ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The back end of stencils on a GPU, for the files that define it.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "cuda/CurrentContext.h"
#include "cuda/Driver.h"
#include "cuda/ProcessKernel.h"
#include "stencil/StencilBackend.h"

#include "rk/modfile/ResidentLayout.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace rk::runtime::cuda {

/// The kernels of the device library that run between steps.
enum Service { Halo, Cells, Damp, Reduce, Search, ServiceCount };

class CudaStencil final : public StencilBackend {
public:
  CudaStencil(const Driver &driver, CUdevice device,
              std::chrono::nanoseconds patience)
      : driver_(driver), device_(device), patience_(patience) {
    ProcessKernel::addStencil(device_);
  }
  ~CudaStencil() override;

  Status open(const modfile::ModuleView &module,
              const modfile::StencilView &stencil) override;
  [[nodiscard]] modfile::DeviceFigures figures() const override {
    return figures_;
  }
  [[nodiscard]] std::vector<modfile::StencilPlanView>
  plans(const modfile::StencilExtent &,
        const modfile::StencilFaces &) const override {
    return stencil_->plans;
  }
  [[nodiscard]] bool
  movesInLaunch(modfile::StencilPlanKind kind) const override {
    return kind == modfile::StencilPlanKind::Resident;
  }
  Result<std::uint32_t> load(const modfile::StencilPlanView &plan) override;
  Status prepare(std::uint32_t plan, const abi::StencilLaunch &launch) override;
  void reset() override;
  Result<std::uint64_t> allocate(std::size_t bytes) override;
  Status clear(std::uint64_t address, std::size_t bytes) override {
    const Current current(driver_, context_);
    return driver_.check(driver_.fillAsync(address, 0, bytes, stream_),
                         "cuMemsetD8Async");
  }
  Status copyIn(std::uint64_t to, const void *from, std::size_t bytes) override;
  Status copyOut(void *to, std::uint64_t from, std::size_t bytes) override;
  Status launch(std::uint32_t plan, const abi::StencilLaunch &launch) override;
  Result<std::uint32_t> loadFunction(std::string_view entry) override;
  Status launchFunction(std::uint32_t function, const void *argument,
                        std::int64_t count) override {
    return serve(functions_[function], const_cast<void *>(argument), count);
  }
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
  [[nodiscard]] bool isShared() const override {
    return ProcessKernel::left(device_).has_value();
  }
  [[nodiscard]] std::string device() const override { return name_; }

private:
  using Current = cuda::CurrentContext;

  /// A plan that was loaded, and its kernel.
  struct Loaded {
    const modfile::StencilPlanView *plan;
    CUfunction kernel;
    CUfunction damped; ///< for launches with layers
  };

  Status openContext();
  /// Starts a kernel with about `count` threads.
  template <class Argument>
  Status serve(Service service, Argument argument, std::int64_t count) {
    return serve(services_[service], &argument, count);
  }
  Status serve(CUfunction kernel, void *argument, std::int64_t count);
  Result<CUfunction> find(std::string_view entry);
  Status openStream();
  Status findServices(const std::string &name);
  Status readFigures();
  /// Asks how many clusters of each size run at once.
  void readClusters();
  /// A launch of blocks of the plan `resident`, in clusters.
  LaunchConfig residentConfig(unsigned blocks, unsigned sharedBytes,
                              LaunchAttribute &cluster,
                              unsigned clusterBlocks) const;
  /// Waits for the stream, at most for the patience.
  Status waitShared();
  Status loadImage(const modfile::ModuleView &module,
                   const modfile::ImageView &image);

  const Driver &driver_;
  const CUdevice device_;
  const std::chrono::nanoseconds patience_;
  /// Ok, or that something that was started did not come to its end.
  Status stuck_;
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
  std::vector<CUfunction> functions_;
  std::vector<CUdeviceptr> memory_;
  Status beginResident(const modfile::StencilPlanView &plan,
                       const abi::StencilLaunch &launch);
  /// Takes the kernel of the plan that fits `resident_`, and allows it what it
  /// needs.
  Status findResident(const modfile::StencilPlanView &plan);
  Status launchResident(const modfile::StencilPlanView &plan,
                        const abi::StencilLaunch &launch);
  const modfile::StencilView *stencil_ = nullptr;
  std::optional<modfile::ResidentLayout> resident_;
  /// By ResidentShape::between.
  CUfunction residentKernels_[2] = {};
  std::uint32_t fault_ = 0;
};

} // namespace rk::runtime::cuda
