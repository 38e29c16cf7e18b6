// RUN: rk-opt %s --split-input-file --verify-diagnostics

// Each case breaks the rule that it is named for.

llvm.func @"atomic.load_c1"(%p: !llvm.ptr) {
  // expected-error @below {{'rk.atomic.load' op order must be relaxed, acquire or seq_cst, got release}}
  %0 = rk.atomic.load %p order<release> scope<device> : !llvm.ptr -> i32
  llvm.return
}

// -----

llvm.func @"atomic.store_c1"(%p: !llvm.ptr, %x: i32) {
  // expected-error @below {{'rk.atomic.store' op order must be relaxed, release or seq_cst, got acq_rel}}
  rk.atomic.store %x, %p order<acq_rel> scope<device> : i32, !llvm.ptr
  llvm.return
}

// -----

llvm.func @fence_c1() {
  // expected-error @below {{'rk.fence' op order must not be relaxed: such a fence does nothing}}
  rk.fence order<relaxed> scope<device>
  llvm.return
}

// -----

llvm.func @width(%p: !llvm.ptr, %x: i16) {
  // expected-error @below {{'rk.atomic.rmw' op operand #1 must be 32-bit or 64-bit integer, but got 'i16'}}
  %0 = "rk.atomic.rmw"(%p, %x) {kind = #rk.rmw<add>, order = #rk.order<relaxed>, scope = #rk.scope<device>} : (!llvm.ptr, i16) -> i16
  llvm.return
}

// -----

llvm.func @scope(%p: !llvm.ptr) {
  // expected-error @+2 {{custom op 'rk.fence' expected ::rkc::Scope to be one of: block, cluster, device, system}}
  // expected-error @+1 {{custom op 'rk.fence' failed to parse Rk_ScopeAttr parameter 'value' which is to be a `::rkc::Scope`}}
  rk.fence order<release> scope<grid>
  llvm.return
}
