//===- Actor.cpp - The attribute [[rk::actor(when full)]] ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "attributes/AttributeInternal.h"

using namespace clang;

namespace rkc::frontend {
namespace {

constexpr ParsedAttrInfo::Spelling Names[] = {
    {ParsedAttr::AS_CXX11, ActorAttribute}, {ParsedAttr::AS_CXX11, "actor"}};

class Actor final : public RkAttribute {
public:
  Actor() : RkAttribute(Names, 1) {}

private:
  std::string subjectError(const Decl *decl) const override {
    const auto *record = dyn_cast<CXXRecordDecl>(decl);
    if (record && !record->isUnion())
      return "";
    return "stands on a class: 'class [[rk::actor]] Name { ... };'";
  }
};

} // namespace

void registerActorAttribute() {
  static ParsedAttrInfoRegistry::Add<Actor> added("rk_actor", "");
}

} // namespace rkc::frontend
