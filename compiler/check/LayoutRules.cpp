//===- LayoutRules.cpp - What may travel as bytes --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "check/CheckInternal.h"

#include "attributes/AttributeInternal.h"
#include "rk/abi/Bulk.h"
#include "rk/abi/Packet.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/RecordLayout.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLForwardCompat.h"

using namespace clang;

namespace rkc::frontend {

std::string typeName(QualType type, const ASTContext &context) {
  // A canonical type prints with all its qualifiers, template arguments and
  // anonymous namespaces included.
  PrintingPolicy policy(context.getLangOpts());
  policy.SuppressTagKeyword = true;
  policy.Bool = true;
  policy.SuppressInlineNamespace =
      llvm::to_underlying(PrintingPolicy::SuppressInlineNamespaceMode::All);
  QualType canonical = context.getCanonicalType(type);
  return canonical.getUnqualifiedType().getAsString(policy);
}

bool isDslTemplate(const CXXRecordDecl *record, llvm::StringRef name) {
  const auto *special = dyn_cast<ClassTemplateSpecializationDecl>(record);
  if (!special || special->getName() != name)
    return false;
  const auto *space = dyn_cast<NamespaceDecl>(
      special->getDeclContext()->getEnclosingNamespaceContext());
  return space && space->getName() == "rk" &&
         space->getParent()->getRedeclContext()->isTranslationUnit();
}

/// Returns the `rk::Bulk<T>` that a class is or is derived from, else null.
static const CXXRecordDecl *findBulk(const CXXRecordDecl *record) {
  if (!record || !record->hasDefinition())
    return nullptr;
  if (isDslTemplate(record, "Bulk"))
    return record;
  for (const CXXBaseSpecifier &base : record->getDefinition()->bases())
    if (const auto *found = findBulk(base.getType()->getAsCXXRecordDecl()))
      return found;
  return nullptr;
}

bool carriesBulk(QualType type, const ASTContext &) {
  return findBulk(type.getCanonicalType()->getAsCXXRecordDecl()) != nullptr;
}

namespace {

const char *roleName(TypeRole role) {
  switch (role) {
  case TypeRole::Message:
    return "message";
  case TypeRole::Reply:
    return "reply";
  case TypeRole::State:
    return "actor";
  }
  llvm_unreachable("all roles are listed");
}

/// A member that is at fault, and what is wrong with it.
struct Fault {
  std::string path;
  std::string what;
  SourceLocation where;
};

std::string joinPath(llvm::StringRef path, llvm::StringRef member) {
  return path.empty() ? member.str() : (path + "." + member).str();
}

/// Looks through a type for members that mean nothing on another machine.
class MemberSearch {
public:
  explicit MemberSearch(const ASTContext &context) : context(context) {}

  bool find(QualType type, const std::string &path, SourceLocation where,
            Fault &fault) {
    type = context.getCanonicalType(type);
    while (const ArrayType *array = context.getAsArrayType(type))
      type = context.getCanonicalType(array->getElementType());
    if (const char *what = leafFault(type)) {
      fault = {path, what, where};
      return true;
    }
    if (const auto *atomic = type->getAs<AtomicType>())
      return find(atomic->getValueType(), path, where, fault);
    const auto *record = type->getAsCXXRecordDecl();
    if (!record || !record->hasDefinition())
      return false;
    record = record->getDefinition();
    if (isDslTemplate(record, "device_ptr"))
      return false;
    return findInRecord(record, path, where, fault);
  }

private:
  static const char *leafFault(QualType type) {
    if (type->isReferenceType())
      return "is a reference";
    if (type->isMemberPointerType())
      return "is a pointer to member";
    if (type->isFunctionPointerType())
      return "is a function pointer";
    if (type->isAnyPointerType() || type->isNullPtrType())
      return "is a raw pointer";
    if (const auto *builtin = type->getAs<BuiltinType>())
      if (builtin->getKind() == BuiltinType::LongDouble)
        return "is a long double";
    if (const auto *complex = type->getAs<ComplexType>())
      return leafFault(complex->getElementType());
    return nullptr;
  }

