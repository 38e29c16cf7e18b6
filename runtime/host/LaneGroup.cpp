//===- LaneGroup.cpp - Closing rings, and fences for others ---------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "LaneGroup.h"

#include <thread>

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace rk::runtime {

namespace {

long membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

/// Makes every running thread of the process pass a full fence.
///
/// Source    membarrier(2). Where the kernel has none, waiting for longer than
///           any store stays in a processor's buffer does as well.
void fenceOtherThreads() {
  static const bool registered =
      membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
  if (registered && membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0)
    return;
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

} // namespace

void LaneGroup::close() {
  for (const auto &ring : rings_)
    if (!isOwned_)
      ring->close();
  if (!isOwned_ || closed_.exchange(true))
    return;
  fenceOtherThreads();
  while (inside_.load(std::memory_order_acquire))
    std::this_thread::yield();
}

std::uint64_t LaneGroup::pushed() const {
  std::uint64_t sum = 0;
  for (const auto &ring : rings_)
    sum += ring->pushed();
  return sum;
}

std::uint64_t LaneGroup::left() const {
  std::uint64_t sum = 0;
  for (const auto &ring : rings_)
    sum += ring->left();
  return sum;
}

} // namespace rk::runtime
