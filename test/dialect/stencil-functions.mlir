// RUN: rk-opt %s --verify-roundtrip | FileCheck %s
// RUN: rk-opt %s --mlir-print-op-generic | rk-opt | FileCheck %s

// A stencil keeps its boundary, its reductions, parts of structures, and what
// numbers of two bytes are.

llvm.func @beyond(!llvm.ptr, i64, i64, i64, i64, i64, i64, f16, f16, f16) -> f16
llvm.func @term(!llvm.ptr, !llvm.ptr, i64, i64, i64, f16)
llvm.func @combine(!llvm.ptr, !llvm.ptr)
llvm.func @fold(!llvm.ptr, i64)

// CHECK: rk.stencil @Open attributes {align = 4 : i64, boundary = @beyond, dimensions = 1 : i32,
rk.stencil @Open attributes {hash = 1 : i64, size = 8 : i64, align = 4 : i64,
                  tag = "t", dimensions = 1 : i32, radius = 1 : i32,
                  boundary = @beyond} {
  // CHECK-NEXT: rk.stencil.array "half" : f16 {levels = 2 : i32, offset = 0 : i64}
  rk.stencil.array "half" : f16 {offset = 0 : i64, levels = 2 : i32}
  // CHECK-NEXT: rk.stencil.array "brain" : bf16 {levels = 1 : i32, offset = 1 : i64}
  rk.stencil.array "brain" : bf16 {offset = 1 : i64, levels = 1 : i32}
  // CHECK-NEXT: rk.stencil.array "flow.0" : f32 {levels = 1 : i32, offset = 2 : i64}
  rk.stencil.array "flow.0" : f32 {offset = 2 : i64, levels = 1 : i32}
  // CHECK-NEXT: rk.stencil.array "flow.1" : f32 {levels = 1 : i32, offset = 2 : i64, part = 1 : i32}
  rk.stencil.array "flow.1" : f32 {offset = 2 : i64, levels = 1 : i32,
                                   part = 1 : i32}
  // CHECK-NEXT: rk.stencil.boundary attributes {entry = @rk_stencil_0_boundary, timed} {
  // CHECK-NEXT: ^bb0(%[[SELF:.+]]: !llvm.ptr, %[[X:.+]]: i64, %[[Y:.+]]: i64, %[[Z:.+]]: i64, %[[FACE:.+]]: i64, %[[DEPTH:.+]]: i64, %[[STEP:.+]]: i64):
  rk.stencil.boundary attributes {timed, entry = @rk_stencil_0_boundary} {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64,
       %step: i64):
    // CHECK-NEXT: %[[INSIDE:.+]] = rk.stencil.inside "half"<face> {distance = 2 : i64, level = 1 : i32} : f16
    %inside = rk.stencil.inside "half"<face> {distance = 2 : i64, level = 1 : i32} : f16
    // CHECK-NEXT: %[[MIRROR:.+]] = rk.stencil.inside "half"<mirror> : f16
    %mirror = rk.stencil.inside "half"<mirror> : f16
    // CHECK-NEXT: %[[WAS:.+]] = rk.stencil.inside "half"<place> {level = 1 : i32} : f16
    %was = rk.stencil.inside "half"<place> {level = 1 : i32} : f16
    // CHECK-NEXT: %[[NEW:.+]] = llvm.call @beyond(%[[SELF]], %[[X]], %[[Y]], %[[Z]], %[[FACE]], %[[DEPTH]], %[[STEP]], %[[INSIDE]], %[[MIRROR]], %[[WAS]])
    %new = llvm.call @beyond(%self, %x, %y, %z, %face, %depth, %step, %inside, %mirror, %was)
        : (!llvm.ptr, i64, i64, i64, i64, i64, i64, f16, f16, f16) -> f16
    // CHECK-NEXT: rk.stencil.store %[[NEW]], "half" : f16
    rk.stencil.store %new, "half" : f16
  }
  // CHECK: rk.stencil.reduce "most" attributes {align = 2 : i64, combine = @combine, fold = @fold, hash = 9 : i64, size = 2 : i64, term = @term}
  rk.stencil.reduce "most" attributes {hash = 9 : i64, size = 2 : i64,
                                       align = 2 : i64, combine = @combine,
                                       fold = @fold, term = @term}
  // CHECK-NEXT: rk.stencil.reduce "least" attributes {align = 2 : i64, combine = @combine, fold = @fold, hash = 10 : i64, size = 2 : i64} {
  rk.stencil.reduce "least" attributes {hash = 10 : i64, size = 2 : i64,
                                        align = 2 : i64, combine = @combine,
                                        fold = @fold} {
  ^bb0(%self: !llvm.ptr, %result: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // CHECK: rk.stencil.access "half"[1, 0, 0] : f16
    %beside = rk.stencil.access "half"[1, 0, 0] : f16
    llvm.call @term(%self, %result, %x, %y, %z, %beside)
        : (!llvm.ptr, !llvm.ptr, i64, i64, i64, f16) -> ()
  }
}
