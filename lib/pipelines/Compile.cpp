//===- Compile.cpp - From the rk dialect to a module file -----------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/pipelines/Compile.h"

#include "Manifest.h"
#include "rk/abi/StencilResident.h"
#include "rk/modfile/Writer.h"
#include "rkc/conversion/Passes.h"
#include "rkc/dialect/Rk.h"
#include "rkc/target/CrashGuard.h"
#include "rkc/transforms/Passes.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Regex.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

#include <chrono>
#include <deque>
#include <future>

using llvm::failure;
using llvm::LogicalResult;
using llvm::success;

namespace rkc {
namespace {

/// Measures from construction to destruction.
class Timer {
public:
  Timer(std::vector<PhaseTime> &times, std::string name)
      : times(times), name(std::move(name)) {}
  ~Timer() {
    std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    times.push_back({std::move(name), taken.count()});
  }

private:
  std::vector<PhaseTime> &times;
  std::string name;
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
};

/// What emission made for one target.
struct Emitted {
  Target target;
  std::string llvmIr, code, image;
  KernelResources resources;
  /// ptxas at work, while the next target is emitted. What it writes is not
  /// looked at before it ends.
  std::future<bool> assembled;
  std::string problem;
  double ptxasMilliseconds = 0;
};

class Compiler {
public:
  Compiler(mlir::ModuleOp program, const CompileOptions &options,
           const Toolchain &toolchain, Compilation &result)
      : program(program), options(options), toolchain(toolchain),
        result(result) {}

  LogicalResult run();

private:
  LogicalResult analyze();
  LogicalResult optimize();
  LogicalResult remark();
  LogicalResult lower(const Target &target,
                      mlir::OwningOpRef<mlir::ModuleOp> &lowered);
  LogicalResult emitAll();
  LogicalResult emitOne(mlir::ModuleOp lowered, Emitted &emitted);
  void finishGpu(Emitted &emitted);
  LogicalResult awaitAssembly();
  void remarkResources(const Emitted &emitted);
  LogicalResult finishHost(Emitted &emitted);
  LogicalResult pack();
  LogicalResult runPasses(mlir::ModuleOp op, Phase phase,
                          const std::string &pipeline,
                          llvm::StringRef targetName);
  void reportCrash(mlir::ModuleOp before, Phase phase, llvm::StringRef target,
                   llvm::StringRef reason);
  mlir::InFlightDiagnostic error() {
    return mlir::emitError(mlir::UnknownLoc::get(program.getContext()));
  }
  std::vector<Target> wantedTargets() const;

