//===- CheckInternal.h - Language rules on the AST -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The rules that the AST alone can answer. Each function reports what it finds
/// and returns whether the declaration may be used.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/abi/Packet.h"
#include "rk/abi/Residents.h"

#include "clang/AST/DeclCXX.h"
#include "clang/Sema/Sema.h"

#include <string>
#include <vector>

namespace rkc::frontend {

/// What a type is used for; some rules differ.
enum class TypeRole { Message, Reply, State };

/// One handler that passed the rules of form.
struct HandlerForm {
  const clang::CXXMethodDecl *method = nullptr;
  clang::QualType message; ///< without reference and qualifiers
  clang::QualType reply;   ///< null if void
  rk::abi::Lanes lanes = rk::abi::Lanes::One;
};

/// Reports what makes `type` unfit to travel as bytes: not trivially copyable,
/// a pointer or reference inside, `long double`, too large.
bool checkTravellingType(clang::Sema &sema, clang::QualType type, TypeRole role,
                         clang::SourceLocation usedAt);

/// Whether a message carries a bulk payload: it is derived from `rk::Bulk<T>`,
/// or is one.
bool carriesBulk(clang::QualType type, const clang::ASTContext &context);

/// Returns the handlers of an actor: its own, and those of its bases that a
/// sender would find. Reports those of wrong form and sets `valid` to false.
std::vector<HandlerForm>
findHandlers(clang::Sema &sema, const clang::CXXRecordDecl *actor, bool &valid);

/// Checks that handlers beyond a warp are of a resident actor, and alike.
bool checkExtent(clang::Sema &sema, const clang::CXXRecordDecl *actor,
                 const std::vector<HandlerForm> &handlers);

/// Reads what an actor's attribute says of messages to its full mailbox;
/// `whenFull` stays as it is if that is nothing.
bool readWhenFull(clang::Sema &sema, const clang::CXXRecordDecl *actor,
                  rk::abi::WhenFull &whenFull);

/// Returns the qualified C++ name of a type, as users write it.
std::string typeName(clang::QualType type, const clang::ASTContext &context);

/// Returns whether `record` is a specialisation of the DSL template `name`.
bool isDslTemplate(const clang::CXXRecordDecl *record, llvm::StringRef name);

} // namespace rkc::frontend
