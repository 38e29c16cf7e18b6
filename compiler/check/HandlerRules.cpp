//===- HandlerRules.cpp - The form of handlers -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "check/CheckInternal.h"

#include "attributes/AttributeInternal.h"

#include "clang/Sema/Lookup.h"

using namespace clang;

namespace rkc::frontend {
namespace {

bool isContextReference(QualType type) {
  const auto *reference = type->getAs<LValueReferenceType>();
  if (!reference || reference->getPointeeType().isConstQualified())
    return false;
  const auto *record = reference->getPointeeType()->getAsCXXRecordDecl();
  return record && record->getQualifiedNameAsString() == "rk::Context";
}

/// Collects the handlers of one actor as a sender's name look-up sees them.
class HandlerSearch {
public:
  HandlerSearch(Sema &sema, const CXXRecordDecl *actor)
      : sema(sema), actor(actor),
        actorName(
            typeName(sema.Context.getCanonicalTagType(actor), sema.Context)) {}

  std::vector<HandlerForm> run(bool &valid) {
    lookUp();
    reportUnreachable(actor);
    valid = valid && ok;
    return std::move(handlers);
  }

private:
  void error(SourceLocation where, const std::string &text) {
    reportError(sema.getDiagnostics(), where, text);
    ok = false;
  }

  void lookUp() {
    DeclarationName on(&sema.Context.Idents.get("on"));
    LookupResult found(sema, on, actor->getLocation(),
                       Sema::LookupOrdinaryName);
    found.suppressDiagnostics();
    sema.LookupQualifiedName(found, const_cast<CXXRecordDecl *>(actor));
    if (found.isAmbiguous()) {
      error(actor->getLocation(),
            "bases of actor '" + actorName +
                "' hide each other's handlers: add 'using Base::on;' for each");
      for (NamedDecl *decl : found)
        seen.insert(decl->getUnderlyingDecl()->getCanonicalDecl());
      return;
    }
    for (auto it = found.begin(); it != found.end(); ++it)
      consider((*it)->getUnderlyingDecl(), it.getAccess());
  }

  void consider(NamedDecl *decl, AccessSpecifier access) {
    seen.insert(decl->getCanonicalDecl());
    if (auto *functionTemplate = dyn_cast<FunctionTemplateDecl>(decl)) {
      error(decl->getLocation(),
            "a handler cannot be a template: write one 'on' for each message "
            "of actor '" +
                actorName + "'");
      seen.insert(functionTemplate->getTemplatedDecl()->getCanonicalDecl());
      return;
    }
    const auto *method = dyn_cast<CXXMethodDecl>(decl);
    if (!method)
      return error(decl->getLocation(),
                   "'on' names the handlers of actor '" + actorName +
                       "'; call this member something else");
    const AnnotateAttr *attribute = findAttribute(method, HandlerAttribute);
    if (!attribute) {
      if (access == AS_public && !method->isDeleted())
        error(method->getLocation(),
              "'on' is public in actor '" + actorName +
                  "' but no handler, so messages sent to it would be lost: "
                  "mark it [[rk::handler]], or rename it");
      return;
    }
    if (std::string fault = formFault(method, access); !fault.empty())
      return error(method->getLocation(), fault);
    addHandler(method, attribute);
  }

  std::string formFault(const CXXMethodDecl *method, AccessSpecifier access) {
    if (access != AS_public)
      return "a handler is public, since others send to it: move this 'on' "
             "of actor '" +
             actorName + "' to the public part";
    if (method->isDeleted())
      return "a deleted function cannot be a handler: remove the attribute";
    if (method->isExplicitObjectMemberFunction())
      return "a handler has no explicit object parameter: write 'void "
             "on(Message)'";
    if (method->isConsteval())
      return "a handler runs on the device: it cannot be consteval";
    if (method->isVariadic() || method->getNumParams() < 1 ||
        method->getNumParams() > 2)
      return "a handler takes one message and, if it likes, the context: 'on("
             "Message)' or 'on(Message, rk::Context &)'";
    if (method->getRefQualifier() != RQ_None || method->isVolatile())
      return "a handler has no '&', '&&' or 'volatile' after its parameters: "
             "remove it";
    if (method->getNumParams() == 2 &&
        !isContextReference(method->getParamDecl(1)->getType()))
      return "the second parameter of a handler is 'rk::Context &'";
    return messageFault(method->getParamDecl(0)->getType());
  }

