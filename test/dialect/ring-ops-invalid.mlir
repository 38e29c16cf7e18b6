// RUN: rk-opt %s --split-input-file --verify-diagnostics

// Each case breaks the rule that it is named for.

llvm.func @ring_c1(%p: !llvm.ptr) {
  // expected-error @below {{an item of a ring is 1 to 65536 bytes, got 0}}
  %0 = rk.ring.push %p into %p as !rk.ring<bytes = 0, align = 1, capacity = 4> : !llvm.ptr, !llvm.ptr
  llvm.return
}

// -----

llvm.func @ring_c2(%p: !llvm.ptr) {
  // expected-error @below {{the alignment of a ring's items is a power of two, at most 128, that divides their size of 12 bytes, got 8}}
  %0 = rk.ring.push %p into %p as !rk.ring<bytes = 12, align = 8, capacity = 4> : !llvm.ptr, !llvm.ptr
  llvm.return
}

// -----

llvm.func @ring_c2(%p: !llvm.ptr) {
  // expected-error @below {{the alignment of a ring's items is a power of two, at most 128, that divides their size of 12 bytes, got 6}}
  %0 = rk.ring.pop %p from %p as !rk.ring<bytes = 12, align = 6, capacity = 4> : !llvm.ptr, !llvm.ptr
  llvm.return
}

// -----

llvm.func @ring_c3(%p: !llvm.ptr) {
  // expected-error @below {{a ring holds 1 to 1048576 items, got 1048577}}
  %0 = rk.ring.push %p into %p as !rk.ring<bytes = 8, align = 8, capacity = 1048577> : !llvm.ptr, !llvm.ptr
  llvm.return
}
