// RUN: rk-opt %s --rk-infer-halos --rk-plan-stencils --rk-remarks --verify-diagnostics -o /dev/null
// RUN: rk-opt %s --rk-infer-halos --rk-plan-stencils --rk-remarks=only=Line -o /dev/null 2>&1 | FileCheck %s --check-prefix=LINE --implicit-check-not=remark:
// RUN: rk-opt %s --rk-infer-halos --rk-plan-stencils '--rk-remarks=only=Line on-cpu' -o /dev/null 2>&1 | FileCheck %s --check-prefix=CPU --implicit-check-not=remark:

// What is said of stencils that have plans.

// LINE: remark: stencil 'Line', 1 dimension: 1 operation, and 8 bytes to move for a cell and step; by the model, an H100 copies 2682 GB/s, so that with one step after the other 335 Gcells/s are possible beyond its cache{{$}}
// LINE: remark: plan 'global', a launch for each step; 262144 cells: 147 Gcells/s (1175 GB/s), limited by launches; 134217728 cells: 258 Gcells/s (2067 GB/s), limited by latency{{$}}
// LINE: remark: no plan 'streaming': a line has no second axis to walk along{{$}}
// LINE: remark: no plan 'temporal': a line has no second axis to walk along{{$}}
// LINE: remark: plan 'resident', all steps of a run in a launch; 262144 cells: 492 Gcells/s (3936 GB/s), limited by exchange; 134217728 cells: refused, as the fields do not fit the shared memory of 132 multiprocessors{{$}}
// LINE: remark: without StencilOptions::plan, 'resident' is taken for 262144 cells, and 'global' is taken for 134217728 cells{{$}}

// CPU: remark: stencil 'Line', 1 dimension: 1 operation, and 8 bytes to move for a cell and step; by the model, 16 cores copy 125 GB/s, so that with one step after the other 15.6 Gcells/s are possible beyond their cache{{$}}
// CPU: remark: plan 'global', a pass for each step; 262144 cells: 25.2 Gcells/s (201 GB/s), limited by arithmetic; 134217728 cells: 7.04 Gcells/s (56.3 GB/s), limited by memory{{$}}
// CPU: remark: plan 'streaming', a pass for each step; 262144 cells: 25.2 Gcells/s (201 GB/s), limited by arithmetic; 134217728 cells: 7.04 Gcells/s (56.3 GB/s), limited by memory{{$}}
// CPU: remark: plan 'temporal', several steps in a pass; 262144 cells: 14.0 Gcells/s (112 GB/s), limited by arithmetic; 134217728 cells: 29.1 Gcells/s (233 GB/s), limited by arithmetic{{$}}
// CPU: remark: plan 'resident', all steps of a run in a launch; 262144 cells: 41.2 Gcells/s (329 GB/s), limited by arithmetic; 134217728 cells: 7.70 Gcells/s (61.6 GB/s), limited by memory{{$}}
// CPU: remark: without StencilOptions::plan, 'resident' is taken for 262144 cells, and 'temporal' is taken for 134217728 cells{{$}}

// expected-remark @below {{stencil 'Wave', 3 dimensions: 11 operations, and 12 bytes to move for a cell and step; by the model, an H100 copies 2682 GB/s, so that with one step after the other 223 Gcells/s are possible beyond its cache}}
// expected-remark @below {{plan 'global', a launch for each step; 64 x 64 x 64 cells: 137 Gcells/s (1646 GB/s), limited by launches; 512 x 512 x 512 cells: 204 Gcells/s (2448 GB/s), limited by memory}}
// expected-remark @below {{plan 'streaming', a launch for each step, tiles of 128 x 16 cells; 64 x 64 x 64 cells: 37.9 Gcells/s (455 GB/s), limited by latency; 512 x 512 x 512 cells: 219 Gcells/s (2622 GB/s), limited by memory}}
// expected-remark @below {{plan 'temporal', 3 steps in a launch, tiles of 120 x 26 cells; 64 x 64 x 64 cells: 24.3 Gcells/s (292 GB/s), limited by arithmetic; 512 x 512 x 512 cells: 337 Gcells/s (4043 GB/s), limited by arithmetic}}
// expected-remark @below {{plan 'resident', all steps of a run in a launch; 64 x 64 x 64 cells: 264 Gcells/s (3173 GB/s), limited by exchange; 512 x 512 x 512 cells: refused, as the fields do not fit the shared memory of 132 multiprocessors}}
// expected-remark @below {{without StencilOptions::plan, 'resident' is taken for 64 x 64 x 64 cells, and 'temporal' is taken for 512 x 512 x 512 cells}}
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

