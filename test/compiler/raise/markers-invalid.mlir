// RUN: rk-opt %s --split-input-file --rk-raise-markers --verify-diagnostics

// A scope that is not known when compiling.
llvm.func @__rk_fence(i32, i32)
llvm.func @variable(%scope: i32) {
  %order = llvm.mlir.constant(1 : i32) : i32
  // expected-error @below {{the memory scope given to '__rk_fence' must be a compile-time constant: use a literal or a template argument}}
  llvm.call @__rk_fence(%order, %scope) : (i32, i32) -> ()
  llvm.return
}

// -----

llvm.func @__rk_fence(i32, i32)
llvm.func @no_such_order() {
  %order = llvm.mlir.constant(5 : i32) : i32
  %scope = llvm.mlir.constant(1 : i32) : i32
  // expected-error @below {{5 is no memory order of '__rk_fence'}}
  llvm.call @__rk_fence(%order, %scope) : (i32, i32) -> ()
  llvm.return
}

// -----

llvm.func @__rk_encode(f32, i32) -> i32
llvm.func @no_such_format(%x: f32) {
  %format = llvm.mlir.constant(6 : i32) : i32
  // expected-error @below {{6 is no float format of '__rk_encode'}}
  %0 = llvm.call @__rk_encode(%x, %format) : (f32, i32) -> i32
  llvm.return
}

// -----

llvm.func @__rk_teleport(i32)
llvm.func @unknown(%x: i32) {
  // expected-error @below {{unknown marker '__rk_teleport': the DSL headers are of another version than this compiler}}
  llvm.call @__rk_teleport(%x) : (i32) -> ()
  llvm.return
}

// -----

llvm.func @__rk_send(!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32) -> i32
llvm.mlir.global linkonce_odr constant @_ZN2rk6detail7typeTagIN4bank7DepositEEE(0 : i8) : i8
llvm.func @undeclared(%context: !llvm.ptr, %peer: i64) {
  %c0 = llvm.mlir.constant(0 : i32) : i32
  %c8 = llvm.mlir.constant(8 : i32) : i32
  %tag = llvm.mlir.addressof @_ZN2rk6detail7typeTagIN4bank7DepositEEE : !llvm.ptr
  // expected-error @below {{'bank::Deposit' is not a message of this program: no declaration has the tag '_ZN2rk6detail7typeTagIN4bank7DepositEEE'}}
  %0 = llvm.call @__rk_send(%context, %peer, %tag, %tag, %context, %c8, %c0) : (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32) -> i32
  llvm.return
}

// -----

llvm.func @__rk_send(!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32) -> i32
llvm.func @no_tag(%context: !llvm.ptr, %peer: i64, %tag: !llvm.ptr) {
  %c0 = llvm.mlir.constant(0 : i32) : i32
  %c8 = llvm.mlir.constant(8 : i32) : i32
  // expected-error @below {{the type given to '__rk_send' must be the address of rk::detail::typeTag<T>}}
  %0 = llvm.call @__rk_send(%context, %peer, %tag, %tag, %context, %c8, %c0) : (!llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr, i32, i32) -> i32
  llvm.return
}

// -----

llvm.func @__rk_pause(i32)
llvm.func @address_taken() -> !llvm.ptr {
  // expected-error @below {{'__rk_pause' may only be called, and directly}}
  %0 = llvm.mlir.addressof @__rk_pause : !llvm.ptr
  llvm.return %0 : !llvm.ptr
}

// -----

// expected-error @below {{'__rk_mine' may not be defined: names that start with '__rk_' belong to the compiler}}
llvm.func @__rk_mine() {
  llvm.return
}

// -----

llvm.func @__rk_ring_push(!llvm.ptr, !llvm.ptr, i32, i32, i32) -> i32
llvm.func @ring_type(%ring: !llvm.ptr) {
  %c0 = llvm.mlir.constant(0 : i32) : i32
  %c8 = llvm.mlir.constant(8 : i32) : i32
  // expected-error @below {{a ring holds 1 to 1048576 items, got 0}}
  %0 = llvm.call @__rk_ring_push(%ring, %ring, %c0, %c8, %c8) : (!llvm.ptr, !llvm.ptr, i32, i32, i32) -> i32
  llvm.return
}

// -----

llvm.func @vector(%p: !llvm.ptr, %x: vector<2xf16>) {
  // expected-error @below {{an atomic update of 'vector<2xf16>' is not supported: use 8, 16, 32 or 64 bits}}
  %0 = llvm.atomicrmw fadd %p, %x seq_cst : !llvm.ptr, vector<2xf16>
  llvm.return
}

// -----

llvm.func @rare(%p: !llvm.ptr, %x: i32) {
  // expected-error @below {{the atomic update 'uinc_wrap' is not supported: use compare_exchange}}
  %0 = llvm.atomicrmw uinc_wrap %p, %x seq_cst : !llvm.ptr, i32
  llvm.return
}
