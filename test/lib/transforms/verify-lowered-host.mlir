// RUN: rk-opt %s --rk-verify-lowered=target=host
// RUN: rk-opt %s --rk-verify-lowered

// The host's own atomics are right, and its library has more functions. The
// module's triple tells where none is given.

module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.func @rk_clock_ns() -> i64
  llvm.func @f(%p: !llvm.ptr, %x: i32) {
    %0 = llvm.atomicrmw add %p, %x seq_cst : !llvm.ptr, i32
    llvm.return
  }
}
