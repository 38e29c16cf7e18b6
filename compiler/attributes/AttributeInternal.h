//===- AttributeInternal.h - Base of the rk attributes ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the `[[rk::...]]` attributes share. Each lowers to Clang's `annotate`
/// with the attribute's name, so the rest of the frontend reads only the AST.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "clang/AST/Attr.h"
#include "clang/AST/DeclCXX.h"
#include "clang/Basic/ParsedAttrInfo.h"
#include "clang/Sema/ParsedAttr.h"
#include "clang/Sema/Sema.h"

#include <optional>

namespace rkc::frontend {

inline constexpr const char ActorAttribute[] = "rk::actor";
inline constexpr const char BoundaryAttribute[] = "rk::boundary";
inline constexpr const char HandlerAttribute[] = "rk::handler";
inline constexpr const char MessageAttribute[] = "rk::message";
inline constexpr const char ReduceAttribute[] = "rk::reduce";
inline constexpr const char ResidentAttribute[] = "rk::resident";
inline constexpr const char StencilAttribute[] = "rk::stencil";
inline constexpr const char UpdateAttribute[] = "rk::update";

/// Reports `text` as an error at `where`.
void reportError(clang::DiagnosticsEngine &diagnostics,
                 clang::SourceLocation where, llvm::StringRef text);
void reportNote(clang::DiagnosticsEngine &diagnostics,
                clang::SourceLocation where, llvm::StringRef text);
void reportWarning(clang::DiagnosticsEngine &diagnostics,
                   clang::SourceLocation where, llvm::StringRef text);

/// Returns the annotation that the attribute `name` left on `decl`, or null.
const clang::AnnotateAttr *findAttribute(const clang::Decl *decl,
                                         llvm::StringRef name);

/// Reads an attribute's argument that is an enumerator of `type`, below
/// `count`; null if it is something else.
std::optional<unsigned> readEnumerator(const clang::Expr *argument,
                                       llvm::StringRef type, unsigned count,
                                       const clang::ASTContext &context);

/// One attribute of the scope `rk`.
class RkAttribute : public clang::ParsedAttrInfo {
protected:
  /// `spellings` holds the scoped name first and the bare name second: Clang
  /// looks a registered attribute up by its bare name when it decides whether
  /// to parse arguments, and drops them if it does not find it.
  RkAttribute(llvm::ArrayRef<Spelling> spellings, unsigned maxArguments);

  /// Returns why the attribute may not stand on `decl`; empty if it may.
  virtual std::string subjectError(const clang::Decl *decl) const = 0;

private:
  bool diagAppertainsToDecl(clang::Sema &sema,
                            const clang::ParsedAttr &attribute,
                            const clang::Decl *decl) const override;
  bool diagAppertainsToStmt(clang::Sema &sema,
                            const clang::ParsedAttr &attribute,
                            const clang::Stmt *statement) const override;
  AttrHandling
  handleDeclAttribute(clang::Sema &sema, clang::Decl *decl,
                      const clang::ParsedAttr &attribute) const override;

  unsigned maxArguments;
};

/// Each makes its attribute known to Clang. Calling one also makes the linker
/// keep the object that registers it.
void registerActorAttribute();
void registerBoundaryAttribute();
void registerHandlerAttribute();
void registerMessageAttribute();
void registerReduceAttribute();
void registerResidentAttribute();
void registerStencilAttribute();
void registerUpdateAttribute();

} // namespace rkc::frontend
