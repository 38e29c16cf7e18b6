//===- CollectReductions.cpp - Methods marked [[rk::reduce]] ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/CollectInternal.h"

#include "attributes/AttributeInternal.h"

#include "rk/abi/Stencil.h"

#include "clang/AST/DeclTemplate.h"
#include "llvm/ADT/StringSet.h"

using namespace clang;
using rk::abi::StencilCombine;

namespace rkc::frontend {
namespace {

class ReductionReader {
public:
  ReductionReader(Sema &sema, const CXXMethodDecl *method)
      : sema(sema), context(sema.Context), method(method),
        name(method->getNameAsString()) {}

  bool read(const AnnotateAttr *attribute, ReductionForm &form) {
    form.method = method;
    return checkForm() && checkResult() && readCombine(attribute, form);
  }

private:
  bool error(SourceLocation where, const std::string &text) {
    reportError(sema.getDiagnostics(), where, text);
    return false;
  }

  bool takesCell() const {
    if (method->getNumParams() != 1)
      return false;
    QualType type = method->getParamDecl(0)->getType();
    if (!type->isLValueReferenceType() ||
        !type->getPointeeType().isConstQualified())
      return false;
    const auto *cell = type->getPointeeType()->getAsCXXRecordDecl();
    return cell && cell->getQualifiedNameAsString() == "rk::Cell";
  }

  bool checkForm() {
    QualType result = method->getReturnType();
    if (takesCell() && method->isConst() && method->getAccess() == AS_public &&
        !result->isVoidType() && !result->isReferenceType() &&
        !result->isUndeducedType())
      return true;
    return error(method->getLocation(),
                 "a reduction has the form 'T " + name +
                     "(const rk::Cell<dimensions, radius> &cell) const' and "
                     "is public");
  }

  bool checkResult() {
    QualType result = method->getReturnType();
    if (sema.RequireCompleteType(method->getLocation(), result,
                                 diag::err_incomplete_type))
      return false;
    const auto size = context.getTypeSizeInChars(result).getQuantity();
    const auto align = context.getTypeAlignInChars(result).getQuantity();
    if (result.isTriviallyCopyableType(context) && align <= 16 &&
        size <= int64_t(rk::abi::MaxStencilResultBytes))
      return true;
    return error(method->getLocation(),
                 "what the reduction '" + name +
                     "' makes is trivially copyable, of at most " +
                     std::to_string(rk::abi::MaxStencilResultBytes) +
                     " bytes with an alignment of at most 16");
  }

  /// Whether T has `static T combine(T, T)`.
  bool hasCombine() const {
    const auto *record = method->getReturnType()->getAsCXXRecordDecl();
    return record && llvm::any_of(record->methods(), [](const auto *member) {
             return member->isStatic() &&
                    member->getDeclName().isIdentifier() &&
                    member->getName() == "combine" &&
                    member->getAccess() == AS_public &&
                    member->getNumParams() == 2;
           });
  }

  bool readCombine(const AnnotateAttr *attribute, ReductionForm &form) {
    if (attribute->args_size() == 0) {
      form.combine = StencilCombine(rk::abi::StencilCombineCount);
      if (hasCombine())
        return true;
      return error(method->getLocation(),
                   "how the values of the reduction '" + name +
                       "' are combined is not said: write "
                       "'[[rk::reduce(rk::Combine::Sum)]]', Minimum or "
                       "Maximum, or give the type of the values a public "
                       "'static T combine(const T &, const T &)'");
    }
    const Expr *argument = *attribute->args_begin();
    const auto value = readEnumerator(argument, "rk::abi::StencilCombine",
                                      rk::abi::StencilCombineCount, context);
    if (!value)
      return error(argument->getExprLoc(),
                   "the argument of '[[rk::reduce]]' is rk::Combine::Sum, "
                   "rk::Combine::Minimum or rk::Combine::Maximum");
    form.combine = StencilCombine(*value);
    if (method->getReturnType()->isArithmeticType())
      return true;
    return error(method->getLocation(),
                 "the reduction '" + name +
                     "' makes no numbers, so rk::Combine does not say how they "
                     "are combined: write '[[rk::reduce]]', and give the type "
                     "of the values a public 'static T combine(const T &, "
                     "const T &)'");
  }

  Sema &sema;
  ASTContext &context;
  const CXXMethodDecl *method;
  std::string name;
};

} // namespace

bool readReductions(Sema &sema, const CXXRecordDecl *stencil,
                    std::vector<ReductionForm> &reductions) {
  llvm::StringSet<> names;
  for (const CXXMethodDecl *method : stencil->methods()) {
    const AnnotateAttr *attribute = findAttribute(method, ReduceAttribute);
    if (!attribute)
      continue;
    ReductionForm form;
    if (!ReductionReader(sema, method).read(attribute, form))
      return false;
    if (!names.insert(method->getName()).second) {
      reportError(sema.getDiagnostics(), method->getLocation(),
                  "stencil '" + stencil->getNameAsString() +
                      "' has two reductions named '" +
                      method->getNameAsString() + "': rename one");
      return false;
    }
    reductions.push_back(form);
  }
  return true;
}

} // namespace rkc::frontend