  /// Inside a library's class the place stays that of the user's member.
  bool findInRecord(const CXXRecordDecl *record, const std::string &path,
                    SourceLocation where, Fault &fault) {
    bool isLibrary =
        context.getSourceManager().isInSystemHeader(record->getLocation());
    for (const CXXBaseSpecifier &base : record->bases())
      if (find(base.getType(), path, isLibrary ? where : base.getBeginLoc(),
               fault))
        return true;
    for (const FieldDecl *field : record->fields()) {
      std::string name = field->getNameAsString();
      if (name.empty() && record->isLambda())
        name = "(captured value)";
      std::string inner = name.empty() ? path : joinPath(path, name);
      if (find(field->getType(), inner,
               isLibrary ? where : field->getLocation(), fault))
        return true;
    }
    return false;
  }

  const ASTContext &context;
};

/// Returns what `method` is called if copying or destroying runs it, else null.
const char *copyingMember(const CXXMethodDecl *method) {
  if (isa<CXXDestructorDecl>(method))
    return "destructor";
  if (const auto *constructor = dyn_cast<CXXConstructorDecl>(method)) {
    if (constructor->isCopyConstructor())
      return "copy constructor";
    return constructor->isMoveConstructor() ? "move constructor" : nullptr;
  }
  if (method->isCopyAssignmentOperator())
    return "copy assignment";
  return method->isMoveAssignmentOperator() ? "move assignment" : nullptr;
}

/// Finds the reason why a record is not trivially copyable.
bool findCopyFault(const CXXRecordDecl *record, const std::string &path,
                   Fault &fault, const ASTContext &context);

bool findMemberCopyFault(const CXXRecordDecl *record, const std::string &path,
                         Fault &fault, const ASTContext &context) {
  for (const CXXBaseSpecifier &base : record->bases()) {
    const auto *inner = base.getType()->getAsCXXRecordDecl();
    if (inner && !base.getType().isTriviallyCopyableType(context) &&
        findCopyFault(inner->getDefinition(), path, fault, context))
      return true;
  }
  for (const FieldDecl *field : record->fields()) {
    QualType type = context.getBaseElementType(field->getType());
    const auto *inner = type->getAsCXXRecordDecl();
    if (!inner || type.isTriviallyCopyableType(context))
      continue;
    std::string name = joinPath(path, field->getNameAsString());
    Fault deeper;
    std::string why = "has the type '" +
                      field->getType().getUnqualifiedType().getAsString(
                          context.getPrintingPolicy()) +
                      "', which is not trivially copyable";
    // How a library builds its types is no help.
    bool isLibrary =
        context.getSourceManager().isInSystemHeader(inner->getLocation());
    if (!isLibrary &&
        findCopyFault(inner->getDefinition(), name, deeper, context) &&
        deeper.path != name)
      fault = deeper;
    else
      fault = {name, why, field->getLocation()};
    return true;
  }
  return false;
}

bool findCopyFault(const CXXRecordDecl *record, const std::string &path,
                   Fault &fault, const ASTContext &context) {
  for (const CXXMethodDecl *method : record->methods()) {
    if (method->isVirtual()) {
      fault = {path,
               "declares the virtual function '" + method->getNameAsString() +
                   "'",
               method->getLocation()};
      return true;
    }
  }
  if (record->getNumVBases()) {
    fault = {path, "has a virtual base class", record->getLocation()};
    return true;
  }
  if (findMemberCopyFault(record, path, fault, context))
    return true;
  for (const CXXMethodDecl *method : record->methods()) {
    const char *what = copyingMember(method);
    if (!what || !method->isUserProvided())
      continue;
    fault = {path,
             "has a " + std::string(what) +
                 " of its own: default it, or leave it out",
             method->getLocation()};
    return true;
  }
  fault = {path, "cannot be copied", record->getLocation()};
  return true;
}

class TypeCheck {
public:
  TypeCheck(Sema &sema, QualType type, TypeRole role, SourceLocation usedAt)
      : sema(sema), context(sema.Context), type(type), role(role),
        usedAt(usedAt), name(typeName(type, sema.Context)) {}

