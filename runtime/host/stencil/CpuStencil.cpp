//===- CpuStencil.cpp - Stencils on threads -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilBackend.h"

#include "cpu/SharedImage.h"
#include "stencil/CpuHalo.h"
#include "stencil/CpuLaunch.h"
#include "stencil/CpuMemory.h"
#include "stencil/ThreadTeam.h"

#include "rk/modfile/CpuPlans.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace rk::runtime {

namespace {

/// Bytes that are worth a thread.
constexpr std::int64_t LeastBytes = 1 << 18;
constexpr std::int64_t LeastCells = 4096;

void (CpuLaunch::*runOf(std::string_view plan))() {
  switch (modfile::stencilPlanKind(plan)) {
  case modfile::StencilPlanKind::Streaming:
    return &CpuLaunch::runStreaming;
  case modfile::StencilPlanKind::Temporal:
    return &CpuLaunch::runTemporal;
  case modfile::StencilPlanKind::Resident:
    return &CpuLaunch::runResident;
  default:
    return &CpuLaunch::runGlobal;
  }
}

class CpuStencil final : public StencilBackend {
public:
  explicit CpuStencil(std::uint32_t threads)
      : team_(threads ? threads
                      : std::max(1u, std::thread::hardware_concurrency())) {}

  Status open(const modfile::ModuleView &module,
              const modfile::StencilView &stencil) override {
    name_ = module.name;
    stencil_ = &stencil;
    for (const modfile::ImageView &image : module.images) {
      if (image.kind != modfile::ImageKind::HostObject)
        continue;
      Result<SharedImage> loaded = SharedImage::load(image.payload, name_);
      if (loaded.isOk())
        image_.emplace(std::move(*loaded));
      return loaded.status();
    }
    return Status(StatusCode::NoImage, "module '" + name_ +
                                           "' has no image for the CPU; add "
                                           "--arch=host");
  }

  [[nodiscard]] modfile::DeviceFigures figures() const override {
    return cpuFigures(team_.size());
  }
  [[nodiscard]] std::vector<modfile::StencilPlanView>
  plans(const modfile::StencilExtent &extent,
        const modfile::StencilFaces &faces) const override {
    return modfile::cpuPlans(*stencil_, extent, faces, figures());
  }
  [[nodiscard]] bool turnsInPlace() const override { return true; }
  [[nodiscard]] bool
  movesInLaunch(modfile::StencilPlanKind kind) const override {
    return kind == modfile::StencilPlanKind::Temporal ||
           kind == modfile::StencilPlanKind::Resident;
  }

  Result<std::uint32_t> load(const modfile::StencilPlanView &plan) override {
    auto kernel = find<CpuKernel>(plan.entry);
    if (!kernel.isOk())
      return kernel.status();
    CpuKernels kernels = {*kernel, nullptr};
    if (std::any_of(stencil_->arrays.begin(), stencil_->arrays.end(),
                    [](const modfile::StencilArrayView &array) {
                      return array.isWritten && array.isFloat;
                    })) {
      auto damped =
          find<CpuKernel>(std::string(plan.entry) + abi::DampedSuffix);
      if (!damped.isOk())
        return damped.status();
      kernels.damped = *damped;
    }
    CpuFunction *boundary = nullptr;
    if (const auto &code = stencil_->boundary; !code.entry.empty()) {
      auto found = find<CpuFunction>(code.entry);
      if (!found.isOk())
        return found.status();
      boundary = *found;
    }
    plans_.push_back({&plan, kernels, boundary, runOf(plan.name)});
    return std::uint32_t(plans_.size() - 1);
  }

  void reset() override {
    plans_.clear();
    functions_.clear();
    memory_.clear();
  }

  Result<std::uint32_t> loadFunction(std::string_view entry) override {
    auto function = find<CpuFunction>(entry);
    if (!function.isOk())
      return function.status();
    functions_.push_back(*function);
    return std::uint32_t(functions_.size() - 1);
  }

  Status launchFunction(std::uint32_t function, const void *argument,
                        std::int64_t count) override {
    team_.runRanges(count, LeastCells,
                    [&](std::int64_t first, std::int64_t last) {
                      functions_[function](argument, first, last);
                    });
    return {};
  }

  Result<std::uint64_t> allocate(std::size_t bytes) override {
    CpuMemory made(team_, bytes, memory_.size());
    if (!made.data())
      return Status(StatusCode::OutOfMemory,
                    "an array of the stencil has " + std::to_string(bytes) +
                        " bytes, and this machine has " +
                        std::to_string(freeCpuMemory()) +
                        " left; make the grid smaller");
    memory_.push_back(std::move(made));
    return std::uint64_t(
        reinterpret_cast<std::uintptr_t>(memory_.back().data()));
  }

