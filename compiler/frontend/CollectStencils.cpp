//===- CollectStencils.cpp - From the AST to stencil records ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/CollectInternal.h"

#include "attributes/AttributeInternal.h"

#include "rk/abi/Stencil.h"

#include "clang/AST/DeclTemplate.h"
#include "clang/AST/RecordLayout.h"

using namespace clang;

namespace rkc::frontend {
namespace {

/// Returns `type` as a specialization of the template `name`, or null.
const ClassTemplateSpecializationDecl *specialization(QualType type,
                                                      llvm::StringRef name) {
  const auto *record = type->getAsCXXRecordDecl();
  const auto *found = dyn_cast_or_null<ClassTemplateSpecializationDecl>(record);
  return found && found->getQualifiedNameAsString() == name ? found : nullptr;
}

int64_t integerArgument(const ClassTemplateSpecializationDecl &type,
                        unsigned index) {
  return type.getTemplateArgs().get(index).getAsIntegral().getExtValue();
}

class StencilReader {
public:
  StencilReader(Sema &sema, const CXXRecordDecl *stencil, StencilRecord &record)
      : sema(sema), context(sema.Context), stencil(stencil), record(record) {}

  bool read() {
    if (stencil->getNumBases() != 0)
      return error(stencil->getLocation(),
                   "stencil '" + stencil->getNameAsString() +
                       "' has a base class: make it a member");
    const auto size =
        context.getTypeSizeInChars(context.getCanonicalTagType(stencil))
            .getQuantity();
    if (size > int64_t(rk::abi::MaxStencilParameterBytes))
      return error(stencil->getLocation(),
                   "the parameters of stencil '" + stencil->getNameAsString() +
                       "' have " + std::to_string(size) + " bytes, at most " +
                       std::to_string(rk::abi::MaxStencilParameterBytes) +
                       " are allowed: put what differs from cell to cell into "
                       "rk::Coefficients");
    return readUpdate() && readArrays();
  }

private:
  bool error(SourceLocation where, const std::string &text) {
    reportError(sema.getDiagnostics(), where, text);
    return false;
  }

  SourcePoint pointOf(SourceLocation location) const {
    PresumedLoc place = context.getSourceManager().getPresumedLoc(
        context.getSourceManager().getExpansionLoc(location));
    if (place.isInvalid())
      return {};
    return {place.getFilename(), place.getLine(), place.getColumn()};
  }

  bool readUpdate() {
    const CXXMethodDecl *update = nullptr;
    for (const CXXMethodDecl *method : stencil->methods()) {
      if (!findAttribute(method, UpdateAttribute))
        continue;
      if (update)
        return error(method->getLocation(),
                     "stencil '" + stencil->getNameAsString() +
                         "' has two updates: a step makes one");
      update = method;
    }
    if (!update)
      return error(stencil->getLocation(),
                   "stencil '" + stencil->getNameAsString() +
                       "' has no update: add '[[rk::update]] void "
                       "update(rk::Cell<...> &cell) const'");
    const ClassTemplateSpecializationDecl *cell = nullptr;
    if (update->getNumParams() == 1) {
      QualType type = update->getParamDecl(0)->getType();
      if (type->isLValueReferenceType() &&
          !type->getPointeeType().isConstQualified())
        cell = specialization(type->getPointeeType(), "rk::Cell");
    }
    if (!cell || !update->isConst() || update->getAccess() != AS_public ||
        !update->getReturnType()->isVoidType())
      return error(update->getLocation(),
                   "an update has the form 'void update(rk::Cell<dimensions, "
                   "radius> &cell) const' and is public");
    record.dimensions = unsigned(integerArgument(*cell, 0));
    record.radius = unsigned(integerArgument(*cell, 1));
    record.isStar = integerArgument(*cell, 2) == 1;
    record.update = pointOf(update->getLocation());
    return true;
  }

  bool readArrays() {
    const ASTRecordLayout &layout = context.getASTRecordLayout(stencil);
    bool anyField = false;
    uint32_t entries = 0;
    for (const FieldDecl *member : stencil->fields()) {
      const auto *field = specialization(member->getType(), "rk::Field");
      const auto *coefficients =
          specialization(member->getType(), "rk::Coefficients");
      if (!field && !coefficients)
        continue;
      StencilArrayRecord array;
      array.name = member->getNameAsString();
      array.offset = context
                         .toCharUnitsFromBits(
                             layout.getFieldOffset(member->getFieldIndex()))
                         .getQuantity();
      array.isCoefficient = coefficients != nullptr;
      array.levels = field ? unsigned(integerArgument(*field, 1)) : 1;
      array.where = pointOf(member->getLocation());
      if (!readElement(member, *(field ? field : coefficients), array))
        return false;
      anyField |= field != nullptr;
      entries += array.levels + (field ? 1 : 0);
      record.arrays.push_back(std::move(array));
    }
    if (!anyField)
      return error(stencil->getLocation(), "stencil '" +
                                               stencil->getNameAsString() +
                                               "' has no rk::Field, so a step "
                                               "could not change anything");
    if (entries > rk::abi::MaxStencilEntries)
      return error(stencil->getLocation(),
                   "the fields and coefficients of stencil '" +
                       stencil->getNameAsString() + "' need " +
                       std::to_string(entries) + " arrays, at most " +
                       std::to_string(rk::abi::MaxStencilEntries) +
                       " are allowed");
    return true;
  }

  bool readElement(const FieldDecl *member,
                   const ClassTemplateSpecializationDecl &type,
                   StencilArrayRecord &array) {
    QualType element =
        context.getCanonicalType(type.getTemplateArgs().get(0).getAsType());
    if (sema.RequireCompleteType(member->getLocation(), element,
                                 diag::err_incomplete_type))
      return false;
    array.bytes = uint64_t(context.getTypeSizeInChars(element).getQuantity());
    array.isFloat = element->isSpecificBuiltinType(BuiltinType::Float) ||
                    element->isSpecificBuiltinType(BuiltinType::Double);
    const bool fits = array.bytes == 1 || array.bytes == 2 ||
                      array.bytes == 4 || array.bytes == 8;
    if (!fits || !element.isTriviallyCopyableType(context))
      return error(member->getLocation(),
                   "the values of '" + array.name +
                       "' are trivially copyable and have 1, 2, 4 or 8 bytes: "
                       "put larger ones into several fields");
    return true;
  }

  Sema &sema;
  ASTContext &context;
  const CXXRecordDecl *stencil;
  StencilRecord &record;
};

} // namespace

bool readStencil(Sema &sema, const CXXRecordDecl *stencil,
                 StencilRecord &record) {
  return StencilReader(sema, stencil, record).read();
}

} // namespace rkc::frontend
