//===- Main.cpp - caf-savina: Savina's programs on CAF ----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "../../common/Parts.h"
#include "Programs.h"

#include <cstring>
#include <thread>

namespace {

using namespace peers;

using Program = rkbench::Part<Settings>;

constexpr Program Programs[] = {
    {"ping-pong", "", pingPong},
    {"counting", "", counting},
    {"fork-join-throughput", "", forkJoinThroughput},
    {"fork-join-create", "", forkJoinCreate},
    {"thread-ring", "", threadRing},
    {"big", "", big},
    {"skynet", "", skynet},
};

int usage(FILE *to, int code) {
  std::fputs(
      "Usage: caf-savina [--policy=stealing|sharing] [--quick] [PROGRAM]...\n"
      "\nRuns Savina's programs on CAF and prints one JSON object a "
      "line. --policy names\nCAF's scheduler (default: stealing). "
      "Programs (default: all):\n",
      to);
  for (const Program &program : Programs)
    std::fprintf(to, "  %s\n", program.name);
  return code;
}

/// Returns false for an option that does not exist.
bool acceptOption(const char *option, Settings &settings, bool &quick) {
  if (!std::strcmp(option, "--quick"))
    quick = true;
  else if (!std::strcmp(option, "--policy=sharing"))
    settings.sharesQueue = true;
  else
    return !std::strcmp(option, "--policy=stealing");
  return true;
}

void printWhere(const Settings &settings, bool quick) {
  std::printf("{\"version\": \"CAF %d.%d.%d\", \"workers\": %zu, "
              "\"quick\": %s}\n",
              CAF_MAJOR_VERSION, CAF_MINOR_VERSION, CAF_PATCH_VERSION,
              settings.workers, quick ? "true" : "false");
  std::fflush(stdout);
}

} // namespace

int main(int count, char **arguments) {
  Settings settings;
  settings.workers = std::max(1u, std::thread::hardware_concurrency());
  bool quick = false;
  std::vector<const Program *> chosen;
  for (int i = 1; i < count; ++i) {
    const char *argument = arguments[i];
    if (!std::strcmp(argument, "--help"))
      return usage(stdout, 0);
    if (const Program *program = rkbench::find(Programs, argument)) {
      chosen.push_back(program);
    } else if (!acceptOption(argument, settings, quick)) {
      std::fprintf(stderr, "caf-savina: unknown argument: %s\n", argument);
      return usage(stderr, 2);
    }
  }
  if (quick)
    settings.parameters = savina::Quick;
  printWhere(settings, quick);
  return rkbench::runParts(Programs, std::move(chosen), settings, "savina-")
             ? 0
             : 1;
}
