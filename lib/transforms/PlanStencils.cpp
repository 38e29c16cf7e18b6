//===- PlanStencils.cpp - How each stencil can be run ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Passes.h"

#include "WalkPlans.h"

#include "rk/abi/StencilResident.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

#include <array>
#include <string>

using namespace mlir;

namespace rkc::transforms {

#define GEN_PASS_DEF_PLANSTENCILSPASS
#include "rkc/transforms/Passes.h.inc"

namespace {

/// Threads along x make whole lines of memory; the rows of a block share the
/// lines that they read of each other.
std::array<int32_t, 3> globalBlock(uint32_t dimensions) {
  if (dimensions == 1)
    return {256, 1, 1};
  return {64, 4, 1};
}

/// One launch for each step, a thread for each cell.
PlanOffer offerGlobal(StencilOp stencil) {
  PlanOffer offer;
  offer.name = "global";
  offer.block = offer.tile = globalBlock(stencil.getDimensions());
  return offer;
}

/// All steps of a launch in one kernel, with the field on the chip. The host
/// cuts the grid. Without the plan is a stencil of which not even one cell and
/// what it reads fit.
PlanOffer offerResident(StencilOp stencil) {
  constexpr int64_t MostBytes = 200 << 10;
  PlanOffer offer;
  offer.name = "resident";
  offer.block = {int32_t(rk::abi::ResidentThreads), 1, 1};
  offer.tile = {0, 0, 0};
  int64_t bytes = 0, cells = 1;
  for (unsigned axis = 0; axis < 3; ++axis) {
    int64_t width = 0;
    for (auto array : stencil.getBody().getOps<StencilArrayOp>())
      width = std::max(width, (*array.getHalo())[axis]);
    cells *= 2 * width + (axis == 0 ? 4 : 1);
  }
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    bytes += cells * *array.getEntries() * array.getElementBytes();
  if (bytes > MostBytes)
    offer.refusal = "one cell and its neighbourhood take " +
                    std::to_string(bytes) +
                    " bytes of all arrays, and a multiprocessor has " +
                    std::to_string(MostBytes);
  return offer;
}

/// The plans in the order in which they are tried: the most general one first.
constexpr PlanOffer (*Offers[])(StencilOp) = {offerGlobal, offerStreaming,
                                              offerTemporal, offerResident};

std::string entryName(size_t number, StringRef kernel) {
  return "rk_stencil_" + std::to_string(number) + "_" + kernel.str();
}

void addPlan(StencilOp stencil, size_t number, const PlanOffer &offer) {
  OpBuilder builder(stencil.getContext());
  builder.setInsertionPointToEnd(&stencil.getBody().front());
  std::string entry = entryName(number, offer.name);
  StencilPlanOp::create(builder, stencil.getLoc(),
                        builder.getStringAttr(offer.name),
                        FlatSymbolRefAttr::get(builder.getContext(), entry),
                        builder.getDenseI32ArrayAttr(offer.block),
                        builder.getDenseI32ArrayAttr(offer.tile),
                        builder.getI32IntegerAttr(offer.steps),
                        builder.getI32IntegerAttr(offer.shared));
}

struct PlanStencils : impl::PlanStencilsPassBase<PlanStencils> {
  void runOnOperation() override {
    for (auto [number, stencil] :
         llvm::enumerate(getOperation().getOps<StencilOp>())) {
      if (!stencil.getApply())
        continue;
      for (const PlanOffer &offer : offerPlans(stencil))
        if (offer.refusal.empty())
          addPlan(stencil, number, offer);
      if (StencilBoundaryOp boundary = stencil.getOutside())
        boundary.setEntry(entryName(number, "boundary"));
      for (auto reduction : stencil.getBody().getOps<StencilReduceOp>())
        reduction.setEntry(
            entryName(number, "reduce_" + reduction.getName().str()));
    }
  }
};

} // namespace

SmallVector<PlanOffer> offerPlans(StencilOp stencil) {
  SmallVector<PlanOffer> offers;
  for (auto *offer : Offers)
    offers.push_back(offer(stencil));
  return offers;
}

} // namespace rkc::transforms