  std::string messageFault(QualType type) {
    static constexpr const char how[] =
        "a handler takes its message by value or by reference to const";
    if (isContextReference(type))
      return "the first parameter of a handler is its message: 'on(Message, "
             "rk::Context &)'";
    if (type->isRValueReferenceType())
      return how;
    if (type->isLValueReferenceType() &&
        !type->getPointeeType().isConstQualified())
      return how;
    QualType value = type.getNonReferenceType();
    if (value->isRecordType() || value->isEnumeralType() ||
        value->isArithmeticType())
      return "";
    return "a message is a class, an enumeration or a number, not '" +
           typeName(value, sema.Context) + "': wrap it in a struct";
  }

  void addHandler(const CXXMethodDecl *method, const AnnotateAttr *attribute) {
    HandlerForm handler;
    handler.method = method;
    handler.message =
        sema.Context
            .getCanonicalType(
                method->getParamDecl(0)->getType().getNonReferenceType())
            .getUnqualifiedType();
    if (method->getReturnType()->isUndeducedType())
      sema.DeduceReturnType(const_cast<CXXMethodDecl *>(method),
                            method->getLocation(), true);
    QualType reply = sema.Context.getCanonicalType(method->getReturnType());
    if (reply->isReferenceType() || reply->isPointerType())
      return error(method->getLocation(),
                   "a handler returns its reply by value");
    if (!reply->isVoidType())
      handler.reply = reply.getUnqualifiedType();
    for (const HandlerForm &other : handlers) {
      if (!sema.Context.hasSameType(other.message, handler.message))
        continue;
      error(method->getLocation(), "actor '" + actorName +
                                       "' has two handlers for message '" +
                                       typeName(handler.message, sema.Context) +
                                       "': keep one of them");
      reportNote(sema.getDiagnostics(), other.method->getLocation(),
                 "the other handler is here");
      return;
    }
    if (readLanes(attribute, handler))
      handlers.push_back(handler);
  }

  bool readLanes(const AnnotateAttr *attribute, HandlerForm &handler) {
    if (attribute->args_size() == 0)
      return true;
    const Expr *argument = *attribute->args_begin();
    const auto lanes = readEnumerator(argument, "rk::Lanes",
                                      rk::abi::LanesCount, sema.Context);
    if (!lanes) {
      error(argument->getExprLoc(),
            "the argument of '[[rk::handler]]' is rk::Lanes::One, "
            "rk::Lanes::Warp, rk::Lanes::Block, rk::Lanes::Cluster or "
            "rk::Lanes::Grid");
      return false;
    }
    handler.lanes = rk::abi::Lanes(*lanes);
    return true;
  }

  /// Reports handlers in `record` and its bases that the look-up did not find.
  void reportUnreachable(const CXXRecordDecl *record) {
    for (const Decl *decl : record->decls()) {
      const Decl *marked = decl;
      if (const auto *functionTemplate = dyn_cast<FunctionTemplateDecl>(decl))
        marked = functionTemplate->getTemplatedDecl();
      const auto *method = dyn_cast<CXXMethodDecl>(marked);
      if (!method || !findAttribute(method, HandlerAttribute) ||
          seen.count(method->getCanonicalDecl()) ||
          seen.count(decl->getCanonicalDecl()) || isOverridden(method))
        continue;
      std::string base =
          typeName(sema.Context.getCanonicalTagType(record), sema.Context);
      error(method->getLocation(),
            "this handler of '" + base + "' is hidden by an 'on' of actor '" +
                actorName + "': add 'using " + base + "::on;' to the actor");
    }
    for (const CXXBaseSpecifier &base : record->bases())
      if (const auto *inner = base.getType()->getAsCXXRecordDecl())
        if (const CXXRecordDecl *definition = inner->getDefinition())
          reportUnreachable(definition);
  }

