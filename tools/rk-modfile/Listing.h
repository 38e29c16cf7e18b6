//===- Listing.h - A module as lines of text -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The lines that `dump` prints and `diff` compares. They depend on the content
/// alone, never on the place or the time.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Input.h"

#include <string>
#include <vector>

namespace rk::tools {

/// One record of a module.
struct Line {
  /// What the record is, the same in every module: "actor Account".
  std::string key;
  std::string text;
};

/// Records of one kind.
struct Group {
  std::string heading;
  std::vector<Line> lines;
};

/// Returns the records of `module` in the order of the file.
std::vector<Group> listModule(const Found &module);

/// Prints the groups to standard output.
void printListing(const std::vector<Group> &groups);

/// Prints what only one of the two has, and returns whether there is any.
bool printDifferences(const std::vector<Group> &a, const std::vector<Group> &b);

/// Through what messages between resident actors go on a target.
struct Tiers {
  std::string_view block, cluster, device;
};
/// Returns nothing if the module has no resident actors, and for the CPU.
Tiers tiersOf(const modfile::ModuleView &module,
              const modfile::ImageView &image);

/// How `rk::copyTogether` copies in handlers of a block and more on a target.
/// Returns nothing if the module has no such handlers or no payloads, and for
/// the CPU.
std::string_view teamCopiesOf(const modfile::ModuleView &module,
                              const modfile::ImageView &image);

/// Returns `text` with control characters written as \xNN.
std::string printable(std::string_view text);

/// Returns 0x and 16 digits.
std::string hexWord(std::uint64_t value);

} // namespace rk::tools
