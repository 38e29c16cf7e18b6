//===- ReturnInMemory.cpp - Large results through a pointer ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes functions that return a large structure write it where the caller
/// wants it.
///
/// Clang returns every structure on NVPTX as one value. Each of its members
/// becomes a value of its own later on: a reply of 3 KB took 12 s to compile.
/// In the code that Clang writes without optimisation, such a value is loaded
/// just before it is returned and stored just after the call, so little has to
/// be understood here.
///
//===----------------------------------------------------------------------===//

#include "frontend/DeviceModuleInternal.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"

using namespace llvm;

namespace rkc::frontend {

namespace {

/// Results of more bytes than this go through memory.
constexpr uint64_t LargestValueBytes = 128;

bool isLarge(Type *type, const DataLayout &layout) {
  return type->isAggregateType() &&
         layout.getTypeStoreSize(type) > LargestValueBytes;
}

/// Whether every use of `function` is a plain call of it.
bool isOnlyCalled(const Function &function) {
  for (const Use &use : function.uses()) {
    const auto *call = dyn_cast<CallInst>(use.getUser());
    if (!call || !call->isCallee(&use) || call->isMustTailCall() ||
        call->getFunctionType() != function.getFunctionType())
      return false;
  }
  return true;
}

/// `old` for one more parameter in front, and for a function that writes.
AttributeList withResultParameter(LLVMContext &context, AttributeList old,
                                  unsigned parameters) {
  SmallVector<AttributeSet, 8> sets = {AttributeSet()};
  for (unsigned i = 0; i < parameters; ++i)
    sets.push_back(old.getParamAttrs(i));
  AttributeSet function =
      old.getFnAttrs().removeAttribute(context, Attribute::Memory);
  return AttributeList::get(context, function, AttributeSet(), sets);
}

/// Makes `function` anew with the result's address as first parameter, and
/// moves its body there.
Function *withResultPointer(Function &function) {
  LLVMContext &context = function.getContext();
  SmallVector<Type *, 8> parameters = {PointerType::get(context, 0)};
  append_range(parameters, function.getFunctionType()->params());
  auto *type = FunctionType::get(Type::getVoidTy(context), parameters, false);
  Function *made =
      Function::Create(type, function.getLinkage(), "", function.getParent());
  made->copyAttributesFrom(&function);
  made->setAttributes(withResultParameter(context, function.getAttributes(),
                                          function.arg_size()));
  made->takeName(&function);
  made->splice(made->begin(), &function);
  made->setSubprogram(function.getSubprogram());
  function.setSubprogram(nullptr);
  for (Argument &argument : function.args()) {
    Argument *moved = made->getArg(argument.getArgNo() + 1);
    argument.replaceAllUsesWith(moved);
    moved->takeName(&argument);
  }
  return made;
}

void returnThroughPointer(ReturnInst &old, Value *result) {
  Value *value = old.getReturnValue();
  auto *load = dyn_cast<LoadInst>(value);
  if (load && load->hasOneUse() && load->isSimple()) {
    IRBuilder<> builder(load);
    const DataLayout &layout = old.getDataLayout();
    builder.CreateMemCpy(result, layout.getABITypeAlign(load->getType()),
                         load->getPointerOperand(), load->getAlign(),
                         layout.getTypeStoreSize(load->getType()));
  } else {
    IRBuilder<>(&old).CreateStore(value, result);
  }
  ReturnInst *made = IRBuilder<>(&old).CreateRetVoid();
  made->setDebugLoc(old.getDebugLoc());
  old.eraseFromParent();
  if (load && load->use_empty())
    load->eraseFromParent();
}

/// Returns the store of the call's result if it is all that is done with it,
/// to a place known before the call.
StoreInst *storeOfResult(CallInst &call) {
  if (!call.hasOneUse())
    return nullptr;
  auto *store = dyn_cast<StoreInst>(*call.user_begin());
  if (!store || !store->isSimple() || store->getValueOperand() != &call ||
      store->getAlign() < call.getDataLayout().getABITypeAlign(call.getType()))
    return nullptr;
  Value *place = store->getPointerOperand();
  auto *instruction = dyn_cast<Instruction>(place);
  const bool isKnown =
      isa<Argument, AllocaInst>(place) ||
      (instruction && instruction->getParent() == call.getParent() &&
       instruction->comesBefore(&call));
  return isKnown ? store : nullptr;
}

void callWithPointer(CallInst &call, Function &callee) {
  const DataLayout &layout = call.getDataLayout();
  StoreInst *store = storeOfResult(call);
  Value *place = store ? store->getPointerOperand() : nullptr;
  if (!place) {
    BasicBlock &entry = call.getFunction()->getEntryBlock();
    IRBuilder<> atEntry(&entry, entry.getFirstInsertionPt());
    place = atEntry.CreateAlloca(call.getType(), layout.getAllocaAddrSpace());
  }
  IRBuilder<> builder(&call);
  SmallVector<Value *, 8> arguments = {place};
  append_range(arguments, call.args());
  CallInst *made = builder.CreateCall(&callee, arguments);
  made->setAttributes(withResultParameter(
      call.getContext(), call.getAttributes(), call.arg_size()));
  made->setCallingConv(call.getCallingConv());
  made->setDebugLoc(call.getDebugLoc());
  if (store)
    store->eraseFromParent();
  else
    call.replaceAllUsesWith(builder.CreateLoad(call.getType(), place));
  call.eraseFromParent();
}

} // namespace

void returnInMemory(Module &code) {
  SmallVector<Function *, 8> large;
  for (Function &function : code) {
    // Lists that named it, and are gone, left constants behind.
    function.removeDeadConstantUsers();
    if (!function.isDeclaration() && function.hasLocalLinkage() &&
        !function.isVarArg() &&
        isLarge(function.getReturnType(), code.getDataLayout()) &&
        isOnlyCalled(function))
      large.push_back(&function);
  }
  for (Function *function : large) {
    Function *made = withResultPointer(*function);
    SmallVector<ReturnInst *, 4> returns;
    for (BasicBlock &block : *made)
      if (auto *last = dyn_cast<ReturnInst>(block.getTerminator()))
        returns.push_back(last);
    for (ReturnInst *last : returns)
      returnThroughPointer(*last, made->getArg(0));
    for (User *user : make_early_inc_range(function->users()))
      callWithPointer(*cast<CallInst>(user), *made);
    function->eraseFromParent();
  }
}

} // namespace rkc::frontend
