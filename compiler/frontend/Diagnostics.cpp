//===- Diagnostics.cpp - How messages reach the user -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/DiagnosticsInternal.h"

#include "attributes/AttributeInternal.h"

#include "clang/Basic/DiagnosticIDs.h"
#include "clang/Frontend/TextDiagnosticPrinter.h"
#include "llvm/ADT/StringRef.h"

using namespace clang;

namespace rkc::frontend {

std::unique_ptr<DiagnosticConsumer> makePrinter(llvm::raw_ostream &out,
                                                DiagnosticOptions &options) {
  return std::make_unique<TextDiagnosticPrinter>(out, options);
}

void AttributeFilter::HandleDiagnostic(DiagnosticsEngine::Level level,
                                       const Diagnostic &message) {
  if (level == DiagnosticsEngine::Note && dropNotes)
    return;
  dropNotes = false;
  if (message.getID() == diag::warn_unknown_attribute_ignored ||
      message.getID() == diag::warn_unknown_attribute_ignored_suggestion) {
    llvm::SmallString<128> text;
    message.FormatDiagnostic(text);
    llvm::StringRef name = text.str().split('\'').second.split('\'').first;
    if (name.starts_with("rk::")) {
      unknown.push_back({message.getLocation(), name.str()});
      dropNotes = true;
      return;
    }
  }
  if (level == DiagnosticsEngine::Warning && ignoreWarnings) {
    dropNotes = true;
    return;
  }
  DiagnosticConsumer::HandleDiagnostic(level, message);
  next->HandleDiagnostic(level, message);
}

static std::string suggestion(llvm::StringRef name) {
  static constexpr const char *known[] = {"rk::actor", "rk::handler",
                                          "rk::message"};
  const char *best = nullptr;
  unsigned bestDistance = 4;
  for (const char *candidate : known) {
    unsigned distance = name.edit_distance(candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  if (best)
    return "; did you mean '" + std::string(best) + "'?";
  return "; the attributes are rk::actor, rk::handler and rk::message";
}

void AttributeFilter::reportUnknown(DiagnosticsEngine &diagnostics) {
  for (const Unknown &attribute : unknown)
    reportError(diagnostics, attribute.where,
                "unknown attribute '" + attribute.name + "'" +
                    suggestion(attribute.name));
  unknown.clear();
}

} // namespace rkc::frontend
