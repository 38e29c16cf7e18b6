//===- LlvmModule.cpp - Steps on LLVM modules -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LlvmModule.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Linker/Linker.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Instrumentation/ThreadSanitizer.h"

namespace rkc {

mlir::Location sourceLine(mlir::MLIRContext *context,
                          const llvm::Instruction &instruction) {
  const llvm::DILocation *where = instruction.getDebugLoc().get();
  // Line 0 is code that the compiler made: take the line it was inlined at.
  while (where && where->getLine() == 0)
    where = where->getInlinedAt();
  if (!where)
    return mlir::UnknownLoc::get(context);
  return mlir::FileLineColLoc::get(context, where->getFilename(),
                                   where->getLine(), where->getColumn());
}

namespace {
/// Prints LLVM's errors and warnings as MLIR diagnostics.
struct ForwardingHandler : llvm::DiagnosticHandler {
  explicit ForwardingHandler(mlir::MLIRContext *to) : to(to) {}

  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() == llvm::DS_Remark ||
        info.getSeverity() == llvm::DS_Note)
      return true;
    std::string text;
    llvm::raw_string_ostream stream(text);
    llvm::DiagnosticPrinterRawOStream printer(stream);
    info.print(printer);
    mlir::Location where = mlir::UnknownLoc::get(to);
    if (info.getSeverity() == llvm::DS_Error)
      mlir::emitError(where) << text;
    else
      mlir::emitWarning(where) << text;
    return true;
  }

  mlir::MLIRContext *to;
};
} // namespace

void forwardDiagnostics(llvm::LLVMContext &from, mlir::MLIRContext *to) {
  from.setDiagnosticHandler(std::make_unique<ForwardingHandler>(to));
}

static constexpr llvm::StringLiteral generatedMark = "rk.generated";

void markGenerated(llvm::Module &module) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      function.addFnAttr(generatedMark);
}

bool isGenerated(const llvm::Function &function) {
  return function.hasFnAttribute(generatedMark);
}

void stripTargetAttributes(llvm::Module &module) {
  // "no-builtins" comes from -ffreestanding and forbids inlining into callers
  // without it.
  static constexpr const char *names[] = {
      "target-cpu",  "target-features", "tune-cpu",
      "no-builtins", "frame-pointer",   "stack-protector-buffer-size",
      "rk.generated"};
  for (llvm::Function &function : module)
    for (const char *name : names)
      function.removeFnAttr(name);
}

void dropRoots(llvm::Module &module) {
  for (const char *name :
       {"llvm.used", "llvm.compiler.used", "llvm.global_ctors",
        "llvm.global_dtors", "llvm.global.annotations"})
    if (llvm::GlobalVariable *global = module.getNamedGlobal(name))
      global->eraseFromParent();
}

void retarget(llvm::Module &module, const llvm::TargetMachine &machine) {
  module.setTargetTriple(machine.getTargetTriple());
  module.setDataLayout(machine.createDataLayout());
}

bool linkBitcode(llvm::Module &module, const llvm::TargetMachine &machine,
                 llvm::StringRef path, bool onlyNeeded, std::string &error) {
  llvm::SMDiagnostic problem;
  std::unique_ptr<llvm::Module> library =
      llvm::getLazyIRFileModule(path, problem, module.getContext());
  if (!library) {
    error = ("cannot read '" + path + "': ").str() + problem.getMessage().str();
    return false;
  }
  retarget(*library, machine);
  unsigned flags = onlyNeeded ? unsigned(llvm::Linker::LinkOnlyNeeded)
                              : unsigned(llvm::Linker::None);
  if (llvm::Linker::linkModules(module, std::move(library), flags)) {
    error = ("cannot link '" + path + "'").str();
    return false;
  }
  return true;
}

void keepOnly(llvm::Module &module, llvm::ArrayRef<llvm::StringRef> entries) {
  llvm::internalizeModule(module, [&](const llvm::GlobalValue &value) {
    return llvm::is_contained(entries, value.getName());
  });
  llvm::ModuleAnalysisManager analyses;
  llvm::FunctionAnalysisManager functionAnalyses;
  llvm::PassBuilder builder;
  builder.registerModuleAnalyses(analyses);
  builder.registerFunctionAnalyses(functionAnalyses);
  analyses.registerPass([&] {
    return llvm::FunctionAnalysisManagerModuleProxy(functionAnalyses);
  });
  llvm::GlobalDCEPass().run(module, analyses);
}

static llvm::OptimizationLevel optimizationLevel(unsigned level) {
  switch (level) {
  case 0:
    return llvm::OptimizationLevel::O0;
  case 1:
    return llvm::OptimizationLevel::O1;
  case 2:
    return llvm::OptimizationLevel::O2;
  default:
    return llvm::OptimizationLevel::O3;
  }
}

static void instrumentThreads(llvm::Module &module,
                              llvm::PassBuilder &builder) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      function.addFnAttr(llvm::Attribute::SanitizeThread);
  builder.registerOptimizerLastEPCallback([](llvm::ModulePassManager &passes,
                                             llvm::OptimizationLevel,
                                             llvm::ThinOrFullLTOPhase) {
    passes.addPass(llvm::ModuleThreadSanitizerPass());
    passes.addPass(
        llvm::createModuleToFunctionPassAdaptor(llvm::ThreadSanitizerPass()));
  });
}

void runOptimizer(llvm::Module &module, llvm::TargetMachine *machine,
                  unsigned level, bool sanitizeThread) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = level >= 2;
  tuning.LoopVectorization = level >= 2;
  tuning.SLPVectorization = level >= 2;
  llvm::PassBuilder builder(machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  if (sanitizeThread)
    instrumentThreads(module, builder);
  llvm::OptimizationLevel wanted = optimizationLevel(level);
  llvm::ModulePassManager passes =
      level == 0 ? builder.buildO0DefaultPipeline(wanted)
                 : builder.buildPerModuleDefaultPipeline(wanted);
  passes.run(module, modules);
}

bool runCodeGenerator(llvm::Module &module, llvm::TargetMachine &machine,
                      llvm::CodeGenFileType kind, std::string &code) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  llvm::TargetLibraryInfoImpl library(machine.getTargetTriple());
  passes.add(new llvm::TargetLibraryInfoWrapperPass(library));
  if (machine.addPassesToEmitFile(passes, stream, nullptr, kind))
    return false;
  passes.run(module);
  code.assign(bytes.begin(), bytes.end());
  return true;
}

static llvm::CodeGenOptLevel codeGenLevel(unsigned level) {
  return *llvm::CodeGenOpt::getLevel(std::min(level, 3u));
}

std::unique_ptr<llvm::TargetMachine>
makeHostMachine(llvm::StringRef cpu, unsigned optLevel, std::string &error) {
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return nullptr;
  llvm::TargetOptions options;
  options.UseInitArray = true; // today's C library runs no other constructors
  // Linkers other than GNU's run what is in .init_array only.
  options.UseInitArray = true;
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, triple.isX86() ? cpu : "generic", "", options, llvm::Reloc::PIC_,
      std::nullopt, codeGenLevel(optLevel)));
}

} // namespace rkc