  Status clear(std::uint64_t address, std::size_t bytes) override {
    std::memset(pointer(address), 0, bytes);
    return {};
  }
  Status copyIn(std::uint64_t to, const void *from,
                std::size_t bytes) override {
    copy(pointer(to), from, bytes);
    return {};
  }
  Status copyOut(void *to, std::uint64_t from, std::size_t bytes) override {
    copy(to, pointer(from), bytes);
    return {};
  }

  Status launch(std::uint32_t plan, const abi::StencilLaunch &launch) override {
    const Loaded &loaded = plans_[plan];
    CpuLaunch made(team_, *stencil_, *loaded.plan, loaded.kernels,
                   loaded.boundary, launch);
    (made.*loaded.run)();
    return {};
  }

  Status fillHalo(const abi::StencilHalo &halo) override {
    const std::int64_t rowBytes =
        abi::haloSpan(halo, 0) * std::int64_t(halo.elementBytes);
    team_.runRanges(haloRows(halo), LeastBytes / 4 / rowBytes + 1,
                    [&](std::int64_t first, std::int64_t last) {
                      for (std::int64_t row = first; row < last; ++row)
                        fillHaloRow(halo, row);
                    });
    return {};
  }

  Status moveCells(const abi::StencilCells &cells) override {
    for (std::int64_t index = 0; index < cells.count; ++index)
      abi::moveCell(cells, index);
    return {};
  }
  Status damp(const abi::StencilDamping &damping) override {
    team_.runRanges(abi::dampedCount(damping), LeastCells,
                    [&](std::int64_t first, std::int64_t last) {
                      for (std::int64_t index = first; index < last; ++index)
                        abi::dampCell(damping, index);
                    });
    return {};
  }
  Status reduce(const abi::StencilReduction &reduction) override;
  Status search(const abi::StencilSearch &search) override;

  Status wait() override { return {}; }
  [[nodiscard]] std::string device() const override { return "cpu"; }

private:
  template <class Code> Result<Code *> find(std::string_view entry) {
    const std::string name(entry);
    auto *code = reinterpret_cast<Code *>(image_->find(name.c_str()));
    if (code)
      return code;
    return Status(StatusCode::CorruptModule, "the host image of module '" +
                                                 name_ + "' has no '" + name +
                                                 "'");
  }

  static void *pointer(std::uint64_t address) {
    return reinterpret_cast<void *>(std::uintptr_t(address));
  }

  void copy(void *to, const void *from, std::size_t bytes) {
    team_.runRanges(std::int64_t(bytes), LeastBytes,
                    [&](std::int64_t first, std::int64_t last) {
                      std::memcpy(static_cast<char *>(to) + first,
                                  static_cast<const char *>(from) + first,
                                  std::size_t(last - first));
                    });
  }

  /// A plan that was loaded, its code, and how it is run.
  struct Loaded {
    const modfile::StencilPlanView *plan;
    CpuKernels kernels;
    CpuFunction *boundary; ///< null: the stencil has none
    void (CpuLaunch::*run)();
  };

  std::string name_;
  const modfile::StencilView *stencil_ = nullptr;
  std::optional<SharedImage> image_;
  std::vector<Loaded> plans_;
  ThreadTeam team_;
  std::vector<CpuFunction *> functions_;
  std::vector<CpuMemory> memory_;
};

/// What a warp does on a GPU.
double reduceChunk(const abi::StencilReduction &reduction, std::int64_t chunk) {
  double lanes[abi::ReductionLanes];
  for (std::int64_t lane = 0; lane < abi::ReductionLanes; ++lane)
    lanes[lane] = abi::reduceLane(reduction, chunk, lane);
  for (std::int64_t distance = abi::ReductionLanes / 2; distance != 0;
       distance /= 2)
    for (std::int64_t lane = 0; lane < distance; ++lane)
      lanes[lane] = abi::combineNumbers(reduction.combine, lanes[lane],
                                        lanes[lane + distance]);
  return lanes[0];
}

Status CpuStencil::reduce(const abi::StencilReduction &reduction) {
  team_.runRanges(abi::reductionChunks(abi::reductionCount(reduction)), 4,
                  [&](std::int64_t first, std::int64_t last) {
                    for (std::int64_t chunk = first; chunk < last; ++chunk)
                      abi::storeAs<double>(reduction.results, chunk,
                                           reduceChunk(reduction, chunk));
                  });
  return {};
}

Status CpuStencil::search(const abi::StencilSearch &search) {
  std::mutex mutex;
  auto *found = static_cast<std::uint64_t *>(pointer(search.found));
  team_.runRanges(
      abi::reductionCount(search.field), LeastCells,
      [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t index = first; index < last; ++index) {
          if (abi::isFiniteNumber(abi::reductionTerm(search.field, index)))
            continue;
          const std::lock_guard lock(mutex);
          *found = std::min(*found, search.key + std::uint64_t(index));
          return;
        }
      });
  return {};
}

} // namespace

std::unique_ptr<StencilBackend> makeCpuStencil(std::uint32_t threads) {
  return std::make_unique<CpuStencil>(threads);
}

} // namespace rk::runtime
