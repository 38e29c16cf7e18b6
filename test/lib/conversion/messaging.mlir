// RUN: rk-opt %s --rk-number-program --rk-to-nvvm --rk-verify-lowered=target=sm_90 | FileCheck %s --implicit-check-not=rk.message --implicit-check-not=rk.actor
// RUN: rk-opt %s --rk-number-program --rk-to-host --rk-verify-lowered=target=host | FileCheck %s --implicit-check-not=rk.message --implicit-check-not=rk.actor

// Messaging ops become device calls in which types are numbers, on both targets.

rk.message @Ask {hash = 1 : i64, size = 24 : i64, align = 8 : i64, tag = "a"}
rk.message @Tell {hash = 2 : i64, size = 8 : i64, align = 8 : i64, tag = "t"}
rk.actor @First {hash = 3 : i64, size = 4 : i64, align = 4 : i64, tag = "f"} {
}
rk.actor @Second {hash = 4 : i64, size = 40 : i64, align = 8 : i64, tag = "s"} {
}

// CHECK-DAG: llvm.func @rk_send(!llvm.ptr, i64, i32, !llvm.ptr, i32, i32) -> i32
// CHECK-DAG: llvm.func @rk_enqueue(!llvm.ptr, i64, i32, !llvm.ptr, i32, i32, i32)
// CHECK-DAG: llvm.func @rk_reply(!llvm.ptr, i64, i32, !llvm.ptr, i32) -> i32
// CHECK-DAG: llvm.func @rk_spawn(!llvm.ptr, i32, !llvm.ptr, i32, !llvm.ptr) -> i64
// CHECK-DAG: llvm.func @rk_spawn_at(!llvm.ptr, i32, !llvm.ptr, i32, i32, i64, !llvm.ptr) -> i64
// CHECK-DAG: llvm.func @rk_spawn_n(!llvm.ptr, i32, !llvm.ptr, i32, i32, !llvm.ptr) -> i64
// CHECK-DAG: llvm.func @rk_stop(!llvm.ptr, i64) -> i32
// CHECK-DAG: llvm.func @rk_bulk(!llvm.ptr, i32, i64, i64) -> i64
// CHECK-DAG: llvm.func @rk_self(!llvm.ptr) -> i64
// CHECK-DAG: llvm.func @rk_sender(!llvm.ptr) -> i64

// CHECK-LABEL: llvm.func @sends(
// CHECK-SAME:    %[[CONTEXT:[^:]+]]: !llvm.ptr, %[[PEER:[^:]+]]: i64, %[[BYTES:[^:]+]]: !llvm.ptr)
llvm.func @sends(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) -> i32 {
  // CHECK-DAG: %[[TELL:.+]] = llvm.mlir.constant(1 : i32)
  // CHECK-DAG: %[[SIZE:.+]] = llvm.mlir.constant(8 : i32)
  // CHECK-DAG: %[[NO:.+]] = llvm.mlir.constant(0 : i32)
  // CHECK: llvm.call @rk_send(%[[CONTEXT]], %[[PEER]], %[[TELL]], %[[BYTES]], %[[SIZE]], %[[NO]])
  %0 = rk.send @Tell at %bytes to %peer in %context {size = 8 : i64}
  llvm.return %0 : i32
}

// What is known of the way is said in the call; who waits for the status has it
// looked up.
// CHECK-LABEL: llvm.func @sends_by(
// CHECK-SAME:    %[[CONTEXT:[^:]+]]: !llvm.ptr, %[[PEER:[^:]+]]: i64, %[[BYTES:[^:]+]]: !llvm.ptr)
llvm.func @sends_by(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) -> i32 {
  // CHECK: llvm.mlir.constant(0 : i32)
  // CHECK: %[[INBOX:.+]] = llvm.mlir.constant(1 : i32)
  // CHECK: llvm.call @rk_enqueue(%[[CONTEXT]], %[[PEER]], %{{.+}}, %[[BYTES]], %{{.+}}, %{{.+}}, %[[INBOX]])
  %0 = rk.send @Tell at %bytes to %peer of @First in %context by <inbox> {size = 8 : i64}
  // CHECK: %[[BLOCK:.+]] = llvm.mlir.constant(4 : i32)
  // CHECK: llvm.call @rk_enqueue(%[[CONTEXT]], %[[PEER]], %{{.+}}, %[[BYTES]], %{{.+}}, %{{.+}}, %[[BLOCK]])
  %1 = rk.send @Tell at %bytes to %peer in %context by <block> {size = 8 : i64}
  // CHECK: llvm.call @rk_send(
  %2 = rk.send @Tell at %bytes to %peer in %context by <block> {size = 8 : i64}
  llvm.return %2 : i32
}

