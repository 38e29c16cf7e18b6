//===- Boundary.cpp - The attribute [[rk::boundary]] -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "attributes/AttributeInternal.h"

using namespace clang;

namespace rkc::frontend {
namespace {

constexpr ParsedAttrInfo::Spelling Names[] = {
    {ParsedAttr::AS_CXX11, BoundaryAttribute},
    {ParsedAttr::AS_CXX11, "boundary"}};

class Boundary final : public RkAttribute {
public:
  Boundary() : RkAttribute(Names, 0) {}

private:
  std::string subjectError(const Decl *decl) const override {
    const auto *method = dyn_cast<CXXMethodDecl>(decl);
    if (method && !method->isStatic() && method->getDeclName().isIdentifier() &&
        method->getName() == "boundary")
      return "";
    return "stands on the member function 'void boundary(rk::Outside<...> &) "
           "const' of a stencil";
  }
};

} // namespace

void registerBoundaryAttribute() {
  static ParsedAttrInfoRegistry::Add<Boundary> added("rk_boundary", "");
}

} // namespace rkc::frontend
