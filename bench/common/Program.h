//===- Program.h - A small program of the benchmarks ------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What programs share whose arguments are a back end, `--quick` and parts.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "Parts.h"
#include "System.h"

#include <cstdio>
#include <cstring>
#include <vector>

namespace rkbench {

/// Runs the parts that the arguments name, or all; returns the exit code.
/// `--quick` divides by 100. `Settings` has a `backend` and a `divisor`.
template <class Settings, std::size_t Count>
int runProgram(const char *name, const Part<Settings> (&parts)[Count],
               int count, char **arguments) {
  Settings settings;
  std::vector<const Part<Settings> *> chosen;
  for (int i = 1; i < count; ++i) {
    if (!std::strcmp(arguments[i], "--quick")) {
      settings.divisor = 100;
    } else if (const Part<Settings> *part = find(parts, arguments[i])) {
      chosen.push_back(part);
    } else if (!acceptBackend(arguments[i], settings.backend)) {
      std::fprintf(stderr,
                   "usage: %s [--quick] [--backend=auto|cpu|cuda] [part...]\n",
                   name);
      for (const Part<Settings> &known : parts)
        std::fprintf(stderr, "  %-16s %s\n", known.name, known.what);
      return 2;
    }
  }
  return printWhere(settings.backend, settings.divisor != 1) &&
                 runParts(parts, std::move(chosen), settings)
             ? 0
             : 1;
}

} // namespace rkbench
