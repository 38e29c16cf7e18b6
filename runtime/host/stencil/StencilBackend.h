//===- StencilBackend.h - Where a stencil runs ------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/StencilCells.h"
#include "rk/abi/StencilDamping.h"
#include "rk/abi/StencilHalo.h"
#include "rk/abi/StencilReduction.h"
#include "rk/modfile/StencilModel.h"
#include "rk/status.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rk::runtime {

/// Memory and kernels of one stencil. What is started runs in the order of the
/// calls.
///
/// Threads   one at a time.
class StencilBackend {
public:
  virtual ~StencilBackend() = default;

  /// Loads the code of the module for the device.
  virtual Status open(const modfile::ModuleView &module,
                      const modfile::StencilView &stencil) = 0;
  /// What the cost model asks of the device; after `open`.
  [[nodiscard]] virtual modfile::DeviceFigures figures() const = 0;
  /// The plans there are for a grid, `global` first; after `open`.
  [[nodiscard]] virtual std::vector<modfile::StencilPlanView>
  plans(const modfile::StencilExtent &extent,
        const modfile::StencilFaces &faces) const = 0;
  /// Whether a launch of several steps leaves new values where as many launches
  /// of one step would, with no arrays beside theirs.
  [[nodiscard]] virtual bool turnsInPlace() const { return false; }
  /// Whether launches of several steps of a plan do what
  /// `StencilLaunch::moves` says.
  [[nodiscard]] virtual bool movesInLaunch(modfile::StencilPlanKind) const {
    return false;
  }
  /// Makes a plan, which has to live on, ready to launch and returns its
  /// number, from 0.
  virtual Result<std::uint32_t> load(const modfile::StencilPlanView &plan) = 0;
  /// Gets a plan ready for runs of this grid, as far as that needs more than
  /// the code; its arrays have no memory yet.
  virtual Status prepare(std::uint32_t, const abi::StencilLaunch &) {
    return {};
  }
  /// Forgets all plans and functions that were loaded, and frees all memory.
  virtual void reset() = 0;
  /// Returns memory that is 0; it is freed with this.
  virtual Result<std::uint64_t> allocate(std::size_t bytes) = 0;
  virtual Status clear(std::uint64_t address, std::size_t bytes) = 0;
  /// `from` may be used again when `copyIn` returns; `to` may be read after
  /// `wait`.
  virtual Status copyIn(std::uint64_t to, const void *from,
                        std::size_t bytes) = 0;
  virtual Status copyOut(void *to, std::uint64_t from, std::size_t bytes) = 0;
  /// Starts one launch of a plan that was loaded.
  virtual Status launch(std::uint32_t plan,
                        const abi::StencilLaunch &launch) = 0;
  /// Makes a function of the module ready that is for indices, and returns its
  /// number, from 0.
  virtual Result<std::uint32_t> loadFunction(std::string_view entry) = 0;
  /// Starts it for the indices 0 to `count` - 1. `argument` is what it takes,
  /// and begins with `count`.
  virtual Status launchFunction(std::uint32_t function, const void *argument,
                                std::int64_t count) = 0;
  virtual Status fillHalo(const abi::StencilHalo &halo) = 0;
  virtual Status moveCells(const abi::StencilCells &cells) = 0;
  virtual Status damp(const abi::StencilDamping &damping) = 0;
  /// Makes one number of each chunk.
  virtual Status reduce(const abi::StencilReduction &reduction) = 0;
  virtual Status search(const abi::StencilSearch &search) = 0;
  /// Keeps what is started until `endRecord` instead of starting it; `replay`
  /// starts it all. False, and nothing done, where a device gains nothing by
  /// it.
  virtual bool beginRecord() { return false; }
  virtual Status endRecord() { return {}; }
  virtual Status replay() { return {}; }
  /// Waits until all that was started has ended. Where it shares the device,
  /// at most for the patience it was made with.
  virtual Status wait() = 0;
  /// Whether a system of this process runs on the same device, so that what is
  /// started may get little of it or, for a mistake, nothing.
  [[nodiscard]] virtual bool isShared() const { return false; }
  [[nodiscard]] virtual std::string device() const = 0;
};

std::unique_ptr<StencilBackend> makeCpuStencil(std::uint32_t threads);
Result<std::unique_ptr<StencilBackend>>
makeCudaStencil(int device, std::chrono::nanoseconds patience);

} // namespace rk::runtime
