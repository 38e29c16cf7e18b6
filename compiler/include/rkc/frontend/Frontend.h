//===- Frontend.h - C++ sources to the rk dialect --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The compiler's front half in one call: parse C++ sources, check the rules of
/// the language, and import what the device runs into `rk` and `llvm` dialect.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Support/LLVM.h"

#include <string>
#include <vector>

namespace rkc::frontend {

/// What to compile and how. All paths may be relative to the working directory.
struct FrontendOptions {
  /// C++ files; they become one module, in this order.
  std::vector<std::string> sources;
  /// Searched as by `-I`, in this order.
  std::vector<std::string> includeDirs;
  /// Further Clang arguments, one a string: `-DNAME=1`, `-UNAME`, `-Wall`,
  /// `-isystem`, `<dir>`, `-std=...`.
  std::vector<std::string> extraArgs;
  /// Language standard, without `-std=`; the least is C++20.
  std::string standard = "c++20";
  /// 0 to 3. Which programs are accepted does not depend on it.
  unsigned optLevel = 3;
  /// Keep full debug information. Line tables are always kept.
  bool debugInfo = false;
  /// Folders that hold `rk/actor.h` and `rk/abi/`; searched as system headers.
  std::vector<std::string> dslIncludeDirs;
  /// Clang's own headers; empty: those of the Clang that this was built with.
  std::string clangResourceDir;
  /// Stop once all language rules are checked; the result has no module.
  bool checkOnly = false;
  /// Mark functions for ThreadSanitizer; for host images only.
  bool sanitizeThread = false;
  /// Colour and carets in messages as a terminal wants them.
  bool colorDiagnostics = false;
  /// Receives the messages; null: standard error.
  llvm::raw_ostream *diagnostics = nullptr;
};

/// How long one step took.
struct PhaseTime {
  std::string name;
  double milliseconds = 0;
};

/// What came out of one call.
struct FrontendResult {
  /// The program; null if `FrontendOptions::checkOnly`.
  mlir::OwningOpRef<mlir::ModuleOp> program;
  /// Every file read, in order of first use, each once.
  std::vector<std::string> dependencies;
  /// Every path looked for in vain, each once: a file there would change what
  /// is read.
  std::vector<std::string> missing;
  /// Whether the time of day is part of the program (`__TIME__` and the like).
  bool usesTime = false;
  /// Whether there was a warning.
  bool hasWarned = false;
  /// `parse`, `check`, `import`, in this order.
  std::vector<PhaseTime> times;
  /// Actors, handlers and messages as text, for `--emit=ast`.
  std::string summary;
};

/// Adds every dialect and translation that `compile` needs to `registry`.
void registerFrontendDialects(mlir::DialectRegistry &registry);

/// Compiles C++ sources to one module of `rk` and `llvm` operations, target
/// independent, in which every operation has a source location.
///
/// Threads   one call at a time in a context.
/// Errors    failure, after at least one message in Clang's form. Messages are
///           the same, in the same order, each time.
/// Source    `docs/language.md` states the rules.
mlir::FailureOr<FrontendResult> compile(const FrontendOptions &options,
                                        mlir::MLIRContext &context);

} // namespace rkc::frontend
