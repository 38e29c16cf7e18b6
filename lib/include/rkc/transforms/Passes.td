//===- Passes.td - Passes from rk to rk --------------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_TRANSFORMS_PASSES_TD
#define RKC_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def NumberProgramPass : Pass<"rk-number-program", "::mlir::ModuleOp"> {
  let summary = "Give messages and actors their numbers";
  let description = [{
    Sets `index` of every `rk.message` and `rk.actor` to its place in the order
    of names, so that the same program always has the same numbers. Refuses more
    than 4095 message types or 65535 actor types, and two types with one hash.
  }];
}

def CheckProgramPass : Pass<"rk-check-program", "::mlir::ModuleOp"> {
  let summary = "Check what ops say about other ops";
  let description = [{
    Every name in `rk.send`, `rk.reply`, `rk.spawn`, `rk.spawn_n` and
    `rk.handler` must be declared, with the size, or the function type, that its
    user relies on.
  }];
}

def ChooseTiersPass : Pass<"rk-choose-tiers", "::mlir::ModuleOp"> {
  let summary = "Write down what is known of each message's way";
  let description = [{
    Sets `tier` of every `rk.send` whose receiver and senders say by which way
    its message goes, and removes it from all others. A pooled actor, and one
    with more than a warp, has an inbox. A resident actor of a warp has rings
    from its like: which one is known for messages of an actor to itself, and
    to an actor that the same function has placed beside the sender. Senders
    are the actors whose handlers can come to the send. The program must be
    checked.
  }];
}

def InferHalosPass : Pass<"rk-infer-halos", "::mlir::ModuleOp"> {
  let summary = "Find what each stencil reads of its neighbourhood";
  let description = [{
    Sets `halo`, `entries` and `written` of every `rk.stencil.array` from the
    accesses and stores that the update makes: how far an array is read along
    each axis, whether a step changes it, and how many arrays in memory that
    takes. The oldest level is overwritten in place if no neighbour reads it.
  }];
}

def PlanStencilsPass : Pass<"rk-plan-stencils", "::mlir::ModuleOp"> {
  let summary = "Choose the ways in which each stencil can be run";
  let description = [{
    Adds an `rk.stencil.plan` for each plan that suits the stencil, the most
    general one first: `global`, one launch for each step.
  }];
}

def RemarksPass : Pass<"rk-remarks", "::mlir::ModuleOp"> {
  let summary = "Say what is done to each handler, and what prevented it";
  let description = [{
    Emits remarks and changes nothing. At each handler: how many messages run
    side by side, and whether message and reply travel inside a packet or by
    reference. At each `rk.send`, `rk.reply`, `rk.spawn`, `rk.spawn_n` and
    `rk.stop` that a handler can come to: whether it waits for the end of the
    handler, why not, how its message travels, and by which tier. Lowering asks
    the same functions (`rkc/transforms/Decisions.h`, `rkc/transforms/Tiers.h`).
    The program must be numbered and checked. At each stencil, once it has
    plans: what it moves and computes, and for each plan what the cost model
    predicts for a small and a large grid on a reference device, or what
    prevented it.
  }];
  let options = [
    Option<"only", "only", "std::string", "\"\"",
           "a regular expression: only handlers, as in 'Account::on(Deposit)', "
           "and functions whose name it matches">,
    Option<"onCpu", "on-cpu", "bool", "false",
           "predict how fast stencils are on a CPU, not on a GPU">,
  ];
}

def GatePass : Pass<"rk-gate", "::mlir::ModuleOp"> {
  let summary = "Refuse what the target cannot do";
  let description = [{
    Compares the feature that each op requires with the table
    `rk/abi/Capabilities.def`, and reports every op that the target lacks the
    feature for, naming the least target that has it.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"\"",
           "what to compile for: 'host', or a GPU as in 'sm_90a'">,
    Option<"gate", "gate", "std::string", "\"policy\"",
           "'policy', or 'hardware' to allow whatever has instructions">,
  ];
}

def GenerateDispatchPass : Pass<"rk-generate-dispatch", "::mlir::ModuleOp"> {
  let summary = "Make the functions that find a message's handler";
  let description = [{
    `i32 @rk_dispatch(i32 key, ptr state, ptr message, ptr reply, ptr context)`
    runs the handler of `key`, which is the actor's index shifted left by 12,
    plus the message's. It returns 0 if there is no such handler, 1 if it ran
    and made no reply, or 2 plus the index of the reply that it made. `message`
    points to the 32 bytes of a packet's payload; a message that is larger lies
    at the address that they begin with. Behind a handler that can come to a
    spawn, by whatever call, it calls `rk_publish`.

    `i32 @rk_handler_lanes(i32 key)` returns 0, 1, or 32 if a warp runs it.

    `i32 @rk_reply_bytes()` returns the size of the largest reply, at least 1,
    and `i32 @rk_uses_warps()` whether some handler is run by a warp.

    The handlers of resident actors are in functions of their own, like
    `rk_dispatch`: `@rk_dispatch_resident` has those that one lane runs,
    `@rk_dispatch_resident_warp` those that a warp runs. They do not count for
    `rk_uses_warps`; `i32 @rk_has_residents()` says whether there are such
    actors. If `serves-residents`, `i32 @rk_serve_resident(i32 key, ptr turn)`
    calls `rk_serve_messages` of the device library with the handler that one
    lane runs: so there is a copy of the serving loop for each.
  }];
  let options = [
    Option<"servesResidents", "serves-residents", "bool", "false",
           "whether resident actors have a kernel of their own: on a GPU">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def VerifyLoweredPass : Pass<"rk-verify-lowered", "::mlir::ModuleOp"> {
  let summary = "Check what lowering promises";
  let description = [{
    No op of the rk dialect is left; no `llvm.intr.fmuladd`, which back ends may
    round differently; every undefined function whose name starts with `rk_` is
    one of `rk/abi/DeviceCalls.def`, with the type given there; and, unless the
    target is the host, no `llvm.atomicrmw` whose order or scope LLVM's NVPTX
    back end would drop.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"\"",
           "the target; if not given, it is taken from the module's triple">,
  ];
}

#endif // RKC_TRANSFORMS_PASSES_TD
