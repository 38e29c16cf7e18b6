//===- Diagnostics.cpp - How messages reach the user -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/DiagnosticsInternal.h"

#include "attributes/AttributeInternal.h"

#include "clang/Basic/DiagnosticSema.h"
#include "clang/Basic/SourceManager.h"
#include "clang/Frontend/TextDiagnosticPrinter.h"
#include "llvm/ADT/StringRef.h"

#include <utility>

using namespace clang;

namespace rkc::frontend {

std::unique_ptr<DiagnosticConsumer> makePrinter(llvm::raw_ostream &out,
                                                DiagnosticOptions &options) {
  return std::make_unique<TextDiagnosticPrinter>(out, options);
}

static std::string suggestion(llvm::StringRef name) {
  static constexpr const char *known[] = {
      "rk::actor",  "rk::boundary", "rk::handler", "rk::message",
      "rk::reduce", "rk::resident", "rk::stencil", "rk::update"};
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
  return "; the attributes are rk::actor, rk::boundary, rk::handler, "
         "rk::message, rk::reduce, rk::resident, rk::stencil and rk::update";
}

/// Returns whether a message stands in a header of the DSL.
static bool isInDsl(const Diagnostic &message) {
  if (message.getLocation().isInvalid() || !message.hasSourceManager())
    return false;
  const SourceManager &sources = message.getSourceManager();
  llvm::StringRef file =
      sources.getFilename(sources.getExpansionLoc(message.getLocation()));
  return sources.isInSystemHeader(message.getLocation()) &&
         (file.ends_with("rk/detail/Handlers.h") ||
          file.ends_with("rk/actor.h") || file.ends_with("rk/stencil.h") ||
          file.ends_with("rk/outside.h") ||
          file.ends_with("rk/detail/StencilArray.h"));
}

bool DiagnosticFilter::hold(DiagnosticsEngine::Level level,
                            const Diagnostic &message) {
  llvm::SmallString<128> text;
  if (message.getID() == diag::warn_unknown_attribute_ignored ||
      message.getID() == diag::warn_unknown_attribute_ignored_suggestion) {
    message.FormatDiagnostic(text);
    llvm::StringRef name = text.str().split('\'').second.split('\'').first;
    if (name.starts_with("rk::")) {
      held.push_back(
          {message.getLocation(),
           "unknown attribute '" + name.str() + "'" + suggestion(name)});
      return true;
    }
  }
  if ((message.getID() == diag::err_static_assert_failed ||
       message.getID() == diag::err_static_assert_requirement_failed) &&
      isInDsl(message)) {
    message.FormatDiagnostic(text);
    held.push_back(
        {message.getLocation(), text.str().split(": ").second.str(), true});
    return true;
  }
  return level == DiagnosticsEngine::Warning && ignoreWarnings;
}

void DiagnosticFilter::HandleDiagnostic(DiagnosticsEngine::Level level,
                                        const Diagnostic &message) {
  if (level == DiagnosticsEngine::Note && dropNotes)
    return readNote(message);
  dropNotes = hold(level, message);
  if (dropNotes)
    return;
  DiagnosticConsumer::HandleDiagnostic(level, message);
  next->HandleDiagnostic(level, message);
}

/// Splits template arguments at the comma that belongs to no inner list.
static std::pair<llvm::StringRef, llvm::StringRef>
splitArguments(llvm::StringRef list) {
  int depth = 0;
  for (size_t index = 0; index < list.size(); ++index) {
    char letter = list[index];
    depth +=
        (letter == '<' || letter == '(') - (letter == '>' || letter == ')');
    if (letter == ',' && depth == 0)
      return {list.take_front(index), list.drop_front(index + 1).ltrim()};
  }
  return {list, ""};
}

/// The notes of a failed assertion tell which types it was about, and which of
/// the user's lines asked for it.
void DiagnosticFilter::readNote(const Diagnostic &message) {
  if (held.empty() || !held.back().needsPlace ||
      message.getLocation().isInvalid())
    return;
  llvm::SmallString<128> text;
  message.FormatDiagnostic(text);
  llvm::StringRef name = text.str().split('\'').second.rsplit('\'').first;
  if (name.consume_front("rk::detail::requireHandler<") &&
      name.consume_back(">")) {
    auto [actor, sent] = splitArguments(name);
    held.back().text = "actor '" + actor.str() +
                       "' has no handler for message '" + sent.str() +
                       "': add '[[rk::handler]] void on(" + sent.str() +
                       ")' to it, or send another message";
  }
  if (message.getSourceManager().isInSystemHeader(message.getLocation()))
    return;
  held.back().where = message.getLocation();
  held.back().needsPlace = false;
}

void DiagnosticFilter::reportHeld(DiagnosticsEngine &diagnostics) {
  for (const Held &message : std::exchange(held, {}))
    reportError(diagnostics, message.where, message.text);
}

} // namespace rkc::frontend
