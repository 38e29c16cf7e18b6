// RUN: rk-opt %s --rk-raise-markers | FileCheck %s

// What std::atomic becomes: everything that the NVPTX back end would weaken is
// raised; what it does right stays.

// CHECK-LABEL: llvm.func @raised(
// CHECK-SAME:    %[[P:[^:]+]]: !llvm.ptr, %[[A:[^:]+]]: i32, %[[B:[^:]+]]: i64, %[[Q:[^:]+]]: !llvm.ptr, %[[F:[^:]+]]: f32)
// CHECK-NOT:     llvm.atomicrmw
llvm.func @raised(%p: !llvm.ptr, %a: i32, %b: i64, %q: !llvm.ptr, %f: f32) -> f32 {
  // CHECK: rk.atomic.rmw <add> %[[P]], %[[A]] order<seq_cst> scope<system> : !llvm.ptr, i32
  %0 = llvm.atomicrmw add %p, %a seq_cst : !llvm.ptr, i32
  // CHECK: rk.atomic.rmw <or> %[[P]], %[[B]] order<relaxed> scope<system> : !llvm.ptr, i64
  %1 = llvm.atomicrmw _or %p, %b monotonic : !llvm.ptr, i64
  // CHECK: %[[ZERO:.+]] = llvm.mlir.constant(0 : i64) : i64
  // CHECK: %[[LESS:.+]] = llvm.sub %[[ZERO]], %[[B]] : i64
  // CHECK: rk.atomic.rmw <add> %[[P]], %[[LESS]] order<release> scope<device> : !llvm.ptr, i64
  %2 = llvm.atomicrmw sub %p, %b syncscope("device") release : !llvm.ptr, i64
  // CHECK: rk.atomic.rmw <smax> %[[P]], %[[A]] order<acquire> scope<block>
  %3 = llvm.atomicrmw max %p, %a syncscope("block") acquire : !llvm.ptr, i32
  // CHECK: %[[BITS:.+]] = llvm.ptrtoint %[[Q]] : !llvm.ptr to i64
  // CHECK: %[[OLD:.+]] = rk.atomic.rmw <exchange> %[[P]], %[[BITS]] order<acq_rel> scope<system> : !llvm.ptr, i64
  // CHECK: llvm.inttoptr %[[OLD]] : i64 to !llvm.ptr
  %4 = llvm.atomicrmw xchg %p, %q acq_rel : !llvm.ptr, !llvm.ptr
  // CHECK: %[[FBITS:.+]] = llvm.bitcast %[[F]] : f32 to i32
  // CHECK: %[[FOLD:.+]] = rk.atomic.rmw <exchange> %[[P]], %[[FBITS]] order<seq_cst> scope<system> : !llvm.ptr, i32
  // CHECK: %[[RESULT:.+]] = llvm.bitcast %[[FOLD]] : i32 to f32
  // CHECK: llvm.return %[[RESULT]]
  %5 = llvm.atomicrmw xchg %p, %f seq_cst : !llvm.ptr, f32
  llvm.return %5 : f32
}

// CHECK-LABEL: llvm.func @stays(
llvm.func @stays(%p: !llvm.ptr, %a: i32) {
  // CHECK: llvm.atomicrmw add %{{.+}}, %{{.+}} syncscope("device") monotonic
  %0 = llvm.atomicrmw add %p, %a syncscope("device") monotonic : !llvm.ptr, i32
  llvm.return
}
