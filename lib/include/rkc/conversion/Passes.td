//===- Passes.td - Passes from rk to a target --------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_CONVERSION_PASSES_TD
#define RKC_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def RkToNvvmPass : Pass<"rk-to-nvvm", "::mlir::ModuleOp"> {
  let summary = "Lower rk ops to LLVM for NVIDIA GPUs";
  let description = [{
    Messaging becomes calls of the device library, atomic updates inline PTX,
    conversions and group operations NVVM ops or intrinsics. `fmuladd` becomes
    `fma`, as on the host, so that results are equal bit for bit. Declarations
    of messages and actors are dropped: whoever needs them reads them before.

    Run `rk-gate` before: ops that the target lacks make LLVM abort.

    Refuses a group operation that handlers of both kinds of `lanes` can reach.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

def LowerStencilsPass : Pass<"rk-lower-stencils", "::mlir::ModuleOp"> {
  let summary = "Make a kernel for each plan of each stencil";
  let description = [{
    Makes of every `rk.stencil.plan` the function that it names, for the target,
    and drops the stencils. On a GPU it takes a `rk::abi::StencilLaunch` by
    value. On the host only the plan `global` becomes a function: it takes the
    addresses of one and of the `rk::abi::StencilBox` that it is to update, and
    the back end runs all plans with it.

    Refuses a plan that it has no lowering for.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"host\"",
           "what to compile for: 'host', or a GPU as in 'sm_90a'">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::NVVM::NVVMDialect"];
}

def RkToHostPass : Pass<"rk-to-host", "::mlir::ModuleOp"> {
  let summary = "Lower rk ops to LLVM for the CPU back end";
  let description = [{
    As `rk-to-nvvm`, with LLVM's own atomics, with calls of the device library
    for clocks and conversions, and with groups of one lane.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // RKC_CONVERSION_PASSES_TD
