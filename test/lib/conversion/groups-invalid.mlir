// RUN: rk-opt %s --rk-number-program --rk-to-nvvm --verify-diagnostics

// One function cannot be both; sharing what has no group op is fine.

rk.message @M {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "m"}
rk.message @N {hash = 2 : i64, size = 4 : i64, align = 4 : i64, tag = "n"}
rk.actor @A {hash = 3 : i64, size = 4 : i64, align = 4 : i64, tag = "a"} {
  rk.handler @M calls @onWarp {lanes = #rk.lanes<warp>}
  rk.handler @N calls @onLane {lanes = #rk.lanes<one>}
}
llvm.func @onWarp(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  llvm.call @shared() : () -> ()
  llvm.call @harmless() : () -> ()
  llvm.return
}
llvm.func @onLane(%s: !llvm.ptr, %m: !llvm.ptr, %r: !llvm.ptr, %c: !llvm.ptr) {
  llvm.call @shared() : () -> ()
  llvm.call @harmless() : () -> ()
  llvm.return
}
llvm.func @harmless() {
  llvm.return
}
llvm.func @shared() {
  // expected-error @below {{'rk.group.sync' in 'shared' is reached from handlers that one lane runs and from handlers that a warp runs: mark these handlers alike, or give each kind a function of its own}}
  rk.group.sync
  llvm.return
}
