// RUN: rk-opt %s --rk-gate=target=sm_80 --split-input-file --verify-diagnostics

// What every GPU of the table has, and what the host has, passes.

llvm.func @everywhere(%x: f32, %p: !llvm.ptr) {
  %0 = rk.encode %x to bf16 rounding<nearest_even> overflow<infinity> : i16
  %1 = rk.atomic.load %p order<acquire> scope<system> : !llvm.ptr -> i32
  %2 = rk.clock <ns>
  llvm.return
}

// -----

llvm.func @fp8(%x: f32, %p: !llvm.ptr) {
  // expected-error @below {{'rk.encode' of f8E4M3FN needs sm_90; the target is sm_80}}
  %0 = rk.encode %x to f8E4M3FN rounding<nearest_even> overflow<saturate> : i8
  // expected-error @below {{'rk.decode' of f8E5M2 needs sm_90; the target is sm_80}}
  %1 = rk.decode %0 from f8E5M2 : i8
  llvm.return
}

// -----

llvm.func @fp6(%x: f32, %p: !llvm.ptr) {
  // expected-error @below {{'rk.encode' of f6E3M2FN needs sm_100a or sm_100f; the target is sm_80}}
  %0 = rk.encode %x to f6E3M2FN rounding<nearest_even> overflow<saturate> : i6
  llvm.return
}

// -----

llvm.func @clusters(%p: !llvm.ptr, %x: i32) {
  // expected-error @below {{'rk.atomic.load' at scope 'cluster' needs sm_90; the target is sm_80}}
  %0 = rk.atomic.load %p order<acquire> scope<cluster> : !llvm.ptr -> i32
  // expected-error @below {{'rk.atomic.store' at scope 'cluster' needs sm_90; the target is sm_80}}
  rk.atomic.store %x, %p order<release> scope<cluster> : i32, !llvm.ptr
  // expected-error @below {{'rk.atomic.rmw' at scope 'cluster' needs sm_90; the target is sm_80}}
  %1 = rk.atomic.rmw <add> %p, %x order<relaxed> scope<cluster> : !llvm.ptr, i32
  // expected-error @below {{'rk.atomic.cas' at scope 'cluster' needs sm_90; the target is sm_80}}
  %2 = rk.atomic.cas %p, %x, %x order<relaxed> scope<cluster> : !llvm.ptr, i32
  // expected-error @below {{'rk.fence' at scope 'cluster' needs sm_90; the target is sm_80}}
  rk.fence order<release> scope<cluster>
  llvm.return
}
