//===- Stencil.cpp - The attribute [[rk::stencil]] -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "attributes/AttributeInternal.h"

using namespace clang;

namespace rkc::frontend {
namespace {

constexpr ParsedAttrInfo::Spelling Names[] = {
    {ParsedAttr::AS_CXX11, StencilAttribute},
    {ParsedAttr::AS_CXX11, "stencil"}};

class Stencil final : public RkAttribute {
public:
  Stencil() : RkAttribute(Names, 0) {}

private:
  std::string subjectError(const Decl *decl) const override {
    const auto *record = dyn_cast<CXXRecordDecl>(decl);
    if (record && !record->isUnion())
      return "";
    return "stands on a class: 'class [[rk::stencil]] Name { ... };'";
  }
};

} // namespace

void registerStencilAttribute() {
  static ParsedAttrInfoRegistry::Add<Stencil> added("rk_stencil", "");
}

} // namespace rkc::frontend
