// RUN: rk-opt %s --rk-to-host --rk-verify-lowered=target=host | mlir-translate --mlir-to-llvmir > %t.ll
// RUN: FileCheck %s < %t.ll
// RUN: lli %t.ll

// The CPU has LLVM's own atomics, with one scope. Run: 10 + 5 = 15, then the
// compare-and-swap finds 15 and writes 7; exchange, and, or, xor, min, max.

// CHECK-LABEL: define i64 @work(
llvm.func @work(%p: !llvm.ptr) -> i64 {
  %5 = llvm.mlir.constant(5 : i64) : i64
  %7 = llvm.mlir.constant(7 : i64) : i64
  %10 = llvm.mlir.constant(10 : i64) : i64
  %15 = llvm.mlir.constant(15 : i64) : i64
  %minus = llvm.mlir.constant(-3 : i64) : i64
  // CHECK: store atomic i64 10, ptr %{{.+}} release, align 8
  rk.atomic.store %10, %p order<release> scope<device> : i64, !llvm.ptr
  // CHECK: atomicrmw add ptr %{{.+}}, i64 5 acq_rel, align 8
  %a = rk.atomic.rmw <add> %p, %5 order<acq_rel> scope<block> : !llvm.ptr, i64
  // CHECK: cmpxchg ptr %{{.+}}, i64 15, i64 7 seq_cst seq_cst, align 8
  %b = rk.atomic.cas %p, %15, %7 order<seq_cst> scope<system> : !llvm.ptr, i64
  // CHECK: fence acquire
  rk.fence order<acquire> scope<block>
  // CHECK: atomicrmw min
  %c = rk.atomic.rmw <smin> %p, %minus order<relaxed> scope<device> : !llvm.ptr, i64
  // CHECK: atomicrmw umin
  %d = rk.atomic.rmw <umin> %p, %5 order<relaxed> scope<device> : !llvm.ptr, i64
  // CHECK: atomicrmw umax
  %e = rk.atomic.rmw <umax> %p, %10 order<relaxed> scope<device> : !llvm.ptr, i64
  // CHECK: atomicrmw max
  %f = rk.atomic.rmw <smax> %p, %minus order<relaxed> scope<device> : !llvm.ptr, i64
  // CHECK: atomicrmw xor
  %g = rk.atomic.rmw <xor> %p, %15 order<relaxed> scope<device> : !llvm.ptr, i64
  // CHECK: atomicrmw or
  %h = rk.atomic.rmw <or> %p, %10 order<relaxed> scope<device> : !llvm.ptr, i64
  // CHECK: atomicrmw and
  %i = rk.atomic.rmw <and> %p, %7 order<relaxed> scope<device> : !llvm.ptr, i64
  // CHECK: atomicrmw xchg
  %j = rk.atomic.rmw <exchange> %p, %5 order<relaxed> scope<device> : !llvm.ptr, i64
  // Found in turn: 10, 15, 7, -3, 5, 10, 10, 10^15=5, 5|10=15, 15&7=7.
  %s1 = llvm.add %a, %b : i64
  %s2 = llvm.add %s1, %c : i64
  %s3 = llvm.add %s2, %d : i64
  %s4 = llvm.add %s3, %e : i64
  %s5 = llvm.add %s4, %f : i64
  %s6 = llvm.add %s5, %g : i64
  %s7 = llvm.add %s6, %h : i64
  %s8 = llvm.add %s7, %i : i64
  %s9 = llvm.add %s8, %j : i64
  %k = rk.atomic.load %p order<acquire> scope<system> : !llvm.ptr -> i64
  %s10 = llvm.add %s9, %k : i64
  llvm.return %s10 : i64
}

llvm.func @main() -> i32 {
  %one = llvm.mlir.constant(1 : i32) : i32
  %p = llvm.alloca %one x i64 : (i32) -> !llvm.ptr
  %got = llvm.call @work(%p) : (!llvm.ptr) -> i64
  // 10+15+7-3+5+10+10+5+15+7, and 5 is left there.
  %expected = llvm.mlir.constant(86 : i64) : i64
  %wrong = llvm.icmp "ne" %got, %expected : i64
  %code = llvm.zext %wrong : i1 to i32
  llvm.return %code : i32
}
