//===- CollectInternal.h - From the AST to program records -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "frontend/ProgramInternal.h"

#include "rk/abi/StencilReduction.h"

#include "clang/Sema/Sema.h"

namespace rkc::frontend {

/// A method marked `[[rk::reduce]]`.
struct ReductionForm {
  const clang::CXXMethodDecl *method;
  rk::abi::StencilCombine combine;
};

/// Finds the actors and messages of one translation unit, checks them, and
/// instantiates what the device calls for each handler. Call it at the end of
/// the translation unit, before code generation ends.
///
/// Errors    reported through the diagnostics of `sema`; the program is then
///           incomplete.
Program collectProgram(clang::Sema &sema);

/// Finds the reductions of a stencil and checks their form.
///
/// Errors    false, after a message.
bool readReductions(clang::Sema &sema, const clang::CXXRecordDecl *stencil,
                    std::vector<ReductionForm> &reductions);

/// Reads a stencil's form, arrays and update, and checks them.
///
/// Errors    false, after a message.
bool readStencil(clang::Sema &sema, const clang::CXXRecordDecl *stencil,
                 StencilRecord &record);

/// Instantiates `rk::detail` templates for the types of a program.
class DslTemplates {
public:
  explicit DslTemplates(clang::Sema &sema);

  /// Returns whether `rk/actor.h` was included.
  bool found() const { return thunk && tag; }
  /// Instantiates the thunk of one handler and returns its symbol.
  std::string instantiateThunk(clang::QualType actor, clang::QualType message,
                               clang::SourceLocation where);
  /// Returns the symbol of `rk::detail::typeTag<type>`.
  std::string typeTag(clang::QualType type, clang::SourceLocation where);
  /// Returns whether `rk/stencil.h` was included.
  bool hasStencils() const { return stencilThunk && boundaryThunk && tag; }
  /// Instantiate a thunk of a stencil and return its symbol.
  std::string instantiateStencilThunk(clang::QualType stencil,
                                      clang::SourceLocation where);
  std::string instantiateBoundaryThunk(clang::QualType stencil,
                                       clang::SourceLocation where);
  /// Instantiates what a reduction needs; false after a message.
  bool instantiateReduction(const ReductionForm &form,
                            StencilReductionRecord &record);
  /// Completes everything that the thunks need.
  void finish();

private:
  clang::FunctionDecl *
  declare(clang::FunctionTemplateDecl *function,
          llvm::ArrayRef<clang::TemplateArgument> arguments,
          clang::SourceLocation where);
  std::string instantiate(clang::FunctionTemplateDecl *function,
                          llvm::ArrayRef<clang::TemplateArgument> arguments,
                          clang::SourceLocation where);

  clang::Sema &sema;
  clang::FunctionTemplateDecl *thunk = nullptr;
  clang::FunctionTemplateDecl *stencilThunk = nullptr;
  clang::FunctionTemplateDecl *boundaryThunk = nullptr;
  clang::FunctionTemplateDecl *reductionTag = nullptr;
  clang::FunctionTemplateDecl *reduceThunk = nullptr;
  clang::FunctionTemplateDecl *combineThunk = nullptr;
  clang::FunctionTemplateDecl *foldThunk = nullptr;
  clang::VarTemplateDecl *tag = nullptr;
};

/// Returns the FNV-1a hash of `typeid(type).name()`.
uint64_t typeHash(clang::QualType type, clang::ASTContext &context);

} // namespace rkc::frontend
