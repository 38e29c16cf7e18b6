//===- ExternalRules.cpp - What code on the device may use -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "check/DeviceRulesInternal.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace rkc::frontend {

static constexpr const char MayThrow[] =
    "an exception can be thrown here, and a handler cannot throw: check first, "
    "or return a status";
static constexpr const char NoTypeid[] =
    "a handler cannot use typeid: give the classes an enumeration, or use "
    "std::variant";
static constexpr const char NoHeap[] =
    "a handler cannot allocate memory: keep the data in the actor's state, in "
    "a std::array, or behind a rk::device_ptr<T>";

/// Functions of <cmath> that both back ends provide, without the suffix 'f'.
static bool isMathFunction(StringRef name) {
  static const StringSet<> functions = {
      "acos",   "acosh",  "asin",      "asinh",     "atan",    "atan2",
      "atanh",  "cbrt",   "ceil",      "copysign",  "cos",     "cosh",
      "erf",    "erfc",   "exp",       "exp10",     "exp2",    "expm1",
      "fabs",   "fdim",   "floor",     "fma",       "fmax",    "fmin",
      "fmod",   "frexp",  "hypot",     "ilogb",     "j0",      "j1",
      "jn",     "ldexp",  "lgamma",    "llrint",    "llround", "log",
      "log10",  "log1p",  "log2",      "logb",      "lrint",   "lround",
      "modf",   "nan",    "nearbyint", "nextafter", "pow",     "remainder",
      "remquo", "rint",   "round",     "roundeven", "scalbln", "scalbn",
      "sin",    "sincos", "sinh",      "sqrt",      "tan",     "tanh",
      "tgamma", "trunc",  "y0",        "y1",        "yn"};
  return functions.contains(name) ||
         (name.ends_with("f") && functions.contains(name.drop_back()));
}

static bool isProvided(StringRef name) {
  static const StringSet<> functions = {"memcpy", "memset",       "memmove",
                                        "memcmp", "memchr",       "bcmp",
                                        "strlen", "__assert_fail"};
  return functions.contains(name) || isMathFunction(name) ||
         name.starts_with("__rk_");
}

static std::optional<Violation> judgeIntrinsic(const Function &function) {
  StringRef name = function.getName();
  if (name.starts_with("llvm.nvvm."))
    return Violation{Severity::Language,
                     "'" + name.drop_front(5).str() +
                         "' exists only on NVIDIA GPUs, and a handler must "
                         "also run on the CPU: use rk/group.h, rk/atomic.h or "
                         "rk/clock.h"};
  if (name.starts_with("llvm.va_start"))
    return Violation{Severity::Language,
                     "a handler cannot use variable arguments ('...'): use a "
                     "variadic template"};
  if (name.starts_with("llvm.coro."))
    return Violation{Severity::Allocation,
                     "this coroutine's frame cannot be kept on the stack of "
                     "the handler: let it end in the function that started "
                     "it"};
  return std::nullopt;
}

static bool isThrow(StringRef name) {
  return name.starts_with("__cxa_throw") || name == "__cxa_rethrow" ||
         name.starts_with("_ZSt17__throw_") ||
         (name.starts_with("_ZSt") && name.contains("__throw_")) ||
         name == "_ZSt17rethrow_exceptionNSt15__exception_ptr13exception_ptrE";
}

/// Parts of the machinery of exceptions that never stand alone.
static bool belongsToThrow(StringRef name) {
  return name.starts_with("__cxa_allocate_exception") ||
         name.starts_with("__cxa_free_exception") ||
         name.starts_with("__cxa_begin_catch") ||
         name.starts_with("__cxa_end_catch") ||
         name.starts_with("__cxa_init_primary_exception") ||
         name == "_Unwind_Resume";
}

