//===- MessagingOps.td - Moving messages between actors ----*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_MESSAGINGOPS_TD
#define RKC_DIALECT_MESSAGINGOPS_TD

include "rkc/dialect/RkBase.td"

def OpGroupMessaging : OpDocGroup {
  let summary = "Messaging";
  let description = [{
    What a running handler asks of the runtime. Each op takes the handler's
    context, runs on the calling lane, and never waits. Statuses are values of
    `rk/abi/Status.def`; 0 is success.
  }];
}

let opDocGroup = OpGroupMessaging in {

def Rk_SendOp : Rk_Op<"send", "1.0", [Rk_AnyTarget]> {
  let summary = "Send a message to an actor";
  let description = [{
    Copies `size` bytes from `bytes` on their way to the inbox of the worker
    that owns `address`. Messages of one actor to another are handled in the
    order they were sent. With `wants_reply`, the receiver's reply comes back as
    a message to the sender.

    If the status has no use, the message goes once the handler has returned,
    with those of the other lanes; else at once.

    If there is no room, nothing is sent, a dead letter is counted, and the
    status says why. A stopped receiver is found out at its end.

    With `of`, the address is that of a `receiver`, an actor type, or null. With
    `by`, `tier` says what `rk-choose-tiers` knows of the way, an
    `rk::abi::Tier`: a promise that holds whenever the op runs.

    | `tier` | the message goes |
    |---|---|
    | `look_up` | as a look-up in shared memory says, as without `tier` |
    | `inbox` | through an inbox in device memory |
    | `ring` | from a resident actor to another, through a ring that is looked up |
    | `cluster` | the same within a cluster, where the target has clusters |
    | `block` | through a ring in the shared memory of the sender's block |

    - `send_c1`: `size` is 1 to 4096 bytes.
    - `send_c2` (`rk-check-program`): `message` names an `rk.message` whose size
      is `size`.
    - `send_c3` (`rk-check-program`): `receiver` names an `rk.actor`.

    Cost: 64 bytes written, and a round trip for a place in the inbox: one for
    all lanes, or one of its own if the status is used; above 32 bytes also a
    block of the payload pool and one fence. Through a ring, no round trip.
    Lowers to: `rk_send` if the status has a use, else `rk_enqueue`.

    Example:

    ```mlir
    llvm.func @notify(%context: !llvm.ptr, %peer: i64,
                      %bytes: !llvm.ptr) -> i32 {
      %status = rk.send @Deposit at %bytes to %peer in %context {size = 8 : i64}
      %other = rk.send @Query at %bytes to %peer in %context wants_reply
          {size = 1 : i64}
      llvm.return %status : i32
    }
    llvm.func @tick(%context: !llvm.ptr, %bytes: !llvm.ptr) {
      %self = rk.self in %context
      %0 = rk.send @Tick at %bytes to %self of @Sensor in %context by <block>
          {size = 4 : i64}
      llvm.return
    }
    ```
  }];
  let arguments = (ins Rk_Pointer:$actor_context, I64:$address,
                       OptionalAttr<FlatSymbolRefAttr>:$receiver,
                       FlatSymbolRefAttr:$message, Rk_Pointer:$bytes,
                       I64Attr:$size, UnitAttr:$wants_reply,
                       OptionalAttr<Rk_TierAttr>:$tier);
  let results = (outs I32:$status);
  let assemblyFormat = [{
    $message `at` $bytes `to` $address (`of` $receiver^)? `in` $actor_context
    (`wants_reply` $wants_reply^)? (`by` $tier^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Rk_ReplyOp : Rk_Op<"reply", "1.0", [Rk_AnyTarget]> {
  let summary = "Answer a request that was kept for later";
  let description = [{
    Sends `size` bytes at `bytes` to whoever `token`, a result of `rk.sender`,
    names. A second answer to the same request is a dead letter.

    - `reply_c1`: `size` is 1 to 4096 bytes.
    - `reply_c2` (`rk-check-program`): `message` names an `rk.message` whose
      size is `size`.

    Lowers to: `rk_reply`.

    Example:

    ```mlir
    llvm.func @answer(%context: !llvm.ptr, %token: i64,
                      %bytes: !llvm.ptr) -> i32 {
      %status = rk.reply @Balance at %bytes to %token in %context
          {size = 8 : i64}
      llvm.return %status : i32
    }
    ```
  }];
  let arguments = (ins Rk_Pointer:$actor_context, I64:$token,
                       FlatSymbolRefAttr:$message, Rk_Pointer:$bytes,
                       I64Attr:$size);
  let results = (outs I32:$status);
  let assemblyFormat = [{
    $message `at` $bytes `to` $token `in` $actor_context attr-dict
  }];
  let hasVerifier = 1;
}

def Rk_SpawnOp : Rk_Op<"spawn", "1.0", [
    Rk_AnyTarget, AttrSizedOperandSegments]> {
  let summary = "Make an actor";
  let description = [{
    Makes an actor of type `actor` whose state is a copy of the `size` bytes at
    `state`. The address is 0 if the status is not.

    With `placed`, a resident actor comes where `placement`, an
    `rk::abi::PlacementKind`, says, relative to the actor whose address is
    `neighbour`, if it is to one.

    - `spawn_c1`: `size` is 1 to 65536 bytes.
    - `spawn_c2` (`rk-check-program`): `actor` names an `rk.actor` whose size is
      `size`.
    - `spawn_c3`: `placement` and `neighbour` are there both, or neither.
    - `spawn_c4` (`rk-check-program`): with them, `actor` is resident, and none
      of its handlers takes more than a warp.

    Lowers to: `rk_spawn`, or `rk_spawn_at`.

    Example:

    ```mlir
    llvm.func @open(%context: !llvm.ptr, %state: !llvm.ptr) -> i64 {
      %address, %status = rk.spawn @Account at %state in %context
          {size = 16 : i64}
      llvm.return %address : i64
    }
    ```
  }];
  let arguments = (ins Rk_Pointer:$actor_context, FlatSymbolRefAttr:$actor,
                       Rk_Pointer:$state, I64Attr:$size,
                       Optional<I32>:$placement, Optional<I64>:$neighbour);
  let results = (outs I64:$address, I32:$status);
  let assemblyFormat = [{
    $actor `at` $state `in` $actor_context
    (`placed` $placement^ `by` $neighbour)? attr-dict
  }];
  let hasVerifier = 1;
}

def Rk_SpawnNOp : Rk_Op<"spawn_n", "1.0", [Rk_AnyTarget]> {
  let summary = "Make many actors at once";
  let description = [{
    Makes `count` actors of type `actor`, each with a copy of the `size` bytes
    at `state`, in slots that follow each other: all, or none. The address is
    the first one's; the others' are that plus 1, 2 and so on. It is 0 if the
    status is not, or if `count` is 0.

    - `spawn_n_c1`: `size` is 1 to 65536 bytes.
    - `spawn_n_c2` (`rk-check-program`): `actor` names an `rk.actor` whose size
      is `size`.

    Cost: `count` times `size` bytes written by the lane, and one fence.
    Lowers to: `rk_spawn_n`.

    Example:

    ```mlir
    llvm.func @open_all(%context: !llvm.ptr, %state: !llvm.ptr,
                        %count: i32) -> i64 {
      %first, %status = rk.spawn_n @Account at %state times %count in %context
          {size = 16 : i64}
      llvm.return %first : i64
    }
    ```
  }];
  let arguments = (ins Rk_Pointer:$actor_context, FlatSymbolRefAttr:$actor,
                       Rk_Pointer:$state, I32:$count, I64Attr:$size);
  let results = (outs I64:$address, I32:$status);
  let assemblyFormat = [{
    $actor `at` $state `times` $count `in` $actor_context attr-dict
  }];
  let hasVerifier = 1;
}

def Rk_BulkOp : Rk_Op<"bulk", "1.0", [Rk_AnyTarget]> {
  let summary = "Make, share or release a bulk payload";
  let description = [{
    `make` takes a block of `bytes` bytes from the pool of bulk payloads, with
    the caller as its one holder, and gives its handle, or 0 if there is no
    room. `share` and `release` add a holder to the block that `handle` names
    and take one away; with the last the block goes back. They give 1, or 0 if
    the block has gone back since. `is_alone` gives 1 if there is one holder.
    All but `make` do without `bytes`, and `make` without `handle`.

    Cost: an atomic on the block's word; to make one, four more, and a search
    where no block of the size is free.
    Lowers to: `rk_bulk`.

    Example:

    ```mlir
    llvm.func @shared(%context: !llvm.ptr, %bytes: i64, %none: i64) -> i64 {
      %handle = rk.bulk <make> %none, %bytes in %context
      %done = rk.bulk <share> %handle, %bytes in %context
      llvm.return %handle : i64
    }
    ```
  }];
  let arguments = (ins Rk_Pointer:$actor_context, Rk_BulkCallAttr:$call,
                       I64:$handle, I64:$bytes);
  let results = (outs I64:$result);
  let assemblyFormat = [{
    $call $handle `,` $bytes `in` $actor_context attr-dict
  }];
}

def Rk_StopOp : Rk_Op<"stop", "1.0", [Rk_AnyTarget]> {
  let summary = "Stop an actor once its earlier messages are handled";
  let description = [{
    Lowers to: `rk_stop`.

    Example:

    ```mlir
    llvm.func @close(%context: !llvm.ptr, %account: i64) -> i32 {
      %status = rk.stop %account in %context
      llvm.return %status : i32
    }
    ```
  }];
  let arguments = (ins Rk_Pointer:$actor_context, I64:$address);
  let results = (outs I32:$status);
  let assemblyFormat = [{
    $address `in` $actor_context attr-dict
  }];
}

def Rk_SelfOp : Rk_Op<"self", "1.0", [Rk_AnyTarget]> {
  let summary = "Get the address of the running actor";
  let description = [{
    Lowers to: `rk_self`.

    Example:

    ```mlir
    llvm.func @me(%context: !llvm.ptr) -> i64 {
      %address = rk.self in %context
      llvm.return %address : i64
    }
    ```
  }];
  let arguments = (ins Rk_Pointer:$actor_context);
  let results = (outs I64:$address);
  let assemblyFormat = [{
    `in` $actor_context attr-dict
  }];
}

def Rk_SenderOp : Rk_Op<"sender", "1.0", [Rk_AnyTarget]> {
  let summary = "Take the right to answer the current message later";
  let description = [{
    The token is 0 if nobody waits for a reply. Once taken, the runtime sends no
    reply of its own for the current message.

    Lowers to: `rk_sender`.

    Example:

    ```mlir
    llvm.func @later(%context: !llvm.ptr) -> i64 {
      %token = rk.sender in %context
      llvm.return %token : i64
    }
    ```
  }];
  let arguments = (ins Rk_Pointer:$actor_context);
  let results = (outs I64:$token);
  let assemblyFormat = [{
    `in` $actor_context attr-dict
  }];
}

} // OpGroupMessaging

#endif // RKC_DIALECT_MESSAGINGOPS_TD
