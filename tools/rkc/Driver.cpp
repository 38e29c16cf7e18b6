//===- Driver.cpp - One run of rkc ----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "Cache.h"
#include "Dependencies.h"
#include "Diagnostics.h"
#include "HostBuild.h"
#include "rkc/dialect/Rk.h"
#include "rkc/frontend/Frontend.h"
#include "rkc/import/Passes.h"
#include "rkc/pipelines/Compile.h"
#include "rkc/target/CrashGuard.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

namespace rkc::driver {
namespace {

/// Where an installed rkc, or one of a build tree, finds its files.
struct Places {
  explicit Places(const CommandLine &line, llvm::StringRef executable) {
    llvm::SmallString<128> prefix(executable);
    llvm::sys::path::remove_filename(prefix);
    llvm::sys::path::append(prefix, "..");
    llvm::sys::path::remove_dots(prefix, /*remove_dot_dot=*/true);
    include = join(prefix, "include");
    library = join(prefix, RK_INSTALL_LIBDIR);
    if (!llvm::sys::fs::is_directory(join(library, "ringkernel")))
      library = join(prefix, "lib");
    resources = line.resourceDir.empty() ? join(library, "ringkernel")
                                         : line.resourceDir;
  }

  static std::string join(llvm::StringRef folder, llvm::StringRef name) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    return std::string(path);
  }

  std::string include, library, resources;
};

class Driver {
public:
  Driver(const CommandLine &line, llvm::StringRef executable)
      : line(line), places(line, executable), toolchain(places.resources),
        cache(line, toolchain, executable) {}

  ExitCode run();

private:
  bool checkSources();
  bool makeProduct();
  bool makeAnew();
  bool loadProgram();
  bool runFrontend();
  bool parseMlir();
  bool raise();
  bool stopsAfter(Phase phase) const {
    return line.stopAfter && *line.stopAfter == phase;
  }
  bool compile();
  bool embed();
  bool finish();
  bool buildProgram();
  bool writeDependencies(const std::string &output);
  std::string outputFile() const;
  std::string reproducerPrefix() const;
  CompileOptions compileOptions() const;
  bool reportCrash(Phase phase, llvm::StringRef reason);
  bool fail(llvm::StringRef text) {
    printError(text);
    return false;
  }

  const CommandLine &line;
  const Places places;
  const Toolchain toolchain;
  const Cache cache;
  std::unique_ptr<mlir::MLIRContext> context;
  std::vector<std::string> actorSources, dependencies, missing;
  /// Whether the same command may come out otherwise, or said something.
  bool variesOrSpoke = false;
  mlir::OwningOpRef<mlir::ModuleOp> program;
  std::string summary;
  /// What is written in the end; text unless it is an object or an image.
  std::string product;
  std::vector<PhaseTime> times;
  bool isDone = false;
};

} // namespace

static constexpr llvm::StringLiteral noActors =
    "no source has an actor or a stencil: a class marked [[rk::actor]] or "
    "[[rk::stencil]]; use your C++ compiler for programs without";

bool Driver::checkSources() {
  bool readable = true;
  for (const std::string &source : line.sources) {
    std::string ignored, problem;
    if (!readFile(source, ignored, problem))
      readable = fail(problem);
  }
  if (!readable)
    return false;
  actorSources = line.sources;
  if (line.emit != Emit::Program || line.sources.size() == 1)
    return true;
  actorSources = sourcesWithActors(line);
  return !actorSources.empty() || fail(noActors);
}

/// "bank" next to the output: where `bank.rkc-reproducer.ll` goes.
std::string Driver::reproducerPrefix() const {
  std::string name = stem(line.sources.front());
  if (line.output.empty() || line.output == "-")
    return name;
  llvm::SmallString<128> path(line.output);
  llvm::sys::path::remove_filename(path);
  llvm::sys::path::append(path, name);
  return std::string(path);
}

