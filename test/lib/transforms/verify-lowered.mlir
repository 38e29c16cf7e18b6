// RUN: rk-opt %s --rk-verify-lowered=target=sm_90 | FileCheck %s

// Relaxed updates of device scope or less are what the NVPTX back end makes.

// CHECK-LABEL: llvm.func @rk_send
llvm.func @rk_send(!llvm.ptr, i64, i32, !llvm.ptr, i32, i32) -> i32
llvm.func @rk_dispatch() {
  llvm.return
}
llvm.func @f(%p: !llvm.ptr, %x: i32) {
  %0 = llvm.atomicrmw add %p, %x syncscope("device") monotonic : !llvm.ptr, i32
  %1 = llvm.atomicrmw add %p, %x syncscope("block") monotonic : !llvm.ptr, i32
  llvm.return
}
