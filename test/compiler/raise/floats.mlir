// RUN: rk-opt %s --rk-raise-markers | FileCheck %s --implicit-check-not=__rk_

// The numbers of rk::FloatFormat, and bits in the low end of an i32.

llvm.func @__rk_encode(f32, i32) -> i32
llvm.func @__rk_decode(i32, i32) -> f32

// CHECK-LABEL: llvm.func @format0(
// CHECK: %[[CODE:.+]] = rk.encode %{{.+}} to bf16 rounding<nearest_even> overflow<infinity> : i16
// CHECK: %[[WIDE:.+]] = llvm.zext %[[CODE]] : i16 to i32
// CHECK: %[[LOW:.+]] = llvm.trunc %[[WIDE]] : i32 to i16
// CHECK: rk.decode %[[LOW]] from bf16 : i16
llvm.func @format0(%x: f32) -> f32 {
  %format = llvm.mlir.constant(0 : i32) : i32
  %0 = llvm.call @__rk_encode(%x, %format) : (f32, i32) -> i32
  %1 = llvm.call @__rk_decode(%0, %format) : (i32, i32) -> f32
  llvm.return %1 : f32
}

// CHECK-LABEL: llvm.func @format1(
// CHECK: %[[CODE:.+]] = rk.encode %{{.+}} to f8E4M3FN rounding<nearest_even> overflow<saturate> : i8
// CHECK: %[[WIDE:.+]] = llvm.zext %[[CODE]] : i8 to i32
// CHECK: %[[LOW:.+]] = llvm.trunc %[[WIDE]] : i32 to i8
// CHECK: rk.decode %[[LOW]] from f8E4M3FN : i8
llvm.func @format1(%x: f32) -> f32 {
  %format = llvm.mlir.constant(1 : i32) : i32
  %0 = llvm.call @__rk_encode(%x, %format) : (f32, i32) -> i32
  %1 = llvm.call @__rk_decode(%0, %format) : (i32, i32) -> f32
  llvm.return %1 : f32
}

// CHECK-LABEL: llvm.func @format2(
// CHECK: %[[CODE:.+]] = rk.encode %{{.+}} to f8E5M2 rounding<nearest_even> overflow<saturate> : i8
// CHECK: %[[WIDE:.+]] = llvm.zext %[[CODE]] : i8 to i32
// CHECK: %[[LOW:.+]] = llvm.trunc %[[WIDE]] : i32 to i8
// CHECK: rk.decode %[[LOW]] from f8E5M2 : i8
llvm.func @format2(%x: f32) -> f32 {
  %format = llvm.mlir.constant(2 : i32) : i32
  %0 = llvm.call @__rk_encode(%x, %format) : (f32, i32) -> i32
  %1 = llvm.call @__rk_decode(%0, %format) : (i32, i32) -> f32
  llvm.return %1 : f32
}

// CHECK-LABEL: llvm.func @format3(
// CHECK: %[[CODE:.+]] = rk.encode %{{.+}} to f6E3M2FN rounding<nearest_even> overflow<saturate> : i6
// CHECK: %[[WIDE:.+]] = llvm.zext %[[CODE]] : i6 to i32
// CHECK: %[[LOW:.+]] = llvm.trunc %[[WIDE]] : i32 to i6
// CHECK: rk.decode %[[LOW]] from f6E3M2FN : i6
llvm.func @format3(%x: f32) -> f32 {
  %format = llvm.mlir.constant(3 : i32) : i32
  %0 = llvm.call @__rk_encode(%x, %format) : (f32, i32) -> i32
  %1 = llvm.call @__rk_decode(%0, %format) : (i32, i32) -> f32
  llvm.return %1 : f32
}

// CHECK-LABEL: llvm.func @format4(
// CHECK: %[[CODE:.+]] = rk.encode %{{.+}} to f6E2M3FN rounding<nearest_even> overflow<saturate> : i6
// CHECK: %[[WIDE:.+]] = llvm.zext %[[CODE]] : i6 to i32
// CHECK: %[[LOW:.+]] = llvm.trunc %[[WIDE]] : i32 to i6
// CHECK: rk.decode %[[LOW]] from f6E2M3FN : i6
llvm.func @format4(%x: f32) -> f32 {
  %format = llvm.mlir.constant(4 : i32) : i32
  %0 = llvm.call @__rk_encode(%x, %format) : (f32, i32) -> i32
  %1 = llvm.call @__rk_decode(%0, %format) : (i32, i32) -> f32
  llvm.return %1 : f32
}

// CHECK-LABEL: llvm.func @format5(
// CHECK: %[[CODE:.+]] = rk.encode %{{.+}} to f4E2M1FN rounding<nearest_even> overflow<saturate> : i4
// CHECK: %[[WIDE:.+]] = llvm.zext %[[CODE]] : i4 to i32
// CHECK: %[[LOW:.+]] = llvm.trunc %[[WIDE]] : i32 to i4
// CHECK: rk.decode %[[LOW]] from f4E2M1FN : i4
llvm.func @format5(%x: f32) -> f32 {
  %format = llvm.mlir.constant(5 : i32) : i32
  %0 = llvm.call @__rk_encode(%x, %format) : (f32, i32) -> i32
  %1 = llvm.call @__rk_decode(%0, %format) : (i32, i32) -> f32
  llvm.return %1 : f32
}
