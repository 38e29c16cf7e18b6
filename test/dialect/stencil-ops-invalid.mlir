// RUN: rk-opt %s --split-input-file --verify-diagnostics

// Each case breaks the rule that it is named for.

// expected-error @below {{'rk.stencil' op dimensions must be 1 to 3, got 4}}
rk.stencil @"stencil_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 4 : i32, radius = 1 : i32} {
}

// -----

// expected-error @below {{'rk.stencil' op radius must be 1 to 8, got 9}}
rk.stencil @"stencil_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 9 : i32} {
}

// -----

rk.stencil @"stencil_c3" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
  }
  // expected-error @below {{'rk.stencil.apply' op may not stand here: an rk.stencil holds rk.stencil.array, rk.stencil.plan, rk.stencil.reduce, one rk.stencil.apply and one rk.stencil.boundary}}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
  }
}

// -----

rk.stencil @"stencil_c4" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  // expected-error @below {{'rk.stencil.array' op is the second one named 'a'}}
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
}

// -----

// expected-error @below {{'rk.stencil' op its arrays take 35 entries; a launch has 32}}
rk.stencil @"stencil_c5" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a0" : f32 {offset = 0 : i64, levels = 4 : i32}
  rk.stencil.array "a1" : f32 {offset = 0 : i64, levels = 4 : i32}
  rk.stencil.array "a2" : f32 {offset = 0 : i64, levels = 4 : i32}
  rk.stencil.array "a3" : f32 {offset = 0 : i64, levels = 4 : i32}
  rk.stencil.array "a4" : f32 {offset = 0 : i64, levels = 4 : i32}
  rk.stencil.array "a5" : f32 {offset = 0 : i64, levels = 4 : i32}
  rk.stencil.array "a6" : f32 {offset = 0 : i64, levels = 4 : i32}
}

// -----

// expected-error @below {{'rk.stencil' op size must be 1 to 1024 bytes, got 1025}}
rk.stencil @"stencil_c6" attributes {hash = 1 : i64, size = 1025 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
}

// -----

// expected-error @below {{'rk.stencil' op alignment must be a power of two of at most 16, got 32}}
rk.stencil @"stencil_c6" attributes {hash = 1 : i64, size = 4 : i64, align = 32 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
}

// -----

rk.stencil @"stencil.array_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  // expected-error @below {{'rk.stencil.array' op type must be f16, bf16, f32, f64, i8, i16, i32 or i64, got 'i24'}}
  rk.stencil.array "a" : i24 {offset = 0 : i64, levels = 1 : i32}
}

// -----

rk.stencil @"stencil.array_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  // expected-error @below {{'rk.stencil.array' op levels must be 1 to 4, got 5}}
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 5 : i32}
}

// -----

rk.stencil @"stencil.array_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  // expected-error @below {{'rk.stencil.array' op levels must be 1 to 1, got 2}}
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 2 : i32, coefficient}
}

// -----

rk.stencil @"stencil.apply_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  // expected-error @below {{'rk.stencil.apply' op block needs arguments of type !llvm.ptr, i64, i64, i64: the parameters and the cell's place}}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr):
  }
}

// -----

rk.stencil @"stencil.apply_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // expected-error @below {{'rk.clock' op may not stand in an update, which holds rk.stencil.access, rk.stencil.store and llvm ops only}}
    %0 = rk.clock <ns>
  }
}

// -----

rk.stencil @"stencil.apply_c3" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %0 = rk.stencil.access "a"[0, 0, 0] : f32
    // expected-note @below {{the first is here}}
    rk.stencil.store %0, "a" : f32
    // expected-error @below {{'rk.stencil.store' op is the second store to 'a'}}
    rk.stencil.store %0, "a" : f32
  }
}

// -----

rk.stencil @"stencil.access_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // expected-error @below {{'rk.stencil.access' op names 'b', which is no array of stencil "stencil.access_c1"}}
    %0 = rk.stencil.access "b"[0, 0, 0] : f32
  }
}

// -----

rk.stencil @"stencil.access_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // expected-error @below {{'rk.stencil.access' op reads at [2, 0, 0], beyond the radius of 1 of this 1-D stencil}}
    %0 = rk.stencil.access "a"[2, 0, 0] : f32
  }
}

// -----

rk.stencil @"stencil.access_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // expected-error @below {{'rk.stencil.access' op reads at [0, 1, 0], beyond the radius of 1 of this 1-D stencil}}
    %0 = rk.stencil.access "a"[0, 1, 0] : f32
  }
}

// -----

rk.stencil @"stencil.access_c3" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 2 : i32, radius = 1 : i32, star} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // expected-error @below {{'rk.stencil.access' op reads at [1, 1, 0], off the axes, in a star-shaped stencil}}
    %0 = rk.stencil.access "a"[1, 1, 0] : f32
  }
}

// -----

rk.stencil @"stencil.access_c4" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // expected-error @below {{'rk.stencil.access' op reads level 1 of 'a', which has 1}}
    %0 = rk.stencil.access "a"[0, 0, 0] {level = 1 : i32} : f32
  }
}

// -----

rk.stencil @"stencil.access_c5" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // expected-error @below {{'rk.stencil.access' op makes 'f64' of 'a', whose values are 'f32'}}
    %0 = rk.stencil.access "a"[0, 0, 0] : f64
  }
}

// -----

rk.stencil @"stencil.store_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32, coefficient}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %0 = rk.stencil.access "a"[0, 0, 0] : f32
    // expected-error @below {{'rk.stencil.store' op names 'a', which is no field of "stencil.store_c1"}}
    rk.stencil.store %0, "a" : f32
  }
}

// -----

rk.stencil @"stencil.store_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %0 = llvm.mlir.constant(1 : i32) : i32
    // expected-error @below {{'rk.stencil.store' op puts 'i32' into 'a', whose values are 'f32'}}
    rk.stencil.store %0, "a" : i32
  }
}

// -----

rk.stencil @"stencil.plan_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  // expected-error @below {{'rk.stencil.plan' op needs three numbers of threads of at least 1, at most 1024 together, and three numbers of cells}}
  rk.stencil.plan "p" @k {block = array<i32: 64, 32, 1>, tile = array<i32: 1, 1, 1>, steps = 1 : i32, shared = 0 : i32}
}

// -----

rk.stencil @"stencil.plan_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  // expected-error @below {{'rk.stencil.plan' op needs at least 1 step and no negative shared memory, got 0 and -1}}
  rk.stencil.plan "p" @k {block = array<i32: 64, 4, 1>, tile = array<i32: 1, 1, 1>, steps = 0 : i32, shared = -1 : i32}
}
