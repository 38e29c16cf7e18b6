// RUN: rk-opt %s --rk-lower-stencils=target=nvptx | FileCheck %s

// A thread walks along z: two cells of a column stay in registers, one is
// loaded for each update.

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
  rk.stencil.plan "streaming" @walk {block = array<i32: 32, 8, 1>, tile = array<i32: 32, 8, 16>, steps = 1 : i32, shared = 0 : i32}
}

// CHECK-LABEL: llvm.func @walk
// CHECK: llvm.cond_br
// CHECK: llvm.load {{.*}} invariant {{.*}} -> f32
// CHECK: llvm.load {{.*}} invariant {{.*}} -> f32
// CHECK: llvm.br ^[[LOOP:bb[0-9]+]](
// CHECK: ^[[LOOP]](%[[Z:.+]]: i64, %{{.+}}: i64, %[[BELOW:.+]]: f32, %[[HERE:.+]]: f32):
// CHECK: %[[ABOVE:.+]] = llvm.load {{.*}} invariant {{.*}} -> f32
// CHECK-NEXT: %{{.+}} = llvm.call @update({{.*}}, %[[Z]], %[[BELOW]], %[[HERE]], %[[ABOVE]])
// CHECK: llvm.store
// CHECK: llvm.cond_br %{{.+}}, ^[[LOOP]](%{{.+}}, %{{.+}}, %[[HERE]], %[[ABOVE]] :
