//===- Diagnostics.h - How rkc prints errors -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Prints MLIR diagnostics as compilers do: file, line, column, text, and the
/// source line with a caret. What happens inside RingKernel's own headers is
/// reported where the user's code calls them.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace rkc::driver {

/// Prints to standard error while it lives.
class DiagnosticPrinter {
public:
  /// `ownHeaders` is the folder of RingKernel's headers.
  DiagnosticPrinter(mlir::MLIRContext &context, std::string ownHeaders);
  ~DiagnosticPrinter();

  /// Whether it has printed anything.
  bool hasPrinted() const { return printed; }

private:
  void print(mlir::Diagnostic &diagnostic);
  void printLine(mlir::FileLineColLoc where, llvm::StringRef severity,
                 const llvm::Twine &text);
  bool isOwn(mlir::FileLineColLoc where) const;
  void printSourceLine(mlir::FileLineColLoc where);

  mlir::MLIRContext &context;
  const std::string ownHeaders;
  mlir::DiagnosticEngine::HandlerID handler;
  bool printed = false;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> files;
};

/// Prints "rkc: error: <text>".
void printError(llvm::StringRef text);

} // namespace rkc::driver
