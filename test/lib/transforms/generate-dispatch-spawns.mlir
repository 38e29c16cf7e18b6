// RUN: rk-opt %s --rk-number-program --rk-generate-dispatch | FileCheck %s

// A handler that can come to a spawn, by whatever way, is followed by what lets
// others see what it has made; no other is.

rk.message @A {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "a"}
rk.message @B {hash = 2 : i64, size = 4 : i64, align = 4 : i64, tag = "b"}
rk.message @C {hash = 3 : i64, size = 4 : i64, align = 4 : i64, tag = "c"}
rk.message @D {hash = 4 : i64, size = 4 : i64, align = 4 : i64, tag = "d"}
rk.actor @X {hash = 5 : i64, size = 4 : i64, align = 4 : i64, tag = "x"} {
  rk.handler @A calls @onA {lanes = #rk.lanes<one>}
  rk.handler @B calls @onB {lanes = #rk.lanes<one>}
  rk.handler @C calls @onC {lanes = #rk.lanes<one>}
  rk.handler @D calls @onD {lanes = #rk.lanes<one>}
}

// CHECK-LABEL: llvm.func @rk_dispatch(
// CHECK-SAME:    %[[CONTEXT:[^:]+]]: !llvm.ptr) -> i32
// CHECK:         llvm.call @onA(
// CHECK-NEXT:    llvm.call @rk_publish(%[[CONTEXT]])
// CHECK:         llvm.call @onB(
// CHECK-NEXT:    llvm.mlir.constant
// CHECK:         llvm.call @onC(
// CHECK-NEXT:    llvm.call @rk_publish(%[[CONTEXT]])
// CHECK:         llvm.call @onD(
// CHECK-NEXT:    llvm.call @rk_publish(%[[CONTEXT]])

llvm.func @onA(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %made, %status = rk.spawn @X at %s in %c {size = 4 : i64}
  llvm.return
}
llvm.func @onB(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %0 = rk.self in %c
  llvm.return
}
llvm.func @onC(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  llvm.call @makesMany(%s, %c) : (!llvm.ptr, !llvm.ptr) -> ()
  llvm.return
}
// Through a pointer: whoever takes an address may call it.
llvm.func @onD(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %f = llvm.mlir.addressof @makesMany : !llvm.ptr
  llvm.call %f(%s, %c) : !llvm.ptr, (!llvm.ptr, !llvm.ptr) -> ()
  llvm.return
}
llvm.func @makesMany(%s: !llvm.ptr, %c: !llvm.ptr) {
  %n = llvm.mlir.constant(3 : i32) : i32
  %made, %status = rk.spawn_n @X at %s times %n in %c {size = 4 : i64}
  llvm.return
}
