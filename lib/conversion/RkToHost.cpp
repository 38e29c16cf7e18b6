//===- RkToHost.cpp - The lowering for the CPU back end -------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/conversion/Passes.h"

#include "ConversionInternal.h"

using namespace mlir;

namespace rkc::conversion {

#define GEN_PASS_DEF_RKTOHOSTPASS
#include "rkc/conversion/Passes.h.inc"

namespace {

struct RkToHost : impl::RkToHostPassBase<RkToHost> {
  void runOnOperation() override {
    ProgramInfo info;
    info.program = getOperation();
    RewritePatternSet patterns(&getContext());
    addHostAtomicPatterns(patterns);
    addHostClockPatterns(patterns);
    addHostFloatPatterns(patterns);
    if (failed(collectProgram(info)) ||
        failed(lowerProgram(info, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace rkc::conversion
