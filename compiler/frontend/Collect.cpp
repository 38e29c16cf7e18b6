//===- Collect.cpp - From the AST to program records -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/CollectInternal.h"

#include "attributes/AttributeInternal.h"
#include "check/CheckInternal.h"

#include "rk/abi/Residents.h"

#include "clang/AST/RecordLayout.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

using namespace clang;

namespace rkc::frontend {
namespace {

/// Finds marked classes, instantiations included, in order of definition.
class MarkedClasses : public RecursiveASTVisitor<MarkedClasses> {
public:
  bool shouldVisitTemplateInstantiations() const { return true; }

  bool TraverseNamespaceDecl(NamespaceDecl *space) {
    // The standard library is large and holds no actors.
    if (space->isStdNamespace())
      return true;
    return RecursiveASTVisitor::TraverseNamespaceDecl(space);
  }

  bool VisitCXXRecordDecl(CXXRecordDecl *record) {
    if (!record->isThisDeclarationADefinition() ||
        record->isDependentContext() || record->isInvalidDecl())
      return true;
    if (findAttribute(record, ActorAttribute))
      actors.insert(record);
    else if (hasOwnHandler(record))
      bystanders.insert(record);
    if (findAttribute(record, ResidentAttribute))
      residents.insert(record);
    if (findAttribute(record, MessageAttribute))
      messages.insert(record);
    if (findAttribute(record, StencilAttribute))
      stencils.insert(record);
    return true;
  }

  llvm::SetVector<CXXRecordDecl *> actors, messages, bystanders, residents,
      stencils;

private:
  static bool hasOwnHandler(const CXXRecordDecl *record) {
    return llvm::any_of(record->methods(), [](const CXXMethodDecl *method) {
      return findAttribute(method, HandlerAttribute) != nullptr;
    });
  }
};

class Collector {
public:
  explicit Collector(Sema &sema)
      : sema(sema), context(sema.Context), templates(sema) {}

  Program run() {
    MarkedClasses marked;
    marked.TraverseDecl(context.getTranslationUnitDecl());
    if (!marked.actors.empty() && !templates.found()) {
      reportError(sema.getDiagnostics(), marked.actors.front()->getLocation(),
                  "an actor needs '#include <rk/actor.h>'");
      return {};
    }
    if (!marked.stencils.empty() && !templates.hasStencils()) {
      reportError(sema.getDiagnostics(), marked.stencils.front()->getLocation(),
                  "a stencil needs '#include <rk/stencil.h>'");
      return {};
    }
    for (CXXRecordDecl *message : marked.messages)
      if (templates.found())
        addMessage(context.getCanonicalTagType(message), TypeRole::Message,
                   message->getLocation());
    for (CXXRecordDecl *actor : marked.actors)
      addActor(actor);
    for (CXXRecordDecl *stencil : marked.stencils)
      addStencil(stencil);
    for (CXXRecordDecl *record : marked.residents)
      checkResident(record);
    for (CXXRecordDecl *record : marked.bystanders)
      if (!isBaseOfActor(record, marked))
        reportWarning(sema.getDiagnostics(), record->getLocation(),
                      "'" + nameOf(context.getCanonicalTagType(record)) +
                          "' has handlers but is no actor, nor a base of one: "
                          "mark it [[rk::actor]]");
    if (templates.found() && !sema.getDiagnostics().hasErrorOccurred())
      templates.finish();
    sortProgram();
    checkNames();
    return std::move(program);
  }

private:
  /// In the program every type has its name to itself.
  void checkNames() {
    llvm::StringMap<SourceLocation> used;
    for (const auto &[name, where] : namesUsed) {
      if (used.try_emplace(name, where).second)
        continue;
      reportError(sema.getDiagnostics(), where,
                  "'" + name +
                      "' is already the name of another message or actor: "
                      "rename one of them, or put them in namespaces");
      reportNote(sema.getDiagnostics(), used.lookup(name), "the other is here");
    }
  }

