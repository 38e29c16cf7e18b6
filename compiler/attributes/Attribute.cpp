//===- Attribute.cpp - Base of the rk attributes ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "attributes/AttributeInternal.h"

#include "clang/Sema/DeclSpec.h"

using namespace clang;

namespace rkc::frontend {

static void report(DiagnosticsEngine &diagnostics,
                   DiagnosticsEngine::Level level, SourceLocation where,
                   llvm::StringRef text) {
  // The text goes in as an argument: a '%' in a user's name is no format.
  diagnostics.Report(where, diagnostics.getCustomDiagID(level, "%0")) << text;
}

void reportError(DiagnosticsEngine &diagnostics, SourceLocation where,
                 llvm::StringRef text) {
  report(diagnostics, DiagnosticsEngine::Error, where, text);
}

void reportNote(DiagnosticsEngine &diagnostics, SourceLocation where,
                llvm::StringRef text) {
  report(diagnostics, DiagnosticsEngine::Note, where, text);
}

void reportWarning(DiagnosticsEngine &diagnostics, SourceLocation where,
                   llvm::StringRef text) {
  report(diagnostics, DiagnosticsEngine::Warning, where, text);
}

const AnnotateAttr *findAttribute(const Decl *decl, llvm::StringRef name) {
  for (const auto *annotation : decl->specific_attrs<AnnotateAttr>())
    if (annotation->getAnnotation() == name)
      return annotation;
  return nullptr;
}

std::optional<unsigned> readEnumerator(const Expr *argument,
                                       llvm::StringRef type, unsigned count,
                                       const ASTContext &context) {
  const auto *found =
      argument->IgnoreParenImpCasts()->getType()->getAsCanonical<EnumType>();
  Expr::EvalResult value;
  if (!found || found->getDecl()->getQualifiedNameAsString() != type ||
      !argument->EvaluateAsInt(value, context) ||
      value.Val.getInt().getZExtValue() >= count)
    return std::nullopt;
  return unsigned(value.Val.getInt().getZExtValue());
}

RkAttribute::RkAttribute(llvm::ArrayRef<Spelling> spellings,
                         unsigned maxArguments)
    : maxArguments(maxArguments) {
  Spellings = spellings;
  NumArgs = 0;
  OptArgs = 15; // counted in handleDeclAttribute, with a message of our own
}

static bool isOurs(const ParsedAttr &attribute) {
  return attribute.getScopeName() && attribute.getScopeName()->isStr("rk");
}

static std::string spelling(const ParsedAttr &attribute) {
  return "'[[rk::" + attribute.getAttrName()->getName().str() + "]]'";
}

bool RkAttribute::diagAppertainsToDecl(Sema &sema, const ParsedAttr &attribute,
                                       const Decl *decl) const {
  if (!isOurs(attribute)) {
    reportWarning(sema.getDiagnostics(), attribute.getLoc(),
                  "unknown attribute '" +
                      attribute.getAttrName()->getName().str() +
                      "' ignored; write " + spelling(attribute));
    return false;
  }
  std::string error = subjectError(decl);
  if (error.empty())
    return true;
  reportError(sema.getDiagnostics(), attribute.getLoc(),
              spelling(attribute) + " " + error);
  return false;
}

bool RkAttribute::diagAppertainsToStmt(Sema &sema, const ParsedAttr &attribute,
                                       const Stmt *) const {
  if (isOurs(attribute))
    reportError(sema.getDiagnostics(), attribute.getLoc(),
                spelling(attribute) + " cannot stand on a statement");
  return false;
}

/// Clang hands over a lone name unread: `[[rk::handler(Warp)]]`. Returns what
/// it names, or null after an error message.
static Expr *readName(Sema &sema, const IdentifierLoc *name) {
  CXXScopeSpec scope;
  UnqualifiedId id;
  id.setIdentifier(name->getIdentifierInfo(), name->getLoc());
  ExprResult value = sema.ActOnIdExpression(
      sema.getCurScope(), scope, SourceLocation(), id,
      /*HasTrailingLParen=*/false, /*IsAddressOfOperand=*/false);
  return value.isInvalid() ? nullptr : value.get();
}

ParsedAttrInfo::AttrHandling
RkAttribute::handleDeclAttribute(Sema &sema, Decl *decl,
                                 const ParsedAttr &attribute) const {
  if (attribute.getNumArgs() > maxArguments) {
    reportError(sema.getDiagnostics(), attribute.getLoc(),
                spelling(attribute) + " takes " +
                    (maxArguments ? "at most one argument" : "no arguments"));
    return AttributeNotApplied;
  }
  llvm::SmallVector<Expr *, 2> arguments;
  for (unsigned index = 0; index < attribute.getNumArgs(); ++index) {
    Expr *argument = attribute.isArgExpr(index)
                         ? attribute.getArgAsExpr(index)
                         : readName(sema, attribute.getArgAsIdent(index));
    if (!argument)
      return AttributeNotApplied;
    arguments.push_back(argument);
  }
  // Wraps each argument in a ConstantExpr, which CodeGen relies on.
  if (!sema.ConstantFoldAttrArgs(attribute, arguments))
    return AttributeNotApplied;
  std::string name = "rk::" + attribute.getAttrName()->getName().str();
  decl->addAttr(AnnotateAttr::Create(sema.Context, name, arguments.data(),
                                     arguments.size(), attribute.getRange()));
  return AttributeApplied;
}

} // namespace rkc::frontend
