// RUN: rk-opt %s --rk-raise-markers | FileCheck %s --implicit-check-not=__rk_
// RUN: rk-opt %s --rk-raise-markers --rk-infer-halos --rk-plan-stencils | FileCheck %s --check-prefix=PLAN
// RUN: rk-opt %s --rk-raise-markers --rk-infer-halos --rk-plan-stencils --rk-lower-stencils=target=sm_90a | FileCheck %s --check-prefix=GPU
// RUN: rk-opt %s --rk-raise-markers --rk-infer-halos --rk-plan-stencils --rk-lower-stencils=target=host | FileCheck %s --check-prefix=HOST

// A boundary reads inside of the face and sets the place, a reduction computes a
// value of each cell, parts of structures are arrays of their own, and numbers
// of two bytes travel as integers.

llvm.func @__rk_stencil_read_32(!llvm.ptr, i32, i32, i32, i32) -> i32
llvm.func @__rk_stencil_read_16(!llvm.ptr, i32, i32, i32, i32) -> i16
llvm.func @__rk_stencil_inside_16(!llvm.ptr, i32, i32, i32) -> i16
llvm.func @__rk_stencil_write_16(!llvm.ptr, i16)
llvm.func @__rk_stencil_position(i32) -> i64
llvm.func @__rk_stencil_part(!llvm.ptr, i32) -> !llvm.ptr

// CHECK: rk.stencil @Open attributes {
// CHECK-NOT: boundary =
// CHECK: rk.stencil.reduce "total" attributes {align = 4 : i64, combine = @combine, fold = @fold, hash = 9 : i64, size = 4 : i64} {
// CHECK-NEXT: ^bb0(%[[SELF:.+]]: !llvm.ptr, %[[RESULT:.+]]: !llvm.ptr, %[[X:.+]]: i64, %[[Y:.+]]: i64, %[[Z:.+]]: i64):
// CHECK-NEXT: %[[BESIDE:.+]] = rk.stencil.access "flow.1"[1, 0, 0] : f32
// CHECK-NEXT: llvm.call @term(%[[SELF]], %[[RESULT]], %[[X]], %[[Y]], %[[Z]], %[[BESIDE]])
// CHECK: rk.stencil.apply {
// CHECK: %[[HERE:.+]] = rk.stencil.access "half"[0, 0, 0] : f16
// CHECK: rk.stencil.store %{{.+}}, "half" : f16
// CHECK: rk.stencil.boundary attributes {timed} {
// CHECK-NEXT: ^bb0(%[[SELF:.+]]: !llvm.ptr, %[[X:.+]]: i64, %[[Y:.+]]: i64, %[[Z:.+]]: i64, %[[FACE:.+]]: i64, %[[DEPTH:.+]]: i64, %[[STEP:.+]]: i64):
// CHECK-NEXT: %[[SECOND:.+]] = rk.stencil.inside "half"<face> {distance = 1 : i64} : f16
// CHECK-NEXT: %[[MIRROR:.+]] = rk.stencil.inside "half"<mirror> : f16
// CHECK-NEXT: %[[NEW:.+]] = llvm.call @beyond(%[[SELF]], %[[X]], %[[Y]], %[[Z]], %[[FACE]], %[[DEPTH]], %[[STEP]], %[[SECOND]], %[[MIRROR]])
// CHECK-NEXT: rk.stencil.store %[[NEW]], "half" : f16

// PLAN: rk.stencil.array "half" : f16 {entries = 2 : i32, halo = array<i64: 1, 0, 0>, levels = 1 : i32, offset = 0 : i64, written}
// PLAN: rk.stencil.array "flow.1" : f32 {coefficient, entries = 1 : i32, halo = array<i64: 1, 0, 0>,
// PLAN: rk.stencil.reduce "total" attributes {{{.*}}entry = @rk_stencil_0_reduce_total
// PLAN: rk.stencil.boundary attributes {entry = @rk_stencil_0_boundary, timed}

// GPU-NOT: rk.stencil
// GPU: llvm.func internal @rk_stencil_0_resident_outside(%[[SHARED:[^:]+]]: !llvm.ptr, %[[SLOTS:[^:]+]]: !llvm.ptr, %[[SELF:[^:]+]]: !llvm.ptr, %[[PLACE:[^:]+]]: !llvm.ptr) attributes {always_inline}
// GPU: llvm.call @rk_stencil_inward(%[[PLACE]],
// GPU: llvm.call @beyond(%[[SELF]],
// GPU: llvm.store %{{.+}}, %{{.+}} {alignment = 2 : i64} : f16, !llvm.ptr
// GPU: llvm.func @rk_stencil_0_resident(
// GPU: %[[OUTSIDE:.+]] = llvm.mlir.addressof @rk_stencil_0_resident_outside : !llvm.ptr
// GPU: llvm.call @rk_stencil_resident({{.+}}, %[[OUTSIDE]])
// GPU: llvm.func @rk_stencil_0_boundary(%{{.+}}: !llvm.ptr {llvm.align = 16 : i64, llvm.byval = !llvm.array<1520 x i8>})
// GPU: nvvm.read.ptx.sreg.ctaid.x
// GPU: llvm.call @rk_stencil_locate
// GPU: llvm.call @rk_stencil_inward
// GPU: llvm.load %{{.+}} {alignment = 2 : i64} : !llvm.ptr<1> -> f16
// GPU: llvm.call @beyond
// GPU: llvm.store %{{.+}}, %{{.+}} {alignment = 2 : i64} : f16, !llvm.ptr<1>
// GPU: llvm.func @rk_stencil_0_reduce_total(%{{.+}}: !llvm.ptr {llvm.align = 16 : i64, llvm.byval = !llvm.array<1520 x i8>})
// GPU: llvm.load %{{.+}} {alignment = 4 : i64} : !llvm.ptr<1> -> f32
// GPU: llvm.call @term
// GPU: llvm.call @combine
// GPU: llvm.func @rk_stencil_0_reduce_total_fold(
// GPU: llvm.call @fold

