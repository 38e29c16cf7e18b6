//===- LiveEngines.cpp - Leaving the process and forking it ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LiveEngines.h"

#include "Engine.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <vector>

#include <pthread.h>

namespace rk::runtime {

namespace {

/// How long leaving the process waits for each system.
constexpr std::chrono::milliseconds ExitPatience(500);

/// Never destroyed: it is used while the process ends.
struct Live {
  std::mutex mutex;
  std::vector<Engine *> engines;
  bool registered = false;
};

Live &live() {
  static Live *const instance = new Live;
  return *instance;
}

void endAllAtExit() {
  const std::lock_guard lock(live().mutex);
  for (Engine *engine : live().engines)
    engine->shutdown(ExitPatience);
}

// The parent holds the list while it forks, so the child finds it whole.
void lockBeforeFork() { live().mutex.lock(); }
void unlockInParent() { live().mutex.unlock(); }
void abandonInChild() {
  for (Engine *engine : live().engines)
    engine->abandonAfterFork();
  live().engines.clear();
  live().mutex.unlock();
}

} // namespace

void addLiveEngine(Engine &engine) {
  Live &all = live();
  const std::lock_guard lock(all.mutex);
  if (!all.registered) {
    all.registered = true;
    // After the driver's own handlers, so ours run before them.
    std::atexit(endAllAtExit);
    pthread_atfork(lockBeforeFork, unlockInParent, abandonInChild);
  }
  all.engines.push_back(&engine);
}

void removeLiveEngine(Engine &engine) {
  Live &all = live();
  const std::lock_guard lock(all.mutex);
  std::erase(all.engines, &engine);
}

} // namespace rk::runtime
