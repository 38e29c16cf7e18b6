//===- StencilModel.cpp - How fast each plan of a stencil is --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/modfile/StencilModel.h"

#include "StencilModelInternal.h"

#include <algorithm>

namespace rk::modfile {

namespace {

/// Beside the update's own: addresses, loads, a store, the test of the place.
constexpr double GlobalOverhead = 14;

struct PlanModel {
  std::string_view name;
  PlanForecast (*forecast)(const PlanQuestion &);
};

PlanForecast forecastGlobal(const PlanQuestion &question) {
  PlanForecast result;
  result.bytes = question.bytesOfStep();
  result.instructions = question.stencil.operations + GlobalOverhead;
  finish(question, result, 1, result.bytes, result.instructions, 0);
  return result;
}

constexpr PlanModel Models[] = {
    {"global", forecastGlobal},
    {"streaming", forecastStreaming},
    {"temporal", forecastTemporal},
    {"resident", forecastResident},
};

} // namespace

double PlanQuestion::bytesOfStep() const {
  double bytes = 0;
  for (const StencilArrayView &array : stencil.arrays)
    bytes +=
        double(array.elementBytes) * (array.levels + (array.isWritten ? 1 : 0));
  return bytes;
}

double PlanQuestion::cells() const {
  return double(extent[0]) * double(extent[1]) * double(extent[2]);
}

bool PlanQuestion::fitsCache(double bytesPerCell) const {
  // The cache also holds what other stencils, and the driver, left in it.
  constexpr double Usable = 0.7;
  return cells() * bytesPerCell < Usable * double(device.cacheBytes);
}

void finish(const PlanQuestion &question, PlanForecast &result, double steps,
            double bytes, double instructions, double exchangeSeconds) {
  const DeviceFigures &device = question.device;
  const double cells = question.cells();
  double resting = 0;
  for (const StencilArrayView &array : question.stencil.arrays)
    resting += double(array.elementBytes) *
               entriesOf(stencilPlanKind(question.plan.name),
                         question.plan.steps, array);
  const bool cached = question.fitsCache(resting);
  const double rate = cached ? device.cacheRate : device.memoryRate;
  const double moving = cells * bytes / rate;
  const double computing = cells * instructions / device.instructionRate;
  const double launching = device.launchSeconds / steps;
  result.stepSeconds =
      std::max({moving, computing, exchangeSeconds}) + launching;
  result.possibleSeconds = cells * question.bytesOfStep() / device.memoryRate;
  if (launching > std::max({moving, computing, exchangeSeconds}))
    result.limit = "launches";
  else if (exchangeSeconds > std::max(moving, computing))
    result.limit = "exchange";
  else if (computing > moving)
    result.limit = "arithmetic";
  else
    result.limit = cached ? "cache" : "memory";
}

DeviceFigures referenceDevice() {
  DeviceFigures device;
  // HBM3 at 3.35 TB/s, of which a copy moves nine tenths.
  device.memoryRate = 3.0e12;
  device.cacheRate = 5.0e12;
  // 132 multiprocessors of 128 lanes at 1.755 GHz.
  device.instructionRate = 132 * 128 * 1.755e9;
  device.launchSeconds = 1.2e-6;
  device.exchangeSeconds = 1.0e-6;
  device.cacheBytes = 50u << 20;
  device.multiprocessors = 132;
  for (std::uint32_t power = 0; power < std::size(device.clusters); ++power)
    device.clusters[power] = power == 0 ? 132 : 128 >> power;
  device.sharedBytes = 227u << 10;
  device.registerBytes = 256u << 10;
  return device;
}

StencilPlanKind stencilPlanKind(std::string_view name) {
  for (std::size_t kind = 0; kind < std::size(Models); ++kind)
    if (Models[kind].name == name)
      return StencilPlanKind(kind);
  return StencilPlanKind::Unknown;
}

PlanForecast forecast(const StencilView &stencil, const StencilPlanView &plan,
                      const StencilExtent &extent, const StencilFaces &faces,
                      const DeviceFigures &device) {
  const StencilPlanKind kind = stencilPlanKind(plan.name);
  if (kind == StencilPlanKind::Temporal || kind == StencilPlanKind::Resident)
    for (const abi::StencilBoundary boundary : faces.boundary)
      if (boundary == abi::StencilBoundary::Function) {
        PlanForecast refused;
        refused.refusal = "a face is left to a function of the stencil, which "
                          "runs between launches; take the plan 'global' or "
                          "'streaming'";
        return refused;
      }
  for (const PlanModel &model : Models)
    if (model.name == plan.name)
      return (device.isCpu ? forecastCpu : model.forecast)(
          {stencil, plan, extent, faces, device});
  PlanForecast result;
  result.refusal = "this version does not know it";
  return result;
}

std::size_t fastestPlan(const StencilView &stencil,
                        std::span<const StencilPlanView> plans,
                        const StencilExtent &extent, const StencilFaces &faces,
                        const DeviceFigures &device) {
  constexpr double Least = 0.95;
  std::size_t fastest = 0;
  double least = -1;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const PlanForecast made =
        forecast(stencil, plans[i], extent, faces, device);
    if (!made.refusal.empty() ||
        (least >= 0 && made.stepSeconds >= Least * least))
      continue;
    least = made.stepSeconds;
    fastest = i;
  }
  return fastest;
}

std::uint32_t entriesOf(StencilPlanKind kind, std::uint32_t steps,
                        const StencilArrayView &array) {
  if (kind != StencilPlanKind::Temporal)
    return array.entries;
  return array.levels + (array.isWritten ? std::min(steps, array.levels) : 0);
}

} // namespace rk::modfile
