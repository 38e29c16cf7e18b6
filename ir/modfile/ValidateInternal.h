//===- ValidateInternal.h - The rules of a module's content ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What must hold between the records of a module, whether it was read from a
/// file or is about to be written.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "FormatInternal.h"

#include "rk/modfile/Module.h"

#include <optional>
#include <string>
#include <string_view>

namespace rk::modfile {

/// One broken rule, and which field of which record breaks it.
struct Violation {
  format::SectionKind section;
  /// The number of the record in its section. Fields are numbered through the
  /// module.
  std::size_t record;
  /// Units     bytes from the start of the record.
  std::size_t field;
  std::string message;
};

/// Returns the first rule that `module` breaks, if any. Types must stand at
/// the place of their index.
///
/// Cost      n log n in the number of records of one kind.
std::optional<Violation> validate(const ModuleView &module);

/// Returns `text` in single quotes for a message: long text is cut, and bytes
/// that are not printable are written as \xNN.
std::string quoted(std::string_view text);

} // namespace rk::modfile
