// RUN: rk-opt %s --rk-number-program --rk-to-nvvm --rk-verify-lowered=target=sm_80 | FileCheck %s
// RUN: rk-opt %s --rk-number-program --rk-to-nvvm --mlir-print-debuginfo | mlir-translate --mlir-to-llvmir | opt -passes=verify -disable-output

// What both kinds of handler run is copied for warps, as deep as group ops lie;
// what has none is shared.

rk.message @M {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "m"}
rk.message @N {hash = 2 : i64, size = 4 : i64, align = 4 : i64, tag = "n"}
rk.actor @A {hash = 3 : i64, size = 4 : i64, align = 4 : i64, tag = "a"} {
  rk.handler @M calls @onWarp {lanes = #rk.lanes<warp>}
  rk.handler @N calls @onLane {lanes = #rk.lanes<one>}
}

// CHECK-LABEL: llvm.func @onWarp(
// CHECK: llvm.call @outer.warp()
// CHECK: llvm.call @harmless()
llvm.func @onWarp(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %0 = llvm.call @outer() : () -> i32
  llvm.call @harmless() : () -> ()
  llvm.return
}
// CHECK-LABEL: llvm.func @onLane(
// CHECK: llvm.call @outer()
// CHECK: llvm.call @harmless()
llvm.func @onLane(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %0 = llvm.call @outer() : () -> i32
  llvm.call @harmless() : () -> ()
  llvm.return
}
// CHECK-LABEL: llvm.func linkonce_odr @outer()
// CHECK: llvm.call @inner()
// CHECK-LABEL: llvm.func internal @outer.warp()
// CHECK: llvm.call @inner.warp()
llvm.func linkonce_odr @outer() -> i32 {
  llvm.call @harmless() : () -> ()
  %0 = llvm.call @inner() : () -> i32
  llvm.return %0 : i32
} loc(#outer)
// CHECK-LABEL: llvm.func @inner()
// CHECK-NEXT: llvm.mlir.constant(1 : i32)
// CHECK-LABEL: llvm.func internal @inner.warp()
// CHECK-NEXT: llvm.mlir.constant(32 : i32)
llvm.func @inner() -> i32 {
  %0 = rk.group.size
  llvm.return %0 : i32
}
// CHECK-LABEL: llvm.func @harmless()
// CHECK-NOT: .warp
llvm.func @harmless() {
  llvm.return
}

#file = #llvm.di_file<"shared.cpp" in "/src">
#unit = #llvm.di_compile_unit<id = distinct[0]<>, sourceLanguage = DW_LANG_C_plus_plus_14, file = #file, isOptimized = false, emissionKind = LineTablesOnly>
#type = #llvm.di_subroutine_type<>
#program = #llvm.di_subprogram<id = distinct[1]<>, compileUnit = #unit, scope = #file, name = "outer", file = #file, line = 3, scopeLine = 3, subprogramFlags = Definition, type = #type>
#outer = loc(fused<#program>["shared.cpp":3:1])
