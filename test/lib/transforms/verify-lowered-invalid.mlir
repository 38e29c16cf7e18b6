// RUN: rk-opt %s --split-input-file --rk-verify-lowered=target=sm_90 --verify-diagnostics

// An ordered or system-scope atomicrmw must never reach the NVPTX back end.

llvm.func @ordered(%p: !llvm.ptr, %x: i32) {
  // expected-error @below {{'llvm.atomicrmw' op with order 'acq_rel' and scope 'device' would become a relaxed update of device scope on the GPU: use rk.atomic.rmw}}
  %0 = llvm.atomicrmw add %p, %x syncscope("device") acq_rel : !llvm.ptr, i32
  // expected-error @below {{'llvm.atomicrmw' op with order 'seq_cst' and scope 'system' would become a relaxed update of device scope on the GPU: use rk.atomic.rmw}}
  %1 = llvm.atomicrmw xchg %p, %x seq_cst : !llvm.ptr, i32
  // expected-error @below {{'llvm.atomicrmw' op with order 'monotonic' and scope 'system' would become a relaxed update of device scope on the GPU: use rk.atomic.rmw}}
  %2 = llvm.atomicrmw umax %p, %x monotonic : !llvm.ptr, i32
  llvm.return
}

// -----

llvm.func @left() {
  // expected-error @below {{'rk.fence' op is left after lowering}}
  rk.fence order<release> scope<device>
  llvm.return
}

// -----

llvm.func @rounding(%x: f32) {
  // expected-error @below {{'llvm.intr.fmuladd' op is left after lowering: targets would round it differently}}
  %0 = llvm.intr.fmuladd(%x, %x, %x) : (f32, f32, f32) -> f32
  llvm.return
}

// -----

// expected-error @below {{'rk_sent' is not a function of the device library}}
llvm.func @rk_sent(!llvm.ptr) -> i32

// -----

// expected-error @below {{'rk_self' has type '!llvm.func<i32 (ptr)>' here, and '!llvm.func<i64 (ptr)>' in the device library}}
llvm.func @rk_self(!llvm.ptr) -> i32

// -----

// A GPU has an instruction for this; only the host's library has the function.
// expected-error @below {{'rk_clock_ns' is not a function of the device library}}
llvm.func @rk_clock_ns() -> i64
