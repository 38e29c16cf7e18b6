//===- InferHalos.cpp - What updates read, and where ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

#include <algorithm>
#include <cstdlib>

using namespace mlir;

namespace rkc::transforms {

#define GEN_PASS_DEF_INFERHALOSPASS
#include "rkc/transforms/Passes.h.inc"

namespace {

/// Sets what the accesses and stores of the update say about one array.
void infer(StencilOp stencil, StencilArrayOp array) {
  SmallVector<int64_t, 3> halo(3, 0);
  bool written = false, oldestBeside = false;
  const uint32_t levels = array.getLevels();
  if (StencilApplyOp apply = stencil.getApply()) {
    for (auto access : apply.getBody().getOps<StencilAccessOp>()) {
      if (access.getArray() != array.getName())
        continue;
      for (auto [most, offset] : llvm::zip_equal(halo, access.getOffset())) {
        most = std::max<int64_t>(most, std::abs(offset));
        oldestBeside |= offset != 0 && access.getLevel() + 1 == levels;
      }
    }
    for (auto store : apply.getBody().getOps<StencilStoreOp>())
      written |= store.getArray() == array.getName();
  }
  // A cell may overwrite its own oldest value, once nobody else reads it.
  const bool oneMore = written && (levels == 1 || oldestBeside);
  for (auto reduction : stencil.getBody().getOps<StencilReduceOp>())
    for (auto access : reduction.getBody().getOps<StencilAccessOp>())
      for (auto [most, offset] : llvm::zip_equal(halo, access.getOffset()))
        if (access.getArray() == array.getName())
          most = std::max<int64_t>(most, std::abs(offset));
  Builder builder(array.getContext());
  array.setHaloAttr(builder.getDenseI64ArrayAttr(halo));
  array.setEntriesAttr(
      builder.getI32IntegerAttr(int32_t(levels + (oneMore ? 1 : 0))));
  array.setWritten(written);
}

/// What a boundary reads or sets is needed beyond the faces of other axes too,
/// where lines through its places begin.
void widen(StencilOp stencil, StencilBoundaryOp boundary) {
  SmallVector<int64_t, 3> widest(3, 0);
  for (auto array : stencil.getBody().getOps<StencilArrayOp>())
    for (auto [most, width] : llvm::zip_equal(widest, *array.getHalo()))
      most = std::max(most, width);
  Builder builder(stencil.getContext());
  for (Operation &op : boundary.getBody().front()) {
    StringRef name;
    if (auto inside = dyn_cast<StencilInsideOp>(op))
      name = inside.getArray();
    else if (auto store = dyn_cast<StencilStoreOp>(op))
      name = store.getArray();
    else
      continue;
    stencil.getArray(name).setHaloAttr(builder.getDenseI64ArrayAttr(widest));
  }
}

struct InferHalos : impl::InferHalosPassBase<InferHalos> {
  void runOnOperation() override {
    for (auto stencil : getOperation().getOps<StencilOp>()) {
      for (auto array : stencil.getBody().getOps<StencilArrayOp>())
        infer(stencil, array);
      if (StencilBoundaryOp boundary = stencil.getOutside())
        widen(stencil, boundary);
    }
  }
};

} // namespace
} // namespace rkc::transforms
