//===- Frontend.cpp - C++ sources to the rk dialect ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/frontend/Frontend.h"

#include "attributes/AttributeInternal.h"
#include "check/DeviceRulesInternal.h"
#include "frontend/DeviceModuleInternal.h"
#include "frontend/ImportInternal.h"
#include "frontend/TranslationUnitInternal.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/Linker/Linker.h"

#include <chrono>

using clang::DiagnosticsEngine;

namespace rkc::frontend {
namespace {

/// Keeps what LLVM says while it links, so that it comes out as our message.
struct KeepMessages : llvm::DiagnosticHandler {
  explicit KeepMessages(std::string &text) : text(text) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() != llvm::DS_Error)
      return true;
    llvm::raw_string_ostream out(text);
    llvm::DiagnosticPrinterRawOStream printer(out);
    info.print(printer);
    return true;
  }
  std::string &text;
};

/// One call of `compile`.
class Compilation {
public:
  Compilation(const FrontendOptions &options, mlir::MLIRContext &context)
      : options(options), context(context) {
    llvmContext.setDiagnosticHandler(
        std::make_unique<KeepMessages>(linkMessages));
  }

  mlir::FailureOr<FrontendResult> run() {
    bool good = parseAll();
    lap("parse");
    good = good && link() && check();
    lap("check");
    collectDependencies();
    if (good && !options.checkOnly)
      good = import();
    lap("import");
    if (!good) {
      for (const auto &unit : units)
        unit->printTotals();
      return mlir::failure();
    }
    result.summary = describeProgram(program);
    return std::move(result);
  }

private:
  using Clock = std::chrono::steady_clock;

  void lap(const char *name) {
    Clock::time_point now = Clock::now();
    std::chrono::duration<double, std::milli> spent = now - last;
    result.times.push_back({name, spent.count()});
    last = now;
  }

  bool parseAll() {
    bool good = true;
    for (const std::string &source : options.sources) {
      units.push_back(std::make_unique<TranslationUnit>(options, llvmContext));
      good = units.back()->parse(source) && good;
    }
    return good && !units.empty();
  }

  /// Joins the files' code and programs into one.
  bool link() {
    for (const auto &unit : units) {
      std::string clash = mergeProgram(program, std::move(unit->program));
      if (!clash.empty()) {
        unit->report(DiagnosticsEngine::Error, {},
                     "the type '" + clash +
                         "' is defined differently in two sources: rename one "
                         "of them");
        return false;
      }
      if (!code) {
        code = std::move(unit->code);
        continue;
      }
      if (llvm::Linker::linkModules(*code, std::move(unit->code))) {
        unit->report(DiagnosticsEngine::Error, {},
                     "the sources do not fit together: " + linkMessages);
        return false;
      }
    }
    return true;
  }

  template <class Query> bool anyUnit(Query query) {
    return llvm::any_of(units, [&](const auto &unit) { return query(*unit); });
  }

  bool isDynamicallyInitialized(llvm::StringRef symbol) {
    return anyUnit([&](TranslationUnit &unit) {
      return unit.isDynamicallyInitialized(symbol);
    });
  }

  SourceQueries sourceQueries() {
    SourceQueries queries;
    queries.isLibrary = [this](llvm::StringRef file) {
      return !anyUnit([&](TranslationUnit &unit) {
        return unit.knows(file) && !unit.isLibrary(file);
      });
    };
    queries.declaredAt = [this](llvm::StringRef symbol) {
      for (const auto &unit : units)
        if (SourcePoint where = unit->declaredAt(symbol); where.line)
          return where;
      return SourcePoint();
    };
    queries.isDynamicallyInitialized = [this](llvm::StringRef symbol) {
      return isDynamicallyInitialized(symbol);
    };
    return queries;
  }

  bool check() {
    FunctionNames names = nameFunctions(*code);
    reduceToDevice(*code, program, [this](llvm::StringRef symbol) {
      return isDynamicallyInitialized(symbol);
    });
    std::vector<Finding> findings =
        checkDeviceCode(*code, program, names, sourceQueries());
    for (const Finding &finding : findings)
      report(finding);
    return findings.empty();
  }

  void report(const Finding &finding) {
    TranslationUnit *unit = units.front().get();
    for (const auto &candidate : units)
      if (candidate->knows(finding.error.where.file)) {
        unit = candidate.get();
        break;
      }
    unit->report(DiagnosticsEngine::Error, finding.error.where,
                 finding.error.text);
    for (const Remark &note : finding.notes)
      unit->report(DiagnosticsEngine::Note, note.where, note.text);
  }

  void collectDependencies() {
    llvm::StringSet<> seen, seenMissing;
    for (const auto &unit : units) {
      for (const std::string &file : unit->dependencies)
        if (seen.insert(file).second)
          result.dependencies.push_back(file);
      for (const std::string &path : unit->missing)
        if (seenMissing.insert(path).second)
          result.missing.push_back(path);
      result.usesTime |= unit->usesTime;
      result.hasWarned |= unit->hasWarned();
    }
  }

  bool import() {
    makeTargetIndependent(*code, options.sanitizeThread);
    std::string error;
    result.program = importProgram(std::move(code), program, context, error);
    if (result.program)
      return true;
    units.front()->report(DiagnosticsEngine::Error, {},
                          "the program could not be imported: " + error);
    return false;
  }

  const FrontendOptions &options;
  mlir::MLIRContext &context;
  std::string linkMessages;
  llvm::LLVMContext llvmContext;
  std::vector<std::unique_ptr<TranslationUnit>> units;
  std::unique_ptr<llvm::Module> code;
  Program program;
  FrontendResult result;
  Clock::time_point last = Clock::now();
};

} // namespace

mlir::FailureOr<FrontendResult> compile(const FrontendOptions &options,
                                        mlir::MLIRContext &context) {
  registerActorAttribute();
  registerHandlerAttribute();
  registerMessageAttribute();
  registerResidentAttribute();
  registerBoundaryAttribute();
  registerReduceAttribute();
  registerStencilAttribute();
  registerUpdateAttribute();
  return Compilation(options, context).run();
}

} // namespace rkc::frontend
