// RUN: rk-opt %s --rk-raise-markers | FileCheck %s

// A field with two levels that is not set is stored as it was, so that its
// levels move on; one with one level, or coefficients, need no store.

llvm.func @__rk_stencil_write_f32(!llvm.ptr, f32)

// CHECK: %[[KEPT:.+]] = rk.stencil.access "kept"[0, 0, 0] : f32
// CHECK: %[[NEW:.+]] = llvm.call @update(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %[[KEPT]])
// CHECK: %[[SET_VALUE:.+]] = llvm.extractvalue %[[NEW]][0]
// CHECK: rk.stencil.store %[[SET_VALUE]], "set" : f32
// CHECK: %[[KEPT_VALUE:.+]] = llvm.extractvalue %[[NEW]][1]
// CHECK: rk.stencil.store %[[KEPT_VALUE]], "kept" : f32
// CHECK-NOT: rk.stencil.store
rk.stencil @Both attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
                  tag = "t", dimensions = 1 : i32, radius = 1 : i32,
                  update = @update} {
  rk.stencil.array "set" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.array "kept" : f32 {offset = 1 : i64, levels = 2 : i32}
  rk.stencil.array "single" : f32 {offset = 2 : i64, levels = 1 : i32}
  rk.stencil.array "speed" : f32 {offset = 3 : i64, levels = 1 : i32,
                                  coefficient}
}

llvm.func @update(%self: !llvm.ptr) {
  %half = llvm.mlir.constant(5.000000e-01 : f32) : f32
  llvm.call @__rk_stencil_write_f32(%self, %half) : (!llvm.ptr, f32) -> ()
  llvm.return
}
