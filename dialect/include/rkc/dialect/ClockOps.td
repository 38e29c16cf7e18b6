//===- ClockOps.td - Reading time and letting it pass ------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_CLOCKOPS_TD
#define RKC_DIALECT_CLOCKOPS_TD

include "rkc/dialect/RkBase.td"

def OpGroupClock : OpDocGroup {
  let summary = "Time";
  let description = [{
    Clocks and short waits.
  }];
}

let opDocGroup = OpGroupClock in {

def Rk_ClockOp : Rk_Op<"clock", "1.0", [Rk_AnyTarget]> {
  let summary = "Read a clock";
  let description = [{
    `ns` counts nanoseconds, the same for all workers of a device; it never goes
    back. Its step is the device's: up to a microsecond on some GPUs. `cycles`
    counts cycles of the processor that runs the lane, comparable only there.

    Lowers to: the registers `globaltimer` and `clock64` on the GPU,
    `rk_clock_ns` and `rk_clock_cycles` on the CPU.

    Example:

    ```mlir
    llvm.func @now() -> i64 {
      %ns = rk.clock <ns>
      llvm.return %ns : i64
    }
    ```
  }];
  let arguments = (ins Rk_ClockKindAttr:$kind);
  let results = (outs I64:$ticks);
  let assemblyFormat = "$kind attr-dict";
}

def Rk_PauseOp : Rk_Op<"pause", "1.0", [Rk_AnyTarget]> {
  let summary = "Let the processor rest for about so many nanoseconds";
  let description = [{
    A hint for loops that poll: the wait is between 0 and twice `nanoseconds`.

    Lowers to: `nanosleep` on the GPU, `rk_pause` on the CPU.

    Example:

    ```mlir
    llvm.func @rest(%nanoseconds: i32) {
      rk.pause %nanoseconds
      llvm.return
    }
    ```
  }];
  let arguments = (ins I32:$nanoseconds);
  let assemblyFormat = "$nanoseconds attr-dict";
}

} // OpGroupClock

#endif // RKC_DIALECT_CLOCKOPS_TD
