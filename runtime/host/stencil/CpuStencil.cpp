//===- CpuStencil.cpp - Stencils on threads -------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "stencil/StencilBackend.h"

#include "cpu/SharedImage.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include <unistd.h>

namespace rk::runtime {

namespace {

constexpr std::size_t Alignment = 128;

/// Threads that do parts of one piece of work at a time.
class Team {
public:
  explicit Team(std::uint32_t size) : size_(size) {
    for (std::uint32_t member = 1; member < size; ++member)
      threads_.emplace_back([this, member] { serve(member); });
  }
  ~Team() {
    {
      const std::lock_guard lock(mutex_);
      ends_ = true;
    }
    begin_.notify_all();
    for (std::thread &thread : threads_)
      thread.join();
  }

  [[nodiscard]] std::uint32_t size() const { return size_; }

  /// Calls `part(first, last)` for ranges that make up 0 to `count`, and waits.
  void run(std::int64_t count,
           const std::function<void(std::int64_t, std::int64_t)> &part) {
    {
      const std::lock_guard lock(mutex_);
      part_ = &part;
      count_ = count;
      working_ = size_ - 1;
      ++round_;
    }
    begin_.notify_all();
    doPart(0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return working_ == 0; });
  }

private:
  void doPart(std::uint32_t member) {
    const std::int64_t first = count_ * member / size_;
    const std::int64_t last = count_ * (member + 1) / size_;
    if (first < last)
      (*part_)(first, last);
  }

  void serve(std::uint32_t member) {
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    while (true) {
      begin_.wait(lock, [&] { return ends_ || round_ != seen; });
      if (ends_)
        return;
      seen = round_;
      lock.unlock();
      doPart(member);
      lock.lock();
      if (--working_ == 0)
        done_.notify_one();
    }
  }

  const std::uint32_t size_;
  std::mutex mutex_;
  std::condition_variable begin_, done_;
  const std::function<void(std::int64_t, std::int64_t)> *part_ = nullptr;
  std::int64_t count_ = 0;
  std::uint32_t working_ = 0;
  std::uint64_t round_ = 0;
  bool ends_ = false;
  std::vector<std::thread> threads_;
};

/// What a server's processors of these years do; only ratios decide.
modfile::DeviceFigures cpuFigures(std::uint32_t threads) {
  modfile::DeviceFigures device;
  device.isCpu = true;
  device.memoryRate = 10e9 * std::min(threads, 16u);
  device.cacheRate = 40e9 * threads;
  device.instructionRate = 10e9 * threads;
  device.launchSeconds = 5e-6;
  const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
  device.cacheBytes = cache > 0 ? std::uint64_t(cache) : std::uint64_t(8) << 20;
  device.multiprocessors = threads;
  return device;
}

struct FreeMemory {
  void operator()(void *memory) const { std::free(memory); }
};

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

  Result<std::uint32_t> load(const modfile::StencilPlanView &plan) override {
    auto kernel = find<Kernel>(plan.entry);
    if (!kernel.isOk())
      return kernel.status();
    plans_.push_back({&plan, *kernel});
    return std::uint32_t(plans_.size() - 1);
  }

  Result<std::uint32_t> loadFunction(std::string_view entry) override {
    auto function = find<Function>(entry);
    if (!function.isOk())
      return function.status();
    functions_.push_back(*function);
    return std::uint32_t(functions_.size() - 1);
  }

  Status launchFunction(std::uint32_t function, const void *argument,
                        std::int64_t count) override {
    team_.run(count, [&](std::int64_t first, std::int64_t last) {
      functions_[function](argument, first, last);
    });
    return {};
  }

  Result<std::uint64_t> allocate(std::size_t bytes) override {
    const std::size_t size = (bytes + Alignment - 1) / Alignment * Alignment;
    void *memory = std::aligned_alloc(Alignment, size);
    if (!memory)
      return Status(StatusCode::OutOfMemory,
                    std::to_string(bytes) + " bytes for an array of a stencil");
    memory_.emplace_back(memory);
    std::memset(memory, 0, size);
    return std::uint64_t(reinterpret_cast<std::uintptr_t>(memory));
  }

  Status clear(std::uint64_t address, std::size_t bytes) override {
    std::memset(pointer(address), 0, bytes);
    return {};
  }
  Status copyIn(std::uint64_t to, const void *from,
                std::size_t bytes) override {
    std::memcpy(pointer(to), from, bytes);
    return {};
  }
  Status copyOut(void *to, std::uint64_t from, std::size_t bytes) override {
    std::memcpy(to, pointer(from), bytes);
    return {};
  }

  Status launch(std::uint32_t plan, const abi::StencilLaunch &launch) override {
    team_.run(launch.extent[1] * launch.extent[2],
              [&](std::int64_t first, std::int64_t last) {
                plans_[plan].kernel(&launch, first, last);
              });
    return {};
  }

  Status fillHalo(const abi::StencilHalo &halo) override {
    const std::int64_t count = abi::haloCount(halo);
    for (std::int64_t index = 0; index < count; ++index)
      abi::fillHalo(halo, index);
    return {};
  }

  Status moveCells(const abi::StencilCells &cells) override {
    for (std::int64_t index = 0; index < cells.count; ++index)
      abi::moveCell(cells, index);
    return {};
  }
  Status damp(const abi::StencilDamping &damping) override {
    team_.run(abi::dampedCount(damping),
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
  using Kernel = void(const abi::StencilLaunch *, std::int64_t, std::int64_t);
  using Function = void(const void *, std::int64_t, std::int64_t);

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

  /// A plan that was loaded, and its code.
  struct Loaded {
    const modfile::StencilPlanView *plan;
    Kernel *kernel;
  };

  std::string name_;
  const modfile::StencilView *stencil_ = nullptr;
  std::optional<SharedImage> image_;
  std::vector<Loaded> plans_;
  std::vector<Function *> functions_;
  std::vector<std::unique_ptr<void, FreeMemory>> memory_;
  Team team_;
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
  team_.run(abi::reductionChunks(abi::reductionCount(reduction)),
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
  team_.run(abi::reductionCount(search.field), [&](std::int64_t first,
                                                   std::int64_t last) {
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
