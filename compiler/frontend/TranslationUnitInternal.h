//===- TranslationUnitInternal.h - One source file, parsed -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "frontend/ProgramInternal.h"
#include "rkc/frontend/Frontend.h"

#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/CompilerInvocation.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

#include <memory>

namespace clang {
class CodeGenerator;
}

namespace rkc::frontend {

class RkAction;

/// Returns Clang's invocation for parsing `source` as device code: nvptx64 with
/// the host's headers and layouts. Null after an error message.
std::shared_ptr<clang::CompilerInvocation>
makeInvocation(const FrontendOptions &options, const std::string &source,
               clang::DiagnosticsEngine &diagnostics);

/// One source file and its AST, which stays alive until this is destroyed, so
/// that later checks can still point into the source.
class TranslationUnit {
public:
  TranslationUnit(const FrontendOptions &options, llvm::LLVMContext &context);
  ~TranslationUnit();

  /// Parses and checks the file, and generates code for it. Returns whether
  /// there was no error.
  bool parse(const std::string &source);

  /// Reports an error or note at a place named by a debug location. An empty
  /// or unknown file reports without a place.
  void report(clang::DiagnosticsEngine::Level level, const SourcePoint &where,
              llvm::StringRef text);
  /// Returns whether this translation unit read `file`.
  bool knows(llvm::StringRef file);
  /// Returns whether `file` came from a system or library folder.
  bool isLibrary(llvm::StringRef file);
  /// Returns the place of the declaration that became `symbol`, with an
  /// absolute path; line 0 if there is none.
  SourcePoint declaredAt(llvm::StringRef symbol);
  /// Returns whether `symbol` is a variable that a constructor call or another
  /// run-time computation initialises.
  bool isDynamicallyInitialized(llvm::StringRef symbol);

  bool hasErrors() const;
  /// Prints Clang's closing line, "2 errors generated.".
  void printTotals();

  Program program;
  std::unique_ptr<llvm::Module> code;
  std::vector<std::string> dependencies;
  /// Paths looked for in vain.
  std::vector<std::string> missing;
  bool usesTime = false;
  bool hasWarned() const;

private:
  clang::OptionalFileEntryRef findFile(llvm::StringRef file);

  const FrontendOptions &options;
  llvm::LLVMContext &context;
  std::unique_ptr<clang::CompilerInstance> instance;
  std::unique_ptr<RkAction> action;
  bool begun = false;
};

} // namespace rkc::frontend
