// RUN: rk-opt %s --verify-roundtrip | FileCheck %s
// RUN: rk-opt %s --mlir-print-op-generic | rk-opt | FileCheck %s

// Every order and scope has a spelling.

// CHECK-LABEL: llvm.func @atomics(
// CHECK-SAME: %[[P:[^:]+]]: !llvm.ptr, %[[G:[^:]+]]: !llvm.ptr<1>, %[[A:[^:]+]]: i32, %[[B:[^:]+]]: i64)
llvm.func @atomics(%p: !llvm.ptr, %g: !llvm.ptr<1>, %a: i32, %b: i64) {
  // CHECK: rk.atomic.load %[[P]] order<relaxed> scope<block> : !llvm.ptr -> i32
  %0 = rk.atomic.load %p order<relaxed> scope<block> : !llvm.ptr -> i32
  // CHECK: rk.atomic.load %[[G]] order<seq_cst> scope<cluster> : !llvm.ptr<1> -> i64
  %1 = rk.atomic.load %g order<seq_cst> scope<cluster> : !llvm.ptr<1> -> i64
  // CHECK: rk.atomic.store %[[B]], %[[P]] order<release> scope<device> : i64, !llvm.ptr
  rk.atomic.store %b, %p order<release> scope<device> : i64, !llvm.ptr
  // CHECK: rk.atomic.cas %[[P]], %[[A]], %[[A]] order<acq_rel> scope<system> : !llvm.ptr, i32
  %2 = rk.atomic.cas %p, %a, %a order<acq_rel> scope<system> : !llvm.ptr, i32
  // CHECK: rk.fence order<acquire> scope<block>
  rk.fence order<acquire> scope<block>
  llvm.return
}

// CHECK-LABEL: llvm.func @updates(
llvm.func @updates(%p: !llvm.ptr, %b: i64) {
  // CHECK: rk.atomic.rmw <exchange> %{{.+}}, %{{.+}} order<relaxed> scope<block> : !llvm.ptr, i64
  %0 = rk.atomic.rmw <exchange> %p, %b order<relaxed> scope<block> : !llvm.ptr, i64
  // CHECK: <add>
  %1 = rk.atomic.rmw <add> %p, %b order<relaxed> scope<block> : !llvm.ptr, i64
  // CHECK: <and>
  %2 = rk.atomic.rmw <and> %p, %b order<relaxed> scope<block> : !llvm.ptr, i64
  // CHECK: <or>
  %3 = rk.atomic.rmw <or> %p, %b order<relaxed> scope<block> : !llvm.ptr, i64
  // CHECK: <xor>
  %4 = rk.atomic.rmw <xor> %p, %b order<relaxed> scope<block> : !llvm.ptr, i64
  // CHECK: <umin>
  %5 = rk.atomic.rmw <umin> %p, %b order<relaxed> scope<block> : !llvm.ptr, i64
  // CHECK: <umax>
  %6 = rk.atomic.rmw <umax> %p, %b order<relaxed> scope<block> : !llvm.ptr, i64
  // CHECK: <smin>
  %7 = rk.atomic.rmw <smin> %p, %b order<relaxed> scope<block> : !llvm.ptr, i64
  // CHECK: <smax>
  %8 = rk.atomic.rmw <smax> %p, %b order<relaxed> scope<block> : !llvm.ptr, i64
  llvm.return
}
