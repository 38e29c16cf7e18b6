//===- PlanStencils.cpp - How each stencil can be run ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Passes.h"

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

/// One launch for each step, a thread for each cell. Every stencil has it.
void addGlobal(StencilOp stencil, size_t number) {
  OpBuilder builder(stencil.getContext());
  builder.setInsertionPointToEnd(&stencil.getBody().front());
  const auto block = globalBlock(stencil.getDimensions());
  std::string entry = "rk_stencil_" + std::to_string(number) + "_global";
  StencilPlanOp::create(
      builder, stencil.getLoc(), builder.getStringAttr("global"),
      FlatSymbolRefAttr::get(builder.getContext(), entry),
      builder.getDenseI32ArrayAttr(block), builder.getDenseI32ArrayAttr(block),
      builder.getI32IntegerAttr(1), builder.getI32IntegerAttr(0));
}

/// Whether a cell that lies above another is read as well.
bool readsAlongZ(StencilOp stencil) {
  return llvm::any_of(
      stencil.getApply().getBody().getOps<StencilAccessOp>(),
      [](StencilAccessOp access) { return access.getOffset()[2] != 0; });
}

/// A thread for each column of `Depth` cells along z. A shallow one reads the
/// planes at its ends again and again, a deep one leaves multiprocessors idle.
void addStreaming(StencilOp stencil, size_t number) {
  constexpr int32_t Depth = 16;
  OpBuilder builder(stencil.getContext());
  builder.setInsertionPointToEnd(&stencil.getBody().front());
  std::string entry = "rk_stencil_" + std::to_string(number) + "_streaming";
  StencilPlanOp::create(
      builder, stencil.getLoc(), builder.getStringAttr("streaming"),
      FlatSymbolRefAttr::get(builder.getContext(), entry),
      builder.getDenseI32ArrayAttr({32, 8, 1}),
      builder.getDenseI32ArrayAttr({32, 8, Depth}),
      builder.getI32IntegerAttr(1), builder.getI32IntegerAttr(0));
}

/// All steps of a launch in one kernel, with the field on the chip. The host
/// cuts the grid. Without the plan is a stencil of which not even one cell and
/// what it reads fit.
void addResident(StencilOp stencil, size_t number) {
  constexpr int64_t MostBytes = 200 << 10;
  int64_t bytes = 0, cells = 1;
  for (unsigned axis = 0; axis < 3; ++axis) {
    int64_t width = 0;
    for (auto array : stencil.getBody().getOps<StencilArrayOp>())
      width = std::max(width, (*array.getHalo())[axis]);
    cells *= 2 * width + (axis == 0 ? 4 : 1);
  }
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    bytes += cells * *array.getEntries() * array.getElementBytes();
  if (bytes > MostBytes) {
    stencil.emitRemark() << "has no plan 'resident': one cell and its "
                            "neighbourhood take "
                         << bytes << " bytes of all arrays, and a "
                         << "multiprocessor has " << MostBytes;
    return;
  }
  OpBuilder builder(stencil.getContext());
  builder.setInsertionPointToEnd(&stencil.getBody().front());
  std::string entry = "rk_stencil_" + std::to_string(number) + "_resident";
  StencilPlanOp::create(
      builder, stencil.getLoc(), builder.getStringAttr("resident"),
      FlatSymbolRefAttr::get(builder.getContext(), entry),
      builder.getDenseI32ArrayAttr({int32_t(rk::abi::ResidentThreads), 1, 1}),
      builder.getDenseI32ArrayAttr({0, 0, 0}), builder.getI32IntegerAttr(1),
      builder.getI32IntegerAttr(0));
}

struct PlanStencils : impl::PlanStencilsPassBase<PlanStencils> {
  void runOnOperation() override {
    for (auto [number, stencil] :
         llvm::enumerate(getOperation().getOps<StencilOp>()))
      if (stencil.getApply()) {
        addGlobal(stencil, number);
        if (stencil.getDimensions() == 3 && readsAlongZ(stencil))
          addStreaming(stencil, number);
        addResident(stencil, number);
      }
  }
};

} // namespace
} // namespace rkc::transforms
