// RUN: rk-opt %s --split-input-file --verify-diagnostics

// Each case breaks the rule that it is named for.

llvm.func @send_c1(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) {
  // expected-error @below {{'rk.send' op size must be 1 to 4096 bytes, got 5000}}
  %0 = rk.send @M at %bytes to %peer in %context {size = 5000 : i64}
  llvm.return
}

// -----

llvm.func @reply_c1(%context: !llvm.ptr, %peer: i64, %bytes: !llvm.ptr) {
  // expected-error @below {{'rk.reply' op size must be 1 to 4096 bytes, got 0}}
  %0 = rk.reply @M at %bytes to %peer in %context {size = 0 : i64}
  llvm.return
}

// -----

llvm.func @spawn_c1(%context: !llvm.ptr, %bytes: !llvm.ptr) {
  // expected-error @below {{'rk.spawn' op size must be 1 to 65536 bytes, got 70000}}
  %0, %1 = rk.spawn @A at %bytes in %context {size = 70000 : i64}
  llvm.return
}

// -----

llvm.func @spawn_c3(%context: !llvm.ptr, %bytes: !llvm.ptr, %kind: i32) {
  // expected-error @below {{'rk.spawn' op has a placement or a neighbour without the other}}
  %0, %1 = "rk.spawn"(%context, %bytes, %kind) <{actor = @A, size = 8 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0>}> : (!llvm.ptr, !llvm.ptr, i32) -> (i64, i32)
  llvm.return
}

// -----

llvm.func @spawn_n_c1(%context: !llvm.ptr, %bytes: !llvm.ptr, %count: i32) {
  // expected-error @below {{'rk.spawn_n' op size must be 1 to 65536 bytes, got 0}}
  %0, %1 = rk.spawn_n @A at %bytes times %count in %context {size = 0 : i64}
  llvm.return
}

// -----

llvm.func @context_is_generic(%context: !llvm.ptr<3>) {
  // expected-error @below {{'rk.self' op operand #0 must be generic pointer, but got '!llvm.ptr<3>'}}
  %0 = "rk.self"(%context) : (!llvm.ptr<3>) -> i64
  llvm.return
}
