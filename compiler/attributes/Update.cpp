//===- Update.cpp - The attribute [[rk::update]] ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "attributes/AttributeInternal.h"

using namespace clang;

namespace rkc::frontend {
namespace {

constexpr ParsedAttrInfo::Spelling Names[] = {
    {ParsedAttr::AS_CXX11, UpdateAttribute}, {ParsedAttr::AS_CXX11, "update"}};

class Update final : public RkAttribute {
public:
  Update() : RkAttribute(Names, 0) {}

private:
  std::string subjectError(const Decl *decl) const override {
    const auto *method = dyn_cast<CXXMethodDecl>(decl);
    if (method && !method->isStatic() && method->getDeclName().isIdentifier() &&
        method->getName() == "update")
      return "";
    return "stands on the member function 'void update(rk::Cell<...> &) const' "
           "of a stencil";
  }
};

} // namespace

void registerUpdateAttribute() {
  static ParsedAttrInfoRegistry::Add<Update> added("rk_update", "");
}

} // namespace rkc::frontend
