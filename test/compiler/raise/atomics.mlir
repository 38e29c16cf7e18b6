// RUN: rk-opt %s --rk-raise-markers | FileCheck %s --implicit-check-not=__rk_

// The numbers of rk::Order, rk::Scope and of the updates, in both widths.

llvm.func @__rk_atomic_load_32(!llvm.ptr, i32, i32) -> i32
llvm.func @__rk_atomic_load_64(!llvm.ptr, i32, i32) -> i64
llvm.func @__rk_atomic_store_32(!llvm.ptr, i32, i32, i32)
llvm.func @__rk_atomic_store_64(!llvm.ptr, i64, i32, i32)
llvm.func @__rk_atomic_rmw_32(!llvm.ptr, i32, i32, i32, i32) -> i32
llvm.func @__rk_atomic_rmw_64(!llvm.ptr, i64, i32, i32, i32) -> i64
llvm.func @__rk_atomic_cas_32(!llvm.ptr, i32, i32, i32, i32) -> i32
llvm.func @__rk_atomic_cas_64(!llvm.ptr, i64, i64, i32, i32) -> i64
llvm.func @__rk_fence(i32, i32)

// CHECK-LABEL: llvm.func @atomics(
// CHECK-SAME:    %[[P:[^:]+]]: !llvm.ptr, %[[A:[^:]+]]: i32, %[[B:[^:]+]]: i64)
llvm.func @atomics(%p: !llvm.ptr, %a: i32, %b: i64) {
  %c0 = llvm.mlir.constant(0 : i32) : i32
  %c1 = llvm.mlir.constant(1 : i32) : i32
  %c2 = llvm.mlir.constant(2 : i32) : i32
  %c3 = llvm.mlir.constant(3 : i32) : i32
  %c4 = llvm.mlir.constant(4 : i32) : i32
  %c5 = llvm.mlir.constant(5 : i32) : i32
  %c6 = llvm.mlir.constant(6 : i32) : i32
  %c7 = llvm.mlir.constant(7 : i32) : i32
  %c8 = llvm.mlir.constant(8 : i32) : i32
  // CHECK: rk.atomic.rmw <add> %[[P]], %[[A]] order<relaxed> scope<block> : !llvm.ptr, i32
  %o0 = llvm.call @__rk_atomic_rmw_32(%p, %a, %c1, %c0, %c0) : (!llvm.ptr, i32, i32, i32, i32) -> i32
  // CHECK: rk.atomic.rmw <add> %[[P]], %[[A]] order<acquire> scope<cluster> : !llvm.ptr, i32
  %o1 = llvm.call @__rk_atomic_rmw_32(%p, %a, %c1, %c1, %c1) : (!llvm.ptr, i32, i32, i32, i32) -> i32
  // CHECK: rk.atomic.rmw <add> %[[P]], %[[A]] order<release> scope<device> : !llvm.ptr, i32
  %o2 = llvm.call @__rk_atomic_rmw_32(%p, %a, %c1, %c2, %c2) : (!llvm.ptr, i32, i32, i32, i32) -> i32
  // CHECK: rk.atomic.rmw <add> %[[P]], %[[A]] order<acq_rel> scope<system> : !llvm.ptr, i32
  %o3 = llvm.call @__rk_atomic_rmw_32(%p, %a, %c1, %c3, %c3) : (!llvm.ptr, i32, i32, i32, i32) -> i32
  // CHECK: rk.atomic.rmw <add> %[[P]], %[[A]] order<seq_cst> scope<block> : !llvm.ptr, i32
  %o4 = llvm.call @__rk_atomic_rmw_32(%p, %a, %c1, %c4, %c0) : (!llvm.ptr, i32, i32, i32, i32) -> i32
  // CHECK: rk.atomic.rmw <exchange> %[[P]], %[[B]] order<acq_rel> scope<device> : !llvm.ptr, i64
  %k0 = llvm.call @__rk_atomic_rmw_64(%p, %b, %c0, %c3, %c2) : (!llvm.ptr, i64, i32, i32, i32) -> i64
  // CHECK: rk.atomic.rmw <add> %[[P]], %[[B]] order<acq_rel> scope<device> : !llvm.ptr, i64
  %k1 = llvm.call @__rk_atomic_rmw_64(%p, %b, %c1, %c3, %c2) : (!llvm.ptr, i64, i32, i32, i32) -> i64
  // CHECK: rk.atomic.rmw <and> %[[P]], %[[B]] order<acq_rel> scope<device> : !llvm.ptr, i64
  %k2 = llvm.call @__rk_atomic_rmw_64(%p, %b, %c2, %c3, %c2) : (!llvm.ptr, i64, i32, i32, i32) -> i64
  // CHECK: rk.atomic.rmw <or> %[[P]], %[[B]] order<acq_rel> scope<device> : !llvm.ptr, i64
  %k3 = llvm.call @__rk_atomic_rmw_64(%p, %b, %c3, %c3, %c2) : (!llvm.ptr, i64, i32, i32, i32) -> i64
  // CHECK: rk.atomic.rmw <xor> %[[P]], %[[B]] order<acq_rel> scope<device> : !llvm.ptr, i64
  %k4 = llvm.call @__rk_atomic_rmw_64(%p, %b, %c4, %c3, %c2) : (!llvm.ptr, i64, i32, i32, i32) -> i64
  // CHECK: rk.atomic.rmw <umin> %[[P]], %[[B]] order<acq_rel> scope<device> : !llvm.ptr, i64
  %k5 = llvm.call @__rk_atomic_rmw_64(%p, %b, %c5, %c3, %c2) : (!llvm.ptr, i64, i32, i32, i32) -> i64
  // CHECK: rk.atomic.rmw <umax> %[[P]], %[[B]] order<acq_rel> scope<device> : !llvm.ptr, i64
  %k6 = llvm.call @__rk_atomic_rmw_64(%p, %b, %c6, %c3, %c2) : (!llvm.ptr, i64, i32, i32, i32) -> i64
  // CHECK: rk.atomic.rmw <smin> %[[P]], %[[B]] order<acq_rel> scope<device> : !llvm.ptr, i64
  %k7 = llvm.call @__rk_atomic_rmw_64(%p, %b, %c7, %c3, %c2) : (!llvm.ptr, i64, i32, i32, i32) -> i64
  // CHECK: rk.atomic.rmw <smax> %[[P]], %[[B]] order<acq_rel> scope<device> : !llvm.ptr, i64
  %k8 = llvm.call @__rk_atomic_rmw_64(%p, %b, %c8, %c3, %c2) : (!llvm.ptr, i64, i32, i32, i32) -> i64
  // CHECK: rk.atomic.load %[[P]] order<acquire> scope<block> : !llvm.ptr -> i32
  %l0 = llvm.call @__rk_atomic_load_32(%p, %c1, %c0) : (!llvm.ptr, i32, i32) -> i32
  // CHECK: rk.atomic.load %[[P]] order<relaxed> scope<system> : !llvm.ptr -> i64
  %l1 = llvm.call @__rk_atomic_load_64(%p, %c0, %c3) : (!llvm.ptr, i32, i32) -> i64
  // CHECK: rk.atomic.store %[[A]], %[[P]] order<release> scope<cluster> : i32, !llvm.ptr
  llvm.call @__rk_atomic_store_32(%p, %a, %c2, %c1) : (!llvm.ptr, i32, i32, i32) -> ()
  // CHECK: rk.atomic.store %[[B]], %[[P]] order<seq_cst> scope<device> : i64, !llvm.ptr
  llvm.call @__rk_atomic_store_64(%p, %b, %c4, %c2) : (!llvm.ptr, i64, i32, i32) -> ()
  // CHECK: rk.atomic.cas %[[P]], %[[A]], %{{.+}} order<release> scope<system> : !llvm.ptr, i32
  %s0 = llvm.call @__rk_atomic_cas_32(%p, %a, %c5, %c2, %c3) : (!llvm.ptr, i32, i32, i32, i32) -> i32
  // CHECK: rk.atomic.cas %[[P]], %[[B]], %[[B]] order<acquire> scope<device> : !llvm.ptr, i64
  %s1 = llvm.call @__rk_atomic_cas_64(%p, %b, %b, %c1, %c2) : (!llvm.ptr, i64, i64, i32, i32) -> i64
  // CHECK: rk.fence order<seq_cst> scope<cluster>
  llvm.call @__rk_fence(%c4, %c1) : (i32, i32) -> ()
  llvm.return
}