static std::optional<Violation> judgeRuntimeCall(StringRef name) {
  if (isThrow(name))
    return Violation{Severity::Throw, MayThrow};
  if (name == "__cxa_bad_typeid")
    return Violation{Severity::Language, NoTypeid};
  if (name == "__dynamic_cast" || name == "__cxa_bad_cast")
    return Violation{Severity::Language,
                     "a handler cannot use dynamic_cast: use a virtual "
                     "function, or std::variant"};
  if (name.starts_with("__cxa_guard_"))
    return Violation{Severity::Language,
                     "a static variable in a function needs a constant "
                     "initialiser to be used in a handler: make it constexpr, "
                     "or a member of the actor"};
  if (name.starts_with("_Znw") || name.starts_with("_Zna") ||
      name == "malloc" || name == "calloc" || name == "realloc" ||
      name == "aligned_alloc")
    return Violation{Severity::Allocation, NoHeap};
  if (name.starts_with("_Zdl") || name.starts_with("_Zda") || name == "free")
    return Violation{Severity::Allocation,
                     "a handler cannot free memory: " +
                         StringRef(NoHeap).split(": ").second.str()};
  if (name.starts_with("_ZTH"))
    return Violation{Severity::Language,
                     "a handler cannot use a thread_local variable: keep it "
                     "in the actor"};
  return std::nullopt;
}

static bool isPrinter(StringRef name) {
  return StringSwitch<bool>(name)
      .Cases({"printf", "fprintf", "puts", "putchar", "vprintf", "fputs",
              "fwrite", "vfprintf", "fputc", "putc"},
             true)
      .Default(false);
}

std::optional<Violation> judgeExternal(const GlobalValue &symbol) {
  StringRef name = symbol.getName();
  if (const auto *function = dyn_cast<Function>(&symbol)) {
    if (function->isIntrinsic())
      return judgeIntrinsic(*function);
    if (isProvided(name) || belongsToThrow(name))
      return std::nullopt;
    if (auto violation = judgeRuntimeCall(name))
      return violation;
    if (isPrinter(name))
      return Violation{Severity::External,
                       // For this target Clang turns printf into vprintf.
                       "a handler cannot print ('" +
                           (name == "vprintf" ? "printf" : name.str()) +
                           "'): send what is to be printed to the host, as "
                           "the reply to a request"};
    return Violation{Severity::External,
                     "'" + demangle(name) +
                         "' has no body that the device can run: define it in "
                         "a source of the same rkc call, or do without it in "
                         "handlers"};
  }
  if (name.starts_with("_ZTVN10__cxxabiv1") || name.starts_with("_ZTI"))
    return Violation{Severity::Language, NoTypeid};
  return Violation{Severity::External,
                   "the variable '" + demangle(name) +
                       "' is not defined in a source of this rkc call, so "
                       "the device does not have it"};
}

static std::optional<Violation> judgeCall(const CallBase &call) {
  const auto *assembly = dyn_cast<InlineAsm>(call.getCalledOperand());
  if (!assembly)
    return std::nullopt;
  // An empty text only orders the compiler's own accesses.
  if (assembly->getAsmString().empty())
    return std::nullopt;
  return Violation{Severity::Language,
                   "a handler cannot contain inline assembly: the same code "
                   "must run on GPU and CPU; use rk/group.h, rk/atomic.h or "
                   "rk/clock.h"};
}

std::optional<Violation> judgeInstruction(const Instruction &instruction) {
  if (isa<IndirectBrInst>(instruction))
    return Violation{Severity::Language,
                     "a handler cannot use computed goto: use switch, or a "
                     "table of functions"};
  if (isa<CallBrInst>(instruction))
    return Violation{Severity::Language, "a handler cannot use 'asm goto'"};
  if (isa<VAArgInst>(instruction))
    return Violation{Severity::Language,
                     "a handler cannot use variable arguments ('...'): use a "
                     "variadic template"};
  if (const auto *call = dyn_cast<CallBase>(&instruction))
    return judgeCall(*call);
  return std::nullopt;
}

} // namespace rkc::frontend
