// RUN: rk-opt %s --verify-roundtrip | FileCheck %s
// RUN: rk-opt %s --mlir-print-op-generic | rk-opt | FileCheck %s

// CHECK-LABEL: llvm.func @time(
// CHECK-SAME: %[[WAIT:[^:]+]]: i32)
llvm.func @time(%wait: i32) -> i64 {
  // CHECK: rk.clock <ns>
  %ns = rk.clock <ns>
  // CHECK: rk.pause %[[WAIT]]
  rk.pause %wait
  // CHECK: rk.clock <cycles>
  %cycles = rk.clock <cycles>
  llvm.return %cycles : i64
}
