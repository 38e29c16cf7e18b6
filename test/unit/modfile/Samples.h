//===- Samples.h - Modules and files to test with --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Modules to write, and ways to damage the files that come out.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rk/modfile/Module.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace rk::modfile::test {

using File = std::vector<std::byte>;

/// The content of `test/compat/v0_2/sample.rkm`.
Module sampleModule();

/// A valid module that depends on `seed` alone; its records are in any order.
Module randomModule(std::uint64_t seed);

/// The module of test/compat/v0_3: `sampleModule` and a stencil.
Module sampleWithStencil();

/// The module of test/compat/v0_4: the same, and what stencils can have more.
Module sampleWithFunctions();

/// Writes `module`; a test failure and an empty file if it is refused.
File written(const Module &module);

/// Reads a whole file; a test failure and an empty one if it cannot be read.
File fileContent(const std::string &path);

std::uint16_t get16(const File &file, std::size_t at);
std::uint32_t get32(const File &file, std::size_t at);
std::uint64_t get64(const File &file, std::size_t at);
void put16(File &file, std::size_t at, std::uint16_t value);
void put32(File &file, std::size_t at, std::uint32_t value);
void put64(File &file, std::size_t at, std::uint64_t value);

/// Offsets in the row of a section table and in records, as
/// docs/module-format.md gives them. `section(kind)` is the offset of its row.
constexpr std::size_t row(unsigned kind) { return 64 + 24 * (kind - 1); }

/// The offset of record `index` of the section `kind`.
std::size_t record(const File &file, unsigned kind, std::size_t index);

/// Makes the hash right again after a change.
void fixHash(File &file);

/// True, with a test failure if not, if the two have the same content. The
/// order of records does not count.
void expectSame(const ModuleView &read, Module expected);

} // namespace rk::modfile::test
