//===- LiveEngines.cpp - Leaving the process and forking it ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LiveEngines.h"

#include "Engine.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <vector>

#include <pthread.h>
#include <unistd.h>

namespace rk::runtime {

namespace {

/// How long leaving the process waits for each system.
constexpr std::chrono::milliseconds ExitPatience(500);

/// Never destroyed: it is used while the process ends.
struct Live {
  std::mutex mutex;
  std::vector<Engine *> engines;
  bool registered = false;
  std::atomic<bool> deviceIsStuck{false};
};

Live &live() {
  static Live *const instance = new Live;
  return *instance;
}

/// The driver's own exit handler waits for running kernels without a bound, so
/// a process with one that never ends leaves here, with its exit status.
void endAllAtExit(int status, void *) {
  {
    const std::lock_guard lock(live().mutex);
    for (Engine *engine : live().engines)
      engine->shutdown(ExitPatience);
  }
  if (!live().deviceIsStuck.load())
    return;
  std::fputs("rk: a handler never returned, so the process leaves without "
             "waiting for the GPU\n",
             stderr);
  std::fflush(nullptr);
  _exit(status);
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
    on_exit(endAllAtExit, nullptr);
    pthread_atfork(lockBeforeFork, unlockInParent, abandonInChild);
  }
  all.engines.push_back(&engine);
}

void noteStuckDevice() { live().deviceIsStuck.store(true); }

void removeLiveEngine(Engine &engine) {
  Live &all = live();
  const std::lock_guard lock(all.mutex);
  std::erase(all.engines, &engine);
}

} // namespace rk::runtime
