//===- main.cpp - rk-trials: what happens when things go wrong --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each trial makes one fault and prints what the system said, so that a script
/// can compare it. `forever` waits to be killed.
///
//===----------------------------------------------------------------------===//

#include "actors.h"

#include "rk/system.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;

/// Prints a status without its detail, which may name a driver or a path.
int report(const char *what, const rk::Status &status) {
  std::printf("%s: %s\n", what, rk::abi::statusName(status.code()));
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 0;
}

/// Starts a system; prints the reason and returns nothing if it cannot.
std::unique_ptr<rk::System> start(const rk::SystemOptions &options = {}) {
  rk::Result<rk::System> system = rk::System::create(options);
  if (!system.isOk()) {
    report("start", system.status());
    return nullptr;
  }
  return std::make_unique<rk::System>(std::move(system.value()));
}

/// A handler that loops: seen by the watchdog, and no obstacle to the end.
int loopForever() {
  const std::unique_ptr<rk::System> system = start();
  if (!system)
    return 1;
  const auto looper = system->spawn<Looper>();
  std::printf("before: %u\n", system->ask(looper, Question{}).get().value);
  if (!system->send(looper, Spin{}).isOk())
    return 1;
  const Clock::time_point end = Clock::now() + std::chrono::seconds(10);
  std::vector<rk::StallReport> stalls;
  while (stalls.empty() && Clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stalls = system->stalls();
  }
  if (stalls.empty()) {
    std::puts("no stall was reported");
    return 1;
  }
  const std::string &file = stalls[0].file;
  std::printf("stalled: %s in %s\n", stalls[0].handler.c_str(),
              file.substr(file.find_last_of('/') + 1).c_str());
  std::fprintf(stderr, "%s\n", stalls[0].text().c_str());
  return report("shutdown", system->shutdown());
}

/// Actors that send to each other until the process is killed.
int chatForever() {
  const std::unique_ptr<rk::System> system = start();
  if (!system)
    return 1;
  for (int i = 0; i < 256; ++i) {
    const auto one = system->spawn<Chatterer>();
    const auto other = system->spawn<Chatterer>();
    if (!system->send(one, Chatterer::Chat{other}).isOk())
      return 1;
  }
  std::puts("running");
  std::fflush(stdout);
  std::this_thread::sleep_for(std::chrono::seconds(60));
  return 1;
}

/// Starts with the module in `path` and asks a question, so many times.
int runFile(const char *path, unsigned long times) {
  const rk::Result<rk::Module> module = rk::Module::load(path);
  if (!module.isOk())
    return report("load", module.status());
  rk::SystemOptions options;
  options.module = &*module;
  const std::unique_ptr<rk::System> system = start(options);
  if (!system)
    return 0;
  const auto looper = system->spawn<Looper>();
  std::uint32_t value = 0;
  for (unsigned long i = 0; i < times; ++i)
    value = system->ask(looper, Question{}).get().value;
  std::printf("answer: %u\n", value);
  std::fflush(stdout);
  return 0;
}

} // namespace

int main(int count, char **arguments) {
  const std::string trial = count > 1 ? arguments[1] : "";
  try {
    if (trial == "loop" && count == 2)
      return loopForever();
    if (trial == "forever" && count == 2)
      return chatForever();
    if (trial == "module" && (count == 3 || count == 4))
      return runFile(arguments[2],
                     count == 4 ? std::strtoul(arguments[3], nullptr, 10) : 1);
  } catch (const rk::StatusError &failure) {
    std::fprintf(stderr, "rk-trials: %s\n", failure.what());
    return 1;
  }
  std::fputs("Usage: rk-trials loop | forever | module FILE.rkm [TIMES]\n"
             "Where it runs is for RK_BACKEND (cuda, cpu) to say.\n",
             stderr);
  return trial == "--help" ? 0 : 2;
}
