//===- LlvmProgram.cpp - The LLVM IR of one image -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/target/LlvmProgram.h"

#include "LlvmModule.h"
#include "rkc/target/CrashGuard.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/DebugInfo.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

using llvm::failure;
using llvm::LogicalResult;
using llvm::success;

namespace rkc {

void registerEmission(mlir::DialectRegistry &registry) {
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerNVVMDialectTranslation(registry);
}

static void initializeTargets() {
  static bool once = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)once;
}

LlvmProgram::LlvmProgram(mlir::ModuleOp lowered, const Target &target,
                         const Toolchain &toolchain, const EmitOptions &options)
    : lowered(lowered), target(target), toolchain(toolchain), options(options),
      context(std::make_unique<llvm::LLVMContext>()) {
  initializeTargets();
  forwardDiagnostics(*context, lowered.getContext());
}

LlvmProgram::~LlvmProgram() {
  if (!crashed)
    return;
  // What was worked on may be damaged; the process ends soon.
  (void)machine.release();
  (void)llvmModule.release();
  (void)context.release();
}

/// Runs one step, counting errors that LLVM reports as failure.
LogicalResult LlvmProgram::guarded(llvm::StringRef step,
                                   llvm::function_ref<LogicalResult()> body) {
  std::string before;
  if (llvmModule && !options.reproducerPrefix.empty()) {
    llvm::raw_string_ostream stream(before);
    llvm::WriteBitcodeToFile(*llvmModule, stream);
  }
  bool errors = false;
  mlir::DiagnosticEngine &engine = lowered.getContext()->getDiagEngine();
  auto counter = engine.registerHandler([&](mlir::Diagnostic &diagnostic) {
    errors |= diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    return failure(); // for the next handler to print
  });
  LogicalResult result = failure();
  std::optional<std::string> crash = runGuarded([&] {
    if (step == options.crashStep)
      crashOnPurpose(options.crashKind);
    result = body();
  });
  engine.eraseHandler(counter);
  if (crash) {
    crashed = true;
    reportCrash(step, *crash, before);
    return failure();
  }
  return failure(failed(result) || errors);
}

void LlvmProgram::reportCrash(llvm::StringRef step, llvm::StringRef reason,
                              llvm::StringRef bitcode) {
  auto error = mlir::emitError(mlir::UnknownLoc::get(lowered.getContext()));
  error << "LLVM failed in phase emit, step " << step << ", for target "
        << target.name << ": " << reason;
  if (options.reproducerPrefix.empty())
    return;
  std::string text;
  llvm::raw_string_ostream stream(text);
  bool isMlir = bitcode.empty();
  const char *comment = isMlir ? "//" : ";";
  stream << comment << " rkc failed in phase emit, step " << step
         << ", for target " << target.name << "\n"
         << comment << " " << options.commandLine << "\n";
  if (isMlir) {
    mlir::OpPrintingFlags flags;
    lowered->print(stream, flags.enableDebugInfo());
    stream << "\n";
  } else {
    llvm::LLVMContext fresh;
    auto copy =
        llvm::parseBitcodeFile(llvm::MemoryBufferRef(bitcode, "copy"), fresh);
    if (!copy)
      llvm::consumeError(copy.takeError());
    else
      (*copy)->print(stream, nullptr);
  }
  std::string path =
      options.reproducerPrefix + ".rkc-reproducer." + (isMlir ? "mlir" : "ll");
  std::string problem;
  if (writeFile(path, text, problem))
    error.attachNote() << "the input of that step is in '" << path
                       << "'; please report it with that file";
  else
    error.attachNote() << "no reproducer: " << problem;
}

LogicalResult LlvmProgram::makeTargetMachine() {
  std::string error;
  if (target.isHost()) {
    machine = makeHostMachine("x86-64-v3", options.optLevel, error);
  } else {
    llvm::Triple triple("nvptx64-nvidia-cuda");
    const llvm::Target *found =
        llvm::TargetRegistry::lookupTarget(triple, error);
    if (found)
      machine.reset(found->createTargetMachine(
          triple, target.name, "+ptx90", llvm::TargetOptions(), std::nullopt,
          std::nullopt,
          *llvm::CodeGenOpt::getLevel(std::min(options.optLevel, 3u))));
  }
  if (machine)
    return success();
  return lowered.emitError("LLVM has no code generator for target ")
         << target.name << ": " << error;
}

LogicalResult LlvmProgram::translate() {
  LogicalResult translated = guarded("translate", [&] {
    if (failed(makeTargetMachine()))
      return failure();
    llvmModule =
        mlir::translateModuleToLLVMIR(lowered, *context, options.moduleName);
    if (!llvmModule)
      return failure();
    llvmModule->setSourceFileName(options.moduleName);
    llvmModule->setModuleInlineAsm("");
    return success();
  });
  if (failed(translated))
    return failure();
  return guarded("link", [&] { return link(); });
}

