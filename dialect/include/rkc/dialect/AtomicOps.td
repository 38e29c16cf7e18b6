//===- AtomicOps.td - Accesses to memory that agents share -*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_ATOMICOPS_TD
#define RKC_DIALECT_ATOMICOPS_TD

include "rkc/dialect/RkBase.td"

def OpGroupAtomic : OpDocGroup {
  let summary = "Scoped atomics";
  let description = [{
    Atomic accesses with the order and the scope that the program asked for.
    They are ops of this dialect because LLVM's NVPTX back end drops order and
    scope of `atomicrmw`. Scope `cluster` needs a target that has clusters. On
    the CPU, every scope is the whole system.

    Addresses are aligned to the width of the value.
  }];
}

let opDocGroup = OpGroupAtomic in {

def Rk_AtomicLoadOp : Rk_Op<"atomic.load", "1.0", [Rk_SomeTargets]> {
  let summary = "Read atomically";
  let description = [{
    - `atomic.load_c1`: `order` is `relaxed`, `acquire` or `seq_cst`.

    Lowers to: an atomic `llvm.load`.

    Example:

    ```mlir
    llvm.func @peek(%flag: !llvm.ptr) -> i32 {
      %value = rk.atomic.load %flag order<acquire> scope<device>
          : !llvm.ptr -> i32
      llvm.return %value : i32
    }
    ```
  }];
  let arguments = (ins LLVM_AnyPointer:$pointer, Rk_OrderAttr:$order,
                       Rk_ScopeAttr:$scope);
  let results = (outs Rk_Int32Or64:$value);
  let assemblyFormat = [{
    $pointer `order` `` $order `scope` `` $scope attr-dict
    `:` qualified(type($pointer)) `->` type($value)
  }];
  let hasVerifier = 1;
}

def Rk_AtomicStoreOp : Rk_Op<"atomic.store", "1.0", [Rk_SomeTargets]> {
  let summary = "Write atomically";
  let description = [{
    - `atomic.store_c1`: `order` is `relaxed`, `release` or `seq_cst`.

    Lowers to: an atomic `llvm.store`.

    Example:

    ```mlir
    llvm.func @raise(%flag: !llvm.ptr, %value: i32) {
      rk.atomic.store %value, %flag order<release> scope<system>
          : i32, !llvm.ptr
      llvm.return
    }
    ```
  }];
  let arguments = (ins Rk_Int32Or64:$value, LLVM_AnyPointer:$pointer,
                       Rk_OrderAttr:$order, Rk_ScopeAttr:$scope);
  let assemblyFormat = [{
    $value `,` $pointer `order` `` $order `scope` `` $scope attr-dict
    `:` type($value) `,` qualified(type($pointer))
  }];
  let hasVerifier = 1;
}

def Rk_AtomicRmwOp : Rk_Op<"atomic.rmw", "1.0", [
    AllTypesMatch<["value", "previous"]>, Rk_SomeTargets]> {
  let summary = "Update atomically, and return what was there before";
  let description = [{
    `umin`, `umax` compare as unsigned, `smin`, `smax` as signed integers.

    Lowers to: an `atom` instruction with order and scope on the GPU (never
    `llvm.atomicrmw`, see above), `llvm.atomicrmw` on the CPU.

    Example:

    ```mlir
    llvm.func @ticket(%tail: !llvm.ptr, %one: i64) -> i64 {
      %mine = rk.atomic.rmw <add> %tail, %one order<acq_rel> scope<device>
          : !llvm.ptr, i64
      llvm.return %mine : i64
    }
    ```
  }];
  let arguments = (ins Rk_RmwKindAttr:$kind, LLVM_AnyPointer:$pointer,
                       Rk_Int32Or64:$value, Rk_OrderAttr:$order,
                       Rk_ScopeAttr:$scope);
  let results = (outs Rk_Int32Or64:$previous);
  let assemblyFormat = [{
    $kind $pointer `,` $value `order` `` $order `scope` `` $scope attr-dict
    `:` qualified(type($pointer)) `,` type($value)
  }];
}

def Rk_AtomicCasOp : Rk_Op<"atomic.cas", "1.0", [
    AllTypesMatch<["expected", "desired", "previous"]>, Rk_SomeTargets]> {
  let summary = "Write atomically if the expected value is there";
  let description = [{
    Returns what was there; the write happened if that equals `expected`. When
    it did not, the read has the strongest order that a load can have and that
    is not stronger than `order`.

    Lowers to: `llvm.cmpxchg`.

    Example:

    ```mlir
    llvm.func @lock(%lock: !llvm.ptr, %free: i32, %mine: i32) -> i32 {
      %found = rk.atomic.cas %lock, %free, %mine order<acquire> scope<block>
          : !llvm.ptr, i32
      llvm.return %found : i32
    }
    ```
  }];
  let arguments = (ins LLVM_AnyPointer:$pointer, Rk_Int32Or64:$expected,
                       Rk_Int32Or64:$desired, Rk_OrderAttr:$order,
                       Rk_ScopeAttr:$scope);
  let results = (outs Rk_Int32Or64:$previous);
  let assemblyFormat = [{
    $pointer `,` $expected `,` $desired `order` `` $order `scope` `` $scope
    attr-dict `:` qualified(type($pointer)) `,` type($expected)
  }];
}

def Rk_FenceOp : Rk_Op<"fence", "1.0", [Rk_SomeTargets]> {
  let summary = "Order the accesses before against those after";
  let description = [{
    - `fence_c1`: `order` is not `relaxed`.

    Lowers to: `llvm.fence`.

    Example:

    ```mlir
    llvm.func @publish() {
      rk.fence order<release> scope<device>
      llvm.return
    }
    ```
  }];
  let arguments = (ins Rk_OrderAttr:$order, Rk_ScopeAttr:$scope);
  let assemblyFormat = "`order` `` $order `scope` `` $scope attr-dict";
  let hasVerifier = 1;
}

} // OpGroupAtomic

#endif // RKC_DIALECT_ATOMICOPS_TD
