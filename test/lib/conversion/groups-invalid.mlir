// RUN: rk-opt %s --rk-number-program --rk-to-nvvm --verify-diagnostics

// A function can be copied for each kind of handler; a table of functions that
// both kinds read cannot, since nothing tells which entry is whose.

rk.message @M {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "m"}
rk.message @N {hash = 2 : i64, size = 4 : i64, align = 4 : i64, tag = "n"}
rk.actor @A {hash = 3 : i64, size = 4 : i64, align = 4 : i64, tag = "a"} {
  rk.handler @M calls @onWarp {lanes = #rk.lanes<warp>}
  rk.handler @N calls @onLane {lanes = #rk.lanes<one>}
}
llvm.mlir.global internal constant @table() : !llvm.ptr {
  %0 = llvm.mlir.addressof @shared : !llvm.ptr
  llvm.return %0 : !llvm.ptr
}
llvm.func @onWarp(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %0 = llvm.mlir.addressof @table : !llvm.ptr
  llvm.return
}
llvm.func @onLane(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  %0 = llvm.mlir.addressof @table : !llvm.ptr
  llvm.return
}
llvm.func @shared() {
  // expected-error @below {{'rk.group.sync' is reached through 'table' from handlers with groups of different sizes: mark these handlers alike, or give each kind its own}}
  rk.group.sync
  llvm.return
}
