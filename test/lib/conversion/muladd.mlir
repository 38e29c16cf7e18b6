// RUN: rk-opt %s --rk-to-nvvm | FileCheck %s
// RUN: rk-opt %s --rk-to-host | FileCheck %s

// The two targets round a multiply-add once, and alike.

// CHECK-LABEL: llvm.func @muladd(
// CHECK: llvm.intr.fma(%{{.+}}, %{{.+}}, %{{.+}}) {fastmathFlags = #llvm.fastmath<nnan>} : (f32, f32, f32) -> f32
// CHECK: llvm.intr.fma(%{{.+}}, %{{.+}}, %{{.+}}) : (f64, f64, f64) -> f64
// CHECK: llvm.intr.fma({{.*}} : (vector<2xf32>, vector<2xf32>, vector<2xf32>) -> vector<2xf32>
// CHECK-NOT: fmuladd
llvm.func @muladd(%x: f32, %y: f64, %z: vector<2xf32>) {
  %0 = llvm.intr.fmuladd(%x, %x, %x) {fastmathFlags = #llvm.fastmath<nnan>} : (f32, f32, f32) -> f32
  %1 = llvm.intr.fmuladd(%y, %y, %y) : (f64, f64, f64) -> f64
  %2 = llvm.intr.fmuladd(%z, %z, %z) : (vector<2xf32>, vector<2xf32>, vector<2xf32>) -> vector<2xf32>
  llvm.return
}
