//===- Cache.h - What was compiled before ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A folder with outputs of rkc, found by what they were made from: the flags,
/// the compiler and its tools, and the content of every file that was read. A
/// file that was looked for and was not there must still be missing.
///
/// Any number of processes use one folder at once: an entry is written beside
/// its place and renamed, and what is damaged or vanishes counts as missing.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "CommandLine.h"

#include "rkc/target/Toolchain.h"

#include "llvm/Support/Chrono.h"

namespace rkc::driver {

/// What one compilation made, and from what.
struct CacheEntry {
  /// The output, for `--emit` of the command line.
  std::string product;
  /// Every file read, in order of first use.
  std::vector<std::string> dependencies;
  /// Every file or folder looked for in vain.
  std::vector<std::string> missing;
};

class Cache {
public:
  /// Makes the key of `line`. The cache is off if the line or the environment
  /// says so, or what is asked for is not kept.
  Cache(const CommandLine &line, const Toolchain &toolchain,
        llvm::StringRef executable);

  /// Whether results of this run are looked for and kept.
  bool isOn() const { return !folder.empty(); }

  /// Returns whether there is an output of the same input.
  ///
  /// Cost      reads every file that the output was made from.
  bool find(CacheEntry &entry) const;

  /// Keeps an output; then removes those longest unused while all take more
  /// than the limit.
  ///
  /// Errors    one warning, if the folder was named by RK_CACHE_DIR; none
  ///           otherwise. The compilation has succeeded.
  void keep(const CacheEntry &entry) const;

private:
  bool store(const CacheEntry &entry, std::string &error) const;

  std::string folder, keyFolder;
  bool isNamed = false;
  uint64_t limitBytes = 0;
  llvm::sys::TimePoint<> start;
};

} // namespace rkc::driver
