//===- ActorOps.td - Declarations of messages and actors ---*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_ACTOROPS_TD
#define RKC_DIALECT_ACTOROPS_TD

include "rkc/dialect/RkBase.td"

def OpGroupActor : OpDocGroup {
  let summary = "Declarations";
  let description = [{
    What the program's types are. Names are qualified C++ names. Declarations
    are not executed; they are gone once the program is lowered.
  }];
}

let opDocGroup = OpGroupActor in {

def Rk_MessageOp : Rk_Op<"message", "1.0", [
    Symbol, Rk_AnyTarget]> {
  let summary = "Declare a message type";
  let description = [{
    A C++ type whose values travel between actors as bytes.

    `hash` is the FNV-1a 64-bit hash of the type's Itanium name without the
    `_ZTS` prefix, which the host program computes from `typeid` too. `tag` is
    the symbol whose address names the type in marker calls. `index`, once
    `rk-number-program` has run, is the number that packets carry.

    - `message_c1`: `size` is 1 to 4096 bytes.
    - `message_c2`: `align` is a power of two.
    - `message_c3`: `index` is 0 to 4094.
    - `message_c4`: with `bulk`, `size` is 16 to 32 bytes.

    With `bulk`, a value begins with an `rk::abi::BulkReference`, whose payload
    is freed with the message.

    Lowers to: nothing; the module file's manifest lists it.

    Example:

    ```mlir
    rk.message @Deposit {hash = 17 : i64, size = 8 : i64, align = 8 : i64,
                         tag = "_ZN2rk6detail7typeTagI7DepositEE"}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$hash, I64Attr:$size,
                       I64Attr:$align, StrAttr:$tag,
                       OptionalAttr<I32Attr>:$index, UnitAttr:$bulk);
  let assemblyFormat = "$sym_name attr-dict";
  let hasVerifier = 1;
}

def Rk_ActorOp : Rk_Op<"actor", "1.0", [
    Symbol, IsolatedFromAbove, SingleBlock, NoTerminator, NoRegionArguments,
    Rk_AnyTarget]> {
  let summary = "Declare an actor type: its state and its handlers";
  let description = [{
    The region holds one `rk.state` per field and one `rk.handler` per message.
    `hash`, `tag` and `index` are as in `rk.message`. `when_full` says what
    becomes of messages that find the actor's mailbox full; if it is left out,
    the send fails. `resident` says that each of its actors has a warp to itself
    and its state in shared memory.

    - `actor_c1`: `size` is 1 to 65536 bytes; 1 to 4096 if `resident`.
    - `actor_c2`: `align` is a power of two.
    - `actor_c3`: the region holds `rk.state` and `rk.handler` only.
    - `actor_c4`: no two handlers are for the same message.
    - `actor_c5`: every field lies within `size` bytes.
    - `actor_c6`: `index` is not negative.
    - `actor_c7`: a handler beyond a warp is of a resident actor.

    Lowers to: nothing; the module file's manifest lists it.

    Example:

    ```mlir
    rk.actor @Account {hash = 18 : i64, size = 16 : i64, align = 8 : i64,
                       tag = "_ZN2rk6detail7typeTagI7AccountEE"} {
      rk.state "auditor_" {offset = 0 : i64, size = 8 : i64}
      rk.state "cents_" {offset = 8 : i64, size = 8 : i64}
      rk.handler @Deposit calls @deposit {lanes = #rk.lanes<one>}
      rk.handler @Query calls @query replies @Balance {lanes = #rk.lanes<one>}
    }
    rk.actor @Gauge {hash = 19 : i64, size = 8 : i64, align = 8 : i64,
                     tag = "_ZN2rk6detail7typeTagI5GaugeEE",
                     when_full = #rk.when_full<drop_oldest>} {
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$hash, I64Attr:$size,
                       I64Attr:$align, StrAttr:$tag,
                       OptionalAttr<Rk_WhenFullAttr>:$when_full,
                       OptionalAttr<I32Attr>:$index, UnitAttr:$resident);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let hasVerifier = 1;
}

def Rk_StateOp : Rk_Op<"state", "1.0", [HasParent<"ActorOp">, Rk_AnyTarget]> {
  let summary = "Declare one field of an actor's state";
  let description = [{
    A field's place in the state, in bytes. For the manifest and for dumps; code
    reaches fields through the state pointer.

    - `state_c1`: `offset` is not negative and `size` is at least 1.

    Example:

    ```mlir
    rk.actor @Counter {hash = 3 : i64, size = 8 : i64, align = 8 : i64,
                       tag = "tag"} {
      rk.state "count_" {offset = 0 : i64, size = 8 : i64}
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, I64Attr:$offset, I64Attr:$size);
  let assemblyFormat = "$name attr-dict";
  let hasVerifier = 1;
}

def Rk_HandlerOp : Rk_Op<"handler", "1.0", [
    HasParent<"ActorOp">, Rk_AnyTarget]> {
  let summary = "Say which function handles a message";
  let description = [{
    When a `message` arrives, the actor runs `callee`, an `llvm.func` of type
    `void (ptr state, ptr message, ptr reply, ptr context)`. If `reply` is
    given, the function has written a value of that message type through its
    third argument when it returns. `lanes` says whether one lane runs the call
    (32 messages side by side in a warp), a whole warp does, or, in a resident
    actor, all lanes of a block, a cluster of blocks or a grid of blocks that
    the actor has to itself. The reply is what the lane of rank 0 has written.

    `rk-check-program` checks the names:

    - `handler_c1`: `message` and `reply` name `rk.message` ops.
    - `handler_c2`: `callee` names an `llvm.func` of the type above.
    - `handler_c3`: a handler beyond a warp cannot come to `rk.group.ballot` nor
      `rk.group.shuffle`.

    Example:

    ```mlir
    rk.actor @Counter {hash = 3 : i64, size = 8 : i64, align = 8 : i64,
                       tag = "tag"} {
      rk.handler @Count calls @count replies @Total {lanes = #rk.lanes<warp>}
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$message, FlatSymbolRefAttr:$callee,
                       OptionalAttr<FlatSymbolRefAttr>:$reply,
                       Rk_LanesAttr:$lanes);
  let assemblyFormat = [{
    $message `calls` $callee (`replies` $reply^)? attr-dict
  }];
}

} // OpGroupActor

#endif // RKC_DIALECT_ACTOROPS_TD
