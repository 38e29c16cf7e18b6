//===- Diagnostics.cpp - How rkc prints errors ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Diagnostics.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

namespace rkc::driver {

void printError(llvm::StringRef text) {
  llvm::errs() << "rkc: error: " << text << "\n";
}

DiagnosticPrinter::DiagnosticPrinter(mlir::MLIRContext &context,
                                     std::string ownHeaders)
    : context(context), ownHeaders(std::move(ownHeaders)) {
  context.printOpOnDiagnostic(false);
  handler = context.getDiagEngine().registerHandler(
      [this](mlir::Diagnostic &diagnostic) { print(diagnostic); });
}

DiagnosticPrinter::~DiagnosticPrinter() {
  context.getDiagEngine().eraseHandler(handler);
}

static llvm::StringRef severityName(mlir::DiagnosticSeverity severity) {
  switch (severity) {
  case mlir::DiagnosticSeverity::Note:
    return "note";
  case mlir::DiagnosticSeverity::Warning:
    return "warning";
  case mlir::DiagnosticSeverity::Error:
    return "error";
  case mlir::DiagnosticSeverity::Remark:
    return "remark";
  }
  return "error";
}

/// The lines of a location, the innermost first: where the code stands, then
/// where each call that was inlined stands.
static void collectLines(mlir::Location location,
                         llvm::SmallVectorImpl<mlir::FileLineColLoc> &lines) {
  if (auto line = llvm::dyn_cast<mlir::FileLineColLoc>(location)) {
    if (line.getLine() != 0)
      lines.push_back(line);
  } else if (auto call = llvm::dyn_cast<mlir::CallSiteLoc>(location)) {
    collectLines(call.getCallee(), lines);
    collectLines(call.getCaller(), lines);
  } else if (auto named = llvm::dyn_cast<mlir::NameLoc>(location)) {
    collectLines(named.getChildLoc(), lines);
  } else if (auto fused = llvm::dyn_cast<mlir::FusedLoc>(location)) {
    // The parts say the same line in other words; one will do.
    for (mlir::Location part : fused.getLocations()) {
      size_t before = lines.size();
      collectLines(part, lines);
      if (lines.size() != before)
        return;
    }
  }
}

void DiagnosticPrinter::printSourceLine(mlir::FileLineColLoc where) {
  auto &file = files[where.getFilename().getValue()];
  if (!file) {
    auto opened = llvm::MemoryBuffer::getFile(where.getFilename().getValue());
    file = opened ? std::move(*opened) : llvm::MemoryBuffer::getMemBuffer("");
  }
  llvm::StringRef rest = file->getBuffer();
  for (unsigned line = 1; line < where.getLine() && !rest.empty(); ++line)
    rest = rest.split('\n').second;
  llvm::StringRef text = rest.split('\n').first.rtrim('\r');
  if (text.empty())
    return;
  llvm::errs() << text << "\n";
  // Tabs stay tabs, so that the caret stands below its column.
  for (unsigned column = 1; column < where.getColumn(); ++column)
    llvm::errs() << (column <= text.size() && text[column - 1] == '\t' ? '\t'
                                                                       : ' ');
  llvm::errs() << "^\n";
}

bool DiagnosticPrinter::isOwn(mlir::FileLineColLoc where) const {
  return where.getFilename().getValue().starts_with(ownHeaders);
}

void DiagnosticPrinter::printLine(mlir::FileLineColLoc where,
                                  llvm::StringRef severity,
                                  const llvm::Twine &text) {
  llvm::errs() << where.getFilename().getValue() << ":" << where.getLine()
               << ":" << where.getColumn() << ": " << severity << ": " << text
               << "\n";
  printSourceLine(where);
}

void DiagnosticPrinter::print(mlir::Diagnostic &diagnostic) {
  printed = true;
  llvm::SmallVector<mlir::FileLineColLoc, 4> lines;
  collectLines(diagnostic.getLocation(), lines);
  llvm::StringRef severity = severityName(diagnostic.getSeverity());
  std::string text = diagnostic.str();
  // The innermost line of the user's, if there is one.
  auto own = [this](mlir::FileLineColLoc where) { return isOwn(where); };
  auto first = llvm::find_if_not(lines, own);
  if (first == lines.end())
    first = lines.begin();
  if (lines.empty())
    llvm::errs() << "rkc: " << severity << ": " << text << "\n";
  else
    printLine(*first, severity, text);
  for (size_t i = 0; i < lines.size(); ++i)
    if (i > size_t(first - lines.begin()) && !isOwn(lines[i]))
      printLine(lines[i], "note", "called from here");
  for (mlir::Diagnostic &note : diagnostic.getNotes())
    print(note);
}

} // namespace rkc::driver
