//===- TranslationUnit.cpp - One source file, parsed -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/TranslationUnitInternal.h"

#include "attributes/AttributeInternal.h"
#include "frontend/CollectInternal.h"
#include "frontend/DiagnosticsInternal.h"

#include "clang/AST/ASTConsumer.h"
#include "clang/AST/Decl.h"
#include "clang/Basic/TargetInfo.h"
#include "clang/CodeGen/ModuleBuilder.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Frontend/MultiplexConsumer.h"
#include "clang/Frontend/Utils.h"
#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"
#include "clang/Sema/SemaConsumer.h"
#include "llvm/Support/FileSystem.h"

using namespace clang;

namespace rkc::frontend {
namespace {

/// Runs our part at the end of a translation unit, before code generation ends.
class CollectConsumer : public SemaConsumer {
public:
  CollectConsumer(Program &program, DiagnosticFilter &filter)
      : program(program), filter(filter) {}

  void InitializeSema(Sema &s) override { sema = &s; }
  void ForgetSema() override { sema = nullptr; }
  void HandleTranslationUnit(ASTContext &context) override {
    // What was held back does not hinder our own rules, which say more.
    bool parsed = filter.getNumErrors() == 0;
    filter.reportHeld(context.getDiagnostics());
    if (parsed)
      program = collectProgram(*sema);
  }

private:
  Program &program;
  DiagnosticFilter &filter;
  Sema *sema = nullptr;
};

class AllDependencies : public DependencyCollector {
  bool needSystemDependencies() override { return true; }
  bool sawDependency(StringRef name, bool, bool, bool, bool) override {
    return !name.starts_with("<");
  }
};

/// Notes the paths that are not there.
class LookupRecorder : public llvm::vfs::ProxyFileSystem {
public:
  explicit LookupRecorder(std::vector<std::string> &missing)
      : ProxyFileSystem(llvm::vfs::getRealFileSystem()), missing(missing) {}

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine &path) override {
    return noted(path, ProxyFileSystem::status(path));
  }
  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>>
  openFileForRead(const llvm::Twine &path) override {
    return noted(path, ProxyFileSystem::openFileForRead(path));
  }

private:
  template <class Result> Result noted(const llvm::Twine &path, Result found) {
    if (!found)
      missing.push_back(path.str());
    return found;
  }
  std::vector<std::string> &missing;
};

/// Notes the macros whose value is another each time.
class TimeMacros : public PPCallbacks {
public:
  explicit TimeMacros(bool &used) : used(used) {}
  void MacroExpands(const Token &name, const MacroDefinition &, SourceRange,
                    const MacroArgs *) override {
    StringRef text = name.getIdentifierInfo()->getName();
    used |= text == "__DATE__" || text == "__TIME__" || text == "__TIMESTAMP__";
  }

private:
  bool &used;
};

/// Lets `thread_local` through the parser: host code in the same file may use
/// it. What the device uses of it is refused later.
struct TargetAccess : TargetInfo {
  static void allowThreadLocal(TargetInfo &target) {
    target.*(&TargetAccess::TLSSupported) = true;
  }
};

} // namespace

class RkAction : public ASTFrontendAction {
public:
  RkAction(llvm::LLVMContext &context, Program &program,
           DiagnosticFilter &filter)
      : context(context), program(program), filter(filter) {}

  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &instance,
                                                 StringRef file) override {
    auto owned = CreateLLVMCodeGen(instance, file, context);
    generator = owned.get();
    std::vector<std::unique_ptr<ASTConsumer>> consumers;
    consumers.push_back(std::make_unique<CollectConsumer>(program, filter));
    consumers.push_back(std::move(owned));
    return std::make_unique<MultiplexConsumer>(std::move(consumers));
  }

  CodeGenerator *generator = nullptr;

private:
  llvm::LLVMContext &context;
  Program &program;
  DiagnosticFilter &filter;
};

TranslationUnit::TranslationUnit(const FrontendOptions &options,
                                 llvm::LLVMContext &context)
    : options(options), context(context) {}

TranslationUnit::~TranslationUnit() {
  if (begun)
    action->EndSourceFile();
}

