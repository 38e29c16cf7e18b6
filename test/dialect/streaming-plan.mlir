// RUN: rk-opt %s --rk-lower-stencils=target=nvptx | FileCheck %s

// A thread walks along z: it loads four cells at a time, a plane ahead, and
// what it has of the planes below stays in registers.

llvm.func internal @update(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64,
                           %a: f32, %b: f32, %c: f32) -> f32 {
  llvm.return %a : f32
}

rk.stencil @Column attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64,
                  tag = "t", dimensions = 3 : i32, radius = 1 : i32, star,
                  update = @update} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32,
                                  entries = 2 : i32, written,
                                  halo = array<i64: 0, 0, 1>}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %below = rk.stencil.access "value"[0, 0, -1] : f32
    %here = rk.stencil.access "value"[0, 0, 0] : f32
    %above = rk.stencil.access "value"[0, 0, 1] : f32
    %new = llvm.call @update(%self, %x, %y, %z, %below, %here, %above) : (!llvm.ptr, i64, i64, i64, f32, f32, f32) -> f32
    rk.stencil.store %new, "value" : f32
  }
  rk.stencil.plan "streaming" @walk {block = array<i32: 32, 4, 1>, tile = array<i32: 128, 4, 16>, steps = 1 : i32, shared = 0 : i32}
  rk.stencil.plan "temporal" @several {block = array<i32: 32, 8, 1>, tile = array<i32: 128, 8, 16>, steps = 2 : i32, shared = 32768 : i32}
}

// CHECK-LABEL: llvm.func @walk
// CHECK: llvm.load {{.*}} invariant {{.*}} -> vector<4xf32>
// CHECK: ^bb{{[0-9]+}}(%{{.+}}: i64, %[[UP:.+]]: f32, {{.*}}):
// CHECK: llvm.load {{.*}} invariant {{.*}} -> vector<4xf32>
// CHECK: llvm.call @update(
// CHECK: llvm.store %{{.+}} : vector<4xf32>, !llvm.ptr<1>
// CHECK: llvm.return

// CHECK-LABEL: llvm.func @several
// CHECK: llvm.mlir.addressof @several_shared : !llvm.ptr<3>
// CHECK: llvm.load {{.*}} -> vector<4xf32>
// CHECK-COUNT-8: llvm.call @update(
// CHECK: llvm.store %{{.+}} : vector<4xf32>, !llvm.ptr<1>
