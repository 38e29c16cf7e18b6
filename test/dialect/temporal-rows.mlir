// RUN: rk-opt %s --rk-lower-stencils=target=nvptx | FileCheck %s

// A level that is read in another row only: a thread of two rows still puts both
// of them into shared memory, as other threads read them.

llvm.func internal @update(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64,
                           %a: f64, %b: f64) -> f64 {
  llvm.return %a : f64
}

rk.stencil @Behind attributes {hash = 1 : i64, size = 1 : i64, align = 1 : i64,
                  tag = "t", dimensions = 3 : i32, radius = 1 : i32, star,
                  update = @update} {
  rk.stencil.array "value" : f64 {offset = 0 : i64, levels = 2 : i32,
                                  entries = 3 : i32, written,
                                  halo = array<i64: 0, 1, 1>}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %behind = rk.stencil.access "value"[0, -1, 0] {level = 1 : i32} : f64
    %above = rk.stencil.access "value"[0, 0, 1] : f64
    %new = llvm.call @update(%self, %x, %y, %z, %behind, %above) : (!llvm.ptr, i64, i64, i64, f64, f64) -> f64
    rk.stencil.store %new, "value" : f64
  }
  rk.stencil.plan "streaming" @walk {block = array<i32: 32, 4, 1>, tile = array<i32: 64, 16, 16>, steps = 1 : i32, shared = 0 : i32}
  rk.stencil.plan "temporal" @several {block = array<i32: 32, 8, 1>, tile = array<i32: 64, 12, 16>, steps = 2 : i32, shared = 32768 : i32}
}

// CHECK-LABEL: llvm.func @several
// CHECK: llvm.mlir.addressof @several_shared : !llvm.ptr<3>
// Before the loop: two rows for each of the two steps.
// CHECK-COUNT-4: llvm.store {{.*}} vector<2xf64>, !llvm.ptr<3>
// CHECK: nvvm.barrier
// CHECK: llvm.call @update(
