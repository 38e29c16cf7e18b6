//===- DeviceModule.cpp - From host and device to device -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/DeviceModuleInternal.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/Demangle/Demangle.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/LowerAtomic.h"
#include "llvm/Transforms/Utils/LowerInvoke.h"

using namespace llvm;

namespace rkc::frontend {

FunctionNames nameFunctions(const Module &code) {
  FunctionNames names;
  for (const Function &function : code)
    if (const DISubprogram *subprogram = function.getSubprogram())
      names[subprogram] = demangle(function.getName());
  return names;
}

/// Removes lists that would keep host code alive or that import cannot read.
static void dropHostLists(Module &code) {
  for (const char *name :
       {"llvm.global_ctors", "llvm.global_dtors", "llvm.used",
        "llvm.compiler.used", "llvm.global.annotations"})
    if (GlobalVariable *list = code.getNamedGlobal(name))
      list->eraseFromParent();
  for (const char *name : {"llvm.ident", "llvm.linker.options",
                           "nvvm.annotations", "nvvmir.version"})
    if (NamedMDNode *node = code.getNamedMetadata(name))
      code.eraseNamedMetadata(node);
}

/// Returns `value` with every reference to a type_info replaced by null.
static Constant *withoutTypeInfo(Constant *value) {
  if (auto *global = dyn_cast<GlobalVariable>(value))
    return global->getName().starts_with("_ZTI")
               ? Constant::getNullValue(value->getType())
               : value;
  if (!isa<ConstantStruct, ConstantArray>(value))
    return value;
  SmallVector<Constant *, 8> operands;
  for (Use &operand : value->operands())
    operands.push_back(withoutTypeInfo(cast<Constant>(operand)));
  if (auto *array = dyn_cast<ConstantArray>(value))
    return ConstantArray::get(array->getType(), operands);
  return ConstantStruct::get(cast<StructType>(value->getType()), operands);
}

/// A vtable names its class's type_info, whose parts are in the host's C++
/// library. Only `dynamic_cast` and `typeid` read it, and both are refused.
static void dropTypeInfo(Module &code) {
  for (GlobalVariable &global : code.globals())
    if (global.getName().starts_with("_ZTV") && global.hasInitializer())
      global.setInitializer(withoutTypeInfo(global.getInitializer()));
}

/// Gives `function` a body that stops with a message, as a failed assertion.
static void defineAsFailure(Module &code, StringRef symbol, StringRef text) {
  Function *function = code.getFunction(symbol);
  if (!function || !function->isDeclaration())
    return;
  LLVMContext &context = code.getContext();
  IRBuilder<> builder(BasicBlock::Create(context, "entry", function));
  Type *pointer = builder.getPtrTy();
  FunctionCallee fail =
      code.getOrInsertFunction("__assert_fail", builder.getVoidTy(), pointer,
                               pointer, builder.getInt32Ty(), pointer);
  builder.CreateCall(fail, {builder.CreateGlobalString(text),
                            builder.CreateGlobalString("a handler"),
                            builder.getInt32(0),
                            builder.CreateGlobalString(demangle(symbol))});
  builder.CreateUnreachable();
  function->setLinkage(GlobalValue::InternalLinkage);
}

/// A deleting destructor stands in every vtable with a virtual destructor, and
/// calls the host's `operator delete`. Without `new` nothing calls it.
static void cutDeletingDestructors(Module &code) {
  static constexpr const char instead[] = "__rkc_deleted";
  for (StringRef symbol : {"_ZdlPv", "_ZdlPvm", "_ZdlPvSt11align_val_t",
                           "_ZdlPvmSt11align_val_t"}) {
    Function *function = code.getFunction(symbol);
    if (!function)
      continue;
    std::string name = (instead + Twine(symbol)).str();
    FunctionCallee stub =
        code.getOrInsertFunction(name, function->getFunctionType());
    for (User *user : make_early_inc_range(function->users()))
      if (auto *call = dyn_cast<CallBase>(user))
        if (call->getFunction()->getName().contains("D0Ev"))
          call->setCalledFunction(stub);
    defineAsFailure(code, name, "an object was deleted in a handler");
  }
}

/// A failed assertion of the C++ library prints and aborts on the host; on the
/// device it is a failed `assert`. Its parameters: file, line, function, text.
static void redirectAssertion(Module &code, StringRef symbol) {
  Function *function = code.getFunction(symbol);
  if (!function || function->arg_size() != 4)
    return;
  function->deleteBody();
  IRBuilder<> builder(BasicBlock::Create(code.getContext(), "entry", function));
  Type *pointer = builder.getPtrTy();
  FunctionCallee fail =
      code.getOrInsertFunction("__assert_fail", builder.getVoidTy(), pointer,
                               pointer, builder.getInt32Ty(), pointer);
  builder.CreateCall(fail, {function->getArg(3), function->getArg(0),
                            function->getArg(1), function->getArg(2)});
  builder.CreateUnreachable();
  function->setSubprogram(nullptr);
  function->setLinkage(GlobalValue::InternalLinkage);
}

static void defineHelpers(Module &code) {
  redirectAssertion(code, "_ZSt20__replacement_assertPKciS0_S0_");
  redirectAssertion(code, "_ZSt21__glibcxx_assert_failPKciS0_S0_");
  defineAsFailure(code, "abort", "std::abort() was called");
  defineAsFailure(code, "_ZSt9terminatev", "std::terminate() was called");
  defineAsFailure(code, "__cxa_pure_virtual",
                  "a pure virtual function was called");
  cutDeletingDestructors(code);
}

/// What `rk/stencil.h` defines for the kernel of a boundary.
static constexpr StringRef BoundaryHelpers[] = {"rk_stencil_locate",
                                                "rk_stencil_inward"};

static void keepOnly(Module &code, const Program &program) {
  StringSet<> kept;
  for (const ActorRecord &actor : program.actors)
    for (const HandlerRecord &handler : actor.handlers)
      kept.insert(handler.thunk);
  for (const StencilRecord &stencil : program.stencils) {
    for (const std::string &function : stencil.functions())
      kept.insert(function);
    if (!stencil.boundary.thunk.empty())
      kept.insert_range(BoundaryHelpers);
  }
  for (GlobalValue &value : code.global_values()) {
    // Bodies that the host takes from its C++ library.
    if (value.hasAvailableExternallyLinkage())
      value.setLinkage(GlobalValue::InternalLinkage);
    if (auto *object = dyn_cast<GlobalObject>(&value))
      object->setComdat(nullptr);
    value.setVisibility(GlobalValue::DefaultVisibility);
    value.setDSOLocal(false);
    if (kept.contains(value.getName()))
      value.setLinkage(GlobalValue::ExternalLinkage);
  }
  internalizeModule(code, [&](const GlobalValue &value) {
    return kept.contains(value.getName()) ||
           value.getName().starts_with("_ZN2rk6detail7typeTag");
  });
}

/// Turns invokes into calls: nothing can be caught, so a throw that is still
/// reachable afterwards is an error, and clean-ups after it are not code.
static void lowerExceptions(Module &code) {
  FunctionAnalysisManager none;
  for (Function &function : code) {
    if (function.isDeclaration())
      continue;
    LowerInvokePass().run(function, none);
    removeUnreachableBlocks(function);
    function.setPersonalityFn(nullptr);
    function.setDoesNotThrow();
  }
}

/// Keeps calls apart whose constant operands the import has to see.
static void pinMarkers(Module &code) {
  for (Function &function : code)
    if (function.isDeclaration() && function.getName().starts_with("__rk_"))
      for (User *user : function.users())
        if (auto *call = dyn_cast<CallBase>(user))
          call->addFnAttr(Attribute::NoMerge);
}

/// Makes accesses to a handler's own variables plain: no other thread can see
/// them, and a GPU has no atomics for its stack.
static void relaxLocalAtomics(Module &code) {
  auto isLocal = [](Value *pointer) {
    return isa<AllocaInst>(getUnderlyingObject(pointer));
  };
  for (Function &function : code)
    for (Instruction &instruction :
         make_early_inc_range(instructions(function))) {
      if (auto *load = dyn_cast<LoadInst>(&instruction)) {
        if (load->isAtomic() && isLocal(load->getPointerOperand()))
          load->setAtomic(AtomicOrdering::NotAtomic);
      } else if (auto *store = dyn_cast<StoreInst>(&instruction)) {
        if (store->isAtomic() && isLocal(store->getPointerOperand()))
          store->setAtomic(AtomicOrdering::NotAtomic);
      } else if (auto *update = dyn_cast<AtomicRMWInst>(&instruction)) {
        if (isLocal(update->getPointerOperand()))
          lowerAtomicRMWInst(update);
      } else if (auto *swap = dyn_cast<AtomicCmpXchgInst>(&instruction)) {
        if (isLocal(swap->getPointerOperand()))
          lowerAtomicCmpXchgInst(swap);
      }
    }
}

/// Adds the functions that `value` names, also within a constant: a pointer to
/// a member function is one.
static void addNamed(Value *value, SmallVectorImpl<Function *> &named) {
  if (auto *function = dyn_cast<Function>(value))
    named.push_back(function);
  else if (isa<ConstantExpr, ConstantAggregate>(value))
    for (Value *operand : cast<Constant>(value)->operands())
      addNamed(operand, named);
}

/// Makes an update one function, so that the import sees each access in it.
static void inlineUpdates(Module &code, const Program &program) {
  SmallVector<Function *> pending;
  SmallPtrSet<Function *, 16> seen;
  for (const StencilRecord &stencil : program.stencils)
    for (const std::string &name : stencil.functions())
      if (Function *thunk = code.getFunction(name))
        pending.push_back(thunk);
  while (!pending.empty()) {
    SmallVector<Function *> named;
    for (Instruction &instruction : instructions(*pending.pop_back_val()))
      for (Value *operand : instruction.operands())
        addNamed(operand, named);
    for (Function *callee : named) {
      if (callee->isDeclaration() || !seen.insert(callee).second)
        continue;
      callee->removeFnAttr(Attribute::NoInline);
      callee->removeFnAttr(Attribute::OptimizeNone);
      callee->addFnAttr(Attribute::AlwaysInline);
      pending.push_back(callee);
    }
  }
}

static void simplify(Module &code) {
  PipelineTuningOptions tuning;
  tuning.LoopUnrolling = false;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder(nullptr, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  ModulePassManager passes;
  passes.addPass(GlobalDCEPass());
  passes.addPass(builder.buildModuleSimplificationPipeline(
      OptimizationLevel::O1, ThinOrFullLTOPhase::None));
  passes.addPass(GlobalDCEPass());
  passes.run(code, modules);
}

void reduceToDevice(Module &code, const Program &program,
                    function_ref<bool(StringRef)> isInitializedAtRunTime) {
  dropHostLists(code);
  dropTypeInfo(code);
  for (GlobalVariable &global : code.globals())
    if (!global.isDeclaration() &&
        (global.isThreadLocal() || isInitializedAtRunTime(global.getName()))) {
      global.setConstant(false);
      global.setExternallyInitialized(true);
    }
  keepOnly(code, program);
  lowerExceptions(code);
  defineHelpers(code);
  pinMarkers(code);
  returnInMemory(code);
  inlineUpdates(code, program);
  simplify(code);
  relaxLocalAtomics(code);
}

void makeTargetIndependent(Module &code, bool sanitizeThread) {
  for (Function &function : code) {
    for (const char *attribute :
         {"target-cpu", "target-features", "tune-cpu", "frame-pointer",
          "stack-protector-buffer-size", "no-trapping-math"})
      function.removeFnAttr(attribute);
    if (sanitizeThread && !function.isDeclaration())
      function.addFnAttr(Attribute::SanitizeThread);
  }
}

} // namespace rkc::frontend
