//===- PlanStencils.cpp - How each stencil can be run ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Passes.h"

#include "WalkPlans.h"

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

/// The plans in the order in which they are tried: the most general one first.
constexpr PlanOffer (*Offers[])(StencilOp) = {offerGlobal, offerStreaming,
                                              offerTemporal};

void addPlan(StencilOp stencil, size_t number, const PlanOffer &offer) {
  OpBuilder builder(stencil.getContext());
  builder.setInsertionPointToEnd(&stencil.getBody().front());
  std::string entry =
      "rk_stencil_" + std::to_string(number) + "_" + offer.name.str();
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
