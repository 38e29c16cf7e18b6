//===- Target.h - What one image is made for -------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The names that `--arch` takes: `sm_90`, `sm_90a`, `sm_100f`, ..., `host`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace rkc {

/// One target of a module file.
struct Target {
  /// As written in `--arch` and in the manifest.
  std::string name;
  /// The compute capability times ten; 0 for the host.
  unsigned sm = 0;
  /// 'a': architecture-specific, 'f': family-specific, 0: portable.
  char suffix = 0;

  bool isGpu() const { return sm != 0; }
  bool isHost() const { return sm == 0; }
  /// Whether PTX for this target runs on every later GPU.
  bool isPortable() const { return isGpu() && suffix == 0; }
};

/// Parses one name.
///
/// Errors    false; `error` says what is wrong and lists the known names.
bool parseTarget(llvm::StringRef name, Target &target, std::string &error);

/// Parses a list separated by commas. The result keeps the order given, without
/// repetitions.
///
/// Errors    false; `error` is of the first name that is wrong.
bool parseTargets(llvm::StringRef list, std::vector<Target> &targets,
                  std::string &error);

/// The names of all targets, in order, separated by ", ".
std::string knownTargets();

} // namespace rkc