bool TranslationUnit::parse(const std::string &source) {
  llvm::raw_ostream &out =
      options.diagnostics ? *options.diagnostics : llvm::errs();
  DiagnosticOptions early;
  auto diagnostics = CompilerInstance::createDiagnostics(
      *llvm::vfs::getRealFileSystem(), early,
      makePrinter(out, early).release());
  auto invocation = makeInvocation(options, source, *diagnostics);
  if (!invocation)
    return false;
  bool ignoreWarnings = invocation->getDiagnosticOpts().IgnoreWarnings;
  invocation->getDiagnosticOpts().IgnoreWarnings = false;
  instance = std::make_unique<CompilerInstance>(invocation);
  instance->createVirtualFileSystem(
      llvm::makeIntrusiveRefCnt<LookupRecorder>(missing));
  auto filter = std::make_unique<DiagnosticFilter>(
      makePrinter(out, invocation->getDiagnosticOpts()), ignoreWarnings);
  DiagnosticFilter &kept = *filter;
  instance->createDiagnostics(filter.release(), /*ShouldOwnClient=*/true);
  if (!instance->createTarget())
    return false;
  TargetAccess::allowThreadLocal(instance->getTarget());
  auto collector = std::make_shared<AllDependencies>();
  instance->addDependencyCollector(collector);
  action = std::make_unique<RkAction>(context, program, kept);
  if (!action->PrepareToExecute(*instance) ||
      !action->BeginSourceFile(*instance,
                               instance->getFrontendOpts().Inputs.front()))
    return false;
  begun = true;
  instance->getPreprocessor().addPPCallbacks(
      std::make_unique<TimeMacros>(usesTime));
  if (llvm::Error error = action->Execute()) {
    reportError(instance->getDiagnostics(), SourceLocation(),
                llvm::toString(std::move(error)));
    return false;
  }
  dependencies = collector->getDependencies();
  if (hasErrors())
    return false;
  code = action->generator->ReleaseModule();
  return code != nullptr;
}

bool TranslationUnit::hasWarned() const {
  return instance && instance->getDiagnosticClient().getNumWarnings() != 0;
}

bool TranslationUnit::hasErrors() const {
  return !instance || instance->getDiagnostics().hasErrorOccurred();
}

void TranslationUnit::printTotals() {
  if (!instance)
    return;
  llvm::raw_ostream &out =
      options.diagnostics ? *options.diagnostics : llvm::errs();
  unsigned errors = instance->getDiagnosticClient().getNumErrors();
  if (errors)
    out << errors << (errors == 1 ? " error" : " errors") << " generated.\n";
}

OptionalFileEntryRef TranslationUnit::findFile(llvm::StringRef file) {
  if (!instance || file.empty())
    return std::nullopt;
  OptionalFileEntryRef entry =
      instance->getFileManager().getOptionalFileRef(file);
  if (!entry)
    return std::nullopt;
  FileID id = instance->getSourceManager().translateFile(*entry);
  return id.isValid() ? entry : std::nullopt;
}

bool TranslationUnit::knows(llvm::StringRef file) {
  return findFile(file).has_value();
}

bool TranslationUnit::isLibrary(llvm::StringRef file) {
  OptionalFileEntryRef entry = findFile(file);
  if (!entry)
    return true;
  SourceManager &sources = instance->getSourceManager();
  FileID id = sources.translateFile(*entry);
  return sources.isInSystemHeader(sources.getLocForStartOfFile(id));
}

void TranslationUnit::report(DiagnosticsEngine::Level level,
                             const SourcePoint &where, llvm::StringRef text) {
  SourceLocation location;
  if (OptionalFileEntryRef entry = findFile(where.file); entry && where.line)
    location = instance->getSourceManager().translateFileLineCol(
        *entry, where.line, std::max(where.column, 1u));
  DiagnosticsEngine &diagnostics = instance->getDiagnostics();
  diagnostics.Report(location, diagnostics.getCustomDiagID(level, "%0"))
      << text;
}

SourcePoint TranslationUnit::declaredAt(llvm::StringRef symbol) {
  const Decl *decl =
      action ? action->generator->GetDeclForMangledName(symbol) : nullptr;
  if (!decl)
    return {};
  SourceManager &sources = instance->getSourceManager();
  PresumedLoc place =
      sources.getPresumedLoc(sources.getExpansionLoc(decl->getLocation()));
  if (place.isInvalid())
    return {};
  // Absolute, as debug information has it, so that places can be compared.
  llvm::SmallString<128> file(place.getFilename());
  llvm::sys::fs::make_absolute(file);
  return {file.str().str(), place.getLine(), place.getColumn()};
}

bool TranslationUnit::isDynamicallyInitialized(llvm::StringRef symbol) {
  const Decl *decl =
      action ? action->generator->GetDeclForMangledName(symbol) : nullptr;
  const auto *variable = dyn_cast_or_null<VarDecl>(decl);
  if (!variable)
    return false;
  const VarDecl *initialized = nullptr;
  if (!variable->getAnyInitializer(initialized))
    return false;
  return !initialized->isStaticLocal() &&
         !initialized->hasConstantInitialization();
}

} // namespace rkc::frontend
