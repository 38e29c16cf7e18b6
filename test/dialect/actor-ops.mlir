// RUN: rk-opt %s --verify-roundtrip | FileCheck %s
// RUN: rk-opt %s --mlir-print-op-generic | rk-opt | FileCheck %s

// Declarations keep every attribute, with and without numbers and replies.

// CHECK: rk.message @Deposit {align = 8 : i64, hash = -3 : i64, size = 8 : i64, tag = "tagDeposit"}
rk.message @Deposit {hash = 0xfffffffffffffffd : i64, size = 8 : i64,
                     align = 8 : i64, tag = "tagDeposit"}
// CHECK: rk.message @"bank::Balance" {align = 4 : i64, hash = 2 : i64, index = 4094 : i32, size = 4096 : i64, tag = "tagBalance"}
rk.message @"bank::Balance" {hash = 2 : i64, size = 4096 : i64, align = 4 : i64,
                             tag = "tagBalance", index = 4094 : i32}

// CHECK: rk.actor @Account {align = 8 : i64, hash = 5 : i64, index = 0 : i32, size = 16 : i64, tag = "tagAccount"} {
// CHECK-NEXT: rk.state "cents_" {offset = 8 : i64, size = 8 : i64}
// CHECK-NEXT: rk.handler @Deposit calls @deposit {lanes = #rk.lanes<one>}
// CHECK-NEXT: rk.handler @"bank::Balance" calls @query replies @Deposit {lanes = #rk.lanes<warp>}
// CHECK-NEXT: }
rk.actor @Account {hash = 5 : i64, size = 16 : i64, align = 8 : i64,
                   tag = "tagAccount", index = 0 : i32} {
  rk.state "cents_" {offset = 8 : i64, size = 8 : i64}
  rk.handler @Deposit calls @deposit {lanes = #rk.lanes<one>}
  rk.handler @"bank::Balance" calls @query replies @Deposit
      {lanes = #rk.lanes<warp>}
}

// CHECK: rk.actor @Gauge {{{.*}}, when_full = #rk.when_full<drop_oldest>} {
rk.actor @Gauge {hash = 7 : i64, size = 1 : i64, align = 1 : i64, tag = "g",
                 when_full = #rk.when_full<drop_oldest>} {
}

// CHECK: rk.actor @Idle {{.*}} {
// CHECK-NEXT: }
rk.actor @Idle {hash = 6 : i64, size = 1 : i64, align = 1 : i64, tag = "t"} {
}
