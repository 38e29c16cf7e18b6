//===- RkBase.td - What every rk op is made of -------------*- tablegen -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#ifndef RKC_DIALECT_RKBASE_TD
#define RKC_DIALECT_RKBASE_TD

include "mlir/Dialect/LLVMIR/LLVMOpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Rk_Dialect : Dialect {
  let name = "rk";
  let cppNamespace = "::rkc";
  let summary = "Actors on a GPU, their messages, and what they share";
  let description = [{
    An `rk` program is a builtin module that holds, side by side, declarations
    of messages and actors, and the bodies of handlers as functions of the
    `llvm` dialect. In the bodies, everything that a target must know about is
    an op of this dialect: messages that leave, atomic accesses, the lanes that
    run together, clocks, and conversions to low-precision floats.

    Pointers are `!llvm.ptr`, actor addresses and reply tokens are `i64`, status
    codes are `i32` with the values of `rk/abi/Status.def`. The numbers behind
    the enumerations are those of `rk/detail/Markers.h`.

    A rule that a verifier checks has a label, such as `send_c1`; the label
    stands in the op's description and names the test that breaks the rule.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

/// Base of every `rk` op. `since` is the first module-format version whose
/// programs can contain the op.
class Rk_Op<string mnemonic, string since, list<Trait> traits = []>
    : Op<Rk_Dialect, mnemonic, traits> {
  string sinceVersion = since;
}

//===----------------------------------------------------------------------===//
// Enumerations
//===----------------------------------------------------------------------===//

class Rk_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let cppNamespace = "::rkc";
  let genSpecializedAttr = 0;
}

class Rk_EnumAttr<EnumAttrInfo info, string keyword>
    : EnumAttr<Rk_Dialect, info, keyword> {
  let assemblyFormat = "`<` $value `>`";
}

def Rk_Scope : Rk_Enum<"Scope", "who takes part in a memory operation", [
  I32EnumAttrCase<"Block", 0, "block">,
  I32EnumAttrCase<"Cluster", 1, "cluster">,
  I32EnumAttrCase<"Device", 2, "device">,
  I32EnumAttrCase<"System", 3, "system">,
]>;
def Rk_ScopeAttr : Rk_EnumAttr<Rk_Scope, "scope">;

def Rk_Order : Rk_Enum<"Order", "memory order, as in C++", [
  I32EnumAttrCase<"Relaxed", 0, "relaxed">,
  I32EnumAttrCase<"Acquire", 1, "acquire">,
  I32EnumAttrCase<"Release", 2, "release">,
  I32EnumAttrCase<"AcqRel", 3, "acq_rel">,
  I32EnumAttrCase<"SeqCst", 4, "seq_cst">,
]>;
def Rk_OrderAttr : Rk_EnumAttr<Rk_Order, "order">;

def Rk_Lanes : Rk_Enum<"Lanes", "how many lanes run one handler call", [
  I32EnumAttrCase<"One", 0, "one">,
  I32EnumAttrCase<"Warp", 1, "warp">,
  I32EnumAttrCase<"Block", 2, "block">,
  I32EnumAttrCase<"Cluster", 3, "cluster">,
  I32EnumAttrCase<"Grid", 4, "grid">,
]>;
def Rk_LanesAttr : Rk_EnumAttr<Rk_Lanes, "lanes">;

def Rk_WhenFull : Rk_Enum<"WhenFull",
    "what becomes of a message that finds its receiver's mailbox full", [
  I32EnumAttrCase<"Fail", 0, "fail">,
  I32EnumAttrCase<"DeadLetter", 1, "dead_letter">,
  I32EnumAttrCase<"DropOldest", 2, "drop_oldest">,
]>;
def Rk_WhenFullAttr : Rk_EnumAttr<Rk_WhenFull, "when_full">;

def Rk_BulkCall : Rk_Enum<"BulkCall", "what the pool of bulk payloads is asked", [
  I32EnumAttrCase<"Make", 0, "make">,
  I32EnumAttrCase<"Share", 1, "share">,
  I32EnumAttrCase<"Release", 2, "release">,
  I32EnumAttrCase<"IsAlone", 3, "is_alone">,
]>;
def Rk_BulkCallAttr : Rk_EnumAttr<Rk_BulkCall, "bulk_call">;

def Rk_Tier : Rk_Enum<"Tier", "what is known of the way of a message", [
  I32EnumAttrCase<"LookUp", 0, "look_up">,
  I32EnumAttrCase<"Inbox", 1, "inbox">,
  I32EnumAttrCase<"Ring", 2, "ring">,
  I32EnumAttrCase<"Cluster", 3, "cluster">,
  I32EnumAttrCase<"Block", 4, "block">,
]>;
def Rk_TierAttr : Rk_EnumAttr<Rk_Tier, "tier">;

def Rk_RmwKind : Rk_Enum<"RmwKind", "what an atomic update does", [
  I32EnumAttrCase<"Exchange", 0, "exchange">,
  I32EnumAttrCase<"Add", 1, "add">,
  I32EnumAttrCase<"And", 2, "and">,
  I32EnumAttrCase<"Or", 3, "or">,
  I32EnumAttrCase<"Xor", 4, "xor">,
  I32EnumAttrCase<"UMin", 5, "umin">,
  I32EnumAttrCase<"UMax", 6, "umax">,
  I32EnumAttrCase<"SMin", 7, "smin">,
  I32EnumAttrCase<"SMax", 8, "smax">,
]>;
def Rk_RmwKindAttr : Rk_EnumAttr<Rk_RmwKind, "rmw">;

def Rk_ReduceKind : Rk_Enum<"ReduceKind", "how a group combines its values", [
  I32EnumAttrCase<"Add", 0, "add">,
  I32EnumAttrCase<"UMin", 1, "umin">,
  I32EnumAttrCase<"UMax", 2, "umax">,
  I32EnumAttrCase<"And", 3, "and">,
  I32EnumAttrCase<"Or", 4, "or">,
  I32EnumAttrCase<"Xor", 5, "xor">,
]>;
def Rk_ReduceKindAttr : Rk_EnumAttr<Rk_ReduceKind, "reduce">;

def Rk_ClockKind : Rk_Enum<"ClockKind", "what a clock counts", [
  I32EnumAttrCase<"Nanoseconds", 0, "ns">,
  I32EnumAttrCase<"Cycles", 1, "cycles">,
]>;
def Rk_ClockKindAttr : Rk_EnumAttr<Rk_ClockKind, "clock">;

def Rk_Rounding : Rk_Enum<"Rounding", "how a value is rounded", [
  I32EnumAttrCase<"NearestEven", 0, "nearest_even">,
]>;
def Rk_RoundingAttr : Rk_EnumAttr<Rk_Rounding, "rounding">;

def Rk_Overflow : Rk_Enum<"Overflow", "what too large a value becomes", [
  I32EnumAttrCase<"Infinity", 0, "infinity">,
  I32EnumAttrCase<"Saturate", 1, "saturate">,
]>;
def Rk_OverflowAttr : Rk_EnumAttr<Rk_Overflow, "overflow">;

def Rk_StencilFrom : Rk_Enum<"StencilFrom", "which cell a boundary reads", [
  I32EnumAttrCase<"Face", 0, "face">,
  I32EnumAttrCase<"Mirror", 1, "mirror">,
  I32EnumAttrCase<"Place", 2, "place">,
]>;
def Rk_StencilFromAttr : Rk_EnumAttr<Rk_StencilFrom, "from">;

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def Rk_RingType : TypeDef<Rk_Dialect, "Ring"> {
  let mnemonic = "ring";
  let summary = "Memory layout of a bounded queue of one agent";
  let description = [{
    Two 32-bit words, `head` (the position of the oldest item) and `count`,
    then, at the next multiple of `align`, `capacity` items of `bytes` bytes.

    - `ring_c1`: `bytes` is 1 to 65536.
    - `ring_c2`: `align` is a power of two, at most 128, and divides `bytes`.
    - `ring_c3`: `capacity` is 1 to 2^20.
  }];
  let parameters = (ins "uint32_t":$bytes, "uint32_t":$align,
                        "uint32_t":$capacity);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Returns the distance of the first item from the start, in bytes.
    uint32_t getItemsOffset() const;
  }];
}

