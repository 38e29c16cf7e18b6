//===- Program.h - A small program of the benchmarks ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What programs share whose arguments are a back end, `--quick`, parts, and
/// options of their own.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Parts.h"
#include "System.h"

#include <cstdio>
#include <cstring>
#include <type_traits>
#include <vector>

namespace rkbench {

/// What a program is beside its parts.
template <class Settings> struct Program {
  const char *name;
  std::uint64_t quick = 100; ///< what `--quick` divides by
  /// Begins the names of rows that say why a part failed.
  const char *prefix = "";
  /// Options of its own: how they are written, what they do, and whether a word
  /// is one of them.
  const char *options = "";
  const char *meaning = "";
  bool (*accept)(const char *word, Settings &settings) = nullptr;
};

template <class Settings, std::size_t Count>
int printUsage(const Program<Settings> &program,
               const Part<Settings> (&parts)[Count], FILE *to, int code) {
  std::fprintf(to,
               "Usage: %s [--backend=cpu|cuda|auto] [--quick] [--list]%s "
               "[PART]...\n\nMeasures, and prints one JSON object a line. "
               "--quick does little work, and is no\nrecord; --list prints the "
               "names of the parts.%s\nParts (default: all):\n",
               program.name, program.options, program.meaning);
  for (const Part<Settings> &part : parts)
    std::fprintf(to, "  %-20s %s\n", part.name, part.what);
  return code;
}

/// Runs the parts that the arguments name, or all; returns the exit code.
/// `Settings` has a `backend` and a `divisor`.
template <class Settings, std::size_t Count>
int runProgram(const std::type_identity_t<Program<Settings>> &program,
               const Part<Settings> (&parts)[Count], int count,
               char **arguments) {
  Settings settings;
  std::vector<const Part<Settings> *> chosen;
  for (int i = 1; i < count; ++i) {
    const char *word = arguments[i];
    if (!std::strcmp(word, "--help"))
      return printUsage(program, parts, stdout, 0);
    if (!std::strcmp(word, "--list")) {
      for (const Part<Settings> &part : parts)
        std::puts(part.name);
      return 0;
    }
    if (!std::strcmp(word, "--quick")) {
      settings.divisor = program.quick;
    } else if (const Part<Settings> *part = find(parts, word)) {
      chosen.push_back(part);
    } else if (!(program.accept && program.accept(word, settings)) &&
               !acceptBackend(word, settings.backend)) {
      std::fprintf(stderr, "%s: unknown argument: %s\n", program.name, word);
      return printUsage(program, parts, stderr, 2);
    }
  }
  return printWhere(settings.backend, settings.divisor != 1) &&
                 runParts(parts, std::move(chosen), settings, program.prefix)
             ? 0
             : 1;
}

template <class Settings, std::size_t Count>
int runProgram(const char *name, const Part<Settings> (&parts)[Count],
               int count, char **arguments) {
  return runProgram(Program<Settings>{name}, parts, count, arguments);
}

} // namespace rkbench
