//===- Dependencies.cpp - What an output depends on -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "Dependencies.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

namespace rkc::driver {

/// Writes a name as make reads it.
static std::string makeQuoted(llvm::StringRef name) {
  std::string quoted;
  for (char c : name) {
    if (c == ' ' || c == '#' || c == '\t')
      quoted += '\\';
    if (c == '$')
      quoted += '$';
    quoted += c;
  }
  return quoted;
}

static bool isSystemHeader(llvm::StringRef path) {
  return path.starts_with("/usr/");
}

std::string dependencyText(const DependencyOptions &options,
                           llvm::StringRef output,
                           llvm::ArrayRef<std::string> files) {
  std::string text;
  if (options.targets.empty())
    text = makeQuoted(output);
  for (const std::string &target : options.targets)
    text += (text.empty() ? "" : " ") + makeQuoted(target);
  text += ":";
  std::string phony;
  bool isFirst = true;
  for (const std::string &file : files) {
    if (options.withoutSystem && isSystemHeader(file))
      continue;
    text += " \\\n  " + makeQuoted(file);
    // The source itself gets no rule: make should miss it.
    if (!isFirst)
      phony += makeQuoted(file) + ":\n";
    isFirst = false;
  }
  text += "\n";
  return options.phonyTargets ? text + phony : text;
}

std::string dependencyFile(const DependencyOptions &options,
                           llvm::StringRef output) {
  if (!options.file.empty())
    return options.file;
  llvm::SmallString<128> path(output);
  llvm::sys::path::replace_extension(path, ".d");
  return std::string(path);
}

} // namespace rkc::driver