//===----------------------------------------------------------------------===//
// Interfaces
//===----------------------------------------------------------------------===//

def Rk_CapabilityOpInterface : OpInterface<"CapabilityOpInterface"> {
  let cppNamespace = "::rkc";
  let description = [{
    Says what a target must be able to do for the op. `rk-gate` compares it
    with the table in `rk/abi/Capabilities.def`.
  }];
  let methods = [
    InterfaceMethod<"The feature that the op needs; `Baseline` for none.",
      "::rk::abi::Feature", "getRequiredFeature", (ins), "",
      "return ::rk::abi::Feature::Baseline;">,
    InterfaceMethod<
      [{What about the op needs it, for messages: \"of f8E5M2\"; or empty.}],
      "::std::string", "getCapabilityDetail", (ins), "", "return {};">,
  ];
}

/// An op that every target can do.
defvar Rk_AnyTarget = DeclareOpInterfaceMethods<Rk_CapabilityOpInterface>;
/// An op whose C++ says what it needs.
defvar Rk_SomeTargets = DeclareOpInterfaceMethods<Rk_CapabilityOpInterface,
    ["getRequiredFeature", "getCapabilityDetail"]>;

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// A generic pointer. An op whose operand may be in another address space says
/// `LLVM_AnyPointer` and prints the type.
def Rk_Pointer
    : Type<CPred<"$_self == ::mlir::LLVM::LLVMPointerType::get("
                 "$_self.getContext())">,
           "generic pointer", "::mlir::LLVM::LLVMPointerType">,
      BuildableType<"::mlir::LLVM::LLVMPointerType::get("
                    "$_builder.getContext())">;

def Rk_Int32Or64 : AnyTypeOf<[I32, I64], "32-bit or 64-bit integer">;

#endif // RKC_DIALECT_RKBASE_TD
