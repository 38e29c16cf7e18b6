// RUN: rk-opt %s --rk-to-host --rk-verify-lowered=target=host | mlir-translate --mlir-to-llvmir | lli
// RUN: rk-opt %s --rk-to-host --rk-verify-lowered=target=host | mlir-translate --mlir-to-llvmir | opt -O2 | lli
// RUN: rk-opt %s --rk-to-nvvm --rk-verify-lowered=target=sm_90 | FileCheck %s

// A ring of three items with a head in the middle: fill it, overfill it, drain
// it in order, find it empty, go once around the end. One function for each
// layout, whoever uses it.

// CHECK-COUNT-1: llvm.func internal @rkc.ring.push.8.8.3.0.0
// CHECK-NOT: llvm.func internal @rkc.ring.push
llvm.func @push(%ring: !llvm.ptr, %value: i64) -> i32 {
  %one = llvm.mlir.constant(1 : i32) : i32
  %item = llvm.alloca %one x i64 : (i32) -> !llvm.ptr
  llvm.store %value, %item : i64, !llvm.ptr
  %done = rk.ring.push %item into %ring as !rk.ring<bytes = 8, align = 8, capacity = 3> : !llvm.ptr, !llvm.ptr
  %result = llvm.zext %done : i1 to i32
  llvm.return %result : i32
}
llvm.func @push_again(%ring: !llvm.ptr, %item: !llvm.ptr) {
  %done = rk.ring.push %item into %ring as !rk.ring<bytes = 8, align = 8, capacity = 3> : !llvm.ptr, !llvm.ptr
  llvm.return
}

// Returns the item, or -1 if there was none.
llvm.func @pop(%ring: !llvm.ptr) -> i64 {
  %one = llvm.mlir.constant(1 : i32) : i32
  %none = llvm.mlir.constant(-1 : i64) : i64
  %item = llvm.alloca %one x i64 : (i32) -> !llvm.ptr
  llvm.store %none, %item : i64, !llvm.ptr
  %done = rk.ring.pop %item from %ring as !rk.ring<bytes = 8, align = 8, capacity = 3> : !llvm.ptr, !llvm.ptr
  %result = llvm.load %item : !llvm.ptr -> i64
  llvm.return %result : i64
}

// Adds to the fault count if the next item is not `expected`.
llvm.func @expect(%ring: !llvm.ptr, %expected: i64, %faults: i32) -> i32 {
  %got = llvm.call @pop(%ring) : (!llvm.ptr) -> i64
  %wrong = llvm.icmp "ne" %got, %expected : i64
  %more = llvm.zext %wrong : i1 to i32
  %all = llvm.add %faults, %more : i32
  llvm.return %all : i32
}

llvm.func @main() -> i32 {
  %c0 = llvm.mlir.constant(0 : i32) : i32
  %c3 = llvm.mlir.constant(3 : i32) : i32
  %c8 = llvm.mlir.constant(8 : i32) : i32
  %x = llvm.mlir.constant(11 : i64) : i64
  %y = llvm.mlir.constant(22 : i64) : i64
  %z = llvm.mlir.constant(33 : i64) : i64
  %w = llvm.mlir.constant(44 : i64) : i64
  %none = llvm.mlir.constant(-1 : i64) : i64
  // Head 2, count 0, three items, and one guard behind them.
  %ring = llvm.alloca %c8 x i64 : (i32) -> !llvm.ptr
  %head = llvm.mlir.constant(2 : i64) : i64
  llvm.store %head, %ring : i64, !llvm.ptr
  %guardAt = llvm.getelementptr %ring[4] : (!llvm.ptr) -> !llvm.ptr, i64
  llvm.store %w, %guardAt : i64, !llvm.ptr
  %a = llvm.call @push(%ring, %x) : (!llvm.ptr, i64) -> i32
  %b = llvm.call @push(%ring, %y) : (!llvm.ptr, i64) -> i32
  %c = llvm.call @push(%ring, %z) : (!llvm.ptr, i64) -> i32
  %d = llvm.call @push(%ring, %w) : (!llvm.ptr, i64) -> i32
  // Three of the four pushes succeed, so the difference is 0.
  %ab = llvm.add %a, %b : i32
  %cd = llvm.add %c, %d : i32
  %abcd = llvm.add %ab, %cd : i32
  %f0 = llvm.sub %abcd, %c3 : i32
  %f1 = llvm.call @expect(%ring, %x, %f0) : (!llvm.ptr, i64, i32) -> i32
  %f2 = llvm.call @expect(%ring, %y, %f1) : (!llvm.ptr, i64, i32) -> i32
  %e = llvm.call @push(%ring, %w) : (!llvm.ptr, i64) -> i32
  %f3 = llvm.call @expect(%ring, %z, %f2) : (!llvm.ptr, i64, i32) -> i32
  %f4 = llvm.call @expect(%ring, %w, %f3) : (!llvm.ptr, i64, i32) -> i32
  %f5 = llvm.call @expect(%ring, %none, %f4) : (!llvm.ptr, i64, i32) -> i32
  %guard = llvm.load %guardAt : !llvm.ptr -> i64
  %broken = llvm.icmp "ne" %guard, %w : i64
  %f6 = llvm.zext %broken : i1 to i32
  %f = llvm.or %f5, %f6 : i32
  llvm.return %f : i32
}