bool Driver::reportCrash(Phase phase, llvm::StringRef reason) {
  printError(
      ("LLVM failed in phase " + phaseName(phase) + ": " + reason).str());
  std::string path = reproducerPrefix() + ".rkc-reproducer.sh";
  std::string text = "# rkc failed in phase " + phaseName(phase).str() +
                     ". Please report this line with the sources.\n" +
                     line.text + "\n";
  std::string problem;
  if (writeFile(path, text, problem))
    llvm::errs() << "rkc: note: the command is in '" << path
                 << "'; please report it with the sources\n";
  // What Clang and MLIR worked on may be damaged.
  (void)program.release();
  return false;
}

bool Driver::runFrontend() {
  frontend::FrontendOptions options;
  options.sources = actorSources;
  options.includeDirs = line.includeDirs;
  options.extraArgs = line.languageFlags;
  // Names of files stay whole, and the same in every working directory.
  options.extraArgs.push_back("-fdebug-compilation-dir=/proc/self/cwd");
  options.standard = line.standard;
  options.optLevel = line.optLevel;
  options.debugInfo = line.debugInfo;
  options.dslIncludeDirs = {places.include};
  options.checkOnly = stopsAfter(Phase::Check) || line.emit == Emit::Ast;
  options.sanitizeThread = line.sanitizeThread;
  options.colorDiagnostics = llvm::errs().has_colors();
  mlir::FailureOr<frontend::FrontendResult> result = mlir::failure();
  std::optional<std::string> crash = runGuarded([&] {
    if (line.crashStep == "check" || line.crashStep == "import")
      crashOnPurpose(line.crashKind);
    result = frontend::compile(options, *context);
  });
  if (crash)
    return reportCrash(
        line.crashStep == "import" ? Phase::Import : Phase::Check, *crash);
  if (failed(result))
    return false;
  program = std::move(result->program);
  dependencies = std::move(result->dependencies);
  missing = std::move(result->missing);
  variesOrSpoke = result->usesTime || result->hasWarned;
  summary = std::move(result->summary);
  for (const frontend::PhaseTime &time : result->times)
    if (!options.checkOnly || time.name != "import")
      times.push_back({time.name, time.milliseconds});
  return true;
}

bool Driver::parseMlir() {
  mlir::ParserConfig config(context.get());
  program = mlir::parseSourceFile<mlir::ModuleOp>(line.sources.front(), config);
  dependencies = line.sources;
  return bool(program);
}

/// Turns marker calls to rk operations: the last step of the frontend's half.
bool Driver::raise() {
  mlir::PassManager passes(context.get());
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (failed(mlir::parsePassPipeline("rk-raise-markers", passes, stream)))
    return fail("rk-raise-markers is not in this build: " + problem);
  bool passed = false;
  auto start = std::chrono::steady_clock::now();
  std::optional<std::string> crash =
      runGuarded([&] { passed = succeeded(passes.run(*program)); });
  if (crash)
    return reportCrash(Phase::Import, *crash);
  std::chrono::duration<double, std::milli> taken =
      std::chrono::steady_clock::now() - start;
  for (PhaseTime &time : times)
    if (time.name == "import")
      time.milliseconds += taken.count();
  return passed;
}

bool Driver::loadProgram() {
  if (line.fromMlir())
    return parseMlir();
  if (!runFrontend())
    return false;
  if (stopsAfter(Phase::Check) || line.emit == Emit::Ast) {
    product = summary;
    isDone = true;
    return true;
  }
  if (!raise())
    return false;
  if (program->getOps<ActorOp>().empty() &&
      program->getOps<StencilOp>().empty())
    return fail(noActors);
  if (stopsAfter(Phase::Import)) {
    llvm::raw_string_ostream stream(product);
    (*program)->print(stream);
    stream << "\n";
    isDone = true;
  }
  return true;
}

CompileOptions Driver::compileOptions() const {
  CompileOptions options;
  options.targets = line.targets;
  options.gate = line.gate;
  options.stopAfter = line.stopAfter.value_or(Phase::Pack);
  options.isLowered = line.isLowered;
  options.remarks = line.remarks;
  switch (line.emit) {
  case Emit::Rk:
    options.product = Product::Rk;
    break;
  case Emit::Llvm:
    options.product = Product::Llvm;
    break;
  case Emit::Ptx:
    options.product = Product::Ptx;
    break;
  case Emit::Cubin:
    options.product = Product::Cubin;
    break;
  case Emit::HostImage:
    options.product = Product::HostImage;
    break;
  default:
    options.product = Product::Module;
  }
  options.emit.moduleName = stem(actorSources.front());
  options.emit.optLevel = line.optLevel;
  options.emit.debugInfo = line.debugInfo;
  options.emit.sanitizeThread = line.sanitizeThread;
  options.emit.reproducerPrefix = reproducerPrefix();
  options.emit.commandLine = line.text;
  options.emit.crashStep = line.crashStep;
  options.emit.crashKind = line.crashKind;
  return options;
}

