// RUN: rk-opt %s --rk-raise-markers | FileCheck %s --implicit-check-not=__rk_
// RUN: rk-opt %s --rk-raise-markers --rk-infer-halos --rk-plan-stencils | FileCheck %s --check-prefix=PLAN
// RUN: rk-opt %s --rk-raise-markers --rk-infer-halos --rk-plan-stencils --rk-lower-stencils=target=sm_90a | FileCheck %s --check-prefix=GPU
// RUN: rk-opt %s --rk-raise-markers --rk-infer-halos --rk-plan-stencils --rk-lower-stencils=target=host | FileCheck %s --check-prefix=HOST

// Accesses are hoisted and made once, a store in a branch keeps the old value
// otherwise, and products stay apart from sums.

llvm.func @__rk_stencil_read_f32(!llvm.ptr, i32, i32, i32, i32) -> f32
llvm.func @__rk_stencil_write_f32(!llvm.ptr, f32)
llvm.func @__rk_stencil_position(i32) -> i64

// CHECK: rk.stencil @Wave attributes {
// CHECK-NOT: update
// CHECK: rk.stencil.apply {
// CHECK-NEXT: ^bb0(%[[SELF:.+]]: !llvm.ptr, %[[X:.+]]: i64, %[[Y:.+]]: i64, %[[Z:.+]]: i64):
// CHECK-NEXT: %[[LEFT:.+]] = rk.stencil.access "pressure"[-1, 0, 0] : f32
// CHECK-NEXT: %[[OLD:.+]] = rk.stencil.access "pressure"[0, 0, 0] {level = 1 : i32} : f32
// CHECK-NEXT: %[[SPEED:.+]] = rk.stencil.access "speed"[0, 0, 0] : f32
// CHECK-NEXT: %[[HERE:.+]] = rk.stencil.access "pressure"[0, 0, 0] : f32
// CHECK-NEXT: %[[NEW:.+]] = llvm.call @update(%[[SELF]], %[[X]], %[[Y]], %[[Z]], %[[LEFT]], %[[OLD]], %[[SPEED]], %[[HERE]])
// CHECK-NEXT: rk.stencil.store %[[NEW]], "pressure" : f32

// PLAN: rk.stencil.array "pressure" : f32 {entries = 2 : i32, halo = array<i64: 1, 0, 0>, levels = 2 : i32, offset = 0 : i64, written}
// PLAN: rk.stencil.array "speed" : f32 {coefficient, entries = 1 : i32, halo = array<i64: 0, 0, 0>, levels = 1 : i32, offset = 1 : i64}
// PLAN: rk.stencil.plan "global" @rk_stencil_0_global {block = array<i32: 256, 1, 1>, shared = 0 : i32, steps = 1 : i32, tile = array<i32: 256, 1, 1>}

// GPU-NOT: rk.stencil
// GPU: llvm.func @rk_stencil_0_global(%{{.+}}: !llvm.ptr {llvm.align = 16 : i64, llvm.byval = !llvm.array<1472 x i8>})
// GPU: nvvm.read.ptx.sreg.ctaid.x
// GPU: llvm.load %{{.+}} invariant {alignment = 4 : i64} : !llvm.ptr<1> -> f32
// GPU: llvm.call @update
// GPU: llvm.store %{{.+}}, %{{.+}} {alignment = 4 : i64} : f32, !llvm.ptr<1>

// HOST-NOT: rk.stencil
// HOST: llvm.func @rk_stencil_0_global(%{{.+}}: !llvm.ptr, %{{.+}}: !llvm.ptr)
// HOST: llvm.load %{{.+}} {access_groups = [#{{.+}}], alignment = 4 : i64} : !llvm.ptr -> f32
// HOST: llvm.call @update
// HOST: llvm.cond_br %{{.+}} {loop_annotation = #{{.+}}}
rk.stencil @Wave attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
                  tag = "t", dimensions = 1 : i32, radius = 1 : i32,
                  update = @update} {
  rk.stencil.array "pressure" : f32 {offset = 0 : i64, levels = 2 : i32}
  rk.stencil.array "speed" : f32 {offset = 1 : i64, levels = 1 : i32,
                                  coefficient}
}

// CHECK: llvm.func internal @update(%{{.+}}: !llvm.ptr, %[[X:[^:]+]]: i64, %{{.+}}: i64, %{{.+}}: i64, %[[LEFT:[^:]+]]: f32, %[[OLD:[^:]+]]: f32, %[[SPEED:[^:]+]]: f32, %[[HERE:[^:]+]]: f32) -> f32 attributes {always_inline}
// CHECK: %[[SLOT:.+]] = llvm.alloca
// CHECK: llvm.store %[[HERE]], %[[SLOT]]
// CHECK: llvm.icmp "sgt" %[[X]],
// CHECK: %[[PRODUCT:.+]] = llvm.fmul %[[LEFT]], %[[SPEED]]
// CHECK: %[[SUM:.+]] = llvm.fadd %[[PRODUCT]], %[[OLD]]
// CHECK: llvm.store %[[SUM]], %[[SLOT]]
// CHECK: %[[RESULT:.+]] = llvm.load %[[SLOT]]
// CHECK: llvm.return %[[RESULT]]
llvm.func @update(%self: !llvm.ptr) {
  %zero = llvm.mlir.constant(0 : i32) : i32
  %one = llvm.mlir.constant(1 : i32) : i32
  %minus = llvm.mlir.constant(-1 : i32) : i32
  %three = llvm.mlir.constant(3 : i64) : i64
  %x = llvm.call @__rk_stencil_position(%zero) : (i32) -> i64
  %inside = llvm.icmp "sgt" %x, %three : i64
  llvm.cond_br %inside, ^bb1, ^bb2
^bb1:
  %speed = llvm.getelementptr %self[1] : (!llvm.ptr) -> !llvm.ptr, i8
  %a = llvm.call @__rk_stencil_read_f32(%self, %zero, %minus, %zero, %zero) : (!llvm.ptr, i32, i32, i32, i32) -> f32
  %b = llvm.call @__rk_stencil_read_f32(%self, %zero, %minus, %zero, %zero) : (!llvm.ptr, i32, i32, i32, i32) -> f32
  %c = llvm.call @__rk_stencil_read_f32(%self, %one, %zero, %zero, %zero) : (!llvm.ptr, i32, i32, i32, i32) -> f32
  %d = llvm.call @__rk_stencil_read_f32(%speed, %zero, %zero, %zero, %zero) : (!llvm.ptr, i32, i32, i32, i32) -> f32
  %e = llvm.intr.fmuladd(%b, %d, %c) : (f32, f32, f32) -> f32
  llvm.call @__rk_stencil_write_f32(%self, %e) : (!llvm.ptr, f32) -> ()
  llvm.br ^bb2
^bb2:
  llvm.return
}
