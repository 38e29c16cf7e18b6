//===- Handler.cpp - The attribute [[rk::handler(lanes)]] ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "attributes/AttributeInternal.h"

using namespace clang;

namespace rkc::frontend {
namespace {

constexpr ParsedAttrInfo::Spelling Names[] = {
    {ParsedAttr::AS_CXX11, HandlerAttribute},
    {ParsedAttr::AS_CXX11, "handler"}};

class Handler final : public RkAttribute {
public:
  Handler() : RkAttribute(Names, 1) {}

private:
  std::string subjectError(const Decl *decl) const override {
    static constexpr const char form[] =
        "stands on a public member function of an actor: "
        "'void on(Message, rk::Context &)'";
    const auto *function = dyn_cast<FunctionDecl>(decl);
    if (!function)
      return form;
    const auto *method = dyn_cast<CXXMethodDecl>(function);
    if (!method)
      return std::string(form) + "; '" + function->getNameAsString() +
             "' is a free function";
    if (method->isStatic())
      return std::string(form) + "; this one is static, so it has no state";
    if (!method->getDeclName().isIdentifier() || method->getName() != "on")
      return "stands on a member function named 'on'; rename '" +
             method->getNameAsString() + "' to 'on'";
    return "";
  }
};

} // namespace

void registerHandlerAttribute() {
  static ParsedAttrInfoRegistry::Add<Handler> added("rk_handler", "");
}

} // namespace rkc::frontend
