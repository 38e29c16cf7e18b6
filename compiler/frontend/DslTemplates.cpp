//===- DslTemplates.cpp - Instantiating thunks and tags --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "frontend/CollectInternal.h"

#include "clang/AST/DeclTemplate.h"
#include "clang/AST/Mangle.h"
#include "clang/Sema/Lookup.h"
#include "clang/Sema/Template.h"

using namespace clang;

namespace rkc::frontend {

/// Returns the member `name` of namespace `space`, or null.
static NamedDecl *findMember(Sema &sema, DeclContext *space,
                             llvm::StringRef name) {
  LookupResult found(sema, &sema.Context.Idents.get(name), SourceLocation(),
                     Sema::LookupOrdinaryName);
  found.suppressDiagnostics();
  // A lone function template counts as an overload set.
  if (!sema.LookupQualifiedName(found, space) || found.isAmbiguous())
    return nullptr;
  return found.getRepresentativeDecl();
}

static NamespaceDecl *findSpace(Sema &sema, DeclContext *outer,
                                llvm::StringRef name) {
  LookupResult found(sema, &sema.Context.Idents.get(name), SourceLocation(),
                     Sema::LookupNamespaceName);
  found.suppressDiagnostics();
  if (!sema.LookupQualifiedName(found, outer) || !found.isSingleResult())
    return nullptr;
  return dyn_cast<NamespaceDecl>(found.getFoundDecl());
}

DslTemplates::DslTemplates(Sema &sema) : sema(sema) {
  NamespaceDecl *rk =
      findSpace(sema, sema.Context.getTranslationUnitDecl(), "rk");
  NamespaceDecl *detail = rk ? findSpace(sema, rk, "detail") : nullptr;
  if (!detail)
    return;
  const std::pair<const char *, FunctionTemplateDecl **> functions[] = {
      {"handlerThunk", &thunk},          {"stencilThunk", &stencilThunk},
      {"boundaryThunk", &boundaryThunk}, {"reductionTag", &reductionTag},
      {"reduceThunk", &reduceThunk},     {"combineThunk", &combineThunk},
      {"foldThunk", &foldThunk}};
  for (const auto &[name, function] : functions)
    if (NamedDecl *decl = findMember(sema, detail, name))
      *function = dyn_cast<FunctionTemplateDecl>(decl);
  if (NamedDecl *decl = findMember(sema, detail, "typeTag"))
    tag = dyn_cast<VarTemplateDecl>(decl);
}

std::string DslTemplates::instantiateThunk(QualType actor, QualType message,
                                           SourceLocation where) {
  TemplateArgument values[] = {
      TemplateArgument(sema.Context.getCanonicalType(actor)),
      TemplateArgument(sema.Context.getCanonicalType(message))};
  return instantiate(thunk, values, where);
}

std::string DslTemplates::instantiateStencilThunk(QualType stencil,
                                                  SourceLocation where) {
  TemplateArgument value(sema.Context.getCanonicalType(stencil));
  return instantiate(stencilThunk, value, where);
}

std::string DslTemplates::instantiateBoundaryThunk(QualType stencil,
                                                   SourceLocation where) {
  TemplateArgument value(sema.Context.getCanonicalType(stencil));
  return instantiate(boundaryThunk, value, where);
}

bool DslTemplates::instantiateReduction(const ReductionForm &form,
                                        StencilReductionRecord &record) {
  ASTContext &context = sema.Context;
  const CXXMethodDecl *method = form.method;
  SourceLocation where = method->getLocation();
  QualType result =
      context.getCanonicalType(method->getReturnType()).getUnqualifiedType();
  QualType pointer = context.getCanonicalType(context.getMemberPointerType(
      method->getType(), /*Qualifier=*/std::nullopt, method->getParent()));
  const TemplateArgument named(const_cast<CXXMethodDecl *>(method), pointer);
  const TemplateArgument values[] = {
      TemplateArgument(result),
      TemplateArgument(context,
                       llvm::APSInt::getUnsigned(unsigned(form.combine)),
                       context.UnsignedIntTy)};
  record.term.name = method->getNameAsString();
  record.term.thunk = instantiate(reduceThunk, named, where);
  record.combine = instantiate(combineThunk, values, where);
  record.fold = instantiate(foldThunk, values, where);
  FunctionDecl *tagged = declare(reductionTag, named, where);
  if (!tagged || record.term.thunk.empty() || record.combine.empty() ||
      record.fold.empty())
    return false;
  record.hash = typeHash(tagged->getReturnType(), context);
  record.size = uint64_t(context.getTypeSizeInChars(result).getQuantity());
  record.align = uint64_t(context.getTypeAlignInChars(result).getQuantity());
  return true;
}

FunctionDecl *DslTemplates::declare(FunctionTemplateDecl *function,
                                    llvm::ArrayRef<TemplateArgument> values,
                                    SourceLocation where) {
  auto *arguments = TemplateArgumentList::CreateCopy(sema.Context, values);
  return sema.InstantiateFunctionDeclaration(function, arguments, where);
}

std::string DslTemplates::instantiate(FunctionTemplateDecl *thunkTemplate,
                                      llvm::ArrayRef<TemplateArgument> values,
                                      SourceLocation where) {
  FunctionDecl *function = declare(thunkTemplate, values, where);
  if (!function)
    return "";
  sema.InstantiateFunctionDefinition(where, function, /*Recursive=*/true,
                                     /*DefinitionRequired=*/true);
  ASTNameGenerator names(sema.Context);
  return names.getName(function);
}

std::string DslTemplates::typeTag(QualType type, SourceLocation where) {
  TemplateArgumentListInfo arguments(where, where);
  arguments.addArgument(
      TemplateArgumentLoc(TemplateArgument(type),
                          sema.Context.getTrivialTypeSourceInfo(type, where)));
  DeclResult variable = sema.CheckVarTemplateId(tag, where, where, arguments,
                                                /*SetWrittenArgs=*/false);
  if (variable.isInvalid())
    return "";
  ASTNameGenerator names(sema.Context);
  return names.getName(variable.get());
}

void DslTemplates::finish() {
  // A vtable can need functions, and they can need further vtables.
  do
    sema.PerformPendingInstantiations();
  while (sema.DefineUsedVTables());
}

uint64_t typeHash(QualType type, ASTContext &context) {
  std::unique_ptr<MangleContext> mangler(
      ItaniumMangleContext::create(context, context.getDiagnostics()));
  std::string name;
  llvm::raw_string_ostream out(name);
  mangler->mangleCXXRTTIName(type, out);
  llvm::StringRef text = name;
  text.consume_front("_ZTS");
  uint64_t hash = 0xcbf29ce484222325u;
  for (unsigned char letter : text)
    hash = (hash ^ letter) * 0x100000001b3u;
  return hash;
}

} // namespace rkc::frontend
