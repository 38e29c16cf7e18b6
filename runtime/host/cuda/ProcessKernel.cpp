//===- ProcessKernel.cpp - Taking turns on the GPUs -----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "cuda/ProcessKernel.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <vector>

namespace rk::runtime::cuda {

namespace {

/// Never destroyed: systems may end while the process does.
struct Place {
  std::mutex mutex;
  std::condition_variable loaded;
  bool taken = false;
  std::uint32_t loading = 0;
  std::optional<int> device; ///< where the kernel runs
  std::uint32_t left = 0;
  std::map<int, std::uint32_t> stencils;
  std::vector<std::function<void()>> putOff;
};

Place &place() {
  static Place *const instance = new Place;
  return *instance;
}

} // namespace

bool ProcessKernel::claim(std::chrono::nanoseconds patience) {
  std::unique_lock lock(place().mutex);
  if (place().taken ||
      !place().loaded.wait_for(lock, patience,
                               [] { return place().loading == 0; }) ||
      place().taken)
    return false;
  place().taken = true;
  return true;
}

void ProcessKernel::release() {
  const std::lock_guard lock(place().mutex);
  place().taken = false;
  place().device.reset();
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

bool ProcessKernel::beginLoading() {
  const std::lock_guard lock(place().mutex);
  if (place().taken)
    return false;
  ++place().loading;
  return true;
}

void ProcessKernel::endLoading() {
  const std::lock_guard lock(place().mutex);
  --place().loading;
  place().loaded.notify_all();
}

void ProcessKernel::setLeft(int device, std::uint32_t multiprocessors) {
  const std::lock_guard lock(place().mutex);
  place().device = device;
  place().left = multiprocessors;
}

std::optional<std::uint32_t> ProcessKernel::left(int device) {
  const std::lock_guard lock(place().mutex);
  if (place().device != device)
    return std::nullopt;
  return place().left;
}

void ProcessKernel::addStencil(int device) {
  const std::lock_guard lock(place().mutex);
  ++place().stencils[device];
}

void ProcessKernel::removeStencil(int device) {
  const std::lock_guard lock(place().mutex);
  --place().stencils[device];
}

std::uint32_t ProcessKernel::stencils(int device) {
  const std::lock_guard lock(place().mutex);
  return place().stencils[device];
}

} // namespace rk::runtime::cuda
