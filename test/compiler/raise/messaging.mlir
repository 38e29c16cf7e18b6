// RUN: rk-opt %s --rk-raise-markers | FileCheck %s --implicit-check-not=__rk_

// Markers of messaging: tags become names, constants become attributes, and the
// markers' declarations go.

llvm.func @__rk_send(!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32) -> i32
llvm.func @__rk_reply(!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, i32) -> i32
llvm.func @__rk_spawn(!llvm.ptr, !llvm.ptr, !llvm.ptr, i32, !llvm.ptr) -> i64
llvm.func @__rk_spawn_at(!llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32, i64, !llvm.ptr) -> i64
llvm.func @__rk_spawn_n(!llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32, !llvm.ptr) -> i64
llvm.func @__rk_stop(!llvm.ptr, i64) -> i32
llvm.func @__rk_bulk(!llvm.ptr, i32, i64, i64) -> i64
llvm.func @__rk_self(!llvm.ptr) -> i64
llvm.func @__rk_sender(!llvm.ptr) -> i64

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "tagDeposit"}
rk.message @Balance {hash = 2 : i64, size = 16 : i64, align = 8 : i64, tag = "tagBalance"}
rk.actor @Account {hash = 3 : i64, size = 24 : i64, align = 8 : i64, tag = "tagAccount"} {
}
// As Clang makes them for NVPTX: in the global address space, cast where used.
llvm.mlir.global linkonce_odr constant @tagDeposit(0 : i8) {addr_space = 1 : i32} : i8
llvm.mlir.global linkonce_odr constant @tagAccount(0 : i8) {addr_space = 1 : i32} : i8
llvm.mlir.global linkonce_odr constant @tagBalance(0 : i8) : i8

// CHECK-LABEL: llvm.func @handler(
// CHECK-SAME:    %[[CONTEXT:[^:]+]]: !llvm.ptr, %[[PEER:[^:]+]]: i64, %[[BYTES:[^:]+]]: !llvm.ptr)
llvm.func @handler(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) {
  %c0 = llvm.mlir.constant(0 : i32) : i32
  %c1 = llvm.mlir.constant(1 : i32) : i32
  %c8 = llvm.mlir.constant(8 : i32) : i32
  %c16 = llvm.mlir.constant(16 : i32) : i32
  %c24 = llvm.mlir.constant(24 : i32) : i32
  %deposit1 = llvm.mlir.addressof @tagDeposit : !llvm.ptr<1>
  %deposit = llvm.addrspacecast %deposit1 : !llvm.ptr<1> to !llvm.ptr
  %account1 = llvm.mlir.addressof @tagAccount : !llvm.ptr<1>
  %account = llvm.addrspacecast %account1 : !llvm.ptr<1> to !llvm.ptr
  %balance = llvm.mlir.addressof @tagBalance : !llvm.ptr
  // CHECK: %[[SLOT:.+]] = llvm.alloca
  %slot = llvm.alloca %c1 x i32 : (i32) -> !llvm.ptr
  // CHECK: rk.send @Deposit at %[[BYTES]] to %[[PEER]] of @Account in %[[CONTEXT]] {size = 8 : i64}
  %0 = llvm.call @__rk_send(%context, %peer, %account, %deposit, %bytes, %c8, %c0) : (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32) -> i32
  // An actor of another program.
  // CHECK: rk.send @Balance at %[[BYTES]] to %[[PEER]] in %[[CONTEXT]] wants_reply {size = 16 : i64}
  %1 = llvm.call @__rk_send(%context, %peer, %balance, %balance, %bytes, %c16, %c1) : (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32) -> i32
  // CHECK: %[[TOKEN:.+]] = rk.sender in %[[CONTEXT]]
  %token = llvm.call @__rk_sender(%context) : (!llvm.ptr) -> i64
  // CHECK: rk.reply @Balance at %[[BYTES]] to %[[TOKEN]] in %[[CONTEXT]] {size = 16 : i64}
  %2 = llvm.call @__rk_reply(%context, %token, %balance, %bytes, %c16) : (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, i32) -> i32
  // CHECK: %[[ADDRESS:.+]], %[[STATUS:.+]] = rk.spawn @Account at %[[BYTES]] in %[[CONTEXT]] {size = 24 : i64}
  // CHECK: llvm.store %[[STATUS]], %[[SLOT]] : i32, !llvm.ptr
  %child = llvm.call @__rk_spawn(%context, %account, %bytes, %c24, %slot) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i32, !llvm.ptr) -> i64
  // CHECK: %{{.+}}, %[[PLACED:.+]] = rk.spawn @Account at %[[BYTES]] in %[[CONTEXT]] placed %{{.+}} by %[[PEER]] {size = 24 : i64}
  // CHECK: llvm.store %[[PLACED]], %[[SLOT]] : i32, !llvm.ptr
  %beside = llvm.call @__rk_spawn_at(%context, %account, %bytes, %c24, %c1, %peer, %slot) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32, i64, !llvm.ptr) -> i64
  // CHECK: %{{.+}}, %[[ALL:.+]] = rk.spawn_n @Account at %[[BYTES]] times %{{.+}} in %[[CONTEXT]] {size = 24 : i64}
  // CHECK: llvm.store %[[ALL]], %[[SLOT]] : i32, !llvm.ptr
  %first = llvm.call @__rk_spawn_n(%context, %account, %bytes, %c24, %c16, %slot) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32, !llvm.ptr) -> i64
  // CHECK: rk.stop %[[ADDRESS]] in %[[CONTEXT]]
  %3 = llvm.call @__rk_stop(%context, %child) : (!llvm.ptr, i64) -> i32
  // CHECK: rk.bulk <share> %[[PEER]], %[[TOKEN]] in %[[CONTEXT]]
  %held = llvm.call @__rk_bulk(%context, %c1, %peer, %token) : (!llvm.ptr, i32, i64, i64) -> i64
  // CHECK: rk.self in %[[CONTEXT]]
  %me = llvm.call @__rk_self(%context) : (!llvm.ptr) -> i64
  llvm.return
}
