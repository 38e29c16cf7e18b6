//===- Reduce.cpp - The attribute [[rk::reduce]] ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "attributes/AttributeInternal.h"

using namespace clang;

namespace rkc::frontend {
namespace {

constexpr ParsedAttrInfo::Spelling Names[] = {
    {ParsedAttr::AS_CXX11, ReduceAttribute}, {ParsedAttr::AS_CXX11, "reduce"}};

class Reduce final : public RkAttribute {
public:
  Reduce() : RkAttribute(Names, 1) {}

private:
  std::string subjectError(const Decl *decl) const override {
    const auto *method = dyn_cast<CXXMethodDecl>(decl);
    if (method && !method->isStatic() && method->getDeclName().isIdentifier())
      return "";
    return "stands on a member function 'T name(const rk::Cell<...> &) const' "
           "of a stencil";
  }
};

} // namespace

void registerReduceAttribute() {
  static ParsedAttrInfoRegistry::Add<Reduce> added("rk_reduce", "");
}

} // namespace rkc::frontend
