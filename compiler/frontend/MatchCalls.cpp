//===- MatchCalls.cpp - Calls between separately read sources -*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Gives each call the type of the function that it names.
///
/// Linking two modules merges struct types of equal shape, whatever their
/// names, so a call and its callee can end with types that differ in name only.
/// LLVM does not mind, but the MLIR import takes such a call for an indirect
/// one and leaves out its attributes; without `byval` an argument would be
/// passed in another place than the callee looks for it.
///
//===----------------------------------------------------------------------===//

#include "frontend/ImportInternal.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace rkc::frontend {

/// Whether two types are the same but for the names of structs.
static bool haveOneShape(Type *a, Type *b) {
  if (a == b)
    return true;
  if (a->getTypeID() != b->getTypeID() ||
      a->getNumContainedTypes() != b->getNumContainedTypes())
    return false;
  if (auto *array = dyn_cast<ArrayType>(a))
    return array->getNumElements() == b->getArrayNumElements() &&
           haveOneShape(array->getElementType(), b->getArrayElementType());
  if (auto *structure = dyn_cast<StructType>(a)) {
    if (structure->isPacked() != cast<StructType>(b)->isPacked())
      return false;
  } else if (auto *function = dyn_cast<FunctionType>(a)) {
    if (function->isVarArg() != cast<FunctionType>(b)->isVarArg())
      return false;
  } else {
    return false;
  }
  return all_of(zip(a->subtypes(), b->subtypes()), [](auto pair) {
    return haveOneShape(std::get<0>(pair), std::get<1>(pair));
  });
}

/// Returns `value` rebuilt as a value of `type`, which has the same shape.
static Value *rebuilt(IRBuilder<> &builder, Value *value, Type *type) {
  if (value->getType() == type)
    return value;
  Value *result = PoisonValue::get(type);
  const unsigned count = type->isArrayTy() ? type->getArrayNumElements()
                                           : type->getStructNumElements();
  for (unsigned i = 0; i < count; ++i) {
    Type *part = type->getContainedType(type->isArrayTy() ? 0 : i);
    Value *element = builder.CreateExtractValue(value, i);
    result =
        builder.CreateInsertValue(result, rebuilt(builder, element, part), i);
  }
  return result;
}

static void giveType(CallInst &call, FunctionType *type) {
  IRBuilder<> builder(&call);
  SmallVector<Value *, 8> arguments;
  for (auto [index, argument] : enumerate(call.args()))
    arguments.push_back(
        index < type->getNumParams()
            ? rebuilt(builder, argument.get(), type->getParamType(index))
            : argument.get());
  SmallVector<OperandBundleDef, 1> bundles;
  call.getOperandBundlesAsDefs(bundles);
  CallInst *typed =
      builder.CreateCall(type, call.getCalledOperand(), arguments, bundles);
  typed->setAttributes(call.getAttributes());
  typed->setCallingConv(call.getCallingConv());
  typed->setTailCallKind(call.getTailCallKind());
  typed->copyMetadata(call);
  call.replaceAllUsesWith(rebuilt(builder, typed, call.getType()));
  call.eraseFromParent();
}

void matchCalls(Module &code) {
  SmallVector<CallInst *, 8> mismatched;
  for (Function &function : code)
    for (Instruction &instruction : instructions(function))
      if (auto *call = dyn_cast<CallInst>(&instruction))
        if (auto *callee = dyn_cast<Function>(call->getCalledOperand()))
          if (callee->getFunctionType() != call->getFunctionType() &&
              haveOneShape(callee->getFunctionType(), call->getFunctionType()))
            mismatched.push_back(call);
  for (CallInst *call : mismatched)
    giveType(*call,
             cast<Function>(call->getCalledOperand())->getFunctionType());
}

} // namespace rkc::frontend
