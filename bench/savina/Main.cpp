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

#include "Programs.h"

#include <cstring>

namespace {

using namespace savina;
using rkbench::jsonText;

struct Program {
  const char *name;
  const char *what;
  void (*run)(const Settings &);
};

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

/// Returns whether the program worked; a failure is a row of its own.
bool run(const Program &program, const Settings &settings) {
  try {
    program.run(settings);
    return true;
  } catch (const std::exception &failure) {
    rkbench::printFailure(std::string("savina-") + program.name,
                          failure.what());
    return false;
  }
}

/// `quick` tells a reader of the output that it is no record.
void printWhere(const Settings &settings, bool quick) {
  rk::SystemOptions options;
  options.backend = settings.backend;
  const rk::System system(options);
  const rk::RunDescription &where = system.description();
  std::printf("{\"backend\": %s, \"device\": %s, \"driver\": %s, \"image\": "
              "%s, \"workers\": %u, \"quick\": %s}\n",
              jsonText(where.backend).c_str(), jsonText(where.device).c_str(),
              jsonText(where.driver).c_str(), jsonText(where.image).c_str(),
              where.workers, quick ? "true" : "false");
  std::fflush(stdout);
}

const Program *find(const char *name) {
  for (const Program &program : Programs)
    if (!std::strcmp(program.name, name))
      return &program;
  return nullptr;
}

/// Returns false for an option that does not exist.
bool acceptOption(const char *option, Settings &settings, bool &quick) {
  if (!std::strcmp(option, "--backend=cpu"))
    settings.backend = rk::BackendKind::Cpu;
  else if (!std::strcmp(option, "--backend=cuda"))
    settings.backend = rk::BackendKind::Cuda;
  else if (!std::strcmp(option, "--quick"))
    quick = true;
  else
    return !std::strcmp(option, "--backend=auto");
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
    if (const Program *program = find(argument))
      chosen.push_back(program);
    else if (!acceptOption(argument, settings, quick))
      return refuse(argument);
  }
  if (quick)
    settings.parameters = Quick;
  if (chosen.empty())
    for (const Program &program : Programs)
      chosen.push_back(&program);
  try {
    printWhere(settings, quick);
  } catch (const std::exception &failure) {
    rkbench::printFailure("start", failure.what());
    return 1;
  }
  bool good = true;
  for (const Program *program : chosen)
    good = run(*program, settings) && good;
  return good ? 0 : 1;
}
