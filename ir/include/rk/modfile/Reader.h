//===- Reader.h - From the bytes of a file to a module ---------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads `.rkm` files. Nothing in the bytes is trusted: what comes out has been
/// checked, and any byte sequence gives a module or an error.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/Module.h"
#include "rk/modfile/Result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rk::modfile {

/// Checks a whole module file and returns its content.
///
/// Shape     `bytes` is exactly one module; any alignment. The result points
///           into it, so it must stay as it is while the result is used.
/// Threads   any; no state is shared.
/// Errors    `CorruptModule`: damaged, or not a module; the offset is that of
///           the first thing found wrong. `UnsupportedVersion`: made for a
///           newer major version.
/// Cost      one pass over the bytes for their hash. Memory in proportion to
///           the number of records, never to a number written in the file;
///           text and payloads are not copied.
Result<ModuleView> readModule(std::span<const std::byte> bytes);

/// What the header of a module file says about the file.
struct FileInfo {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  /// Units     bytes.
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;
};

/// Returns what the header of the module at the start of `bytes` says; more
/// than the module may follow.
///
/// Errors    as for `readModule`. Nothing behind the header is checked.
Result<FileInfo> readFileInfo(std::span<const std::byte> bytes);

/// Returns the hash that the format uses, XXH64, of any bytes: a short name for
/// a payload.
std::uint64_t hashOf(std::span<const std::byte> bytes);

/// Finds the modules inside another file (an object, a program) by their magic
/// number, and returns those bytes of each that lie in the file.
///
/// What is found is not checked: read it. A place whose header gives a size
/// behind the end of the file is returned up to the end.
std::vector<std::span<const std::byte>>
findModules(std::span<const std::byte> bytes);

} // namespace rk::modfile
