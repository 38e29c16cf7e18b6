//===- VerifyLowered.cpp - What lowering promises -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/DeviceCalls.h"
#include "rkc/transforms/Passes.h"

#include "mlir/IR/BuiltinOps.h"

using namespace mlir;

namespace rkc::transforms {

#define GEN_PASS_DEF_VERIFYLOWEREDPASS
#include "rkc/transforms/Passes.h.inc"

namespace {

struct VerifyLowered : impl::VerifyLoweredPassBase<VerifyLowered> {
  using Base::Base;

  void runOnOperation() override {
    onHost = isHost();
    bool ok = true;
    getOperation().walk([&](Operation *op) { ok &= succeeded(check(op)); });
    if (!ok)
      signalPassFailure();
  }

  bool isHost() {
    if (!target.empty())
      return target == "host";
    auto triple = getOperation()->getAttrOfType<StringAttr>(
        LLVM::LLVMDialect::getTargetTripleAttrName());
    return triple && !triple.getValue().starts_with("nvptx");
  }

  LogicalResult check(Operation *op) {
    if (isa_and_nonnull<RkDialect>(op->getDialect()))
      return op->emitOpError("is left after lowering");
    if (isa<LLVM::FMulAddOp>(op))
      return op->emitOpError("is left after lowering: targets would round it "
                             "differently");
    if (auto update = dyn_cast<LLVM::AtomicRMWOp>(op))
      return checkAtomic(update);
    if (auto function = dyn_cast<LLVM::LLVMFuncOp>(op))
      return checkFunction(function);
    return success();
  }

  /// LLVM 22 selects a relaxed `atom` of device scope for every `atomicrmw`.
  LogicalResult checkAtomic(LLVM::AtomicRMWOp update) {
    if (onHost)
      return success();
    bool relaxed = update.getOrdering() == LLVM::AtomicOrdering::monotonic;
    bool isSystem = update.getSyncscope().value_or("").empty();
    if (relaxed && !isSystem)
      return success();
    return update.emitOpError("with order '")
           << LLVM::stringifyAtomicOrdering(update.getOrdering())
           << "' and scope '" << (isSystem ? "system" : *update.getSyncscope())
           << "' would become a relaxed update of device scope on the GPU: "
              "use rk.atomic.rmw";
  }

  LogicalResult checkFunction(LLVM::LLVMFuncOp function) {
    StringRef name = function.getSymName();
    if (!function.isExternal() || !name.starts_with("rk_"))
      return success();
    auto expected = getDeviceCallType(&getContext(), name, onHost);
    if (!expected)
      return function.emitError()
             << "'" << name << "' is not a function of the device library";
    if (function.getFunctionType() == expected)
      return success();
    return function.emitError()
           << "'" << name << "' has type " << function.getFunctionType()
           << " here, and " << expected << " in the device library";
  }

  bool onHost = false;
};

} // namespace
} // namespace rkc::transforms
