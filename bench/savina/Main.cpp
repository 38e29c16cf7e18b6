//===- Main.cpp - rk-savina: Savina's programs on RingKernel ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the programs that were asked for, or all, and prints one JSON row a
/// line, after one line about where they ran.
///
//===----------------------------------------------------------------------===//

#include "../common/Parts.h"
#include "Programs.h"

#include <cstring>

namespace {

using namespace savina;

using Program = rkbench::Part<Settings>;

constexpr Program Programs[] = {
    {"ping-pong", "two actors send one message to and fro", pingPong},
    {"counting", "one actor sends, one counts", counting},
    {"fork-join-throughput", "one actor sends to many", forkJoinThroughput},
    {"fork-join-create", "one actor makes many", forkJoinCreate},
    {"thread-ring", "one message goes round a ring of actors", threadRing},
    {"big", "many actors send to random others", big},
    {"skynet", "a tree of actors is made and added up", skynet},
};

int usage(FILE *to, int code) {
  std::fputs(
      "Usage: rk-savina [--backend=cpu|cuda|auto] [--quick] [--list] "
      "[PROGRAM]...\n\nRuns Savina's programs and prints one JSON object "
      "a line. --quick does little\nwork, and is no record; --list "
      "prints the names. Programs (default: all):\n",
      to);
  for (const Program &program : Programs)
    std::fprintf(to, "  %-20s %s\n", program.name, program.what);
  return code;
}

int refuse(const char *argument) {
  std::fprintf(stderr, "rk-savina: unknown argument: %s\n", argument);
  return usage(stderr, 2);
}

int list() {
  for (const Program &program : Programs)
    std::puts(program.name);
  return 0;
}

/// Returns false for an option that does not exist.
bool acceptOption(const char *option, Settings &settings, bool &quick) {
  if (std::strcmp(option, "--quick"))
    return rkbench::acceptBackend(option, settings.backend);
  quick = true;
  return true;
}

} // namespace

int main(int count, char **arguments) {
  Settings settings;
  bool quick = false;
  std::vector<const Program *> chosen;
  for (int i = 1; i < count; ++i) {
    const char *argument = arguments[i];
    if (!std::strcmp(argument, "--help"))
      return usage(stdout, 0);
    if (!std::strcmp(argument, "--list"))
      return list();
    if (const Program *program = rkbench::find(Programs, argument))
      chosen.push_back(program);
    else if (!acceptOption(argument, settings, quick))
      return refuse(argument);
  }
  if (quick)
    settings.parameters = Quick;
  return rkbench::printWhere(settings.backend, quick) &&
                 rkbench::runParts(Programs, std::move(chosen), settings,
                                   "savina-")
             ? 0
             : 1;
}
