// RUN: rk-opt %s --rk-raise-markers --rk-to-nvvm --rk-verify-lowered=target=sm_90 | FileCheck %s
// RUN: rk-opt %s --rk-raise-markers --rk-to-host --rk-verify-lowered=target=host | mlir-translate --mlir-to-llvmir | lli

// Updates that no GPU has as one instruction become loops with the same order
// and scope. Run: each against what C++ says the result is.

// CHECK-LABEL: llvm.func @bytes(
// CHECK:         llvm.load %{{.+}} atomic monotonic {alignment = 1 : i64} : !llvm.ptr -> i8
// CHECK:         llvm.cmpxchg %{{.+}}, %{{.+}}, %{{.+}} acq_rel monotonic : !llvm.ptr, i8
llvm.func @bytes(%p: !llvm.ptr) -> i32 {
  %start = llvm.mlir.constant(250 : i8) : i8
  %ten = llvm.mlir.constant(10 : i8) : i8
  llvm.store %start, %p : i8, !llvm.ptr
  %found = llvm.atomicrmw add %p, %ten acq_rel : !llvm.ptr, i8
  %now = llvm.load %p : !llvm.ptr -> i8
  // 250 was there, and 260 - 256 = 4 is there now.
  %four = llvm.mlir.constant(4 : i8) : i8
  %a = llvm.icmp "ne" %found, %start : i8
  %b = llvm.icmp "ne" %now, %four : i8
  %c = llvm.or %a, %b : i1
  %wrong = llvm.zext %c : i1 to i32
  llvm.return %wrong : i32
}

// CHECK-LABEL: llvm.func @nand(
// CHECK: llvm.cmpxchg {{.*}} syncscope("device") seq_cst monotonic : !llvm.ptr, i32
llvm.func @nand(%p: !llvm.ptr) -> i32 {
  %start = llvm.mlir.constant(12 : i32) : i32
  %mask = llvm.mlir.constant(10 : i32) : i32
  llvm.store %start, %p : i32, !llvm.ptr
  %found = llvm.atomicrmw nand %p, %mask syncscope("device") seq_cst : !llvm.ptr, i32
  %now = llvm.load %p : !llvm.ptr -> i32
  // ~(12 & 10) = -9
  %expected = llvm.mlir.constant(-9 : i32) : i32
  %a = llvm.xor %found, %start : i32
  %b = llvm.xor %now, %expected : i32
  %wrong = llvm.or %a, %b : i32
  llvm.return %wrong : i32
}

// CHECK-LABEL: llvm.func @floats(
// CHECK: llvm.fadd %{{.+}}, %{{.+}} : f64
// CHECK: llvm.cmpxchg {{.*}} : !llvm.ptr, i64
llvm.func @floats(%p: !llvm.ptr) -> i32 {
  %start = llvm.mlir.constant(1.5 : f64) : f64
  %more = llvm.mlir.constant(2.25 : f64) : f64
  llvm.store %start, %p : f64, !llvm.ptr
  %found = llvm.atomicrmw fadd %p, %more seq_cst : !llvm.ptr, f64
  %now = llvm.load %p : !llvm.ptr -> f64
  %expected = llvm.mlir.constant(3.75 : f64) : f64
  %a = llvm.fcmp "une" %found, %start : f64
  %b = llvm.fcmp "une" %now, %expected : f64
  %c = llvm.or %a, %b : i1
  %wrong = llvm.zext %c : i1 to i32
  llvm.return %wrong : i32
}

llvm.func @main() -> i32 {
  %one = llvm.mlir.constant(1 : i32) : i32
  %p = llvm.alloca %one x i64 : (i32) -> !llvm.ptr
  %0 = llvm.call @bytes(%p) : (!llvm.ptr) -> i32
  %1 = llvm.call @nand(%p) : (!llvm.ptr) -> i32
  %2 = llvm.call @floats(%p) : (!llvm.ptr) -> i32
  %3 = llvm.or %0, %1 : i32
  %4 = llvm.or %3, %2 : i32
  llvm.return %4 : i32
}
