//===- GpuModule.cpp - The kernel, and what a GPU gets wrong --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "../common/LlvmModule.h"

#include "mlir/IR/Location.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::success;

namespace rkc {

void prepareKernel(llvm::Module &module, llvm::StringRef entry,
                   unsigned threads) {
  llvm::Function *kernel = module.getFunction(entry);
  kernel->setCallingConv(llvm::CallingConv::PTX_Kernel);
  kernel->setVisibility(llvm::GlobalValue::DefaultVisibility);
  kernel->addFnAttr("nvvm.maxntid", std::to_string(threads));
  // One block lives on each SM. Without saying so, ptxas keeps to 64 registers,
  // and spills.
  kernel->addFnAttr("nvvm.minctasm", "1");
  // Its one argument stays in constant memory, wherever its address goes.
  if (kernel->arg_size() == 1 &&
      kernel->hasParamAttribute(0, llvm::Attribute::ByVal))
    kernel->addParamAttr(
        0, llvm::Attribute::get(module.getContext(), "nvvm.grid_constant"));
  for (llvm::Function &function : module) {
    if (function.isIntrinsic())
      continue;
    function.setConvergent();
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (auto *call = llvm::dyn_cast<llvm::CallBase>(&instruction))
        if (call->isIndirectCall())
          call->setConvergent();
  }
}

/// The name that a person wrote.
static std::string sourceName(const llvm::Function &function) {
  return llvm::demangle(function.getName());
}

/// Whether the NVPTX back end of LLVM 22 keeps what `order` and `scope` ask. It
/// writes every read-modify-write as relaxed and of the GPU's scope.
static bool isKept(const llvm::AtomicRMWInst &atomic) {
  if (llvm::isStrongerThanMonotonic(atomic.getOrdering()))
    return false;
  return atomic.getSyncScopeID() != llvm::SyncScope::System;
}

LogicalResult checkAtomics(mlir::MLIRContext *context,
                           const llvm::Module &module) {
  LogicalResult result = success();
  for (const llvm::Function &function : module)
    for (const llvm::Instruction &instruction : llvm::instructions(function)) {
      auto *atomic = llvm::dyn_cast<llvm::AtomicRMWInst>(&instruction);
      if (!atomic || isKept(*atomic))
        continue;
      mlir::emitError(sourceLine(context, instruction))
          << "in '" << sourceName(function) << "': an atomic "
          << llvm::AtomicRMWInst::getOperationName(atomic->getOperation()).str()
          << " with "
          << (llvm::isStrongerThanMonotonic(atomic->getOrdering())
                  ? llvm::toIRString(atomic->getOrdering())
                  : "system scope")
          << " reached the NVPTX back end, which would weaken it; use the "
             "scoped atomics of rk/atomic.h";
      result = failure();
    }
  return result;
}

/// Functions that the driver provides to every kernel.
static bool isDriverFunction(llvm::StringRef name) {
  return name == "vprintf" || name == "malloc" || name == "free" ||
         name == "__assertfail";
}

/// A call of `function` in code that is kept, or null.
static const llvm::Instruction *someUse(const llvm::Function &function) {
  llvm::SmallVector<const llvm::User *, 8> pending(function.user_begin(),
                                                   function.user_end());
  while (!pending.empty()) {
    const llvm::User *user = pending.pop_back_val();
    if (auto *instruction = llvm::dyn_cast<llvm::Instruction>(user))
      return instruction;
    pending.append(user->user_begin(), user->user_end());
  }
  return nullptr;
}

LogicalResult checkGpuExternals(mlir::MLIRContext *context,
                                const llvm::Module &module) {
  LogicalResult result = success();
  for (const llvm::Function &function : module) {
    if (!function.isDeclaration() || function.isIntrinsic() ||
        function.use_empty() || isDriverFunction(function.getName()))
      continue;
    const llvm::Instruction *use = someUse(function);
    mlir::Location where = use ? sourceLine(context, *use)
                               : mlir::Location(mlir::UnknownLoc::get(context));
    auto error = mlir::emitError(where);
    error << "'" << sourceName(function)
          << "' has no body that a GPU could run";
    if (use)
      error << ", and '" << sourceName(*use->getFunction()) << "' needs it";
    error << "; define it in this file, or do without it in handlers";
    result = failure();
  }
  return result;
}

} // namespace rkc
