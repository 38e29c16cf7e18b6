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
};

/// Fills in the times. `bytes` and `instructions` are for each cell and step,
/// `steps` are those of a launch.
void finish(const PlanQuestion &question, PlanForecast &result, double steps,
            double bytes, double instructions, double exchangeSeconds);

/// Any plan, on the CPU.
PlanForecast forecastCpu(const PlanQuestion &question);
PlanForecast forecastStreaming(const PlanQuestion &question);
PlanForecast forecastTemporal(const PlanQuestion &question);
PlanForecast forecastResident(const PlanQuestion &question);

} // namespace rk::modfile
