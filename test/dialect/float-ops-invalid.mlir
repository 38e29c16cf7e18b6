// RUN: rk-opt %s --split-input-file --verify-diagnostics

// Each case breaks the rule that it is named for.

llvm.func @encode_c1(%x: f32) {
  // expected-error @below {{'rk.encode' op format must be bf16, f8E4M3FN, f8E5M2, f6E3M2FN, f6E2M3FN or f4E2M1FN, got 'f8E4M3'}}
  %0 = rk.encode %x to f8E4M3 rounding<nearest_even> overflow<saturate> : i8
  llvm.return
}

// -----

llvm.func @encode_c2(%x: f32) {
  // expected-error @below {{'rk.encode' op bits of 'f6E3M2FN' are an i6, got 'i8'}}
  %0 = rk.encode %x to f6E3M2FN rounding<nearest_even> overflow<saturate> : i8
  llvm.return
}

// -----

llvm.func @encode_c3(%x: f32) {
  // expected-error @below {{'rk.encode' op overflow of 'f8E5M2' must be saturate, got infinity}}
  %0 = rk.encode %x to f8E5M2 rounding<nearest_even> overflow<infinity> : i8
  llvm.return
}

// -----

llvm.func @encode_c3(%x: f32) {
  // expected-error @below {{'rk.encode' op overflow of 'bf16' must be infinity, got saturate}}
  %0 = rk.encode %x to bf16 rounding<nearest_even> overflow<saturate> : i16
  llvm.return
}

// -----

llvm.func @decode_c1(%x: i32) {
  // expected-error @below {{'rk.decode' op format must be bf16, f8E4M3FN, f8E5M2, f6E3M2FN, f6E2M3FN or f4E2M1FN, got 'f32'}}
  %0 = rk.decode %x from f32 : i32
  llvm.return
}

// -----

llvm.func @decode_c2(%x: i8) {
  // expected-error @below {{'rk.decode' op bits of 'f4E2M1FN' are an i4, got 'i8'}}
  %0 = rk.decode %x from f4E2M1FN : i8
  llvm.return
}