// HOST-NOT: rk.stencil
// HOST: llvm.func @rk_stencil_0_boundary(%{{.+}}: !llvm.ptr, %{{.+}}: i64, %{{.+}}: i64)
// HOST: llvm.call @beyond
// HOST: llvm.func @rk_stencil_0_reduce_total(%{{.+}}: !llvm.ptr, %{{.+}}: i64, %{{.+}}: i64)
// HOST: llvm.call @combine
// HOST: llvm.func @rk_stencil_0_reduce_total_fold(
// HOST: llvm.call @fold
rk.stencil @Open attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
                  tag = "t", dimensions = 1 : i32, radius = 1 : i32,
                  update = @update, boundary = @beyond} {
  rk.stencil.array "half" : f16 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.array "flow.0" : f32 {offset = 1 : i64, levels = 1 : i32,
                                   coefficient}
  rk.stencil.array "flow.1" : f32 {offset = 1 : i64, levels = 1 : i32,
                                   coefficient, part = 1 : i32}
  rk.stencil.reduce "total" attributes {hash = 9 : i64, size = 4 : i64,
                                        align = 4 : i64, combine = @combine,
                                        fold = @fold, term = @term}
}

llvm.func @combine(%all: !llvm.ptr, %one: !llvm.ptr) {
  llvm.return
}
llvm.func @fold(%stage: !llvm.ptr, %index: i64) {
  llvm.return
}

// CHECK: llvm.func internal @term(%{{.+}}: !llvm.ptr, %[[OUT:[^:]+]]: !llvm.ptr, %{{.+}}: i64, %{{.+}}: i64, %{{.+}}: i64, %[[BESIDE:[^:]+]]: f32) attributes {always_inline}
// CHECK: %[[BITS:.+]] = llvm.bitcast %[[BESIDE]] : f32 to i32
// CHECK: llvm.store %[[BITS]], %[[OUT]]
llvm.func @term(%self: !llvm.ptr, %result: !llvm.ptr) {
  %zero = llvm.mlir.constant(0 : i32) : i32
  %one = llvm.mlir.constant(1 : i32) : i32
  %flow = llvm.getelementptr %self[1] : (!llvm.ptr) -> !llvm.ptr, i8
  %part = llvm.call @__rk_stencil_part(%flow, %one) : (!llvm.ptr, i32) -> !llvm.ptr
  %bits = llvm.call @__rk_stencil_read_32(%part, %zero, %one, %zero, %zero) : (!llvm.ptr, i32, i32, i32, i32) -> i32
  llvm.store %bits, %result : i32, !llvm.ptr
  llvm.return
}

// CHECK: llvm.func internal @update(
// CHECK: llvm.bitcast %{{.+}} : f16 to i16
// CHECK: llvm.bitcast %{{.+}} : i16 to f16
llvm.func @update(%self: !llvm.ptr) {
  %zero = llvm.mlir.constant(0 : i32) : i32
  %one = llvm.mlir.constant(1 : i16) : i16
  %bits = llvm.call @__rk_stencil_read_16(%self, %zero, %zero, %zero, %zero) : (!llvm.ptr, i32, i32, i32, i32) -> i16
  %next = llvm.add %bits, %one : i16
  llvm.call @__rk_stencil_write_16(%self, %next) : (!llvm.ptr, i16) -> ()
  llvm.return
}

// A field that is set in a branch only is mirrored otherwise.
// CHECK: llvm.func internal @beyond(%{{.+}}: !llvm.ptr, %{{.+}}: i64, %{{.+}}: i64, %{{.+}}: i64, %{{.+}}: i64, %{{.+}}: i64, %[[STEP:[^:]+]]: i64, %[[SECOND:[^:]+]]: f16, %[[MIRROR:[^:]+]]: f16) -> f16
// CHECK: llvm.store %[[MIRROR]], %[[SLOT:.+]] : f16
// CHECK: llvm.icmp "sgt" %[[STEP]],
llvm.func @beyond(%self: !llvm.ptr) {
  %zero = llvm.mlir.constant(0 : i32) : i32
  %one = llvm.mlir.constant(1 : i32) : i32
  %five = llvm.mlir.constant(5 : i32) : i32
  %three = llvm.mlir.constant(3 : i64) : i64
  %bits = llvm.call @__rk_stencil_inside_16(%self, %zero, %zero, %one) : (!llvm.ptr, i32, i32, i32) -> i16
  %step = llvm.call @__rk_stencil_position(%five) : (i32) -> i64
  %later = llvm.icmp "sgt" %step, %three : i64
  llvm.cond_br %later, ^bb1, ^bb2
^bb1:
  llvm.call @__rk_stencil_write_16(%self, %bits) : (!llvm.ptr, i16) -> ()
  llvm.br ^bb2
^bb2:
  llvm.return
}