  /// A resident actor's state has a place in shared memory.
  void checkResident(const CXXRecordDecl *record) {
    QualType type = context.getCanonicalTagType(record);
    if (!findAttribute(record, ActorAttribute)) {
      reportError(sema.getDiagnostics(), record->getLocation(),
                  "'" + nameOf(type) +
                      "' is marked [[rk::resident]] but is no actor: write "
                      "'[[rk::actor, rk::resident]]'");
      return;
    }
    const auto size = uint64_t(context.getTypeSizeInChars(type).getQuantity());
    if (size > rk::abi::MaxResidentStateBytes)
      reportError(sema.getDiagnostics(), record->getLocation(),
                  "the state of the resident actor '" + nameOf(type) +
                      "' has " + std::to_string(size) + " bytes, and " +
                      std::to_string(rk::abi::MaxResidentStateBytes) +
                      " fit into its place in shared memory: make it smaller, "
                      "or do without [[rk::resident]]");
  }

  static bool isBaseOfActor(const CXXRecordDecl *record,
                            const MarkedClasses &marked) {
    return llvm::any_of(marked.actors, [&](const CXXRecordDecl *actor) {
      return actor->isDerivedFrom(record);
    });
  }

  std::string nameOf(QualType type) const { return typeName(type, context); }

  SourcePoint pointOf(SourceLocation location) const {
    PresumedLoc place = context.getSourceManager().getPresumedLoc(
        context.getSourceManager().getExpansionLoc(location));
    if (place.isInvalid())
      return {};
    return {place.getFilename(), place.getLine(), place.getColumn()};
  }

  TypeRecord recordOf(QualType type, SourceLocation where) {
    TypeRecord record;
    record.name = nameOf(type);
    record.hash = typeHash(type, context);
    record.size = context.getTypeSizeInChars(type).getQuantity();
    record.align = context.getTypeAlignInChars(type).getQuantity();
    record.tag = templates.typeTag(type, where);
    const auto *declared = type->getAsTagDecl();
    if (declared)
      where = declared->getLocation();
    record.where = pointOf(where);
    namesUsed.emplace_back(record.name, where);
    return record;
  }

  bool addMessage(QualType type, TypeRole role, SourceLocation where) {
    type = context.getCanonicalType(type).getUnqualifiedType();
    if (!checkedMessages.insert(type.getAsOpaquePtr()).second)
      return true;
    if (sema.RequireCompleteType(where, type, diag::err_incomplete_type) ||
        !checkTravellingType(sema, type, role, where))
      return false;
    program.messages.push_back(recordOf(type, where));
    program.messages.back().isBulk = carriesBulk(type, context);
    return true;
  }

  void addActor(CXXRecordDecl *actor) {
    QualType type = context.getCanonicalTagType(actor);
    SourceLocation where = actor->getLocation();
    bool valid = checkTravellingType(sema, type, TypeRole::State, where);
    ActorRecord record;
    valid &= readWhenFull(sema, actor, record.whenFull);
    if (findAttribute(actor, ResidentAttribute) &&
        record.whenFull == rk::abi::WhenFull::DropOldest) {
      reportError(sema.getDiagnostics(), actor->getLocation(),
                  "resident actors cannot drop their oldest messages: write "
                  "rk::WhenFull::Fail or rk::WhenFull::DeadLetter");
      valid = false;
    }
    std::vector<HandlerForm> handlers = findHandlers(sema, actor, valid);
    valid &= checkExtent(sema, actor, handlers);
    for (const HandlerForm &handler : handlers) {
      SourceLocation at = handler.method->getLocation();
      valid &= addMessage(handler.message, TypeRole::Message, at);
      if (carriesBulk(handler.message, context) &&
          !handler.method->getParamDecl(0)->getType()->isReferenceType()) {
        reportError(sema.getDiagnostics(), at,
                    "a handler takes a message with a bulk payload by "
                    "reference to const: 'on(const " +
                        nameOf(handler.message) + " &)'");
        valid = false;
      }
      if (!handler.reply.isNull())
        valid &= addMessage(handler.reply, TypeRole::Reply, at);
    }
    if (handlers.empty() && valid)
      reportWarning(sema.getDiagnostics(), where,
                    "actor '" + nameOf(type) +
                        "' has no handlers, so nothing can be sent to it: add "
                        "'[[rk::handler]] void on(Message)'");
    if (!valid)
      return;
    static_cast<TypeRecord &>(record) = recordOf(type, where);
    record.isResident = findAttribute(actor, ResidentAttribute) != nullptr;
    addFields(record, actor, "", CharUnits::Zero());
    for (const HandlerForm &handler : handlers)
      record.handlers.push_back(handlerOf(type, handler));
    program.actors.push_back(std::move(record));
  }

