// RUN: rk-opt %s --rk-number-program --rk-to-nvvm --rk-verify-lowered=target=sm_80 | FileCheck %s
// RUN: rk-opt %s --rk-number-program --rk-to-host --rk-verify-lowered=target=host | FileCheck %s --check-prefix=HOST

// A block and more ask the device library; what a warp, a lane or a CPU copies
// by hardware is nothing.

rk.message @M {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "m"}
rk.message @N {hash = 2 : i64, size = 4 : i64, align = 4 : i64, tag = "n"}
rk.actor @A {hash = 3 : i64, size = 4 : i64, align = 4 : i64, tag = "a", resident} {
  rk.handler @M calls @onBlock {lanes = #rk.lanes<block>}
  rk.handler @N calls @onWarp {lanes = #rk.lanes<warp>}
}

// CHECK-LABEL: llvm.func @onBlock(
// CHECK-DAG: %[[LANES:.+]] = llvm.mlir.constant(2 : i32)
// CHECK: %[[COPIED:.+]] = llvm.call @rk_group_copy(%[[LANES]], %arg0, %arg1, %{{.+}}) : (i32, !llvm.ptr, !llvm.ptr, i64) -> i64
// CHECK: llvm.store %[[COPIED]]
// HOST-LABEL: llvm.func @onBlock(
// HOST-NOT: rk_group_copy
// HOST: llvm.mlir.constant(0 : i64)
llvm.func @onBlock(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %bytes = llvm.mlir.constant(65536 : i64) : i64
  %copied = rk.group.copy %bytes bytes from %m to %s : !llvm.ptr to !llvm.ptr
  llvm.store %copied, %r : i64, !llvm.ptr
  llvm.return
}
// CHECK-LABEL: llvm.func @onWarp(
// CHECK-NOT: rk_group_copy
// CHECK: %[[NONE:.+]] = llvm.mlir.constant(0 : i64)
// CHECK: llvm.store %[[NONE]]
llvm.func @onWarp(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %bytes = llvm.mlir.constant(65536 : i64) : i64
  %copied = rk.group.copy %bytes bytes from %m to %s : !llvm.ptr to !llvm.ptr
  llvm.store %copied, %r : i64, !llvm.ptr
  llvm.return
}
