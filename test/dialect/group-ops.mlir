// RUN: rk-opt %s --verify-roundtrip | FileCheck %s
// RUN: rk-opt %s --mlir-print-op-generic | rk-opt | FileCheck %s

// CHECK-LABEL: llvm.func @groups(
// CHECK-SAME: %[[YES:[^:]+]]: i1, %[[TO:[^:]+]]: !llvm.ptr, %[[FROM:[^:]+]]: !llvm.ptr<1>, %[[BYTES:[^:]+]]: i64)
llvm.func @groups(%yes: i1, %to: !llvm.ptr, %from: !llvm.ptr<1>, %bytes: i64) -> i32 {
  // CHECK: %[[SIZE:.+]] = rk.group.size
  %size = rk.group.size
  // CHECK: %[[RANK:.+]] = rk.group.rank
  %rank = rk.group.rank
  // CHECK: rk.group.sync
  rk.group.sync
  // CHECK: %[[VOTES:.+]] = rk.group.ballot %[[YES]]
  %votes = rk.group.ballot %yes
  // CHECK: rk.group.shuffle %[[SIZE]] from %[[RANK]]
  %0 = rk.group.shuffle %size from %rank
  // CHECK: rk.group.reduce <add> %[[VOTES]]
  %1 = rk.group.reduce <add> %votes
  // CHECK: rk.group.reduce <umin>
  %2 = rk.group.reduce <umin> %votes
  // CHECK: rk.group.reduce <umax>
  %3 = rk.group.reduce <umax> %votes
  // CHECK: rk.group.reduce <and>
  %4 = rk.group.reduce <and> %votes
  // CHECK: rk.group.reduce <or>
  %5 = rk.group.reduce <or> %votes
  // CHECK: rk.group.reduce <xor>
  %6 = rk.group.reduce <xor> %votes
  // CHECK: rk.group.copy %[[BYTES]] bytes from %[[FROM]] to %[[TO]] : !llvm.ptr<1> to !llvm.ptr
  %7 = rk.group.copy %bytes bytes from %from to %to : !llvm.ptr<1> to !llvm.ptr
  llvm.return %6 : i32
}
