// REQUIRES: ptxas
// RUN: rk-opt %s --rk-to-nvvm --rk-verify-lowered=target=sm_100a | mlir-translate --mlir-to-llvmir > %t.ll
// RUN: rk-opt %s --rk-gate=target=sm_100a && llc -O2 -march=nvptx64 -mcpu=sm_100a -mattr=+ptx90 %t.ll -o %t.100a.ptx
// RUN: FileCheck %s < %t.100a.ptx
// RUN: ptxas -c -arch=sm_100a %t.100a.ptx -o %t.cubin
// RUN: rk-opt %s --rk-gate=target=sm_103a && llc -O2 -march=nvptx64 -mcpu=sm_103a -mattr=+ptx90 %t.ll -o %t.103a.ptx
// RUN: ptxas -c -arch=sm_103a %t.103a.ptx -o %t.cubin
// RUN: rk-opt %s --rk-gate=target=sm_110a && llc -O2 -march=nvptx64 -mcpu=sm_110a -mattr=+ptx90 %t.ll -o %t.110a.ptx
// RUN: ptxas -c -arch=sm_110a %t.110a.ptx -o %t.cubin
// RUN: rk-opt %s --rk-gate=target=sm_120a && llc -O2 -march=nvptx64 -mcpu=sm_120a -mattr=+ptx90 %t.ll -o %t.120a.ptx
// RUN: ptxas -c -arch=sm_120a %t.120a.ptx -o %t.cubin
// RUN: rk-opt %s --rk-gate=target=sm_121a && llc -O2 -march=nvptx64 -mcpu=sm_121a -mattr=+ptx90 %t.ll -o %t.121a.ptx
// RUN: ptxas -c -arch=sm_121a %t.121a.ptx -o %t.cubin
// RUN: rk-opt %s --rk-gate=target=sm_100f && llc -O2 -march=nvptx64 -mcpu=sm_100f -mattr=+ptx90 %t.ll -o %t.100f.ptx
// RUN: ptxas -c -arch=sm_100f %t.100f.ptx -o %t.cubin
// RUN: rk-opt %s --rk-gate=target=sm_120f && llc -O2 -march=nvptx64 -mcpu=sm_120f -mattr=+ptx90 %t.ll -o %t.120f.ptx
// RUN: ptxas -c -arch=sm_120f %t.120f.ptx -o %t.cubin
// RUN: rk-opt %s --rk-to-host --rk-verify-lowered=target=host | FileCheck %s --check-prefix=HOST

// What the gate accepts, ptxas assembles; the host calls its library.

module attributes {llvm.data_layout = "e-i64:64-i128:128-v16:16-v32:32-n16:32:64", llvm.target_triple = "nvptx64-nvidia-cuda"} {
// CHECK-LABEL: e3m2(
// CHECK: cvt.rn.satfinite.e3m2x2.f32
// CHECK: cvt.rn.f16x2.e3m2x2
// HOST: llvm.call @rk_encode_e3m2
// HOST: llvm.call @rk_decode_e3m2
llvm.func @e3m2(%x: f32) -> f32 {
  %0 = rk.encode %x to f6E3M2FN rounding<nearest_even> overflow<saturate> : i6
  %1 = rk.decode %0 from f6E3M2FN : i6
  llvm.return %1 : f32
}
// CHECK-LABEL: e2m3(
// CHECK: cvt.rn.satfinite.e2m3x2.f32
// CHECK: cvt.rn.f16x2.e2m3x2
// HOST: llvm.call @rk_encode_e2m3
// HOST: llvm.call @rk_decode_e2m3
llvm.func @e2m3(%x: f32) -> f32 {
  %0 = rk.encode %x to f6E2M3FN rounding<nearest_even> overflow<saturate> : i6
  %1 = rk.decode %0 from f6E2M3FN : i6
  llvm.return %1 : f32
}
// CHECK-LABEL: e2m1(
// CHECK: cvt.rn.satfinite.e2m1x2.f32
// CHECK: cvt.rn.f16x2.e2m1x2
// HOST: llvm.call @rk_encode_e2m1
// HOST: llvm.call @rk_decode_e2m1
llvm.func @e2m1(%x: f32) -> f32 {
  %0 = rk.encode %x to f4E2M1FN rounding<nearest_even> overflow<saturate> : i4
  %1 = rk.decode %0 from f4E2M1FN : i4
  llvm.return %1 : f32
}
}
