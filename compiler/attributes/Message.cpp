//===- Message.cpp - The attribute [[rk::message]] -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "attributes/AttributeInternal.h"

using namespace clang;

namespace rkc::frontend {
namespace {

constexpr ParsedAttrInfo::Spelling Names[] = {
    {ParsedAttr::AS_CXX11, MessageAttribute},
    {ParsedAttr::AS_CXX11, "message"}};

/// Optional: what a handler takes or returns is a message anyway. The attribute
/// makes the rules of messages apply where the type is defined.
class Message final : public RkAttribute {
public:
  Message() : RkAttribute(Names, 0) {}

private:
  std::string subjectError(const Decl *decl) const override {
    if (isa<CXXRecordDecl>(decl))
      return "";
    return "stands on a class: 'struct [[rk::message]] Name { ... };'";
  }
};

} // namespace

void registerMessageAttribute() {
  static ParsedAttrInfoRegistry::Add<Message> added("rk_message", "");
}

} // namespace rkc::frontend
