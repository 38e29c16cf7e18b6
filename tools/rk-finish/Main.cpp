//===- Main.cpp - Optimises what is rare in a device library --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// usage: rk-finish <library.bc> <exported-names> <output.bc>
///
/// A device library is optimised together with each program. The functions that
/// the loop calls rarely (RK_OUT_OF_LINE) come out the same every time, and are
/// half of the work. This program optimises them once, when the library is
/// built, and marks them `rk.finished`: rkc's optimiser leaves them alone.
///
/// A function that calls what rkc generates stays as it is.
///
//===----------------------------------------------------------------------===//

#include "rkc/target/Finished.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Linker/Linker.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/LoopUtils.h"

using namespace llvm;

namespace {

int fail(const Twine &text) {
  errs() << "rk-finish: error: " << text << "\n";
  return 1;
}

std::unique_ptr<TargetMachine> makeMachine(const Module &module,
                                           std::string &error) {
  const Triple &triple = module.getTargetTriple();
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  const bool gpu = triple.isNVPTX();
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      triple,
      gpu              ? "sm_80"
      : triple.isX86() ? "x86-64-v3"
                       : "generic",
      gpu ? "+ptx90" : "", TargetOptions(), Reloc::PIC_));
}

/// How far a module is optimised.
enum class Depth {
  None,
  /// As far as can be told without the program: it is optimised again.
  Simple,
  Full
};

void runPasses(Module &module, TargetMachine &machine, Depth depth,
               const StringSet<> &kept) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassInstrumentationCallbacks callbacks;
  rkc::skipFinished(callbacks);
  PassBuilder builder(&machine, PipelineTuningOptions(), std::nullopt,
                      &callbacks);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  ModulePassManager passes;
  passes.addPass(InternalizePass([&](const GlobalValue &value) {
    return kept.contains(value.getName());
  }));
  passes.addPass(GlobalDCEPass());
  if (depth == Depth::Simple)
    passes.addPass(
        builder.buildThinLTOPreLinkDefaultPipeline(OptimizationLevel::O3));
  if (depth == Depth::Full)
    passes.addPass(
        builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3));
  passes.addPass(GlobalDCEPass());
  passes.run(module, modules);
}

/// The functions that are out of line and are not called from outside.
StringSet<> rareFunctions(const Module &library, const StringSet<> &exports) {
  StringSet<> names;
  for (const Function &function : library)
    if (!function.isDeclaration() &&
        function.hasFnAttribute(Attribute::NoInline) &&
        !exports.contains(function.getName()))
      names.insert(function.getName());
  return names;
}

/// Asks for small code of functions that are marked cold. They are no colder
/// than what the loop does not do in each turn anyway: the mark goes.
void preferSmall(Module &module) {
  for (Function &function : module)
    if (function.hasFnAttribute(Attribute::Cold)) {
      function.removeFnAttr(Attribute::Cold);
      function.addFnAttr(Attribute::OptimizeForSize);
      function.addFnAttr(Attribute::MinSize);
    }
}

/// Tells ptxas, too, to leave the loops of small code as they are.
void keepLoops(Function &function) {
  DominatorTree tree(function);
  LoopInfo loops(tree);
  for (Loop *loop : loops.getLoopsInPreorder())
    loop->setLoopAlreadyUnrolled();
}

/// Whether `function` calls one that rkc generates, itself or in a function
/// that is not rare.
bool needsProgram(const Function &function, const StringSet<> &rare,
                  SmallPtrSetImpl<const Function *> &seen) {
  if (!seen.insert(&function).second)
    return false;
  for (const Instruction &instruction : instructions(function)) {
    const auto *call = dyn_cast<CallBase>(&instruction);
    const Function *callee = call ? call->getCalledFunction() : nullptr;
    if (!callee || callee->isIntrinsic())
      continue;
    if (callee->isDeclaration() || (!rare.contains(callee->getName()) &&
                                    needsProgram(*callee, rare, seen)))
      return true;
  }
  return false;
}

/// Takes the functions out of `optimized` that a program changes, and their
/// names out of `rare`.
void leaveToProgram(Module &optimized, StringSet<> &rare) {
  SmallVector<Function *> open;
  for (Function &function : optimized) {
    SmallPtrSet<const Function *, 16> seen;
    if (rare.contains(function.getName()) && !function.isDeclaration() &&
        needsProgram(function, rare, seen))
      open.push_back(&function);
  }
  for (Function *function : open) {
    rare.erase(function->getName());
    function->deleteBody();
  }
}

void finish(Module &library, TargetMachine &machine,
            const StringSet<> &exports) {
  preferSmall(library);
  StringSet<> rare = rareFunctions(library, exports);
  for (Function &function : library)
    if (rare.contains(function.getName())) {
      function.setLinkage(GlobalValue::ExternalLinkage);
      function.setComdat(nullptr);
    }
  std::unique_ptr<Module> optimized = CloneModule(library);
  runPasses(*optimized, machine, Depth::Full, rare);
  leaveToProgram(*optimized, rare);
  runPasses(*optimized, machine, Depth::None, rare);
  for (Function &function : *optimized)
    if (!function.isDeclaration()) {
      function.addFnAttr(rkc::finishedMark);
      if (function.hasFnAttribute(Attribute::OptimizeForSize))
        keepLoops(function);
    }
  for (Function &function : library)
    if (rare.contains(function.getName()))
      function.deleteBody();
  Linker::linkModules(library, std::move(optimized));
  runPasses(library, machine, Depth::Simple, exports);
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 4)
    return fail("usage: rk-finish <library.bc> <exported-names> <output.bc>"),
           2;
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  InitializeNativeTarget();
  LLVMContext context;
  SMDiagnostic problem;
  std::unique_ptr<Module> library = parseIRFile(argv[1], problem, context);
  if (!library)
    return fail("cannot read '" + Twine(argv[1]) +
                "': " + problem.getMessage());
  auto names = MemoryBuffer::getFile(argv[2]);
  if (!names)
    return fail("cannot read '" + Twine(argv[2]) +
                "': " + names.getError().message());
  StringSet<> exports;
  SmallVector<StringRef> lines;
  (*names)->getBuffer().split(lines, '\n', -1, /*KeepEmpty=*/false);
  exports.insert_range(lines);
  std::string error;
  std::unique_ptr<TargetMachine> machine = makeMachine(*library, error);
  if (!machine)
    return fail(error);
  finish(*library, *machine, exports);
  raw_string_ostream stream(error);
  if (verifyModule(*library, &stream))
    return fail("the optimised library is not valid: " + Twine(error));
  std::error_code code;
  raw_fd_ostream output(argv[3], code, sys::fs::OF_None);
  if (!code) {
    WriteBitcodeToFile(*library, output);
    output.close();
    code = output.error();
    output.clear_error();
  }
  return code ? fail("cannot write '" + Twine(argv[3]) + "': " + code.message())
              : 0;
}