  /// A using-declaration leaves out a base's handler that the actor replaces by
  /// one of the same parameters; that is intended.
  bool isOverridden(const CXXMethodDecl *method) {
    if (method->getNumParams() == 0)
      return false;
    QualType message =
        sema.Context
            .getCanonicalType(
                method->getParamDecl(0)->getType().getNonReferenceType())
            .getUnqualifiedType();
    for (const HandlerForm &handler : handlers)
      if (sema.Context.hasSameType(handler.message, message))
        return true;
    return false;
  }

  Sema &sema;
  const CXXRecordDecl *actor;
  std::string actorName;
  std::vector<HandlerForm> handlers;
  llvm::SmallPtrSet<const Decl *, 16> seen;
  bool ok = true;
};

} // namespace

bool checkExtent(Sema &sema, const CXXRecordDecl *actor,
                 const std::vector<HandlerForm> &handlers) {
  const HandlerForm *widest = nullptr;
  const std::string name =
      typeName(sema.Context.getCanonicalTagType(actor), sema.Context);
  for (const HandlerForm &handler : handlers) {
    if (handler.lanes <= rk::abi::Lanes::Warp)
      continue;
    SourceLocation where = handler.method->getLocation();
    if (!findAttribute(actor, ResidentAttribute)) {
      reportError(sema.getDiagnostics(), where,
                  "this handler takes more than a warp, which only an actor "
                  "with multiprocessors to itself has: write 'class "
                  "[[rk::actor, rk::resident]] " +
                      name + "', or let one lane or a warp run it");
      return false;
    }
    if (widest && widest->lanes != handler.lanes) {
      reportError(sema.getDiagnostics(), where,
                  "actor '" + name +
                      "' has handlers of two sizes beyond a warp: give them "
                      "the same, which is what the actor has to itself");
      reportNote(sema.getDiagnostics(), widest->method->getLocation(),
                 "a handler of the other size is here");
      return false;
    }
    widest = &handler;
  }
  return true;
}

bool readWhenFull(Sema &sema, const CXXRecordDecl *actor,
                  rk::abi::WhenFull &whenFull) {
  const Expr *first = nullptr;
  for (const auto *annotation : actor->specific_attrs<AnnotateAttr>()) {
    if (annotation->getAnnotation() != ActorAttribute ||
        annotation->args_size() == 0)
      continue;
    const Expr *argument = *annotation->args_begin();
    const auto value = readEnumerator(argument, "rk::abi::WhenFull",
                                      rk::abi::WhenFullCount, sema.Context);
    if (!value) {
      reportError(sema.getDiagnostics(), argument->getExprLoc(),
                  "the argument of '[[rk::actor]]' is rk::WhenFull::Fail, "
                  "rk::WhenFull::DeadLetter or rk::WhenFull::DropOldest");
      return false;
    }
    if (first) {
      reportError(
          sema.getDiagnostics(), argument->getExprLoc(),
          "actor '" +
              typeName(sema.Context.getCanonicalTagType(actor), sema.Context) +
              "' says twice what becomes of messages to its full "
              "mailbox: keep one '[[rk::actor(...)]]'");
      reportNote(sema.getDiagnostics(), first->getExprLoc(),
                 "the other is here");
      return false;
    }
    first = argument;
    whenFull = rk::abi::WhenFull(*value);
  }
  return true;
}

std::vector<HandlerForm> findHandlers(Sema &sema, const CXXRecordDecl *actor,
                                      bool &valid) {
  return HandlerSearch(sema, actor).run(valid);
}

} // namespace rkc::frontend
