// RUN: rk-opt %s --verify-roundtrip | FileCheck %s
// RUN: rk-opt %s --mlir-print-op-generic | rk-opt | FileCheck %s

// A stencil keeps its arrays, its accesses with offsets and levels, and its
// plans.

llvm.func @wave(!llvm.ptr, i64, i64, i64, f32, f32, f64) -> f32

// CHECK: rk.stencil @Wave attributes {align = 4 : i64, dimensions = 2 : i32, hash = 1 : i64, radius = 2 : i32, size = 8 : i64, star, tag = "t", update = @wave} {
rk.stencil @Wave attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
                  tag = "t", dimensions = 2 : i32, radius = 2 : i32, star,
                  update = @wave} {
  // CHECK-NEXT: rk.stencil.array "pressure" : f32 {entries = 2 : i32, halo = array<i64: 2, 2, 0>, levels = 2 : i32, offset = 0 : i64, written}
  rk.stencil.array "pressure" : f32 {offset = 0 : i64, levels = 2 : i32,
                                     entries = 2 : i32, written,
                                     halo = array<i64: 2, 2, 0>}
  // CHECK-NEXT: rk.stencil.array "speed" : f64 {coefficient, levels = 1 : i32, offset = 1 : i64}
  rk.stencil.array "speed" : f64 {offset = 1 : i64, levels = 1 : i32,
                                  coefficient}
  // CHECK-NEXT: rk.stencil.apply {
  // CHECK-NEXT: ^bb0(%[[SELF:.+]]: !llvm.ptr, %[[X:.+]]: i64, %[[Y:.+]]: i64, %[[Z:.+]]: i64):
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // CHECK-NEXT: %[[FAR:.+]] = rk.stencil.access "pressure"[-2, 0, 0] : f32
    %far = rk.stencil.access "pressure"[-2, 0, 0] : f32
    // CHECK-NEXT: %[[OLD:.+]] = rk.stencil.access "pressure"[0, 0, 0] {level = 1 : i32} : f32
    %old = rk.stencil.access "pressure"[0, 0, 0] {level = 1 : i32} : f32
    // CHECK-NEXT: %[[SPEED:.+]] = rk.stencil.access "speed"[0, 1, 0] : f64
    %speed = rk.stencil.access "speed"[0, 1, 0] : f64
    // CHECK-NEXT: %[[NEW:.+]] = llvm.call @wave(%[[SELF]], %[[X]], %[[Y]], %[[Z]], %[[FAR]], %[[OLD]], %[[SPEED]])
    %new = llvm.call @wave(%self, %x, %y, %z, %far, %old, %speed)
        : (!llvm.ptr, i64, i64, i64, f32, f32, f64) -> f32
    // CHECK-NEXT: rk.stencil.store %[[NEW]], "pressure" : f32
    rk.stencil.store %new, "pressure" : f32
  }
  // CHECK: rk.stencil.plan "global" @rk_stencil_0_global {block = array<i32: 64, 4, 1>, shared = 0 : i32, steps = 1 : i32, tile = array<i32: 64, 4, 1>}
  rk.stencil.plan "global" @rk_stencil_0_global
      {block = array<i32: 64, 4, 1>, tile = array<i32: 64, 4, 1>,
       steps = 1 : i32, shared = 0 : i32}
}
