// RUN: rk-opt %s --rk-number-program --rk-generate-dispatch | FileCheck %s
// RUN: rk-opt %s --rk-number-program --rk-generate-dispatch --rk-to-host \
// RUN:   | mlir-translate --mlir-to-llvmir | lli
// RUN: rk-opt %s --rk-number-program \
// RUN:   --rk-generate-dispatch=serves-residents=true \
// RUN:   | FileCheck %s --check-prefix=SERVE

// The dispatch, run. Messages are numbered A 0, B 1, C 2, D 3; actors X 0, Y 1.

rk.message @A {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "a"}
rk.message @B {hash = 2 : i64, size = 4 : i64, align = 4 : i64, tag = "b"}
rk.message @C {hash = 3 : i64, size = 4 : i64, align = 4 : i64, tag = "c"}
rk.message @D {hash = 8 : i64, size = 24 : i64, align = 8 : i64, tag = "d", bulk}
rk.actor @Y {hash = 4 : i64, size = 4 : i64, align = 4 : i64, tag = "y"} {
  rk.handler @B calls @yOnB replies @C {lanes = #rk.lanes<one>}
}
rk.actor @X {hash = 5 : i64, size = 4 : i64, align = 4 : i64, tag = "x"} {
  rk.handler @C calls @xOnC {lanes = #rk.lanes<warp>}
  rk.handler @A calls @xOnA replies @A {lanes = #rk.lanes<one>}
}
rk.actor @Z {hash = 6 : i64, size = 4 : i64, align = 4 : i64, tag = "z"} {
}
// Resident: of the dispatch functions each knows its own handlers only.
rk.actor @Zr {hash = 7 : i64, size = 4 : i64, align = 4 : i64, tag = "zr", resident} {
  rk.handler @A calls @xOnA {lanes = #rk.lanes<one>}
  rk.handler @B calls @yOnB replies @C {lanes = #rk.lanes<warp>}
}

// CHECK-LABEL: llvm.func @rk_dispatch(
// CHECK-SAME:    %[[KEY:[^:]+]]: i32, %[[S:[^:]+]]: !llvm.ptr, %[[M:[^:]+]]: !llvm.ptr, %[[R:[^:]+]]: !llvm.ptr, %[[C:[^:]+]]: !llvm.ptr) -> i32
// CHECK:         llvm.switch %[[KEY]] : i32
// CHECK-NEXT:      0: ^[[XA:.+]],
// CHECK-NEXT:      2: ^[[XC:.+]],
// CHECK-NEXT:      4097: ^[[YB:.+]]
// CHECK:         llvm.call @xOnA(%[[S]], %[[M]], %[[R]], %[[C]])
// CHECK:         llvm.call @xOnC(
// CHECK:         llvm.call @yOnB(
// CHECK-LABEL: llvm.func @rk_dispatch_resident(
// CHECK:         llvm.switch
// CHECK-NEXT:      12288: ^{{.+}}
// CHECK-NEXT:    ]
// CHECK:         llvm.call @xOnA(
// CHECK-LABEL: llvm.func @rk_dispatch_resident_warp(
// CHECK:         llvm.switch
// CHECK-NEXT:      12289: ^{{.+}}
// CHECK-NEXT:    ]
// CHECK:         llvm.call @yOnB(
// CHECK-LABEL: llvm.func @rk_handler_lanes(
// CHECK:           0: ^
// CHECK-NEXT:      2: ^
// CHECK-NEXT:      4097: ^
// CHECK-NEXT:      12288: ^
// CHECK-NEXT:      12289: ^
// CHECK-LABEL: llvm.func @rk_uses_warps(
// CHECK:         llvm.mlir.constant(1 : i32)
// CHECK-LABEL: llvm.func @rk_has_residents(
// CHECK:         llvm.mlir.constant(1 : i32)
// CHECK-LABEL: llvm.func @rk_carries_bulk(
// CHECK:         llvm.switch
// CHECK-NEXT:      3: ^{{.+}}
// CHECK-NEXT:    ]
// CHECK-LABEL: llvm.func @rk_uses_bulk(
// CHECK:         llvm.mlir.constant(1 : i32)

// A resident actor's handlers for one lane, with what the dispatch would return.
// SERVE-LABEL: llvm.func internal @rk_run_resident_12288(
// SERVE:         llvm.call @xOnA(
// SERVE-LABEL: llvm.func @rk_serve_resident(
// SERVE-SAME:    %{{[^:]+}}: i32, %[[SERVING:[^:]+]]: !llvm.ptr) -> i32
// SERVE-SAME:    always_inline
// SERVE:         llvm.switch
// SERVE-NEXT:      12288: ^{{.+}}
// SERVE-NEXT:    ]
// SERVE:         %[[HANDLER:.+]] = llvm.mlir.addressof @rk_run_resident_12288
// SERVE:         %[[ONE:.+]] = llvm.mlir.constant(1 : i32)
// SERVE:         llvm.call @rk_serve_messages(%[[SERVING]], %[[HANDLER]], %[[ONE]])

llvm.func @rk_dispatch(i32, !llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
llvm.func @rk_handler_lanes(i32) -> i32

// Each handler says in the state that it ran, and copies message to reply.
llvm.func @mark(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr, %who: i32) {
  llvm.store %who, %state : i32, !llvm.ptr
  %0 = llvm.load %message : !llvm.ptr -> i32
  llvm.store %0, %reply : i32, !llvm.ptr
  llvm.return
}
llvm.func @xOnA(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %who = llvm.mlir.constant(10 : i32) : i32
  llvm.call @mark(%s, %m, %r, %who) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i32) -> ()
  llvm.return
}
llvm.func @xOnC(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %who = llvm.mlir.constant(20 : i32) : i32
  llvm.call @mark(%s, %m, %r, %who) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i32) -> ()
  llvm.return
}
llvm.func @yOnB(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %who = llvm.mlir.constant(30 : i32) : i32
  llvm.call @mark(%s, %m, %r, %who) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i32) -> ()
  llvm.return
}

// Returns 1 if dispatching `key` gives `outcome`, `lanes` and the mark `who`.
llvm.func @differs(%key: i32, %outcome: i32, %lanes: i32, %who: i32) -> i32 {
  %one = llvm.mlir.constant(1 : i32) : i32
  %zero = llvm.mlir.constant(0 : i32) : i32
  %state = llvm.alloca %one x i32 : (i32) -> !llvm.ptr
  %message = llvm.alloca %one x i32 : (i32) -> !llvm.ptr
  %reply = llvm.alloca %one x i32 : (i32) -> !llvm.ptr
  llvm.store %zero, %state : i32, !llvm.ptr
  llvm.store %key, %message : i32, !llvm.ptr
  llvm.store %key, %reply : i32, !llvm.ptr
  %got = llvm.call @rk_dispatch(%key, %state, %message, %reply, %state) : (i32, !llvm.ptr, !llvm.ptr, !llvm.ptr, !llvm.ptr) -> i32
  %gotLanes = llvm.call @rk_handler_lanes(%key) : (i32) -> i32
  %mark = llvm.load %state : !llvm.ptr -> i32
  %copied = llvm.load %reply : !llvm.ptr -> i32
  %a = llvm.xor %got, %outcome : i32
  %b = llvm.xor %gotLanes, %lanes : i32
  %c = llvm.xor %mark, %who : i32
  %d = llvm.xor %copied, %key : i32
  %ab = llvm.or %a, %b : i32
  %cd = llvm.or %c, %d : i32
  %all = llvm.or %ab, %cd : i32
  llvm.return %all : i32
}

llvm.func @main() -> i32 {
  %c0 = llvm.mlir.constant(0 : i32) : i32
  %c1 = llvm.mlir.constant(1 : i32) : i32
  %c2 = llvm.mlir.constant(2 : i32) : i32
  %c4 = llvm.mlir.constant(4 : i32) : i32
  %c10 = llvm.mlir.constant(10 : i32) : i32
  %c20 = llvm.mlir.constant(20 : i32) : i32
  %c30 = llvm.mlir.constant(30 : i32) : i32
  %c32 = llvm.mlir.constant(32 : i32) : i32
  %yOnB = llvm.mlir.constant(4097 : i32) : i32
  %zOnA = llvm.mlir.constant(8192 : i32) : i32
  %minus = llvm.mlir.constant(-1 : i32) : i32
  // X on A replies A: 2 + 0. X on C: no reply. Y on B replies C: 2 + 2.
  %0 = llvm.call @differs(%c0, %c2, %c1, %c10) : (i32, i32, i32, i32) -> i32
  %1 = llvm.call @differs(%c2, %c1, %c32, %c20) : (i32, i32, i32, i32) -> i32
  %2 = llvm.call @differs(%yOnB, %c4, %c1, %c30) : (i32, i32, i32, i32) -> i32
  // No such handler: nothing runs.
  %3 = llvm.call @differs(%c1, %c0, %c0, %c0) : (i32, i32, i32, i32) -> i32
  %4 = llvm.call @differs(%zOnA, %c0, %c0, %c0) : (i32, i32, i32, i32) -> i32
  %5 = llvm.call @differs(%minus, %c0, %c0, %c0) : (i32, i32, i32, i32) -> i32
  %01 = llvm.or %0, %1 : i32
  %23 = llvm.or %2, %3 : i32
  %45 = llvm.or %4, %5 : i32
  %0123 = llvm.or %01, %23 : i32
  %all = llvm.or %0123, %45 : i32
  llvm.return %all : i32
}
