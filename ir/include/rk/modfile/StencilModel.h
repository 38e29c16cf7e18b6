//===- StencilModel.h - How fast each plan of a stencil is -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The cost model of plans. The compiler asks it for remarks, with the figures
/// of a reference device; the host asks it when a stencil is made, with those
/// of the device and the grid, and takes the plan with the highest rate.
///
/// A step takes a launch, and a little more than the longest of three times:
/// moving its bytes, its instructions, and waiting. What is fitted and to which
/// rows: docs/rationale/stencil-choice.md.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/Module.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rk::modfile {

/// What the model has to know of a device.
struct DeviceFigures {
  bool isCpu = false;
  /// Units     bytes a second that a copy moves, read and written together.
  double memoryRate = 0;
  /// The same out of the last cache; on a GPU, all that blocks read of each
  /// other's lines counts too.
  double cacheRate = 0;
  /// Of a GPU. Units: cycles a second of a multiprocessor.
  double clock = 0;
  /// Units     instructions a second of all lanes of all multiprocessors.
  double instructionRate = 0;
  /// Units     seconds, from one launch to the next with nothing to do, and of
  ///           an exchange between neighbouring blocks within a kernel.
  double launchSeconds = 0;
  double exchangeSeconds = 0;
  /// Of a GPU. Units: seconds, a launch that the host starts by itself.
  double callSeconds = 0;
  std::uint64_t cacheBytes = 0;
  /// Of a CPU: what each core has to itself.
  std::uint64_t coreCacheBytes = 0;
  /// Of a CPU: threads.
  std::uint32_t multiprocessors = 1;
  /// How many clusters of 1, 2, 4, 8 and 16 blocks of the plan `resident` run
  /// at once; all 0 if there are none.
  std::uint32_t clusters[5] = {};
  /// Whether the stencil has the kernel of the plan `resident` whose threads
  /// receive: it is a star.
  bool hasDirect = false;
  std::uint32_t sharedBytes = 0;   ///< of a multiprocessor
  std::uint32_t registerBytes = 0; ///< of a multiprocessor
};

/// An H100 as its driver describes it: for remarks.
DeviceFigures referenceDevice();

/// A server of 16 cores, as docs/rationale/cpu-plans.md describes it: for
/// remarks.
DeviceFigures referenceCpu();

/// What a copy within a GPU's memory moves, read and written together. Units:
/// Hz, bits, and bytes a second.
double copyRate(double memoryClock, double busBits);

/// Fills in what follows from the number of multiprocessors and their clock.
void setMultiprocessors(DeviceFigures &device, std::uint32_t count,
                        double clock);

/// How the lowering of a plan works. In the order of the table of names.
enum class StencilPlanKind : std::uint32_t {
  Global,    ///< a launch for each step, a thread for each cell
  Streaming, ///< a launch for each step, threads walk along the last axis
  Temporal,  ///< a launch for `steps` steps, threads walk along the last axis
  Resident,  ///< a launch for any number of steps, the field stays on the chip
  Unknown,
};
StencilPlanKind stencilPlanKind(std::string_view name);

using StencilExtent = std::array<std::int64_t, 3>;

/// What holds for one run of a plan.
struct PlanForecast {
  /// Why the plan cannot run this grid; empty if it can.
  std::string refusal;
  /// For each cell and step: bytes from and to memory, instructions.
  double bytes = 0;
  double instructions = 0;
  /// Units     seconds a step takes, and would take if all were hidden behind
  ///           the bytes of a single step.
  double stepSeconds = 0;
  double possibleSeconds = 0;
  /// Units     seconds that a run of this plan costs beside its steps.
  double startSeconds = 0;
  /// What limits it: "memory", "cache", "arithmetic", "launches", "exchange",
  /// "latency".
  std::string_view limit;
  /// Planes along the last axis that a block walks over; 0: not of its kind.
  std::uint32_t depth = 0;
};

/// What a launch needs to know of boundaries to say whether a plan can run.
struct StencilFaces {
  std::array<abi::StencilBoundary, abi::StencilFaceCount> boundary = {};
  /// Whether there are layers that damp. Their faces are fixed ones here.
  bool absorbs = false;
};

/// Threads   any. Cost      nanoseconds.
PlanForecast forecast(const StencilView &stencil, const StencilPlanView &plan,
                      const StencilExtent &extent, const StencilFaces &faces,
                      const DeviceFigures &device);

/// Which of `plans` is predicted to be the fastest of those that can run; the
/// first if there is no figure to decide by. A plan has to be predicted to win
/// by a fiftieth over those before it, on a CPU by a twentieth.
std::size_t fastestPlan(const StencilView &stencil,
                        std::span<const StencilPlanView> plans,
                        const StencilExtent &extent, const StencilFaces &faces,
                        const DeviceFigures &device);

/// Entries of a launch's table that a plan of kind `kind` takes for `array`.
/// A temporal plan writes the newest levels to arrays of their own:
/// [level 0, level 1, ..., new level 0, new level 1, ...].
std::uint32_t entriesOf(StencilPlanKind kind, std::uint32_t steps,
                        const StencilArrayView &array);

} // namespace rk::modfile