// expected-remark @below {{stencil 'Box', 3 dimensions: 20 operations, and 16 bytes to move for a cell and step; by the model, an H100 copies 2682 GB/s, so that with one step after the other 168 Gcells/s are possible beyond its cache}}
// expected-remark @below {{plan 'global', a launch for each step; 64 x 64 x 64 cells: 118 Gcells/s (1881 GB/s), limited by launches; 512 x 512 x 512 cells: 157 Gcells/s (2517 GB/s), limited by memory}}
// expected-remark @below {{plan 'streaming', a launch for each step, tiles of 64 x 16 cells; 64 x 64 x 64 cells: 19.1 Gcells/s (306 GB/s), limited by arithmetic; 512 x 512 x 512 cells: 86.5 Gcells/s (1384 GB/s), limited by arithmetic}}
// expected-remark @below {{no plan 'temporal': 'value' is read at an offset along y and z at once, and a plane in shared memory is for offsets within it}}
// expected-remark @below {{plan 'resident', all steps of a run in a launch; 64 x 64 x 64 cells: 114 Gcells/s (1822 GB/s), limited by exchange; 512 x 512 x 512 cells: refused, as the fields do not fit the shared memory of 132 multiprocessors}}
// expected-remark @below {{plan 'resident' is refused where faces are left to the boundary of the class: the boundary reads 2 cells inside of a face along y, and blocks have those of others only as far as an update reads, 1; take the plan 'global' or 'streaming'}}
// expected-remark @below {{without StencilOptions::plan, 'global' is taken for 64 x 64 x 64 cells, and 'global' is taken for 512 x 512 x 512 cells}}
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
    %inside = rk.stencil.inside "value"<face> {distance = 2 : i64} : f64
    rk.stencil.store %inside, "value" : f64
  }
}
llvm.func @sin(f64) -> f64

// expected-remark @below {{stencil 'Line', 1 dimension: 1 operation, and 8 bytes to move for a cell and step; by the model, an H100 copies 2682 GB/s, so that with one step after the other 335 Gcells/s are possible beyond its cache}}
// expected-remark @below {{plan 'global', a launch for each step; 262144 cells: 147 Gcells/s (1175 GB/s), limited by launches; 134217728 cells: 258 Gcells/s (2067 GB/s), limited by latency}}
// expected-remark @below {{no plan 'streaming': a line has no second axis to walk along}}
// expected-remark @below {{no plan 'temporal': a line has no second axis to walk along}}
// expected-remark @below {{plan 'resident', all steps of a run in a launch; 262144 cells: 492 Gcells/s (3936 GB/s), limited by exchange; 134217728 cells: refused, as the fields do not fit the shared memory of 132 multiprocessors}}
// expected-remark @below {{without StencilOptions::plan, 'resident' is taken for 262144 cells, and 'global' is taken for 134217728 cells}}
rk.stencil @Line attributes {hash = 3 : i64, size = 4 : i64, align = 4 : i64,
                  tag = "t", dimensions = 1 : i32, radius = 1 : i32} {
  rk.stencil.array "value" : f32 {offset = 0 : i64, levels = 1 : i32}
  rk.stencil.apply {
  ^bb0(%self: !llvm.ptr, %x: i64, %y: i64, %z: i64):
    %right = rk.stencil.access "value"[1, 0, 0] : f32
    rk.stencil.store %right, "value" : f32
  }
}