LogicalResult LlvmProgram::link() {
  mlir::MLIRContext *mlirContext = lowered.getContext();
  for (const char *name : {"rk_dispatch", "rk_handler_lanes"}) {
    const llvm::Function *function = llvmModule->getFunction(name);
    if (!function || function->isDeclaration())
      return lowered.emitError("the lowered module does not define '")
             << name << "'; run rk-generate-dispatch first";
  }
  dropRoots(*llvmModule);
  retarget(*llvmModule, *machine);
  markGenerated(*llvmModule);
  std::string path, error;
  if (!toolchain.findDeviceLibrary(target.isGpu(), path, error) ||
      !linkBitcode(*llvmModule, *machine, path, false, error))
    return mlir::emitError(mlir::UnknownLoc::get(mlirContext)) << error;
  for (llvm::StringRef entry : entries()) {
    const llvm::Function *function = llvmModule->getFunction(entry);
    if (!function || function->isDeclaration())
      return mlir::emitError(mlir::UnknownLoc::get(mlirContext))
             << "the device library '" << path << "' does not define '" << entry
             << "'; install RingKernel again";
  }
  dropRoots(*llvmModule);
  keepOnly(*llvmModule, entries());
  if (target.isHost()) {
    if (failed(prepareForHost(mlirContext, *llvmModule)))
      return failure();
  } else {
    for (llvm::StringRef entry : entries())
      prepareKernel(*llvmModule, entry, threadsOf(entry));
    if (mapMathToLibdevice(*llvmModule) &&
        (!toolchain.findLibdevice(path, error) ||
         !linkBitcode(*llvmModule, *machine, path, true, error)))
      return mlir::emitError(mlir::UnknownLoc::get(mlirContext)) << error;
    keepOnly(*llvmModule, entries());
    if (failed(checkAtomics(mlirContext, *llvmModule)))
      return failure();
  }
  stripTargetAttributes(*llvmModule);
  if (options.debugInfo)
    addArtificialLines(*llvmModule);
  return finish();
}

llvm::SmallVector<llvm::StringRef> LlvmProgram::entries() const {
  llvm::SmallVector<llvm::StringRef> names = {target.isHost() ? hostEntry
                                                              : gpuEntry};
  if (target.isGpu() && options.hasResidents)
    names.push_back(residentEntry);
  if (target.isGpu() && options.hasTeams)
    names.push_back(teamEntry);
  if (target.isGpu() && !options.stencils.empty())
    llvm::append_range(names, stencilServices);
  for (const StencilEntry &stencil : options.stencils)
    names.push_back(stencil.name);
  return names;
}

unsigned LlvmProgram::threadsOf(llvm::StringRef entry) const {
  if (entry == residentEntry || entry == teamEntry)
    return residentBlockThreads;
  if (llvm::is_contained(stencilServices, entry))
    return stencilServiceThreads;
  for (const StencilEntry &stencil : options.stencils)
    if (entry == stencil.name)
      return stencil.threads;
  return gpuBlockThreads;
}

/// What every step that changes the IR ends with.
LogicalResult LlvmProgram::finish() {
  std::string problems;
  llvm::raw_string_ostream stream(problems);
  if (!llvm::verifyModule(*llvmModule, &stream))
    return success();
  return lowered.emitError("the LLVM IR for target ")
         << target.name << " is not valid: " << problems;
}

LogicalResult LlvmProgram::optimize() {
  return guarded("optimize", [&] {
    runOptimizer(*llvmModule, machine.get(), options.optLevel,
                 options.sanitizeThread && target.isHost());
    keepOnly(*llvmModule, entries());
    if (target.isGpu()) {
      // Again: the optimiser made new calls and removed dead ones.
      mlir::MLIRContext *mlirContext = lowered.getContext();
      if (failed(checkAtomics(mlirContext, *llvmModule)) ||
          failed(checkGpuExternals(mlirContext, *llvmModule)))
        return failure();
      expandLongCopies(*llvmModule);
    } else {
      moveShortFloatsAsBits(*llvmModule);
    }
    if (!options.debugInfo)
      llvm::StripDebugInfo(*llvmModule);
    else if (target.isHost())
      llvm::stripNonLineTableDebugInfo(*llvmModule); // into line tables
    return finish();
  });
}

LogicalResult LlvmProgram::generateCode(std::string &code) {
  return guarded("codegen", [&] {
    auto kind = target.isGpu() ? llvm::CodeGenFileType::AssemblyFile
                               : llvm::CodeGenFileType::ObjectFile;
    if (runCodeGenerator(*llvmModule, *machine, kind, code))
      return success();
    lowered.emitError("LLVM cannot write code for target ") << target.name;
    return failure();
  });
}

std::string LlvmProgram::print() const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvmModule->print(stream, nullptr);
  return text;
}

} // namespace rkc
