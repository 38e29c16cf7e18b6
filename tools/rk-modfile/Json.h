//===- Json.h - A module as JSON -------------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#pragma once

#include "Input.h"

#include <string>

namespace rk::tools {

/// Returns the modules of `input` as a JSON document with a line feed at its
/// end. Hashes are strings, since 64 bits are too many for some readers; a text
/// that is not UTF-8 has U+FFFD where it is not.
std::string jsonOf(const Input &input);

} // namespace rk::tools