  mlir::ModuleOp program;
  const CompileOptions &options;
  const Toolchain &toolchain;
  Compilation &result;
  /// A deque, since running assemblers write into them.
  std::deque<Emitted> images;
  rk::modfile::Module manifest;
};

} // namespace

static uint32_t stackBytes(const KernelResources &needs) {
  return std::max(needs.stackFrameBytes, needs.cumulativeStackBytes);
}

static uint32_t spillBytes(const KernelResources &needs) {
  return needs.spillStoreBytes + needs.spillLoadBytes;
}

static std::string printed(mlir::ModuleOp op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  op->print(stream);
  stream << "\n";
  return text;
}

/// The targets that the product needs; for all but a module it is one.
std::vector<Target> Compiler::wantedTargets() const {
  if (options.product == Product::Module)
    return options.targets;
  for (const Target &target : options.targets)
    if (options.product == Product::Llvm ||
        target.isHost() == (options.product == Product::HostImage))
      return {target};
  return {};
}

void Compiler::reportCrash(mlir::ModuleOp before, Phase phase,
                           llvm::StringRef target, llvm::StringRef reason) {
  auto problem = error();
  problem << "LLVM failed in phase " << phaseName(phase);
  if (!target.empty())
    problem << ", for target " << target;
  problem << ": " << reason;
  if (options.emit.reproducerPrefix.empty())
    return;
  std::string text = ("// rkc failed in phase " + phaseName(phase)).str() +
                     "\n// " + options.emit.commandLine + "\n";
  llvm::raw_string_ostream stream(text);
  before->print(stream, mlir::OpPrintingFlags().enableDebugInfo());
  stream << "\n";
  std::string path = options.emit.reproducerPrefix + ".rkc-reproducer.mlir";
  std::string why;
  if (writeFile(path, text, why))
    problem.attachNote() << "the input of that phase is in '" << path
                         << "'; please report it with that file";
  else
    problem.attachNote() << "no reproducer: " << why;
}

/// Runs a pipeline, with the verifier after every pass.
LogicalResult Compiler::runPasses(mlir::ModuleOp op, Phase phase,
                                  const std::string &pipeline,
                                  llvm::StringRef targetName) {
  mlir::PassManager passes(op.getContext());
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (failed(mlir::parsePassPipeline(pipeline, passes, stream)))
    return error() << "the passes of phase " << phaseName(phase)
                   << " are not in this build: " << problem;
  bool crashHere = options.emit.crashStep == phaseName(phase);
  mlir::OwningOpRef<mlir::ModuleOp> before;
  if (!options.emit.reproducerPrefix.empty())
    before = op.clone();
  LogicalResult passed = failure();
  std::optional<std::string> crash = runGuarded([&] {
    if (crashHere)
      crashOnPurpose(options.emit.crashKind);
    passed = passes.run(op);
  });
  if (!crash)
    return passed;
  reportCrash(before ? *before : op, phase, targetName, *crash);
  (void)before.release();
  return failure();
}

LogicalResult Compiler::analyze() {
  Timer timer(result.times, phaseName(Phase::Analyze).str());
  if (failed(runPasses(program, Phase::Analyze, programPipeline(Phase::Analyze),
                       "")))
    return failure();
  // Every target is looked at before any error ends the phase.
  LogicalResult passed = success();
  for (const Target &target : options.targets) {
    std::string pipeline = targetPipeline(Phase::Analyze, target, options.gate);
    if (!pipeline.empty() &&
        failed(runPasses(program, Phase::Analyze, pipeline, target.name)))
      passed = failure();
  }
  return passed;
}

LogicalResult Compiler::optimize() {
  Timer timer(result.times, phaseName(Phase::Optimize).str());
  std::string pipeline = programPipeline(Phase::Optimize);
  if (!pipeline.empty() &&
      failed(runPasses(program, Phase::Optimize, pipeline, "")))
    return failure();
  return options.product == Product::Module ? fillManifest(program, manifest)
                                            : success();
}

/// Says what lowering is about to do. It changes nothing.
LogicalResult Compiler::remark() {
  if (!options.remarks)
    return success();
  mlir::PassManager passes(program.getContext());
  const bool onCpu = llvm::none_of(
      options.targets, [](const Target &target) { return target.isGpu(); });
  passes.addPass(transforms::createRemarksPass({*options.remarks, onCpu}));
  return passes.run(program);
}

LogicalResult Compiler::lower(const Target &target,
                              mlir::OwningOpRef<mlir::ModuleOp> &lowered) {
  lowered = program.clone();
  if (options.isLowered)
    return success();
  return runPasses(*lowered, Phase::Lower,
                   targetPipeline(Phase::Lower, target, options.gate),
                   target.name);
}

/// Starts ptxas.
void Compiler::finishGpu(Emitted &emitted) {
  if (options.product == Product::Ptx)
    return;
  auto work = [&emitted, this] {
    std::vector<PhaseTime> taken;
    bool passed;
    {
      Timer timer(taken, "");
      passed = assemble(emitted.code, emitted.target, toolchain,
                        options.emit.debugInfo, emitted.image,
                        emitted.resources, emitted.problem);
    }
    emitted.ptxasMilliseconds = taken.back().milliseconds;
    return passed;
  };
  emitted.assembled = std::async(std::launch::async, work);
}

/// The kernel is one for all handlers, and as a function has a name too.
void Compiler::remarkResources(const Emitted &emitted) {
  if (!options.remarks || (!options.remarks->empty() &&
                           !llvm::Regex(*options.remarks).match(gpuEntry)))
    return;
  const KernelResources &needs = emitted.resources;
  auto remark = mlir::emitRemark(mlir::UnknownLoc::get(program.getContext()));
  remark << emitted.target.name << ": the kernel '" << gpuEntry << "' takes "
         << needs.registers << " registers and " << stackBytes(needs)
         << " bytes of stack for each thread";
  if (needs.stackIsUnbounded)
    remark << ", and more stack for recursion or calls through pointers";
  uint32_t spilled = spillBytes(needs);
  if (spilled == 0)
    remark << ", and spills nothing";
  else
    remark << ", and spills " << spilled << " bytes, stores and loads together";
}

/// Waits for every ptxas; the first one that refused ends the compilation.
LogicalResult Compiler::awaitAssembly() {
  LogicalResult passed = success();
  for (Emitted &emitted : images) {
    if (!emitted.assembled.valid())
      continue;
    if (emitted.assembled.get())
      remarkResources(emitted);
    else
      passed = error() << emitted.problem;
    result.times.push_back(
        {"emit " + emitted.target.name + " ptxas", emitted.ptxasMilliseconds});
  }
  return passed;
}

LogicalResult Compiler::finishHost(Emitted &emitted) {
  Timer timer(result.times, "emit host link");
  std::string problem;
  if (linkSharedObject(emitted.code, "lib" + options.emit.moduleName + ".rk.so",
                       toolchain, options.emit.sanitizeThread, emitted.image,
                       problem))
    return success();
  return error() << problem;
}

LogicalResult Compiler::emitOne(mlir::ModuleOp lowered, Emitted &emitted) {
  const std::string prefix = "emit " + emitted.target.name + " ";
  EmitOptions emit = options.emit;
  emit.hasResidents = llvm::any_of(program.getOps<ActorOp>(),
                                   [](ActorOp op) { return op.getResident(); });
  for (StencilOp stencil : program.getOps<StencilOp>()) {
    if (StencilBoundaryOp boundary = stencil.getOutside())
      emit.stencils.push_back(
          {boundary.getEntry()->str(), stencilServiceThreads});
    for (auto reduction : stencil.getBody().getOps<StencilReduceOp>())
      for (const std::string &entry :
           {reduction.getEntry()->str(), reduction.getFoldEntry()})
        emit.stencils.push_back({entry, stencilServiceThreads});
    for (auto plan : stencil.getBody().getOps<StencilPlanOp>()) {
      unsigned threads = 1;
      for (int32_t count : plan.getBlock())
        threads *= unsigned(count);
      // The host has kernels for all plans; a GPU may have several for one.
      for (const auto &[suffix, count] :
           {std::pair("", threads), std::pair(rk::abi::DampedSuffix, threads),
            std::pair(rk::abi::ResidentSuffixes[1],
                      unsigned(rk::abi::ResidentComputers)),
            std::pair(rk::abi::ResidentSuffixes[2], threads),
            std::pair(rk::abi::ResidentSuffixes[3],
                      unsigned(rk::abi::ResidentComputers))})
        if (const std::string entry = (plan.getEntry() + suffix).str();
            lowered.lookupSymbol(entry))
          emit.stencils.push_back({entry, count});
    }
  }
  program.walk(
      [&](HandlerOp op) { emit.hasTeams |= op.getLanes() > Lanes::Warp; });
  LlvmProgram image(lowered, emitted.target, toolchain, emit);
  {
    Timer timer(result.times, prefix + "translate");
    if (failed(image.translate()))
      return failure();
  }
  {
    Timer timer(result.times, prefix + "optimize");
    if (failed(image.optimize()))
      return failure();
  }
  if (options.product == Product::Llvm) {
    emitted.llvmIr = image.print();
    return success();
  }
  {
    Timer timer(result.times, prefix + "codegen");
    if (failed(image.generateCode(emitted.code)))
      return failure();
  }
  if (emitted.target.isHost())
    return finishHost(emitted);
  finishGpu(emitted);
  return success();
}

/// Lowers and emits target by target, so that one lowered module lives at a
/// time; ptxas runs beside.
LogicalResult Compiler::emitAll() {
  double lowering = 0, emission = 0;
  size_t firstStep = result.times.size();
  LogicalResult passed = success();
  for (const Target &target : wantedTargets()) {
    mlir::OwningOpRef<mlir::ModuleOp> lowered;
    std::vector<PhaseTime> taken;
    {
      Timer timer(taken, "");
      passed = lower(target, lowered);
    }
    lowering += taken.back().milliseconds;
    if (failed(passed))
      break;
    if (options.stopAfter == Phase::Lower) {
      if (!result.output.empty())
        result.output += "// -----\n";
      result.output += "// target " + target.name + "\n" + printed(*lowered);
      continue;
    }
    images.emplace_back().target = target;
    {
      Timer timer(taken, "");
      passed = emitOne(*lowered, images.back());
    }
    emission += taken.back().milliseconds;
    if (failed(passed))
      break;
  }
  std::vector<PhaseTime> waited;
  {
    Timer timer(waited, "");
    if (failed(awaitAssembly()))
      passed = failure();
  }
  emission += waited.back().milliseconds;
  auto at = result.times.begin() + firstStep;
  at = result.times.insert(at, {phaseName(Phase::Lower).str(), lowering});
  if (options.stopAfter > Phase::Lower)
    result.times.insert(at + 1, {phaseName(Phase::Emit).str(), emission});
  return passed;
}

static std::vector<std::byte> toBytes(llvm::StringRef text) {
  auto *first = reinterpret_cast<const std::byte *>(text.data());
  return {first, first + text.size()};
}

/// "x86_64-v3": what the host image's code needs.
static std::string hostTargetName() {
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  return triple.isX86() ? "x86_64-v3" : triple.getArchName().str();
}

static rk::modfile::Image makeImage(const Emitted &emitted) {
  rk::modfile::Image image;
  image.payload = toBytes(emitted.image);
  if (emitted.target.isHost()) {
    image.kind = rk::modfile::ImageKind::HostObject;
    image.target = hostTargetName();
    image.entry = hostEntry.str();
    return image;
  }
  const KernelResources &needs = emitted.resources;
  image.kind = rk::modfile::ImageKind::Cubin;
  image.target = emitted.target.name;
  image.entry = gpuEntry.str();
  image.registers = needs.registers;
  image.stackBytes = stackBytes(needs);
  image.spillBytes = spillBytes(needs);
  image.sharedBytes = needs.sharedBytes;
  return image;
}

LogicalResult Compiler::pack() {
  Timer timer(result.times, phaseName(Phase::Pack).str());
  manifest.name = options.emit.moduleName;
  manifest.producer = "rkc " RK_VERSION;
  const Emitted *fallback = nullptr;
  for (const Emitted &emitted : images) {
    manifest.images.push_back(makeImage(emitted));
    if (emitted.target.isPortable() &&
        (!fallback || emitted.target.sm < fallback->target.sm))
      fallback = &emitted;
  }
  if (fallback) {
    rk::modfile::Image ptx;
    ptx.kind = rk::modfile::ImageKind::Ptx;
    ptx.target = fallback->target.name;
    ptx.entry = gpuEntry.str();
    ptx.payload = toBytes(fallback->code);
    manifest.images.push_back(std::move(ptx));
  }
  auto bytes = rk::modfile::writeModule(manifest);
  if (!bytes)
    return error() << "the module file cannot be written: "
                   << bytes.error().text();
  result.output.assign(reinterpret_cast<const char *>((*bytes).data()),
                       (*bytes).size());
  return success();
}

LogicalResult Compiler::run() {
  if (!options.isLowered) {
    if (failed(analyze()))
      return failure();
    if (options.stopAfter > Phase::Analyze && failed(optimize()))
      return failure();
    if (failed(remark()))
      return failure();
    if (options.stopAfter <= Phase::Optimize ||
        options.product == Product::Rk) {
      result.output = printed(program);
      return success();
    }
  }
  if (failed(emitAll()))
    return failure();
  if (options.stopAfter < Phase::Pack)
    return success();
  switch (options.product) {
  case Product::Llvm:
    result.output = images.front().llvmIr;
    return success();
  case Product::Ptx:
    result.output = images.front().code;
    return success();
  case Product::Cubin:
  case Product::HostImage:
    result.output = images.front().image;
    return success();
  default:
    return pack();
  }
}

void registerCompilation(mlir::DialectRegistry &registry) {
  registry.insert<RkDialect, mlir::LLVM::LLVMDialect, mlir::NVVM::NVVMDialect,
                  mlir::DLTIDialect>();
  registerEmission(registry);
  transforms::registerRkTransformsPasses();
  conversion::registerRkConversionPasses();
}

LogicalResult compileModule(mlir::ModuleOp program,
                            const CompileOptions &options,
                            const Toolchain &toolchain, Compilation &result) {
  return Compiler(program, options, toolchain, result).run();
}

} // namespace rkc
