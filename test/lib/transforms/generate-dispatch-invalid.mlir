// RUN: rk-opt %s --split-input-file --rk-generate-dispatch --verify-diagnostics

rk.message @A {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "a"}
// expected-error @below {{'rk.actor' op has no index: run rk-number-program first}}
rk.actor @X {hash = 5 : i64, size = 4 : i64, align = 4 : i64, tag = "x"} {
  rk.handler @A calls @xOnA {lanes = #rk.lanes<one>}
}

// -----

rk.message @A {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "a"}
rk.actor @X {hash = 5 : i64, size = 4 : i64, align = 4 : i64, tag = "x", index = 0 : i32} {
  // expected-error @below {{'rk.handler' op message 'A' has no index: run rk-number-program first}}
  rk.handler @A calls @xOnA {lanes = #rk.lanes<one>}
}

// -----

// expected-error @below {{'rk_dispatch' is the compiler's: rename this one}}
llvm.func @rk_dispatch() {
  llvm.return
}
