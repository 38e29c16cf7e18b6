//===- RkToNvvm.cpp - The lowering for NVIDIA GPUs ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/conversion/Passes.h"

#include "ConversionInternal.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;

namespace rkc::conversion {

#define GEN_PASS_DEF_RKTONVVMPASS
#include "rkc/conversion/Passes.h.inc"

namespace {

struct RkToNvvm : impl::RkToNvvmPassBase<RkToNvvm> {
  void runOnOperation() override {
    ProgramInfo info;
    info.program = getOperation();
    RewritePatternSet patterns(&getContext());
    addNvvmAtomicPatterns(patterns);
    addNvvmClockPatterns(patterns);
    addNvvmFloatPatterns(patterns);
    if (failed(collectProgram(info)) || failed(findGroupFunctions(info)) ||
        failed(lowerProgram(info, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace rkc::conversion
