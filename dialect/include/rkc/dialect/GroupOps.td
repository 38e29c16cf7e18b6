//===- GroupOps.td - The lanes that run one handler call ---*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_GROUPOPS_TD
#define RKC_DIALECT_GROUPOPS_TD

include "rkc/dialect/RkBase.td"

def OpGroupGroup : OpDocGroup {
  let summary = "Groups";
  let description = [{
    A group is the lanes that run one handler call together: 32 in a handler
    with `#rk.lanes<warp>` on a GPU, one otherwise, and always one on the CPU.
    Every lane of the group must reach the op. A function that contains one must
    be reachable from handlers of one kind only; the lowering refuses others.
  }];
}

let opDocGroup = OpGroupGroup in {

def Rk_GroupSizeOp : Rk_Op<"group.size", "1.0", [Pure, Rk_AnyTarget]> {
  let summary = "Get the number of lanes in the group";
  let description = [{
    Example:

    ```mlir
    llvm.func @lanes() -> i32 {
      %size = rk.group.size
      llvm.return %size : i32
    }
    ```
  }];
  let results = (outs I32:$size);
  let assemblyFormat = "attr-dict";
}

def Rk_GroupRankOp : Rk_Op<"group.rank", "1.0", [Pure, Rk_AnyTarget]> {
  let summary = "Get the running lane's number in the group, from 0";
  let description = [{
    Example:

    ```mlir
    llvm.func @lane() -> i32 {
      %rank = rk.group.rank
      llvm.return %rank : i32
    }
    ```
  }];
  let results = (outs I32:$rank);
  let assemblyFormat = "attr-dict";
}

def Rk_GroupSyncOp : Rk_Op<"group.sync", "1.0", [Rk_AnyTarget]> {
  let summary = "Wait for every lane of the group";
  let description = [{
    What a lane wrote before the op is visible to the group's lanes after it.

    Lowers to: `bar.warp.sync` on the GPU.

    Example:

    ```mlir
    llvm.func @meet() {
      rk.group.sync
      llvm.return
    }
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Rk_GroupBallotOp : Rk_Op<"group.ballot", "1.0", [Rk_AnyTarget]> {
  let summary = "Collect one bit of every lane";
  let description = [{
    Bit number r of the result is the predicate of the lane with rank r.

    Lowers to: `vote.sync.ballot` on the GPU.

    Example:

    ```mlir
    llvm.func @vote(%yes: i1) -> i32 {
      %votes = rk.group.ballot %yes
      llvm.return %votes : i32
    }
    ```
  }];
  let arguments = (ins I1:$predicate);
  let results = (outs I32:$votes);
  let assemblyFormat = "$predicate attr-dict";
}

def Rk_GroupShuffleOp : Rk_Op<"group.shuffle", "1.0", [Rk_AnyTarget]> {
  let summary = "Read another lane's value";
  let description = [{
    Returns the `value` of the lane whose rank is `source` modulo the size of
    the group.

    Lowers to: `shfl.sync.idx` on the GPU.

    Example:

    ```mlir
    llvm.func @first(%value: i32, %zero: i32) -> i32 {
      %theirs = rk.group.shuffle %value from %zero
      llvm.return %theirs : i32
    }
    ```
  }];
  let arguments = (ins I32:$value, I32:$source);
  let results = (outs I32:$result);
  let assemblyFormat = "$value `from` $source attr-dict";
}

def Rk_GroupReduceOp : Rk_Op<"group.reduce", "1.0", [Rk_AnyTarget]> {
  let summary = "Combine the values of all lanes";
  let description = [{
    Every lane gets the result. `add` wraps; `umin` and `umax` are unsigned.

    Lowers to: `redux.sync` on the GPU.

    Example:

    ```mlir
    llvm.func @total(%value: i32) -> i32 {
      %sum = rk.group.reduce <add> %value
      llvm.return %sum : i32
    }
    ```
  }];
  let arguments = (ins Rk_ReduceKindAttr:$kind, I32:$value);
  let results = (outs I32:$result);
  let assemblyFormat = "$kind $value attr-dict";
}

def Rk_GroupCopyOp : Rk_Op<"group.copy", "1.0", [Rk_AnyTarget]> {
  let summary = "Copy device memory in a way that only large groups have";
  let description = [{
    Copies `bytes` bytes from `from` to `to`, multiples of 16 all three, by all
    lanes of the group, or nothing; returns how many bytes it has copied. The
    program copies the rest itself. The ranges do not overlap. What was copied
    is visible to the group's lanes behind an `rk.group.sync`.

    A group of a block and more has such a way on targets with bulk tensor
    copies: `cp.async.bulk` through the shared memory of each block.

    Lowers to: `rk_group_copy` for a block and more, else the constant 0.

    Example:

    ```mlir
    llvm.func @copied(%to: !llvm.ptr, %from: !llvm.ptr, %bytes: i64) -> i64 {
      %copied = rk.group.copy %bytes bytes from %from to %to
          : !llvm.ptr to !llvm.ptr
      llvm.return %copied : i64
    }
    ```
  }];
  let arguments = (ins LLVM_AnyPointer:$to, LLVM_AnyPointer:$from, I64:$bytes);
  let results = (outs I64:$copied);
  let assemblyFormat = [{
    $bytes `bytes` `from` $from `to` $to attr-dict
    `:` qualified(type($from)) `to` qualified(type($to))
  }];
}

} // OpGroupGroup

#endif // RKC_DIALECT_GROUPOPS_TD
