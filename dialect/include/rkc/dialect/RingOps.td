//===- RingOps.td - Bounded queues of one agent ------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_RINGOPS_TD
#define RKC_DIALECT_RINGOPS_TD

include "rkc/dialect/RkBase.td"

def OpGroupRing : OpDocGroup {
  let summary = "Rings";
  let description = [{
    Bounded queues in an actor's own state: one agent reads and writes them, so
    no access is atomic. The layout is `!rk.ring`.
  }];
}

let opDocGroup = OpGroupRing in {

class Rk_RingOp<string verb, string preposition>
    : Rk_Op<"ring." # verb, "1.0", [Rk_AnyTarget]> {
  let arguments = (ins LLVM_AnyPointer:$ring, LLVM_AnyPointer:$item,
                       TypeAttrOf<Rk_RingType>:$layout);
  let results = (outs I1:$done);
  let assemblyFormat = "$item `" # preposition # [{` $ring `as` $layout
    attr-dict `:` qualified(type($item)) `,` qualified(type($ring))
  }];
}

def Rk_RingPushOp : Rk_RingOp<"push", "into"> {
  let summary = "Append one item to a ring";
  let description = [{
    Copies the item behind the newest one. If the ring is full it is unchanged,
    and the result is false.

    Lowers to: inline code.

    Example:

    ```mlir
    llvm.func @keep(%ring: !llvm.ptr, %item: !llvm.ptr) -> i1 {
      %done = rk.ring.push %item into %ring
          as !rk.ring<bytes = 8, align = 8, capacity = 16>
          : !llvm.ptr, !llvm.ptr
      llvm.return %done : i1
    }
    ```
  }];
}

def Rk_RingPopOp : Rk_RingOp<"pop", "from"> {
  let summary = "Take the oldest item out of a ring";
  let description = [{
    Copies the oldest item to `item` and removes it. If the ring is empty, ring
    and `item` are unchanged, and the result is false.

    Lowers to: inline code.

    Example:

    ```mlir
    llvm.func @take(%ring: !llvm.ptr, %item: !llvm.ptr) -> i1 {
      %done = rk.ring.pop %item from %ring
          as !rk.ring<bytes = 8, align = 8, capacity = 16>
          : !llvm.ptr, !llvm.ptr
      llvm.return %done : i1
    }
    ```
  }];
}

} // OpGroupRing

#endif // RKC_DIALECT_RINGOPS_TD
