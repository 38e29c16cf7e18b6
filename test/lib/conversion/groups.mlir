// REQUIRES: ptxas
// RUN: rk-opt %s --rk-number-program --rk-to-nvvm --rk-verify-lowered=target=sm_80 > %t.mlir
// RUN: mlir-translate --mlir-to-llvmir %t.mlir | llc -O2 -march=nvptx64 -mcpu=sm_80 -mattr=+ptx90 -o %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: ptxas -c -arch=sm_80 %t.ptx -o %t.cubin
// RUN: rk-opt %s --rk-number-program --rk-to-host --rk-verify-lowered=target=host | FileCheck %s --check-prefix=HOST

// Who runs a function decides what its group is: the functions that a warp
// handler reaches, also through a table, have warp instructions; all others
// and all on the host have a group of one.

rk.message @M {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "m"}
rk.message @N {hash = 2 : i64, size = 4 : i64, align = 4 : i64, tag = "n"}
rk.actor @A {hash = 3 : i64, size = 4 : i64, align = 4 : i64, tag = "a"} {
  rk.handler @M calls @onWarp {lanes = #rk.lanes<warp>}
  rk.handler @N calls @onLane {lanes = #rk.lanes<one>}
}

llvm.mlir.global internal constant @table() : !llvm.ptr {
  %0 = llvm.mlir.addressof @through_table : !llvm.ptr
  llvm.return %0 : !llvm.ptr
}

// CHECK-LABEL: .func onWarp(
// CHECK-DAG: mov.u32 %r{{[0-9]+}}, %laneid
// CHECK-DAG: bar.warp.sync
// CHECK-DAG: vote.sync.ballot.b32
// CHECK-DAG: shfl.sync.idx.b32
// CHECK-DAG: redux.sync.add.s32
// CHECK-DAG: redux.sync.min.u32
// CHECK-DAG: redux.sync.max.u32
// CHECK-DAG: redux.sync.and.b32
// CHECK-DAG: redux.sync.or.b32
// CHECK-DAG: redux.sync.xor.b32
// HOST-LABEL: llvm.func @onWarp(
// HOST-NOT: intrinsic
llvm.func @onWarp(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %rank = rk.group.rank
  rk.group.sync
  %zero = llvm.mlir.constant(0 : i32) : i32
  %first = llvm.icmp "eq" %rank, %zero : i32
  %votes = rk.group.ballot %first
  %0 = rk.group.shuffle %votes from %rank
  %1 = rk.group.reduce <add> %0
  %2 = rk.group.reduce <umin> %1
  %3 = rk.group.reduce <umax> %2
  %4 = rk.group.reduce <and> %3
  %5 = rk.group.reduce <or> %4
  %6 = rk.group.reduce <xor> %5
  llvm.store %6, %state : i32, !llvm.ptr
  %slot = llvm.mlir.addressof @table : !llvm.ptr
  %callee = llvm.load %slot : !llvm.ptr -> !llvm.ptr
  llvm.call %callee(%state) : !llvm.ptr, (!llvm.ptr) -> ()
  llvm.return
}

// CHECK-LABEL: .func through_table(
// CHECK: st.b32 [%rd{{[0-9]+}}], 32;
// HOST-LABEL: llvm.func @through_table(
// HOST: llvm.mlir.constant(1 : i32)
llvm.func @through_table(%state: !llvm.ptr) {
  %size = rk.group.size
  llvm.store %size, %state : i32, !llvm.ptr
  llvm.return
}

// CHECK-LABEL: .func onLane(
// CHECK-NOT: sync
// CHECK: st.b32 [%rd{{[0-9]+}}], 1;
// CHECK: ret;
llvm.func @onLane(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %context: !llvm.ptr) {
  %size = rk.group.size
  rk.group.sync
  %0 = rk.group.reduce <add> %size
  llvm.store %0, %state : i32, !llvm.ptr
  llvm.return
}
