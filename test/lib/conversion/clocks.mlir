// REQUIRES: ptxas
// RUN: rk-opt %s --rk-to-nvvm --rk-verify-lowered=target=sm_80 | mlir-translate --mlir-to-llvmir \
// RUN:   | llc -O2 -march=nvptx64 -mcpu=sm_80 -mattr=+ptx90 -o %t.ptx
// RUN: FileCheck %s < %t.ptx
// RUN: ptxas -c -arch=sm_80 %t.ptx -o %t.cubin
// RUN: rk-opt %s --rk-to-host --rk-verify-lowered=target=host | FileCheck %s --check-prefix=HOST

// Two readings are two readings: none may be taken for the other.

// CHECK-LABEL: elapsed(
// CHECK: mov.u64 %rd{{[0-9]+}}, %globaltimer;
// CHECK: nanosleep.u32
// CHECK: mov.u64 %rd{{[0-9]+}}, %globaltimer;
// HOST-LABEL: llvm.func @elapsed(
// HOST: llvm.call @rk_clock_ns() : () -> i64
// HOST: llvm.call @rk_pause(%{{.+}}) : (i32) -> ()
// HOST: llvm.call @rk_clock_ns() : () -> i64
llvm.func @elapsed(%wait: i32) -> i64 {
  %start = rk.clock <ns>
  rk.pause %wait
  %end = rk.clock <ns>
  %0 = llvm.sub %end, %start : i64
  llvm.return %0 : i64
}

// CHECK-LABEL: cycles(
// CHECK: mov.u64 %rd{{[0-9]+}}, %clock64;
// HOST: llvm.call @rk_clock_cycles() : () -> i64
llvm.func @cycles() -> i64 {
  %0 = rk.clock <cycles>
  llvm.return %0 : i64
}
