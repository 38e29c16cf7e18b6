//===- ActorScan.cpp - Which sources have actors --------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "HostBuild.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace rkc::driver {

using llvm::StringRef;

namespace {

/// Looks at a file and what it includes, each file once.
class Scanner {
public:
  explicit Scanner(const CommandLine &line) : line(line) {}

  bool hasActors(StringRef path) {
    llvm::SmallString<128> real;
    if (llvm::sys::fs::real_path(path, real) || !seen.insert(real).second)
      return false;
    std::string text, ignored;
    if (!readFile(path, text, ignored))
      return false;
    if (namesAttribute(text))
      return true;
    StringRef rest = text;
    while (!rest.empty()) {
      StringRef current;
      std::tie(current, rest) = rest.split('\n');
      if (includesActors(current, llvm::sys::path::parent_path(path)))
        return true;
    }
    return false;
  }

private:
  /// Whether "rk::actor" or "rk::stencil" stands somewhere, as in
  /// `[[rk::actor]]` and `[[using rk: actor]]`.
  static bool namesAttribute(StringRef text) {
    for (size_t at = text.find("[["); at != StringRef::npos;
         at = text.find("[[", at + 2)) {
      StringRef attribute = text.substr(at, text.find("]]", at) - at);
      if ((attribute.contains("actor") || attribute.contains("stencil")) &&
          attribute.contains("rk"))
        return true;
    }
    return false;
  }

  bool includesActors(StringRef text, StringRef folder) {
    text = text.ltrim();
    if (!text.consume_front("#"))
      return false;
    text = text.ltrim();
    if (!text.consume_front("include"))
      return false;
    text = text.trim();
    if (text.size() < 3)
      return false;
    bool isQuoted = text.front() == '"';
    StringRef name = text.drop_front().take_until(
        [&](char c) { return c == (isQuoted ? '"' : '>'); });
    if (isQuoted && hasActors(join(folder, name)))
      return true;
    for (const std::string &include : line.includeDirs)
      if (hasActors(join(include, name)))
        return true;
    return false;
  }

  static std::string join(StringRef folder, StringRef name) {
    llvm::SmallString<128> path(folder);
    llvm::sys::path::append(path, name);
    return std::string(path);
  }

  const CommandLine &line;
  llvm::StringSet<> seen;
};

} // namespace

std::vector<std::string> sourcesWithActors(const CommandLine &line) {
  std::vector<std::string> found;
  for (const std::string &source : line.sources)
    if (Scanner(line).hasActors(source))
      found.push_back(source);
  return found;
}

} // namespace rkc::driver
