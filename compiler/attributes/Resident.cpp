//===- Resident.cpp - The attribute [[rk::resident]] -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "attributes/AttributeInternal.h"

using namespace clang;

namespace rkc::frontend {
namespace {

constexpr ParsedAttrInfo::Spelling Names[] = {
    {ParsedAttr::AS_CXX11, ResidentAttribute},
    {ParsedAttr::AS_CXX11, "resident"}};

class Resident final : public RkAttribute {
public:
  Resident() : RkAttribute(Names, 0) {}

private:
  std::string subjectError(const Decl *decl) const override {
    const auto *record = dyn_cast<CXXRecordDecl>(decl);
    if (record && !record->isUnion())
      return "";
    return "stands on an actor: 'class [[rk::actor, rk::resident]] Name { ... "
           "};'";
  }
};

} // namespace

void registerResidentAttribute() {
  static ParsedAttrInfoRegistry::Add<Resident> added("rk_resident", "");
}

} // namespace rkc::frontend
