//===- Passes.td - Passes that finish the import -----------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_IMPORT_PASSES_TD
#define RKC_IMPORT_PASSES_TD

include "mlir/Pass/PassBase.td"

def RaiseMarkersPass : Pass<"rk-raise-markers", "::mlir::ModuleOp"> {
  let summary = "Turn calls of marker functions into rk ops";
  let description = [{
    Replaces every call of a function of `rk/detail/Markers.h` by the op it
    stands for, and every `llvm.atomicrmw` that is ordered or of system scope,
    which is what `std::atomic` makes, by `rk.atomic.rmw` or, where a target has
    no such update, by a loop around `llvm.cmpxchg`.

    Refuses an operand that must be a constant and is not, a type that is not
    declared, and a marker it does not know. Afterwards no name that starts with
    `__rk_` is left.
  }];
  let dependentDialects = ["::rkc::RkDialect"];
}

#endif // RKC_IMPORT_PASSES_TD
