//===- StencilModelInternal.h - Parts of the cost model --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/StencilModel.h"

namespace rk::modfile {

/// One plan, on one grid, on one device.
struct PlanQuestion {
  const StencilView &stencil;
  const StencilPlanView &plan;
  const StencilExtent &extent;
  const StencilFaces &faces;
  const DeviceFigures &device;

  /// Bytes of a cell that a step has to read and write once.
  [[nodiscard]] double bytesOfStep() const;
  [[nodiscard]] double cells() const;
  [[nodiscard]] bool fitsCache(double bytesPerCell) const;
  /// On a GPU: the share of all accesses that the last cache does not serve.
  [[nodiscard]] double shareOfMemory() const;
  /// Arithmetic instructions of an update, also where the module does not say.
  [[nodiscard]] double operations() const;
  /// The launches after those of `steps` steps that fill halos at faces and
  /// damp earlier levels.
  [[nodiscard]] double haloLaunches(std::uint32_t steps) const;
  /// Whether a face of an axis, or of any, is left to the boundary.
  [[nodiscard]] bool leavesFaces(std::uint32_t axis) const;
  [[nodiscard]] bool leavesFaces() const;
  /// How far any array is read along an axis.
  [[nodiscard]] std::int64_t reach(std::uint32_t axis) const;
};

/// What a launch takes, on a GPU. Units: seconds.
struct LaunchTimes {
  double memory = 0, cache = 0, arithmetic = 0, waiting = 0;
  /// What "waiting" is called as a limit.
  std::string_view wait = "latency";

  /// They hide each other but for a part: the fourth root of the sum of fourth
  /// powers is what fits the record, as docs/rationale/stencil-choice.md shows.
  [[nodiscard]] double together() const;
};

/// Fills in the times of a plan whose launches make `steps` steps each, and
/// leave halos at faces to `haloLaunches` others.
void finish(const PlanQuestion &question, PlanForecast &result,
            const LaunchTimes &times, double steps, double haloLaunches);

/// Any plan, on the CPU.
PlanForecast forecastCpu(const PlanQuestion &question);
PlanForecast forecastStreaming(const PlanQuestion &question);
PlanForecast forecastTemporal(const PlanQuestion &question);
PlanForecast forecastResident(const PlanQuestion &question);

} // namespace rk::modfile