// CHECK-LABEL: llvm.func @asks(
// CHECK-SAME:    %[[CONTEXT:[^:]+]]: !llvm.ptr, %[[PEER:[^:]+]]: i64, %[[BYTES:[^:]+]]: !llvm.ptr)
llvm.func @asks(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) {
  // CHECK: %[[ASK:.+]] = llvm.mlir.constant(0 : i32)
  // CHECK: %[[SIZE:.+]] = llvm.mlir.constant(24 : i32)
  // CHECK: %[[YES:.+]] = llvm.mlir.constant(1 : i32)
  // Nobody looks at the status: it may go with the other lanes' messages.
  // CHECK: %[[LOOKUP:.+]] = llvm.mlir.constant(0 : i32)
  // CHECK: llvm.call @rk_enqueue(%[[CONTEXT]], %[[PEER]], %[[ASK]], %[[BYTES]], %[[SIZE]], %[[YES]], %[[LOOKUP]])
  %0 = rk.send @Ask at %bytes to %peer in %context wants_reply
      {size = 24 : i64}
  // CHECK: %[[TOKEN:.+]] = llvm.call @rk_sender(%[[CONTEXT]])
  %token = rk.sender in %context
  // CHECK: llvm.call @rk_reply(%[[CONTEXT]], %[[TOKEN]], %{{.+}}, %[[BYTES]], %{{.+}})
  %1 = rk.reply @Tell at %bytes to %token in %context {size = 8 : i64}
  // CHECK: %[[RELEASE:.+]] = llvm.mlir.constant(2 : i32)
  // CHECK: llvm.call @rk_bulk(%[[CONTEXT]], %[[RELEASE]], %[[PEER]], %[[TOKEN]])
  %3 = rk.bulk <release> %peer, %token in %context
  // CHECK: %[[ME:.+]] = llvm.call @rk_self(%[[CONTEXT]])
  %me = rk.self in %context
  // CHECK: llvm.call @rk_stop(%[[CONTEXT]], %[[ME]])
  %2 = rk.stop %me in %context
  llvm.return
}

// The status slot is in the entry block, so a loop does not grow the stack.
// CHECK-LABEL: llvm.func @spawns(
// CHECK-SAME:    %[[CONTEXT:[^:]+]]: !llvm.ptr, %[[STATE:[^:]+]]: !llvm.ptr)
// CHECK:         %[[SLOT:.+]] = llvm.alloca %{{.+}} x i32
// CHECK:         llvm.br ^[[LOOP:.+]]
llvm.func @spawns(%context: !llvm.ptr, %state: !llvm.ptr) -> i32 {
  llvm.br ^loop
^loop:
  // CHECK: ^[[LOOP]]:
  // CHECK: %[[SECOND:.+]] = llvm.mlir.constant(1 : i32)
  // CHECK: %[[SIZE:.+]] = llvm.mlir.constant(40 : i32)
  // CHECK: llvm.call @rk_spawn(%[[CONTEXT]], %[[SECOND]], %[[STATE]], %[[SIZE]], %[[SLOT]])
  // CHECK: %[[STATUS:.+]] = llvm.load %[[SLOT]]
  %address, %status = rk.spawn @Second at %state in %context
      {size = 40 : i64}
  %zero = llvm.mlir.constant(0 : i32) : i32
  %again = llvm.icmp "ne" %status, %zero : i32
  llvm.cond_br %again, ^loop, ^end
^end:
  // CHECK: llvm.return %[[STATUS]]
  llvm.return %status : i32
}

// CHECK-LABEL: llvm.func @spawns_at(
// CHECK-SAME:    %[[CONTEXT:[^:]+]]: !llvm.ptr, %[[STATE:[^:]+]]: !llvm.ptr, %[[KIND:[^:]+]]: i32, %[[PEER:[^:]+]]: i64)
llvm.func @spawns_at(%context: !llvm.ptr, %state: !llvm.ptr, %kind: i32, %peer: i64) -> i64 {
  // CHECK: %[[SIZE:.+]] = llvm.mlir.constant(40 : i32)
  // CHECK: %[[MADE:.+]] = llvm.call @rk_spawn_at(%[[CONTEXT]], %{{.+}}, %[[STATE]], %[[SIZE]], %[[KIND]], %[[PEER]], %{{.+}})
  %made, %status = rk.spawn @Second at %state in %context
      placed %kind by %peer {size = 40 : i64}
  // CHECK: llvm.return %[[MADE]]
  llvm.return %made : i64
}

// CHECK-LABEL: llvm.func @spawns_many(
// CHECK-SAME:    %[[CONTEXT:[^:]+]]: !llvm.ptr, %[[STATE:[^:]+]]: !llvm.ptr, %[[COUNT:[^:]+]]: i32)
// CHECK:         %[[SLOT:.+]] = llvm.alloca %{{.+}} x i32
llvm.func @spawns_many(%context: !llvm.ptr, %state: !llvm.ptr, %count: i32) -> i64 {
  // CHECK: %[[SECOND:.+]] = llvm.mlir.constant(1 : i32)
  // CHECK: %[[SIZE:.+]] = llvm.mlir.constant(40 : i32)
  // CHECK: %[[FIRST:.+]] = llvm.call @rk_spawn_n(%[[CONTEXT]], %[[SECOND]], %[[STATE]], %[[SIZE]], %[[COUNT]], %[[SLOT]])
  %first, %status = rk.spawn_n @Second at %state times %count in %context
      {size = 40 : i64}
  // CHECK: llvm.return %[[FIRST]]
  llvm.return %first : i64
}
