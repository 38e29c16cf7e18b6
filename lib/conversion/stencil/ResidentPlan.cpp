//===- ResidentPlan.cpp - Fields that stay on the chip --------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The kernel calls the device library's `rk_stencil_resident`, which cuts the
/// grid, keeps the bricks and exchanges halos (runtime/device/common/stencil/),
/// with what is made here: the shape of the stencil, as constants, and
/// functions that compute a few cells next to each other along x from shared
/// memory, or what the boundary says of a place. LLVM inlines all of it, so the
/// loops over arrays unroll.
///
//===----------------------------------------------------------------------===//

#include "ResidentUpdate.h"

#include "rkc/transforms/DeviceCalls.h"
#include "rkc/transforms/StencilRecord.h"

#include "rk/abi/StencilResident.h"

#include <cstdlib>

using namespace mlir;

namespace rkc::conversion {
namespace {

/// Whether a cell reads of rows beside its own, one away, at its own x alone.
bool readsStar(StencilOp stencil) {
  return transforms::neighboursOf(stencil) ==
             rk::abi::StencilNeighbours::Star &&
         llvm::all_of(stencil.getApply().getBody().getOps<StencilAccessOp>(),
                      [](StencilAccessOp access) {
                        return std::abs(access.getOffset()[1]) <= 1 &&
                               std::abs(access.getOffset()[2]) <= 1;
                      });
}

/// A constant `rk::abi::ResidentShape` for the kernel `entry`.
LLVM::GlobalOp makeShape(OpBuilder &builder, StencilOp stencil, StringRef entry,
                         uint32_t vector, bool isDirect, bool between) {
  const bool readsCorners = llvm::any_of(
      stencil.getApply().getBody().getOps<StencilAccessOp>(),
      [](StencilAccessOp access) {
        return access.getOffset()[1] != 0 && access.getOffset()[2] != 0;
      });
  SmallVector<int32_t> words = {0, int32_t(vector), readsCorners, isDirect,
                                between};
  for (auto array : stencil.getBody().getOps<StencilArrayOp>()) {
    ++words[0];
    const bool hasHalo = llvm::any_of(*array.getHalo(),
                                      [](int64_t width) { return width != 0; });
    llvm::append_range(
        words, std::initializer_list<int32_t>{int32_t(*array.getEntries()),
                                              int32_t(array.getElementBytes()),
                                              int32_t(array.getLevels()),
                                              array.getWritten(), hasHalo});
  }
  words.resize(sizeof(rk::abi::ResidentShape) / sizeof(int32_t));
  Type word = builder.getI32Type();
  auto type = RankedTensorType::get({int64_t(words.size())}, word);
  return LLVM::GlobalOp::create(
      builder, UnknownLoc::get(builder.getContext()),
      LLVM::LLVMArrayType::get(word, words.size()), /*isConstant=*/true,
      LLVM::Linkage::Internal, (entry + "_shape").str(),
      DenseElementsAttr::get(type, ArrayRef<int32_t>(words)));
}

/// Makes the kernel whose threads receive what they read, or that in which
/// warps receive; `between`: that also does what is between steps. One kernel
/// with all ways takes more registers, and is slower:
/// docs/rationale/stencil-plans.md.
void makeResidentKernel(OpBuilder &builder, StencilPlanOp plan, uint32_t vector,
                        const ResidentFunctions &made, LLVM::LLVMFuncOp outside,
                        bool isDirect, bool between) {
  auto program = plan->getParentOfType<ModuleOp>();
  const std::string entry =
      (plan.getEntry() + rk::abi::ResidentSuffixes[isDirect + 2 * between])
          .str();
  builder.setInsertionPointToEnd(program.getBody());
  LLVM::GlobalOp shape = makeShape(builder, plan->getParentOfType<StencilOp>(),
                                   entry, vector, isDirect, between);
  LLVM::LLVMFuncOp body = getDeviceCall(program, "rk_stencil_resident");
  LLVM::LLVMFuncOp kernel =
      makeFunction(builder, program, entry,
                   LLVM::LLVMPointerType::get(builder.getContext()));
  passByValue(builder, kernel, sizeof(rk::abi::ResidentLaunch));
  Location location = kernel.getLoc();
  Value setsOutside =
      outside
          ? LLVM::AddressOfOp::create(builder, location, outside).getResult()
          : LLVM::ZeroOp::create(
                builder, location,
                LLVM::LLVMPointerType::get(builder.getContext()))
                .getResult();
  Value arguments[] = {
      kernel.getArgument(0),
      LLVM::AddressOfOp::create(builder, location, shape),
      LLVM::AddressOfOp::create(builder, location, made.update),
      LLVM::AddressOfOp::create(builder, location, made.prime),
      LLVM::AddressOfOp::create(builder, location, made.updateSingle),
      LLVM::AddressOfOp::create(builder, location, made.primeSingle),
      setsOutside,
  };
  LLVM::CallOp::create(builder, location, body, arguments);
  LLVM::ReturnOp::create(builder, location, ValueRange());
}

} // namespace

LogicalResult lowerResidentToGpu(StencilPlanOp plan) {
  OpBuilder builder(plan.getContext());
  auto stencil = plan->getParentOfType<StencilOp>();
  const uint32_t vector = residentVector(stencil);
  LLVM::LLVMFuncOp outside = makeResidentOutside(builder, plan);
  for (const bool between : {false, true}) {
    const ResidentFunctions made =
        makeResidentFunctions(builder, plan, vector, between);
    makeResidentKernel(builder, plan, vector, made, outside,
                       /*isDirect=*/false, between);
    if (readsStar(stencil) && vector > 1)
      makeResidentKernel(builder, plan, vector, made, outside,
                         /*isDirect=*/true, between);
  }
  return success();
}

} // namespace rkc::conversion
