//===- CollectStencils.cpp - From the AST to stencil records ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/CollectInternal.h"

#include "attributes/AttributeInternal.h"

#include "rk/abi/FloatFormats.h"
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
    return readUpdate() && readBoundary() && readArrays();
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

  /// Finds the only method with an attribute; null if there is none. Two of
  /// them are an error with the text `second`.
  bool findMethod(llvm::StringRef attribute, const std::string &second,
                  const CXXMethodDecl *&found) {
    for (const CXXMethodDecl *method : stencil->methods()) {
      if (!findAttribute(method, attribute))
        continue;
      if (found)
        return error(method->getLocation(),
                     "stencil '" + stencil->getNameAsString() + "' " + second);
      found = method;
    }
    return true;
  }

  /// Returns the specialization of the template `name` that `method` takes by
  /// reference as its only parameter; null if the method has another form.
  const ClassTemplateSpecializationDecl *
  parameterOf(const CXXMethodDecl *method, llvm::StringRef name) {
    if (method->getNumParams() != 1 || !method->isConst() ||
        method->getAccess() != AS_public ||
        !method->getReturnType()->isVoidType())
      return nullptr;
    QualType type = method->getParamDecl(0)->getType();
    if (!type->isLValueReferenceType() ||
        type->getPointeeType().isConstQualified())
      return nullptr;
    return specialization(type->getPointeeType(), name);
  }

  bool readUpdate() {
    const CXXMethodDecl *update = nullptr;
    if (!findMethod(UpdateAttribute, "has two updates: a step makes one",
                    update))
      return false;
    if (!update)
      return error(stencil->getLocation(),
                   "stencil '" + stencil->getNameAsString() +
                       "' has no update: add '[[rk::update]] void "
                       "update(rk::Cell<...> &cell) const'");
    const auto *cell = parameterOf(update, "rk::Cell");
    if (!cell)
      return error(update->getLocation(),
                   "an update has the form 'void update(rk::Cell<dimensions, "
                   "radius> &cell) const' and is public");
    record.dimensions = unsigned(integerArgument(*cell, 0));
    record.radius = unsigned(integerArgument(*cell, 1));
    record.isStar = integerArgument(*cell, 2) == 1;
    record.update = {"update", "", pointOf(update->getLocation())};
    return true;
  }

  bool readBoundary() {
    const CXXMethodDecl *boundary = nullptr;
    if (!findMethod(BoundaryAttribute,
                    "has two boundaries: its faces share one, which asks "
                    "'place.face()'",
                    boundary))
      return false;
    if (!boundary)
      return true;
    const auto *place = parameterOf(boundary, "rk::Outside");
    if (!place)
      return error(boundary->getLocation(),
                   "a boundary has the form 'void boundary(rk::Outside<"
                   "dimensions> &place) const' and is public");
    if (integerArgument(*place, 0) != record.dimensions)
      return error(boundary->getLocation(),
                   "the boundary of stencil '" + stencil->getNameAsString() +
                       "' is for " +
                       std::to_string(integerArgument(*place, 0)) +
                       " dimensions and its update for " +
                       std::to_string(record.dimensions) +
                       ": give rk::Outside and rk::Cell the same");
    record.boundary = {"boundary", "", pointOf(boundary->getLocation())};
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
      const size_t before = record.arrays.size();
      if (!addArrays(member, *(field ? field : coefficients), array))
        return false;
      anyField |= field != nullptr;
      entries += uint32_t(record.arrays.size() - before) *
                 (array.levels + (field ? 1 : 0));
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

  /// Sets what kind of number `type` is.
  static void readNumber(QualType type, StencilArrayRecord &array) {
    const auto *builtin = type->getAs<BuiltinType>();
    const auto *low = specialization(type, "rk::LowPrecision");
    array.isBrain = (builtin && builtin->getKind() == BuiltinType::BFloat16) ||
                    (low && integerArgument(*low, 0) ==
                                int64_t(rk::abi::FloatFormat::Bf16));
    array.isFloat = array.isBrain ||
                    (builtin && (builtin->getKind() == BuiltinType::Half ||
                                 builtin->getKind() == BuiltinType::Float16 ||
                                 builtin->getKind() == BuiltinType::Float ||
                                 builtin->getKind() == BuiltinType::Double));
  }

  /// Returns what lies `offset` bytes into a value of `type` and has `bytes`
  /// bytes; null if it is part of something larger, or several things.
  QualType memberAt(QualType type, int64_t offset, int64_t bytes) const {
    if (offset == 0 &&
        context.getTypeSizeInChars(type).getQuantity() == bytes &&
        !type->isConstantArrayType() && !type->isRecordType())
      return type;
    if (const auto *list = context.getAsConstantArrayType(type)) {
      QualType element = list->getElementType();
      const auto size = context.getTypeSizeInChars(element).getQuantity();
      return memberAt(element, offset % size, bytes);
    }
    const auto *structure = type->getAsCXXRecordDecl();
    if (!structure || structure->isUnion())
      return {};
    const ASTRecordLayout &layout = context.getASTRecordLayout(structure);
    auto within = [&](CharUnits start, QualType inner) {
      const int64_t begin = start.getQuantity();
      const auto size = context.getTypeSizeInChars(inner).getQuantity();
      return offset >= begin && offset < begin + size;
    };
    for (const CXXBaseSpecifier &base : structure->bases()) {
      const CharUnits start =
          layout.getBaseClassOffset(base.getType()->getAsCXXRecordDecl());
      if (within(start, base.getType()))
        return memberAt(base.getType(), offset - start.getQuantity(), bytes);
    }
    for (const FieldDecl *field : structure->fields()) {
      const CharUnits start = context.toCharUnitsFromBits(
          layout.getFieldOffset(field->getFieldIndex()));
      if (!field->isBitField() && within(start, field->getType()))
        return memberAt(context.getCanonicalType(field->getType()),
                        offset - start.getQuantity(), bytes);
    }
    return {};
  }

  /// Adds the array of a member, or one for each word of its values.
  bool addArrays(const FieldDecl *member,
                 const ClassTemplateSpecializationDecl &type,
                 StencilArrayRecord array) {
    QualType element =
        context.getCanonicalType(type.getTemplateArgs().get(0).getAsType());
    if (sema.RequireCompleteType(member->getLocation(), element,
                                 diag::err_incomplete_type))
      return false;
    const auto bytes = context.getTypeSizeInChars(element).getQuantity();
    if (bytes < 1 || bytes > int64_t(rk::abi::MaxStencilElementBytes) ||
        !element.isTriviallyCopyableType(context))
      return error(member->getLocation(),
                   "the values of '" + array.name +
                       "' are trivially copyable and have at most " +
                       std::to_string(rk::abi::MaxStencilElementBytes) +
                       " bytes: put larger ones into several fields");
    if (bytes <= 8 && llvm::isPowerOf2_64(uint64_t(bytes))) {
      array.bytes = uint64_t(bytes);
      readNumber(element, array);
      record.arrays.push_back(std::move(array));
      return true;
    }
    const auto word = std::min<int64_t>(
        8, context.getTypeAlignInChars(element).getQuantity());
    const std::string name = array.name;
    for (int64_t offset = 0; offset < bytes; offset += word) {
      array.part = unsigned(offset / word);
      array.name = name + "." + std::to_string(array.part);
      array.bytes = uint64_t(word);
      array.isFloat = array.isBrain = false;
      if (QualType inner = memberAt(element, offset, word); !inner.isNull())
        readNumber(inner, array);
      record.arrays.push_back(array);
    }
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
