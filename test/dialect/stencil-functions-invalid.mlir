// RUN: rk-opt %s --split-input-file --verify-diagnostics

// Each case breaks the rule that it is named for.

rk.stencil @"stencil_c3" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
  }
  // expected-error @below {{'rk.stencil.boundary' op may not stand here: an rk.stencil holds rk.stencil.array, rk.stencil.plan, rk.stencil.reduce, one rk.stencil.apply and one rk.stencil.boundary}}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
  }
}

// -----

rk.stencil @"stencil.array_c3" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  // expected-error @below {{'rk.stencil.array' op part must not be negative, got -1}}
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32, part = -1 : i32}
}

// -----

rk.stencil @"stencil.boundary_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  // expected-error @below {{'rk.stencil.boundary' op block needs arguments of type !llvm.ptr and six times i64: the parameters, the place along x, y and z, the face, the depth and the step}}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr):
  }
}

// -----

rk.stencil @"stencil.boundary_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
    // expected-error @below {{'rk.clock' op may not stand in a boundary, which holds rk.stencil.inside, rk.stencil.store and llvm ops only}}
    %0 = rk.clock <ns>
  }
}

// -----

rk.stencil @"stencil.boundary_c3" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
    %0 = rk.stencil.inside "a"<face> : f32
    // expected-note @below {{the first is here}}
    rk.stencil.store %0, "a" : f32
    // expected-error @below {{'rk.stencil.store' op is the second store to 'a'}}
    rk.stencil.store %0, "a" : f32
  }
}

// -----

rk.stencil @"stencil.inside_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
    // expected-error @below {{'rk.stencil.inside' op names 'b', which is no array of stencil "stencil.inside_c1"}}
    %0 = rk.stencil.inside "b"<face> : f32
  }
}

// -----

rk.stencil @"stencil.inside_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
    // expected-error @below {{'rk.stencil.inside' op distance must be 0 to 8, got 9}}
    %0 = rk.stencil.inside "a"<face> {distance = 9 : i64} : f32
  }
}

// -----

rk.stencil @"stencil.inside_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
    // expected-error @below {{'rk.stencil.inside' op distance must be 0 to 0, got 1}}
    %0 = rk.stencil.inside "a"<mirror> {distance = 1 : i64} : f32
  }
}

// -----

rk.stencil @"stencil.inside_c3" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
    // expected-error @below {{'rk.stencil.inside' op reads level 1 of 'a', which has 1}}
    %0 = rk.stencil.inside "a"<face> {level = 1 : i32} : f32
  }
}

// -----

rk.stencil @"stencil.inside_c3" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
    // expected-error @below {{'rk.stencil.inside' op reads level 0 of 'a', which has 1, and level 0 of the place is being set}}
    %0 = rk.stencil.inside "a"<place> : f32
  }
}

// -----

rk.stencil @"stencil.inside_c4" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64, %step: i64):
    // expected-error @below {{'rk.stencil.inside' op makes 'f64' of 'a', whose values are 'f32'}}
    %0 = rk.stencil.inside "a"<face> : f64
  }
}

// -----

rk.stencil @"stencil.reduce_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  // expected-error @below {{'rk.stencil.reduce' op size must be 1 to 64 bytes, got 65}}
  rk.stencil.reduce "r" attributes {hash = 1 : i64, size = 65 : i64, align = 1 : i64, combine = @c, fold = @f, term = @t}
}

// -----

rk.stencil @"stencil.reduce_c1" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  // expected-error @below {{'rk.stencil.reduce' op alignment must be a power of two of at most 16, got 3}}
  rk.stencil.reduce "r" attributes {hash = 1 : i64, size = 8 : i64, align = 3 : i64, combine = @c, fold = @f, term = @t}
}

// -----

rk.stencil @"stencil.reduce_c2" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  // expected-error @below {{'rk.stencil.reduce' op needs either a term or a block}}
  rk.stencil.reduce "r" attributes {hash = 1 : i64, size = 8 : i64, align = 8 : i64, combine = @c, fold = @f}
}

// -----

rk.stencil @"stencil.reduce_c3" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  // expected-error @below {{'rk.stencil.reduce' op block needs arguments of type !llvm.ptr, !llvm.ptr, i64, i64, i64: the parameters, the result and the cell's place}}
  rk.stencil.reduce "r" attributes {hash = 1 : i64, size = 8 : i64, align = 8 : i64, combine = @c, fold = @f} {
  ^bb0(%self: !llvm.ptr):
  }
}

// -----

rk.stencil @"stencil.reduce_c4" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "a" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.reduce "r" attributes {hash = 1 : i64, size = 8 : i64, align = 8 : i64, combine = @c, fold = @f} {
  ^bb0(%self: !llvm.ptr, %result: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    // expected-error @below {{'rk.clock' op may not stand in a reduction, which holds rk.stencil.access and llvm ops only}}
    %0 = rk.clock <ns>
  }
}

// -----

rk.stencil @"stencil_c4" attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64, tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.reduce "r" attributes {hash = 1 : i64, size = 8 : i64, align = 8 : i64, combine = @c, fold = @f, term = @t}
  // expected-error @below {{'rk.stencil.reduce' op is the second one named 'r'}}
  rk.stencil.reduce "r" attributes {hash = 2 : i64, size = 8 : i64, align = 8 : i64, combine = @c, fold = @f, term = @t}
}
