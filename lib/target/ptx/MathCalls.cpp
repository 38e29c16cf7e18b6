//===- MathCalls.cpp - Math functions on a GPU ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// C's math functions, and the LLVM intrinsics that stand for them, become
/// calls of libdevice. The NVPTX back end selects only the simplest of them
/// itself and ends the process for the others.
///
//===----------------------------------------------------------------------===//

#include "../common/LlvmModule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

namespace rkc {

/// Functions of which libdevice has `__nv_<name>` and `__nv_<name>f` with the
/// signature of <cmath>.
static constexpr llvm::StringLiteral sameName[] = {
    "acos",      "acosh",  "asin",  "asinh",     "atan",      "atan2",
    "atanh",     "cbrt",   "cos",   "cosh",      "erf",       "erfc",
    "exp",       "exp10",  "exp2",  "expm1",     "fdim",      "fmod",
    "frexp",     "hypot",  "ilogb", "j0",        "j1",        "jn",
    "ldexp",     "lgamma", "log",   "log10",     "log1p",     "log2",
    "logb",      "modf",   "nan",   "nearbyint", "nextafter", "pow",
    "remainder", "remquo", "rint",  "round",     "scalbn",    "sin",
    "sincos",    "sinh",   "sqrt",  "tan",       "tanh",      "tgamma",
    "y0",        "y1",     "yn",    "ceil",      "floor",     "trunc",
    "fabs",      "fma",    "fmax",  "fmin",      "copysign"};

/// Functions whose counterpart has another name.
static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral>
    otherName[] = {{"lrint", "llrint"},
                   {"llrint", "llrint"},
                   {"lround", "llround"},
                   {"llround", "llround"}};

/// Intrinsics that the back end cannot select. Both types unless noted.
static constexpr llvm::StringLiteral intrinsics[] = {
    "acos",  "asin",  "atan",   "atan2",   "cos",   "cosh",  "exp",  "exp2",
    "exp10", "log",   "log10",  "log2",    "pow",   "sin",   "sinh", "tan",
    "tanh",  "ldexp", "lround", "llround", "lrint", "llrint"};

/// Returns the base name of the libdevice function for a C function's base
/// name, or nothing.
static llvm::StringRef libdeviceBase(llvm::StringRef base) {
  for (const auto &[name, counterpart] : otherName)
    if (name == base)
      return counterpart;
  for (llvm::StringRef name : sameName)
    if (name == base)
      return name;
  return {};
}

/// Splits "sinf" into "sin" and true.
static llvm::StringRef withoutSuffix(llvm::StringRef name, bool &isFloat) {
  isFloat = false;
  if (!libdeviceBase(name).empty())
    return name;
  if (name.ends_with("f") && !libdeviceBase(name.drop_back()).empty()) {
    isFloat = true;
    return name.drop_back();
  }
  return {};
}

/// Returns the libdevice name for a declared function, or "".
static std::string counterpart(const llvm::Function &function) {
  llvm::StringRef name = function.getName();
  bool isFloat = false;
  llvm::StringRef base;
  if (name.consume_front("llvm.")) {
    base = name.take_until([](char c) { return c == '.'; });
    if (!llvm::is_contained(intrinsics, base) || function.arg_empty())
      return "";
    llvm::Type *type = function.getArg(0)->getType();
    if (!type->isFloatTy() && !type->isDoubleTy())
      return "";
    isFloat = type->isFloatTy();
    // What is selected well stays.
    if (base == "exp2" && isFloat)
      return "";
  } else {
    base = withoutSuffix(name, isFloat);
    if (base.empty())
      return "";
  }
  return ("__nv_" + libdeviceBase(base) + (isFloat ? "f" : "")).str();
}

/// powi and frexp have intrinsics whose signature differs from libdevice's.
static bool rewriteCall(llvm::CallInst *call) {
  llvm::Intrinsic::ID id = call->getIntrinsicID();
  if (id != llvm::Intrinsic::powi && id != llvm::Intrinsic::frexp &&
      id != llvm::Intrinsic::modf && id != llvm::Intrinsic::sincos)
    return false;
  llvm::Type *type = call->getArgOperand(0)->getType();
  if (!type->isFloatTy() && !type->isDoubleTy())
    return false;
  llvm::StringRef suffix = type->isFloatTy() ? "f" : "";
  llvm::Module *module = call->getModule();
  llvm::IRBuilder<> builder(call);
  if (id == llvm::Intrinsic::powi) {
    auto callee = module->getOrInsertFunction(("__nv_powi" + suffix).str(),
                                              type, type, builder.getInt32Ty());
    llvm::Value *power =
        builder.CreateSExtOrTrunc(call->getArgOperand(1), builder.getInt32Ty());
    call->replaceAllUsesWith(
        builder.CreateCall(callee, {call->getArgOperand(0), power}));
    call->eraseFromParent();
    return true;
  }
  // The others return a pair; libdevice stores one or both parts.
  auto *pair = llvm::cast<llvm::StructType>(call->getType());
  llvm::BasicBlock &entry = call->getFunction()->getEntryBlock();
  llvm::IRBuilder<> top(&entry, entry.begin());
  llvm::Value *second = top.CreateAlloca(pair->getElementType(1));
  llvm::Type *pointer = second->getType();
  llvm::Value *argument = call->getArgOperand(0);
  llvm::Value *first = nullptr;
  if (id == llvm::Intrinsic::sincos) {
    llvm::Value *firstSlot = top.CreateAlloca(pair->getElementType(0));
    auto callee = module->getOrInsertFunction(("__nv_sincos" + suffix).str(),
                                              builder.getVoidTy(), type,
                                              pointer, pointer);
    builder.CreateCall(callee, {argument, firstSlot, second});
    first = builder.CreateLoad(type, firstSlot);
  } else {
    llvm::StringRef base = id == llvm::Intrinsic::frexp ? "frexp" : "modf";
    auto callee = module->getOrInsertFunction(("__nv_" + base + suffix).str(),
                                              type, type, pointer);
    first = builder.CreateCall(callee, {argument, second});
  }
  llvm::Value *result =
      builder.CreateInsertValue(llvm::PoisonValue::get(pair), first, 0);
  result = builder.CreateInsertValue(
      result, builder.CreateLoad(pair->getElementType(1), second), 1);
  call->replaceAllUsesWith(result);
  call->eraseFromParent();
  return true;
}

/// The back end expands frem to x - trunc(x / y) * y, which is not exact.
static bool rewriteRemainder(llvm::Instruction *instruction) {
  llvm::Type *type = instruction->getType();
  if (instruction->getOpcode() != llvm::Instruction::FRem ||
      (!type->isFloatTy() && !type->isDoubleTy()))
    return false;
  auto callee = instruction->getModule()->getOrInsertFunction(
      type->isFloatTy() ? "__nv_fmodf" : "__nv_fmod", type, type, type);
  llvm::IRBuilder<> builder(instruction);
  instruction->replaceAllUsesWith(builder.CreateCall(
      callee, {instruction->getOperand(0), instruction->getOperand(1)}));
  instruction->eraseFromParent();
  return true;
}

bool mapMathToLibdevice(llvm::Module &module) {
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction :
         llvm::make_early_inc_range(llvm::instructions(function))) {
      if (auto *call = llvm::dyn_cast<llvm::CallInst>(&instruction))
        rewriteCall(call);
      else
        rewriteRemainder(&instruction);
    }
  for (llvm::Function &function : llvm::make_early_inc_range(module)) {
    if (!function.isDeclaration())
      continue;
    std::string name = counterpart(function);
    if (name.empty())
      continue;
    llvm::FunctionCallee callee =
        module.getOrInsertFunction(name, function.getFunctionType());
    function.replaceAllUsesWith(callee.getCallee());
    function.eraseFromParent();
  }
  return llvm::any_of(module, [](const llvm::Function &function) {
    return function.isDeclaration() && function.getName().starts_with("__nv_");
  });
}

} // namespace rkc
