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

/// Passes messages on, but holds back those that we can say better: warnings
/// about unknown attributes of the scope `rk`, which are errors for us, and the
/// failed assertions of the DSL's headers, whose place is the user's line.
class DiagnosticFilter : public clang::DiagnosticConsumer {
public:
  DiagnosticFilter(std::unique_ptr<clang::DiagnosticConsumer> next,
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

  /// Reports what was held back.
  void reportHeld(clang::DiagnosticsEngine &diagnostics);

private:
  /// One message in our words. `where` may come later, with a note.
  struct Held {
    clang::SourceLocation where;
    std::string text;
    bool needsPlace = false;
  };

  bool hold(clang::DiagnosticsEngine::Level level,
            const clang::Diagnostic &message);
  void readNote(const clang::Diagnostic &message);

  std::unique_ptr<clang::DiagnosticConsumer> next;
  bool ignoreWarnings;
  bool dropNotes = false;
  std::vector<Held> held;
};

} // namespace rkc::frontend
