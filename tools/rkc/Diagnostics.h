//===- Diagnostics.h - How rkc prints errors -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Prints MLIR diagnostics as compilers do: file, line, column, text, and the
/// source line with a caret.
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
  explicit DiagnosticPrinter(mlir::MLIRContext &context);
  ~DiagnosticPrinter();

private:
  void print(mlir::Diagnostic &diagnostic);
  void printSourceLine(mlir::FileLineColLoc where);

  mlir::MLIRContext &context;
  mlir::DiagnosticEngine::HandlerID handler;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> files;
};

/// Prints "rkc: error: <text>".
void printError(llvm::StringRef text);

} // namespace rkc::driver
