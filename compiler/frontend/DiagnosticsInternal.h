//===- DiagnosticsInternal.h - How messages reach the user -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/DiagnosticOptions.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>
#include <vector>

namespace rkc::frontend {

/// Makes the consumer that prints messages as Clang does.
std::unique_ptr<clang::DiagnosticConsumer>
makePrinter(llvm::raw_ostream &out, clang::DiagnosticOptions &options);

/// Passes messages on, but holds back Clang's warnings about unknown attributes
/// of the scope `rk`: for us a misspelt attribute is an error.
class AttributeFilter : public clang::DiagnosticConsumer {
public:
  AttributeFilter(std::unique_ptr<clang::DiagnosticConsumer> next,
                  bool ignoreWarnings)
      : next(std::move(next)), ignoreWarnings(ignoreWarnings) {}

  void BeginSourceFile(const clang::LangOptions &language,
                       const clang::Preprocessor *preprocessor) override {
    next->BeginSourceFile(language, preprocessor);
  }
  void EndSourceFile() override { next->EndSourceFile(); }
  void finish() override { next->finish(); }
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                        const clang::Diagnostic &message) override;

  /// Reports what was held back, each as an error with a suggestion.
  void reportUnknown(clang::DiagnosticsEngine &diagnostics);

private:
  struct Unknown {
    clang::SourceLocation where;
    std::string name;
  };

  std::unique_ptr<clang::DiagnosticConsumer> next;
  bool ignoreWarnings;
  bool dropNotes = false;
  std::vector<Unknown> unknown;
};

} // namespace rkc::frontend
