//===- ProcessKernel.cpp - Taking turns on the GPUs -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/ProcessKernel.h"

#include <mutex>
#include <vector>

namespace rk::runtime::cuda {

namespace {

/// Never destroyed: systems may end while the process does.
struct Place {
  std::mutex mutex;
  bool taken = false;
  std::vector<std::function<void()>> putOff;
};

Place &place() {
  static Place *const instance = new Place;
  return *instance;
}

} // namespace

bool ProcessKernel::claim() {
  const std::lock_guard lock(place().mutex);
  if (place().taken)
    return false;
  place().taken = true;
  return true;
}

void ProcessKernel::release() {
  const std::lock_guard lock(place().mutex);
  place().taken = false;
  for (const auto &action : place().putOff)
    action();
  place().putOff.clear();
}

void ProcessKernel::whenFree(std::function<void()> action) {
  const std::lock_guard lock(place().mutex);
  if (place().taken)
    place().putOff.push_back(std::move(action));
  else
    action();
}

} // namespace rk::runtime::cuda
