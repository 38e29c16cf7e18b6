// RUN: rk-opt %s --rk-raise-markers | FileCheck %s --implicit-check-not=__rk_

// Groups, clocks and rings.

llvm.func @__rk_group_size() -> i32
llvm.func @__rk_group_rank() -> i32
llvm.func @__rk_group_sync()
llvm.func @__rk_group_ballot(i32) -> i32
llvm.func @__rk_group_shuffle(i32, i32) -> i32
llvm.func @__rk_group_reduce(i32, i32) -> i32
llvm.func @__rk_group_copy(!llvm.ptr, !llvm.ptr, i64) -> i64
llvm.func @__rk_clock(i32) -> i64
llvm.func @__rk_pause(i32)
llvm.func @__rk_ring_push(!llvm.ptr, !llvm.ptr, i32, i32, i32) -> i32
llvm.func @__rk_ring_pop(!llvm.ptr, !llvm.ptr, i32, i32, i32) -> i32

// CHECK-LABEL: llvm.func @others(
// CHECK-SAME:    %[[RING:[^:]+]]: !llvm.ptr, %[[ITEM:[^:]+]]: !llvm.ptr, %[[N:[^:]+]]: i32)
llvm.func @others(%ring: !llvm.ptr, %item: !llvm.ptr, %n: i32) {
  %c0 = llvm.mlir.constant(0 : i32) : i32
  %c1 = llvm.mlir.constant(1 : i32) : i32
  %c2 = llvm.mlir.constant(2 : i32) : i32
  %c3 = llvm.mlir.constant(3 : i32) : i32
  %c4 = llvm.mlir.constant(4 : i32) : i32
  %c5 = llvm.mlir.constant(5 : i32) : i32
  %c8 = llvm.mlir.constant(8 : i32) : i32
  %c16 = llvm.mlir.constant(16 : i32) : i32
  %c100 = llvm.mlir.constant(100 : i32) : i32
  // CHECK: %[[SIZE:.+]] = rk.group.size
  %size = llvm.call @__rk_group_size() : () -> i32
  // CHECK: %[[RANK:.+]] = rk.group.rank
  %rank = llvm.call @__rk_group_rank() : () -> i32
  // CHECK: rk.group.sync
  llvm.call @__rk_group_sync() : () -> ()
  // CHECK: %[[ZERO:.+]] = llvm.mlir.constant(0 : i32) : i32
  // CHECK: %[[YES:.+]] = llvm.icmp "ne" %[[N]], %[[ZERO]] : i32
  // CHECK: rk.group.ballot %[[YES]]
  %votes = llvm.call @__rk_group_ballot(%n) : (i32) -> i32
  // CHECK: rk.group.shuffle %[[SIZE]] from %[[RANK]]
  %theirs = llvm.call @__rk_group_shuffle(%size, %rank) : (i32, i32) -> i32
  // CHECK: rk.group.reduce <add> %[[N]]
  %r0 = llvm.call @__rk_group_reduce(%n, %c0) : (i32, i32) -> i32
  // CHECK: rk.group.reduce <umin> %[[N]]
  %r1 = llvm.call @__rk_group_reduce(%n, %c1) : (i32, i32) -> i32
  // CHECK: rk.group.reduce <umax> %[[N]]
  %r2 = llvm.call @__rk_group_reduce(%n, %c2) : (i32, i32) -> i32
  // CHECK: rk.group.reduce <and> %[[N]]
  %r3 = llvm.call @__rk_group_reduce(%n, %c3) : (i32, i32) -> i32
  // CHECK: rk.group.reduce <or> %[[N]]
  %r4 = llvm.call @__rk_group_reduce(%n, %c4) : (i32, i32) -> i32
  // CHECK: rk.group.reduce <xor> %[[N]]
  %r5 = llvm.call @__rk_group_reduce(%n, %c5) : (i32, i32) -> i32
  // CHECK: rk.group.copy %[[BYTES:.+]] bytes from %[[ITEM]] to %[[RING]] : !llvm.ptr to !llvm.ptr
  %bytes = llvm.mlir.constant(64 : i64) : i64
  %copied = llvm.call @__rk_group_copy(%ring, %item, %bytes) : (!llvm.ptr, !llvm.ptr, i64) -> i64
  // CHECK: rk.clock <ns>
  %ns = llvm.call @__rk_clock(%c0) : (i32) -> i64
  // CHECK: rk.clock <cycles>
  %cycles = llvm.call @__rk_clock(%c1) : (i32) -> i64
  // CHECK: rk.pause %[[N]]
  llvm.call @__rk_pause(%n) : (i32) -> ()
  // CHECK: %[[PUSHED:.+]] = rk.ring.push %[[ITEM]] into %[[RING]] as !rk.ring<bytes = 16, align = 8, capacity = 100> : !llvm.ptr, !llvm.ptr
  // CHECK: llvm.zext %[[PUSHED]] : i1 to i32
  %pushed = llvm.call @__rk_ring_push(%ring, %item, %c100, %c16, %c8) : (!llvm.ptr, !llvm.ptr, i32, i32, i32) -> i32
  // CHECK: rk.ring.pop %[[ITEM]] from %[[RING]] as !rk.ring<bytes = 16, align = 8, capacity = 100> : !llvm.ptr, !llvm.ptr
  %popped = llvm.call @__rk_ring_pop(%ring, %item, %c100, %c16, %c8) : (!llvm.ptr, !llvm.ptr, i32, i32, i32) -> i32
  llvm.return
}