  bool run() {
    const auto *record = type->getAsCXXRecordDecl();
    if (record)
      usedAt = record->getLocation();
    return checkCopy(record) && checkMembers() && checkSize() &&
           checkBulk(record);
  }

private:
  std::string subject() const {
    return std::string(roleName(role)) + " '" + name + "'";
  }

  std::string member(const Fault &fault) const {
    return fault.path.empty() ? "'" + name + "' " + fault.what
                              : "member '" + fault.path + "' " + fault.what;
  }

  bool checkCopy(const CXXRecordDecl *record) {
    if (type.isTriviallyCopyableType(context))
      return true;
    reportError(sema.getDiagnostics(), usedAt,
                subject() + " must be trivially copyable: its bytes move "
                            "between host and device");
    Fault fault;
    if (record && findCopyFault(record->getDefinition(), "", fault, context))
      reportNote(sema.getDiagnostics(), fault.where, member(fault));
    return false;
  }

  bool checkMembers() {
    Fault fault;
    if (!MemberSearch(context).find(type, "", usedAt, fault))
      return true;
    bool isLongDouble = fault.what == "is a long double";
    std::string why =
        isLongDouble
            ? ": its size differs between host and device; use double"
            : ": an address of one machine means nothing on another; use "
              "rk::device_ptr<T> for memory that the device can reach, "
              "rk::ActorRef<T> for an actor, or an index";
    std::string path = fault.path.empty() ? "itself" : "'" + fault.path + "'";
    reportError(sema.getDiagnostics(), fault.where,
                (fault.path.empty()
                     ? subject() + " "
                     : "member " + path + " of " + subject() + " ") +
                    fault.what + why);
    return false;
  }

  bool checkSize() {
    uint64_t size = context.getTypeSizeInChars(type).getQuantity();
    uint64_t limit = role == TypeRole::State ? rk::abi::MaxStateBytes
                                             : rk::abi::MaxMessageBytes;
    if (size <= limit)
      return true;
    reportError(sema.getDiagnostics(), usedAt,
                subject() + " has " + std::to_string(size) +
                    " bytes; the limit is " + std::to_string(limit) +
                    (role == TypeRole::State
                         ? ": keep bulk data behind a rk::device_ptr<T>"
                         : ": send larger data in parts, or a "
                           "rk::device_ptr<T> to it"));
    return false;
  }

  /// What frees a payload finds it at the beginning of the packet.
  bool checkBulk(const CXXRecordDecl *record) {
    const CXXRecordDecl *bulk = findBulk(record);
    if (!bulk)
      return true;
    if (role == TypeRole::State) {
      reportError(sema.getDiagnostics(), usedAt,
                  subject() + " is derived from rk::Bulk, as messages with a "
                              "payload are: keep it in a member");
      return false;
    }
    uint64_t size = context.getTypeSizeInChars(type).getQuantity();
    if (size > rk::abi::MaxBulkMessageBytes) {
      reportError(sema.getDiagnostics(), usedAt,
                  subject() + " has " + std::to_string(size) +
                      " bytes; with a bulk payload the limit is " +
                      std::to_string(rk::abi::MaxBulkMessageBytes) +
                      ": put the rest into the payload");
      return false;
    }
    const CXXRecordDecl *at = record->getDefinition();
    while (at != bulk) {
      const CXXRecordDecl *next = nullptr;
      for (const CXXBaseSpecifier &base : at->bases())
        if (const auto *inner = base.getType()->getAsCXXRecordDecl();
            findBulk(inner) && !next)
          next = inner->getDefinition();
      if (!context.getASTRecordLayout(at).getBaseClassOffset(next).isZero()) {
        reportError(sema.getDiagnostics(), usedAt,
                    subject() + " does not begin with its rk::Bulk: name it "
                                "first among the bases");
        return false;
      }
      at = next;
    }
    return true;
  }

  Sema &sema;
  const ASTContext &context;
  QualType type;
  TypeRole role;
  SourceLocation usedAt;
  std::string name;
};

} // namespace

bool checkTravellingType(Sema &sema, QualType type, TypeRole role,
                         SourceLocation usedAt) {
  return TypeCheck(sema, type, role, usedAt).run();
}

} // namespace rkc::frontend
