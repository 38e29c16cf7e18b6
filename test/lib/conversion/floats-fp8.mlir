// REQUIRES: ptxas
// RUN: rk-opt %s --rk-gate=target=sm_90 --rk-to-nvvm --rk-verify-lowered=target=sm_90 | mlir-translate --mlir-to-llvmir > %t.ll
// RUN: llc -O2 -march=nvptx64 -mcpu=sm_90 -mattr=+ptx90 %t.ll -o %t.sm_90.ptx
// RUN: FileCheck %s < %t.sm_90.ptx
// RUN: ptxas -c -arch=sm_90 %t.sm_90.ptx -o %t.cubin
// RUN: rk-opt %s "--rk-gate=target=sm_89 gate=hardware" --rk-to-nvvm | mlir-translate --mlir-to-llvmir \
// RUN:   | llc -O2 -march=nvptx64 -mcpu=sm_89 -mattr=+ptx90 -o %t.sm_89.ptx
// RUN: ptxas -c -arch=sm_89 %t.sm_89.ptx -o %t.cubin
// RUN: rk-opt %s --rk-to-host --rk-verify-lowered=target=host | FileCheck %s --check-prefix=HOST

// FP8 and BF16 have instructions on sm_90; the host calls its library.

module attributes {llvm.data_layout = "e-i64:64-i128:128-v16:16-v32:32-n16:32:64", llvm.target_triple = "nvptx64-nvidia-cuda"} {
// CHECK-LABEL: e4m3(
// CHECK: ld.param.b32 %[[X:r[0-9]+]],
// CHECK: mov.b32 %[[ZERO:r[0-9]+]], 0f00000000;
// CHECK: cvt.rn.satfinite.e4m3x2.f32 %rs{{[0-9]+}}, %[[ZERO]], %[[X]];
// HOST: %[[CODE:.+]] = llvm.call @rk_encode_e4m3(%{{.+}}) : (f32) -> i32
// HOST: llvm.trunc %[[CODE]] : i32 to i8
llvm.func @e4m3(%x: f32) -> i8 {
  %0 = rk.encode %x to f8E4M3FN rounding<nearest_even> overflow<saturate> : i8
  llvm.return %0 : i8
}
// CHECK-LABEL: e5m2(
// CHECK: cvt.rn.satfinite.e5m2x2.f32
// HOST: llvm.call @rk_encode_e5m2
llvm.func @e5m2(%x: f32) -> i8 {
  %0 = rk.encode %x to f8E5M2 rounding<nearest_even> overflow<saturate> : i8
  llvm.return %0 : i8
}
// CHECK-LABEL: from_e4m3(
// CHECK: cvt.rn.f16x2.e4m3x2
// CHECK: cvt.f32.f16
// HOST: %[[WIDE:.+]] = llvm.zext %{{.+}} : i8 to i32
// HOST: llvm.call @rk_decode_e4m3(%[[WIDE]]) : (i32) -> f32
llvm.func @from_e4m3(%x: i8) -> f32 {
  %0 = rk.decode %x from f8E4M3FN : i8
  llvm.return %0 : f32
}
// CHECK-LABEL: from_e5m2(
// CHECK: cvt.rn.f16x2.e5m2x2
// HOST: llvm.call @rk_decode_e5m2
llvm.func @from_e5m2(%x: i8) -> f32 {
  %0 = rk.decode %x from f8E5M2 : i8
  llvm.return %0 : f32
}
// CHECK-LABEL: bf16(
// CHECK: cvt.rn.bf16.f32
// CHECK: shl.b32
// HOST: llvm.call @rk_encode_bf16
// HOST: llvm.call @rk_decode_bf16
llvm.func @bf16(%x: f32) -> f32 {
  %0 = rk.encode %x to bf16 rounding<nearest_even> overflow<infinity> : i16
  %1 = rk.decode %0 from bf16 : i16
  llvm.return %1 : f32
}
}