  void addStencil(CXXRecordDecl *stencil) {
    QualType type = context.getCanonicalTagType(stencil);
    SourceLocation where = stencil->getLocation();
    StencilRecord record;
    if (!checkTravellingType(sema, type, TypeRole::State, where) ||
        !readStencil(sema, stencil, record))
      return;
    static_cast<TypeRecord &>(record) = recordOf(type, where);
    record.update.thunk = templates.instantiateStencilThunk(type, where);
    if (!record.boundary.name.empty())
      record.boundary.thunk = templates.instantiateBoundaryThunk(type, where);
    std::vector<ReductionForm> reductions;
    if (!readReductions(sema, stencil, reductions))
      return;
    for (const ReductionForm &form : reductions) {
      StencilReductionRecord reduction;
      reduction.term.where = pointOf(form.method->getLocation());
      if (!templates.instantiateReduction(form, reduction))
        return;
      record.reductions.push_back(std::move(reduction));
    }
    program.stencils.push_back(std::move(record));
  }

  HandlerRecord handlerOf(QualType actor, const HandlerForm &handler) {
    SourceLocation where = handler.method->getLocation();
    HandlerRecord record;
    record.message = nameOf(handler.message);
    if (!handler.reply.isNull())
      record.reply = nameOf(handler.reply);
    record.lanes = handler.lanes;
    record.where = pointOf(where);
    record.thunk = templates.instantiateThunk(actor, handler.message, where);
    return record;
  }

  /// Lists the fields of `record` and, before them, those of its bases.
  void addFields(ActorRecord &actor, const CXXRecordDecl *record,
                 const std::string &prefix, CharUnits start) {
    const ASTRecordLayout &layout = context.getASTRecordLayout(record);
    for (const CXXBaseSpecifier &base : record->bases())
      if (const auto *inner = base.getType()->getAsCXXRecordDecl())
        addFields(actor, inner, prefix + inner->getNameAsString() + "::",
                  start + layout.getBaseClassOffset(inner));
    for (const FieldDecl *field : record->fields()) {
      std::string name = field->getNameAsString();
      FieldRecord entry;
      entry.name = prefix + (name.empty() ? "(unnamed)" : name);
      entry.type = nameOf(field->getType());
      CharUnits offset = context.toCharUnitsFromBits(
          layout.getFieldOffset(field->getFieldIndex()));
      entry.offset = (start + offset).getQuantity();
      entry.size = context.getTypeSizeInChars(field->getType()).getQuantity();
      entry.where = pointOf(field->getLocation());
      actor.fields.push_back(std::move(entry));
    }
  }

  void sortProgram() {
    auto byName = [](const auto &left, const auto &right) {
      return left.name < right.name;
    };
    llvm::sort(program.messages, byName);
    llvm::sort(program.actors, byName);
    llvm::sort(program.stencils, byName);
    for (ActorRecord &actor : program.actors)
      llvm::sort(actor.handlers,
                 [](const HandlerRecord &left, const HandlerRecord &right) {
                   return left.message < right.message;
                 });
  }

  Sema &sema;
  ASTContext &context;
  DslTemplates templates;
  Program program;
  llvm::SmallPtrSet<void *, 32> checkedMessages;
  std::vector<std::pair<std::string, SourceLocation>> namesUsed;
};

} // namespace

Program collectProgram(Sema &sema) { return Collector(sema).run(); }

} // namespace rkc::frontend
