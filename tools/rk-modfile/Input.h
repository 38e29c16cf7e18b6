//===- Input.h - Modules out of files --------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads a module file, or every module that is embedded in another file.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/Reader.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rk::tools {

/// One module of a file, and where it lies in it.
struct Found {
  std::uint64_t offset = 0;
  std::span<const std::byte> bytes;
  modfile::FileInfo info;
  modfile::ModuleView content;
};

/// A file and the modules in it, which point into its bytes.
struct Input {
  std::string path;
  std::vector<std::byte> bytes;
  /// False for an object or a program with modules inside.
  bool isModuleFile = false;
  std::vector<Found> modules;
};

/// Reads `input.path`. Says on standard error what is wrong and returns false
/// if the file cannot be read, has no module, or has one that is refused.
bool readInput(Input &input);

} // namespace rk::tools
