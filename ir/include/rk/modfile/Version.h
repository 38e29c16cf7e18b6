//===- Version.h - The version of the module format ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The version that the writer writes and the newest that the reader reads.
///
/// A major version changes what older readers rely on: they refuse the file. A
/// minor version only adds sections, fields at the end of records and kinds of
/// image, all of which an older reader of the same major version passes over.
/// A file of every version that was released lies in `test/compat/`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <cstdint>

namespace rk::modfile {

inline constexpr std::uint16_t MajorVersion = 0;
inline constexpr std::uint16_t MinorVersion = 4;

/// The first eight bytes of every module file. The first is no text, the line
/// ends are two kinds: a file changed by a text-mode transfer is recognised.
inline constexpr unsigned char Magic[8] = {0x89, 'R',  'K',  'M',
                                           '\r', '\n', 0x1a, '\n'};
/// The suffix of module files.
inline constexpr const char *FileSuffix = ".rkm";

} // namespace rk::modfile
