// RUN: rk-opt %s --rk-check-program | FileCheck %s

// A program whose parts agree passes unchanged.

rk.message @Deposit {hash = 1 : i64, size = 8 : i64, align = 8 : i64, tag = "d"}
rk.message @Balance {hash = 2 : i64, size = 8 : i64, align = 8 : i64, tag = "b"}
rk.actor @Account {hash = 3 : i64, size = 16 : i64, align = 8 : i64, tag = "a"} {
  rk.handler @Deposit calls @deposit replies @Balance {lanes = #rk.lanes<one>}
}
// CHECK-LABEL: llvm.func @deposit
llvm.func @deposit(%state: !llvm.ptr, %message: !llvm.ptr, %reply: !llvm.ptr,
                   %context: !llvm.ptr) {
  // CHECK: rk.spawn @Account
  %address, %status = rk.spawn @Account at %state in %context
      {size = 16 : i64}
  // CHECK: rk.send @Deposit
  %0 = rk.send @Deposit at %message to %address in %context {size = 8 : i64}
  llvm.return
}
