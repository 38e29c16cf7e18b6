//===- StencilRemarks.cpp - What is said of a stencil ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "StencilRemarks.h"

#include "rkc/transforms/StencilPlans.h"
#include "rkc/transforms/StencilRecord.h"

#include "rk/modfile/CpuPlans.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace rkc::transforms {

namespace {

using rk::modfile::DeviceFigures;
using rk::modfile::PlanForecast;
using rk::modfile::StencilExtent;
using rk::modfile::StencilPlanView;

/// Three digits at least, and none of a power of ten.
std::string number(double value) {
  const int digits = value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.*f", digits, value);
  return text;
}

std::string rateText(double cells, double bytes) {
  std::string text;
  llvm::raw_string_ostream(text) << number(cells * 1e-9) << " Gcells/s ("
                                 << number(bytes * 1e-9) << " GB/s)";
  return text;
}

class StencilReporter {
public:
  StencilReporter(StencilOp stencil, bool onCpu)
      : stencil(stencil), onCpu(onCpu), record(recordOf(stencil)),
        device(onCpu ? rk::modfile::referenceCpu()
                     : rk::modfile::referenceDevice()) {
    rk::modfile::Module module;
    module.stencils.push_back(record);
    owned = std::move(module);
    all = rk::modfile::viewOf(owned);
    for (const auto &array : record.arrays)
      bytes += double(array.elementBytes) *
               (array.levels + (array.isWritten ? 1 : 0));
  }

  std::vector<std::string> run();

private:
  /// Grids of about as many cells, whatever the dimensions: 64^3 and 512^3.
  [[nodiscard]] StencilExtent grid(bool isLarge) const {
    switch (record.dimensions) {
    case 1:
      return {isLarge ? 1 << 27 : 1 << 18, 1, 1};
    case 2:
      return {isLarge ? 8192 : 512, isLarge ? 16384 : 512, 1};
    default:
      return {isLarge ? 512 : 64, isLarge ? 512 : 64, isLarge ? 512 : 64};
    }
  }
  [[nodiscard]] std::string gridText(const StencilExtent &extent) const {
    std::string text = std::to_string(extent[0]);
    for (uint32_t axis = 1; axis < record.dimensions; ++axis)
      text += " x " + std::to_string(extent[axis]);
    return text;
  }
  [[nodiscard]] std::vector<StencilPlanView>
  plansOf(const StencilExtent &extent) const {
    const auto &view = all.stencils.front();
    return onCpu ? rk::modfile::cpuPlans(view, extent, {}, device) : view.plans;
  }
  std::string introduction();
  std::string prediction(StringRef plan, const StencilExtent &extent);
  std::string shapeText(const PlanOffer &offer) const;
  void sayOfBoundary(std::vector<std::string> &said);
  std::string taken();

  StencilOp stencil;
  bool onCpu;
  rk::modfile::Stencil record;
  DeviceFigures device;
  rk::modfile::Module owned;
  rk::modfile::ModuleView all;
  double bytes = 0;
};

std::string StencilReporter::introduction() {
  std::string text;
  llvm::raw_string_ostream(text)
      << "stencil '" << record.name << "', " << record.dimensions
      << (record.dimensions == 1 ? " dimension: " : " dimensions: ")
      << record.operations
      << (record.operations == 1 ? " operation" : " operations") << ", and "
      << int64_t(bytes) << " bytes to move for a cell and step; by the model, "
      << (onCpu ? "16 cores copy " : "an H100 copies ")
      << number(device.memoryRate * 1e-9)
      << " GB/s, so that with one step after the other "
      << number(device.memoryRate / bytes * 1e-9)
      << " Gcells/s are possible beyond "
      << (onCpu ? "their cache" : "its cache");
  return text;
}

std::string StencilReporter::prediction(StringRef name,
                                        const StencilExtent &extent) {
  const auto &view = all.stencils.front();
  std::string text = gridText(extent) + " cells: ";
  for (const StencilPlanView &plan : plansOf(extent)) {
    if (StringRef(plan.name) != name)
      continue;
    const PlanForecast made =
        rk::modfile::forecast(view, plan, extent, {}, device);
    if (!made.refusal.empty())
      return text + "refused, as " + made.refusal;
    const double cells =
        double(extent[0]) * double(extent[1]) * double(extent[2]);
    return text +
           rateText(cells / made.stepSeconds,
                    cells / made.stepSeconds * bytes) +
           ", limited by " + std::string(made.limit);
  }
  return text + "none";
}

std::string StencilReporter::shapeText(const PlanOffer &offer) const {
  if (offer.name == "resident")
    return "all steps of a run in a launch";
  if (onCpu)
    return offer.name == "temporal" ? "several steps in a pass"
                                    : "a pass for each step";
  std::string text = offer.steps == 1
                         ? "a launch for each step"
                         : std::to_string(offer.steps) + " steps in a launch";
  if (offer.name != "global") {
    text += ", tiles of " + std::to_string(offer.tile[0]);
    for (uint32_t axis = 1; axis + 1 < record.dimensions; ++axis)
      text += " x " + std::to_string(offer.tile[axis]);
    text += " cells";
  }
  return text;
}

/// Says which plans cannot run where all faces are left to the boundary.
void StencilReporter::sayOfBoundary(std::vector<std::string> &said) {
  const auto &view = all.stencils.front();
  rk::modfile::StencilFaces faces;
  faces.boundary.fill(rk::abi::StencilBoundary::Function);
  const StencilExtent extent = grid(false);
  for (const StencilPlanView &plan : plansOf(extent)) {
    const auto refusal = [&](const rk::modfile::StencilFaces &on) {
      return rk::modfile::forecast(view, plan, extent, on, device).refusal;
    };
    if (const std::string why = refusal(faces);
        refusal({}).empty() && !why.empty())
      said.push_back("plan '" + std::string(plan.name) +
                     "' is refused where faces are left to the boundary of "
                     "the class: " +
                     why);
  }
}

std::string StencilReporter::taken() {
  std::string text = "without StencilOptions::plan";
  for (const bool isLarge : {false, true}) {
    const StencilExtent extent = grid(isLarge);
    const std::vector<StencilPlanView> plans = plansOf(extent);
    const size_t fastest = rk::modfile::fastestPlan(all.stencils.front(), plans,
                                                    extent, {}, device);
    text += (isLarge ? ", and '" : ", '") + std::string(plans[fastest].name) +
            "' is taken for " + gridText(extent) + " cells";
  }
  return text;
}

std::vector<std::string> StencilReporter::run() {
  std::vector<std::string> said = {introduction()};
  for (const PlanOffer &offer : offerPlans(stencil)) {
    const std::string name = offer.name.str();
    // On a CPU every plan is an order in which the same kernel runs.
    if (!offer.refusal.empty() && !onCpu) {
      said.push_back("no plan '" + name + "': " + offer.refusal);
      continue;
    }
    said.push_back("plan '" + name + "', " + shapeText(offer) + "; " +
                   prediction(name, grid(false)) + "; " +
                   prediction(name, grid(true)));
  }
  if (stencil.getOutside())
    sayOfBoundary(said);
  said.push_back(taken());
  return said;
}

} // namespace

std::vector<std::string> stencilRemarks(StencilOp stencil, bool onCpu) {
  if (!stencil.getApply() || stencil.getBody().getOps<StencilPlanOp>().empty())
    return {};
  return StencilReporter(stencil, onCpu).run();
}

} // namespace rkc::transforms
