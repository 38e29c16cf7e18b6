//===- HostModule.cpp - GPU code turned into CPU code ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "../common/LlvmModule.h"

#include "rkc/target/LlvmProgram.h"

#include "mlir/IR/Location.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicsNVPTX.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::success;

namespace rkc {

static void dropGpuAttributes(llvm::Function &function) {
  function.setCallingConv(llvm::CallingConv::C);
  llvm::SmallVector<std::string, 4> names;
  for (llvm::Attribute attribute : function.getAttributes().getFnAttrs())
    if (attribute.isStringAttribute() &&
        attribute.getKindAsString().starts_with("nvvm."))
      names.push_back(attribute.getKindAsString().str());
  for (const std::string &name : names)
    function.removeFnAttr(name);
}

/// Removes calls that only let other lanes go first.
static bool isPause(const llvm::CallBase &call) {
  return call.getIntrinsicID() == llvm::Intrinsic::nvvm_nanosleep;
}

static LogicalResult checkCall(mlir::MLIRContext *context,
                               const llvm::CallBase &call) {
  const char *advice = "; use the functions of rk/, which exist on both";
  if (call.isInlineAsm()) {
    auto *text = llvm::cast<llvm::InlineAsm>(call.getCalledOperand());
    if (text->getAsmString().empty())
      return success();
    return mlir::emitError(sourceLine(context, call))
           << "inline assembly in '"
           << llvm::demangle(call.getFunction()->getName())
           << "' cannot run on the host, and --arch names it" << advice;
  }
  const llvm::Function *callee = call.getCalledFunction();
  if (!callee || !callee->getName().starts_with("llvm.nvvm."))
    return success();
  return mlir::emitError(sourceLine(context, call))
         << "'" << callee->getName() << "' in '"
         << llvm::demangle(call.getFunction()->getName())
         << "' exists only on GPUs, and --arch names the host" << advice;
}

LogicalResult prepareForHost(mlir::MLIRContext *context, llvm::Module &module) {
  LogicalResult result = success();
  for (llvm::Function &function : module) {
    dropGpuAttributes(function);
    for (llvm::Instruction &instruction :
         llvm::make_early_inc_range(llvm::instructions(function))) {
      auto *call = llvm::dyn_cast<llvm::CallBase>(&instruction);
      if (!call)
        continue;
      call->setCallingConv(llvm::CallingConv::C);
      if (isPause(*call))
        call->eraseFromParent();
      else if (isGenerated(function) && failed(checkCall(context, *call)))
        result = failure();
    }
  }
  llvm::Function *entry = module.getFunction(hostEntry);
  entry->setVisibility(llvm::GlobalValue::DefaultVisibility);
  entry->setDSOLocal(false);
  return result;
}

} // namespace rkc