bool Driver::compile() {
  CompileOptions options = compileOptions();
  Compilation result;
  bool passed = succeeded(compileModule(*program, options, toolchain, result));
  times.insert(times.end(), result.times.begin(), result.times.end());
  product = std::move(result.output);
  isDone = line.stopAfter && *line.stopAfter < Phase::Pack;
  return passed;
}

bool Driver::embed() {
  if (isDone || (line.emit != Emit::Object && line.emit != Emit::Program))
    return true;
  std::string object, problem;
  if (!embedModule(product, stem(actorSources.front()), object, problem))
    return fail(problem);
  product = std::move(object);
  return true;
}

std::string Driver::outputFile() const {
  if (!line.output.empty())
    return line.output;
  std::string name = stem(line.sources.front());
  switch (line.emit) {
  case Emit::Program:
    return "a.out";
  case Emit::Object:
    return name + ".o";
  case Emit::Cubin:
    return name + ".cubin";
  case Emit::HostImage:
    return name + ".so";
  case Emit::Module:
    return name + ".rkm";
  default:
    return "-";
  }
}

bool Driver::writeDependencies(const std::string &output) {
  if (!line.dependencies.enabled)
    return true;
  std::string problem;
  std::string text = dependencyText(line.dependencies, output, dependencies);
  return writeFile(dependencyFile(line.dependencies, output), text, problem) ||
         fail(problem);
}

/// Writes what came out. A run that --stop-after ended writes only with -o.
bool Driver::finish() {
  if (isDone && line.stopAfter && line.output.empty())
    return true;
  std::string output = outputFile();
  std::string problem;
  return (writeFile(output, product, problem) || fail(problem)) &&
         writeDependencies(output);
}

/// Compiles actors and host part at the same time, then links.
bool Driver::buildProgram() {
  HostBuild host(line, places.include, places.library);
  std::string problem;
  if (!host.start(problem))
    return fail(problem);
  if (!makeProduct())
    return false;
  auto start = std::chrono::steady_clock::now();
  if (!host.wait(problem) || !host.link(product, outputFile(), problem))
    return fail(problem);
  std::chrono::duration<double, std::milli> taken =
      std::chrono::steady_clock::now() - start;
  times.push_back({"link", taken.count()});
  return writeDependencies(outputFile());
}

/// Runs the phases.
bool Driver::makeAnew() {
  mlir::DialectRegistry registry;
  frontend::registerFrontendDialects(registry);
  frontend::registerRkImportPasses();
  registerCompilation(registry);
  context = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  DiagnosticPrinter printer(*context, places.include + "/rk/");
  bool passed = loadProgram() && (isDone || compile()) && embed();
  program = nullptr;
  variesOrSpoke |= printer.hasPrinted();
  return passed;
}

/// Takes the product from the cache, or makes and keeps it.
bool Driver::makeProduct() {
  CacheEntry entry;
  if (cache.find(entry)) {
    product = std::move(entry.product);
    dependencies = std::move(entry.dependencies);
    return true;
  }
  if (!makeAnew())
    return false;
  if (cache.isOn() && !variesOrSpoke)
    cache.keep({product, dependencies, missing});
  return true;
}

ExitCode Driver::run() {
  if (!checkSources())
    return ExitRefused;
  bool passed;
  if (line.emit == Emit::Program && !line.stopAfter)
    passed = buildProgram();
  else
    passed = makeProduct() && finish();
  if (line.showTimes)
    llvm::errs() << formatTimes(times);
  return passed ? ExitDone : ExitRefused;
}

ExitCode run(const CommandLine &line, llvm::StringRef executable) {
  return Driver(line, executable).run();
}

} // namespace rkc::driver
