// RUN: rk-opt %s --rk-infer-halos --rk-plan-stencils | FileCheck %s

// Plans that do not suit a stencil are not added: a line has nothing to walk
// along, and a box in three dimensions is read along y and z at once.

rk.stencil @Box attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64,
                  tag = "t", dimensions = 3 : i32, radius = 1 : i32} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %corner = rk.stencil.access "value"[0, 1, -1] : f32
    rk.stencil.store %corner, "value" : f32
  }
}
// CHECK-LABEL: rk.stencil @Box
// CHECK: rk.stencil.plan "global"
// CHECK: rk.stencil.plan "streaming"
// CHECK-NOT: rk.stencil.plan "temporal"

rk.stencil @Line attributes {hash = 2 : i64, size = 4 : i64, align = 4 : i64,
                  tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %right = rk.stencil.access "value"[1, 0, 0] : f32
    rk.stencil.store %right, "value" : f32
  }
}
// CHECK-LABEL: rk.stencil @Line
// CHECK: rk.stencil.plan "global"
// CHECK-NOT: rk.stencil.plan "streaming"

rk.stencil @Plane attributes {hash = 3 : i64, size = 4 : i64, align = 4 : i64,
                  tag = "t", dimensions = 2 : i32, radius = 1 : i32} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %below = rk.stencil.access "value"[-1, -1, 0] : f32
    rk.stencil.store %below, "value" : f32
  }
}
// CHECK-LABEL: rk.stencil @Plane
// CHECK: rk.stencil.plan "streaming"
// CHECK: rk.stencil.plan "temporal"

// What a boundary reads or sets is needed wherever its lines begin, so its halo
// is the widest of all arrays; coefficients that it does not read keep theirs.
rk.stencil @Rim attributes {hash = 4 : i64, size = 8 : i64, align = 4 : i64,
                  tag = "t", dimensions = 3 : i32, radius = 2 : i32} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.array "read" : f32 {offset = 1 : i64, levels = 2 : i32}
  rk.stencil.array "set" : f32 {offset = 2 : i64, levels = 1 : i32}
  rk.stencil.array "still" : f32 {offset = 3 : i64, levels = 1 : i32, coefficient}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %above = rk.stencil.access "value"[1, 0, 2] : f32
    %here = rk.stencil.access "read"[0, 0, 0] : f32
    %beside = rk.stencil.access "still"[0, 1, 0] : f32
    rk.stencil.store %here, "value" : f32
    rk.stencil.store %above, "read" : f32
    rk.stencil.store %beside, "set" : f32
  }
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64,
       %step: i64):
    %inside = rk.stencil.inside "read"<face> : f32
    rk.stencil.store %inside, "set" : f32
  }
}
// CHECK-LABEL: rk.stencil @Rim
// CHECK: rk.stencil.array "value" : f32 {{.*}}halo = array<i64: 1, 0, 2>
// CHECK: rk.stencil.array "read" : f32 {{.*}}entries = 2 : i32, halo = array<i64: 1, 1, 2>
// CHECK: rk.stencil.array "set" : f32 {{.*}}halo = array<i64: 1, 1, 2>
// CHECK: rk.stencil.array "still" : f32 {{.*}}halo = array<i64: 0, 1, 0>
