// Which targets take which format, and what the refusal says.
//
// RUN: rk-opt %s --rk-gate=target=host
// RUN: rk-opt %s --rk-gate=target=sm_100a
// RUN: rk-opt %s --rk-gate=target=sm_100f
// RUN: rk-opt %s --rk-gate=target=sm_103a
// RUN: rk-opt %s --rk-gate=target=sm_120a
// RUN: not rk-opt %s --rk-gate=target=sm_90a 2>&1 | FileCheck %s --check-prefix=SM90A
// RUN: not rk-opt %s --rk-gate=target=sm_100 2>&1 | FileCheck %s --check-prefix=SM100
// RUN: not rk-opt %s --rk-gate=target=sm_120 2>&1 | FileCheck %s --check-prefix=SM120
// RUN: not rk-opt %s --rk-gate=target=sm_89 2>&1 | FileCheck %s --check-prefix=SM89
// RUN: not rk-opt %s "--rk-gate=target=sm_89 gate=hardware" 2>&1 | FileCheck %s --check-prefix=HARD89 --implicit-check-not=f8E4M3FN
// RUN: not rk-opt %s --rk-gate=target=sm_95 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not rk-opt %s "--rk-gate=target=sm_90 gate=mine" 2>&1 | FileCheck %s --check-prefix=GATE

// SM90A-NOT: f8E4M3FN needs
// SM90A: gate-targets.mlir:[[#@LINE+15]]:8: error: 'rk.encode' of f6E2M3FN needs sm_100a or sm_100f; the target is sm_90a{{$}}
// SM90A: gate-targets.mlir:[[#@LINE+15]]:8: error: 'rk.encode' of f4E2M1FN needs sm_100a or sm_100f; the target is sm_90a{{$}}
// SM100-NOT: f8E4M3FN needs
// SM100: error: 'rk.encode' of f6E2M3FN needs sm_100a or sm_100f; the target is sm_100, which lacks its architecture's own instructions: compile for sm_100a
// SM100: error: 'rk.encode' of f4E2M1FN needs sm_100a or sm_100f; the target is sm_100, which lacks its architecture's own instructions: compile for sm_100a
// SM120: error: 'rk.encode' of f4E2M1FN needs sm_100a or sm_100f; the target is sm_120, which lacks its architecture's own instructions: compile for sm_120a
// SM89: error: 'rk.encode' of f8E4M3FN needs sm_90; the target is sm_89, whose hardware has it: --gate=hardware allows that
// SM89: error: 'rk.encode' of f6E2M3FN needs sm_100a or sm_100f; the target is sm_89{{$}}
// HARD89: error: 'rk.encode' of f6E2M3FN needs sm_100a or sm_100f; the target is sm_89{{$}}
// HARD89: error: 'rk.encode' of f4E2M1FN needs sm_100a or sm_100f; the target is sm_89{{$}}
// UNKNOWN: error: unknown target 'sm_95': give 'host', or a GPU as in 'sm_90a'
// GATE: error: unknown gate 'mine': give 'policy' or 'hardware'

llvm.func @formats(%x: f32) {
  %0 = rk.encode %x to f8E4M3FN rounding<nearest_even> overflow<saturate> : i8
  %1 = rk.encode %x to f6E2M3FN rounding<nearest_even> overflow<saturate> : i6
  %2 = rk.encode %x to f4E2M1FN rounding<nearest_even> overflow<saturate> : i4
  llvm.return
}
