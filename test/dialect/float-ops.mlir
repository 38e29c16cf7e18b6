// RUN: rk-opt %s --verify-roundtrip | FileCheck %s
// RUN: rk-opt %s --mlir-print-op-generic | rk-opt | FileCheck %s

// Bits of every format are an integer of its width.

// CHECK-LABEL: llvm.func @formats(
// CHECK-SAME: %[[X:[^:]+]]: f32)
llvm.func @formats(%x: f32) {
  // CHECK: %[[A:.+]] = rk.encode %[[X]] to bf16 rounding<nearest_even> overflow<infinity> : i16
  %a = rk.encode %x to bf16 rounding<nearest_even> overflow<infinity> : i16
  // CHECK: rk.decode %[[A]] from bf16 : i16
  %0 = rk.decode %a from bf16 : i16
  // CHECK: %[[B:.+]] = rk.encode %[[X]] to f8E4M3FN rounding<nearest_even> overflow<saturate> : i8
  %b = rk.encode %x to f8E4M3FN rounding<nearest_even> overflow<saturate> : i8
  // CHECK: rk.decode %[[B]] from f8E4M3FN : i8
  %1 = rk.decode %b from f8E4M3FN : i8
  // CHECK: rk.encode %[[X]] to f8E5M2 rounding<nearest_even> overflow<saturate> : i8
  %c = rk.encode %x to f8E5M2 rounding<nearest_even> overflow<saturate> : i8
  // CHECK: %[[D:.+]] = rk.encode %[[X]] to f6E3M2FN rounding<nearest_even> overflow<saturate> : i6
  %d = rk.encode %x to f6E3M2FN rounding<nearest_even> overflow<saturate> : i6
  // CHECK: rk.decode %[[D]] from f6E3M2FN : i6
  %3 = rk.decode %d from f6E3M2FN : i6
  // CHECK: rk.encode %[[X]] to f6E2M3FN rounding<nearest_even> overflow<saturate> : i6
  %e = rk.encode %x to f6E2M3FN rounding<nearest_even> overflow<saturate> : i6
  // CHECK: %[[F:.+]] = rk.encode %[[X]] to f4E2M1FN rounding<nearest_even> overflow<saturate> : i4
  %f = rk.encode %x to f4E2M1FN rounding<nearest_even> overflow<saturate> : i4
  // CHECK: rk.decode %[[F]] from f4E2M1FN : i4
  %5 = rk.decode %f from f4E2M1FN : i4
  llvm.return
}
