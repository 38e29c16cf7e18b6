// RUN: rk-opt %s --rk-infer-halos --rk-plan-stencils --rk-remarks --verify-diagnostics -o /dev/null
// RUN: rk-opt %s --rk-remarks -o /dev/null 2>&1 | count 0
// RUN: rk-opt %s --rk-infer-halos --rk-plan-stencils --rk-remarks=only=Line -o /dev/null 2>&1 | FileCheck %s --check-prefix=LINE --implicit-check-not=remark:
// RUN: rk-opt %s --rk-infer-halos --rk-plan-stencils '--rk-remarks=only=Line on-cpu' -o /dev/null 2>&1 | FileCheck %s --check-prefix=CPU --implicit-check-not=remark:

// What is said of stencils that have plans; of others nothing.

rk.stencil @Wave attributes {hash = 1 : i64, size = 4 : i64, align = 4 : i64,
                  tag = "t", dimensions = 3 : i32, radius = 1 : i32, star} {
  rk.stencil.array "pressure" : f32 {offset = 0 : i64, levels = 2 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %here = rk.stencil.access "pressure"[0, 0, 0] : f32
    %left = rk.stencil.access "pressure"[-1, 0, 0] : f32
    %front = rk.stencil.access "pressure"[0, -1, 0] : f32
    %below = rk.stencil.access "pressure"[0, 0, -1] : f32
    %before = rk.stencil.access "pressure"[0, 0, 0] {level = 1 : i32} : f32
    %new = llvm.call @update(%here, %left, %front, %below, %before)
        : (f32, f32, f32, f32, f32) -> f32
    rk.stencil.store %new, "pressure" : f32
  }
}
llvm.func @update(%here: f32, %left: f32, %front: f32, %below: f32,
                  %before: f32) -> f32 {
  %0 = llvm.fadd %left, %front : f32
  %1 = llvm.fadd %0, %below : f32
  %2 = llvm.fdiv %1, %here : f32
  %3 = llvm.fsub %2, %before : f32
  llvm.return %3 : f32
}

rk.stencil @Box attributes {hash = 2 : i64, size = 8 : i64, align = 8 : i64,
                  tag = "t", dimensions = 3 : i32, radius = 1 : i32} {
  rk.stencil.array "value" : f64 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %corner = rk.stencil.access "value"[0, 1, -1] : f64
    %sine = llvm.call @sin(%corner) : (f64) -> f64
    rk.stencil.store %sine, "value" : f64
  }
  rk.stencil.boundary {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64, %face: i64, %depth: i64,
       %step: i64):
    %inside = rk.stencil.inside "value"<face> : f64
    rk.stencil.store %inside, "value" : f64
  }
}
llvm.func @sin(f64) -> f64

rk.stencil @Line attributes {hash = 3 : i64, size = 4 : i64, align = 4 : i64,
                  tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %right = rk.stencil.access "value"[1, 0, 0] : f32
    rk.stencil.store %right, "value" : f32
  }
}
